"""Results in SQL: what Athena must know of the tables that runs write, where it may work, and questions to begin with.

The tables lie in the reports bucket and outlive this description of them. It belongs to the stateless stack because it
changes with the code: columns are deployed together with the task that writes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Aws
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_kms as kms
from constructs import Construct

from config.models import Settings
from lambdas.shared.result_tables import FIRST_RUN_DATE, PARTITIONS, TABLES, Column, ResultTable
from stacks.queries import named_queries
from stacks.storage import QUERY_RESULTS

MEGABYTE = 1_000_000
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


class SqlTables(Construct):
    """A Glue database with a table for each of `result_tables`, an Athena workgroup, and its named queries."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        reports_bucket: str,
        key: kms.IKey | None,
    ) -> None:
        """Describe what lies in the bucket of this name; `key` is the customer key, where there is one."""
        super().__init__(scope, construct_id)
        stage = f"{settings.prefix}_{settings.stage}"
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=stage, description=f"Results of Personalize Pipelines, stage {settings.stage}"
            ),
        )
        scenarios = [name for name, _ in settings.scenarios.items()]
        for table in TABLES:
            _table(self, table, database=database, bucket=reports_bucket, scenarios=scenarios)
        workgroup = _workgroup(self, settings=settings, reports_bucket=reports_bucket, key=key)
        for query in named_queries():
            athena.CfnNamedQuery(
                self,
                "".join(part.title() for part in query.key.split("_")),
                name=query.name,
                description=query.answers,
                database=database.ref,
                query_string=query.sql,
                work_group=workgroup.ref,
            )
        self.database_name: str = database.ref
        self.workgroup_name: str = workgroup.ref


def _workgroup(
    scope: Construct, *, settings: Settings, reports_bucket: str, key: kms.IKey | None
) -> athena.CfnWorkGroup:
    """Where the questions are asked: nobody's own settings override the place, encryption and limit of these."""
    group = athena.CfnWorkGroup
    encryption = group.EncryptionConfigurationProperty(
        encryption_option="SSE_KMS" if key else "SSE_S3", kms_key=key.key_arn if key else None
    )
    return group(
        scope,
        "Workgroup",
        name=f"{settings.prefix}-{settings.stage}",
        description=f"Questions about the results of Personalize Pipelines, stage {settings.stage}",
        # Named queries and the history of queries go with it.
        recursive_delete_option=True,
        work_group_configuration=group.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=settings.sql.scan_limit_mb * MEGABYTE,
            engine_version=group.EngineVersionProperty(selected_engine_version="Athena engine version 3"),
            result_configuration=group.ResultConfigurationProperty(
                output_location=f"s3://{reports_bucket}/{QUERY_RESULTS}",
                encryption_configuration=encryption,
                expected_bucket_owner=Aws.ACCOUNT_ID,
            ),
        ),
    )


def _table(
    scope: Construct, table: ResultTable, *, database: glue.CfnDatabase, bucket: str, scenarios: Iterable[str]
) -> glue.CfnTable:
    """A table whose partitions nobody registers: Athena works out their names from the parameters."""
    location = f"s3://{bucket}/{table.prefix}"
    descriptor = glue.CfnTable.StorageDescriptorProperty(
        columns=_columns(table.columns),
        location=location,
        input_format=f"{_PARQUET}.MapredParquetInputFormat",
        output_format=f"{_PARQUET}.MapredParquetOutputFormat",
        serde_info=glue.CfnTable.SerdeInfoProperty(
            serialization_library=f"{_PARQUET}.serde.ParquetHiveSerDe"
        ),
    )
    return glue.CfnTable(
        scope,
        "".join(part.title() for part in table.name.split("_")) + "Table",
        catalog_id=Aws.ACCOUNT_ID,
        database_name=database.ref,
        table_input=glue.CfnTable.TableInputProperty(
            name=table.name,
            description=table.comment,
            table_type="EXTERNAL_TABLE",
            partition_keys=_columns(PARTITIONS),
            storage_descriptor=descriptor,
            parameters={
                "EXTERNAL": "TRUE",
                "classification": "parquet",
                "projection.enabled": "true",
                "projection.scenario.type": "enum",
                "projection.scenario.values": ",".join(scenarios),
                "projection.run_date.type": "date",
                "projection.run_date.format": "yyyy-MM-dd",
                "projection.run_date.range": f"{FIRST_RUN_DATE},NOW",
                "projection.run_date.interval": "1",
                "projection.run_date.interval.unit": "DAYS",
                "storage.location.template": f"s3://{bucket}/{table.folder('${scenario}', '${run_date}')}",
            },
        ),
    )


def _columns(columns: Iterable[Column]) -> list[glue.CfnTable.ColumnProperty]:
    return [
        glue.CfnTable.ColumnProperty(name=column.name, type=column.type.value, comment=column.comment)
        for column in columns
    ]
