"""What Athena is told of the results: tables, partitions, the workgroup's limits, and queries that it can read."""

from __future__ import annotations

import json
import re

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from config import load_settings, parse_settings
from lambdas.shared.result_tables import PARTITIONS, TABLES
from stacks.application import build
from stacks.queries import named_queries

STAGES = ("dev", "prod")
QUERIES = list(named_queries())
SCENARIOS = ("hrnn", "sims", "metadata", "coldstart", "put_events")


def glue_tables(assembly, stage):
    found = assembly.resources("AWS::Glue::Table", f"pp-{stage}-")
    return {resource["Properties"]["TableInput"]["Name"]: resource["Properties"] for _, _, resource in found}


def only(assembly, kind, stage):
    ((_, _, resource),) = assembly.resources(kind, f"pp-{stage}-")
    return resource["Properties"]


def spelled(value) -> str:
    """A value of a template with references as `<name>`."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(spelled, parts))
        case {"Fn::ImportValue": name}:
            return f"<{'reports' if 'Reports' in name else name}>"
    return str(value)


@pytest.mark.parametrize("stage", STAGES)
def test_glue_has_the_columns_that_evaluate_writes(assembly, stage):
    found = glue_tables(assembly, stage)
    assert list(found) == [table.name for table in TABLES]
    for table in TABLES:
        described = found[table.name]["TableInput"]
        columns = [(column["Name"], column["Type"]) for column in described["StorageDescriptor"]["Columns"]]
        assert columns == [(column.name, column.type.value) for column in table.columns]
        keys = [(key["Name"], key["Type"]) for key in described["PartitionKeys"]]
        assert keys == [(column.name, column.type.value) for column in PARTITIONS]
        assert all(column["Comment"] for column in described["StorageDescriptor"]["Columns"])


@pytest.mark.parametrize("stage", STAGES)
def test_partitions_are_projected_onto_the_keys_that_runs_write(assembly, stage):
    for table in TABLES:
        described = glue_tables(assembly, stage)[table.name]["TableInput"]
        parameters = described["Parameters"]
        assert parameters["projection.enabled"] == "true"
        assert parameters["projection.scenario.type"] == "enum"
        assert set(parameters["projection.scenario.values"].split(",")) == set(SCENARIOS)
        assert parameters["projection.run_date.type"] == "date"
        assert parameters["projection.run_date.format"] == "yyyy-MM-dd"
        assert re.fullmatch(r"20\d\d-\d\d-\d\d,NOW", parameters["projection.run_date.range"])
        template = spelled(parameters["storage.location.template"])
        assert template.startswith(spelled(described["StorageDescriptor"]["Location"]))
        filled = template.replace("${scenario}", "hrnn").replace("${run_date}", "2026-11-24")
        assert f"{filled}r-1.parquet" == f"s3://<reports>/{table.key('hrnn', '2026-11-24', 'r-1')}"


def test_stages_have_databases_and_workgroups_of_their_own(assembly):
    names = [only(assembly, "AWS::Glue::Database", stage)["DatabaseInput"]["Name"] for stage in STAGES]
    assert names == ["pp_dev", "pp_prod"]
    assert [only(assembly, "AWS::Athena::WorkGroup", stage)["Name"] for stage in STAGES] == [
        "pp-dev",
        "pp-prod",
    ]


@pytest.mark.parametrize(("stage", "encryption"), [("dev", "SSE_S3"), ("prod", "SSE_KMS")])
def test_the_workgroup_decides_where_answers_go_and_what_a_query_may_read(assembly, stage, encryption):
    configuration = only(assembly, "AWS::Athena::WorkGroup", stage)["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == load_settings(stage).sql.scan_limit_mb * 10**6
    results = configuration["ResultConfiguration"]
    assert spelled(results["OutputLocation"]) == "s3://<reports>/athena-results/"
    assert results["EncryptionConfiguration"]["EncryptionOption"] == encryption
    assert ("KmsKey" in results["EncryptionConfiguration"]) is (encryption == "SSE_KMS")
    assert configuration["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}


@pytest.mark.parametrize("stage", STAGES)
def test_answers_expire_and_tables_do_not(assembly, stage):
    rules = [
        rule
        for _, logical_id, bucket in assembly.resources("AWS::S3::Bucket", f"pp-{stage}-")
        if logical_id.startswith("Reports")
        for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    ]
    assert [(rule["Prefix"], rule["ExpirationInDays"]) for rule in rules] == [("athena-results/", 30)]


@pytest.mark.parametrize("stage", STAGES)
def test_every_query_is_named_in_the_workgroup_with_the_text_of_its_file(assembly, stage):
    found = [
        resource["Properties"]
        for _, _, resource in assembly.resources("AWS::Athena::NamedQuery", f"pp-{stage}-")
    ]
    assert {(query["Name"], query["Description"], query["QueryString"]) for query in found} == {
        (query.name, query.answers, query.sql) for query in QUERIES
    }
    assert len(found) == len(QUERIES) == len({query.name for query in QUERIES})


def test_evaluate_may_write_tables_and_nobody_may_read_or_delete_them(assembly):
    allowed = {
        (policy.removeprefix("Tasks").partition("Role")[0], action)
        for _, policy, resource in assembly.resources("AWS::IAM::Policy", "pp-dev-")
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if "/tables/" in json.dumps(statement["Resource"])
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert allowed == {("Evaluate", "s3:PutObject")}


def test_switched_off_there_is_neither_glue_nor_athena(tmp_path):
    document = load_settings("dev").model_dump(mode="json", by_alias=True, exclude_none=True)
    document["sql"] = {"enabled": False}
    build([parse_settings(json.dumps(document))], outdir=tmp_path, libraries=False).synth()
    template = (tmp_path / "pp-dev-pipelines.template.json").read_text()
    assert not re.search(r"AWS::(Glue|Athena)::", template)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.key)
@pytest.mark.parametrize("dialect", ["athena", "trino", "duckdb"])
def test_a_query_reads_in_every_dialect_and_uses_columns_that_exist(query, dialect):
    (statement,) = sqlglot.parse(query.sql, read=dialect)
    assert isinstance(statement, exp.Select)
    columns = {
        table.name: {column.name: column.type.value for column in (*table.columns, *PARTITIONS)}
        for table in TABLES
    }
    # Raises OptimizeError for a name that neither a table nor a part of the query has.
    qualified = qualify(statement, schema=columns, dialect=dialect, validate_qualify_columns=True)
    used = {table.name for table in qualified.find_all(exp.Table)} - {
        cte.alias for cte in qualified.find_all(exp.CTE)
    }
    assert used
    assert used <= set(columns)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.key)
def test_a_query_looks_into_a_limited_number_of_partitions(query):
    """Without a date Athena would list a folder for every scenario and day since the first."""
    tables = [table.name for table in sqlglot.parse_one(query.sql, read="athena").find_all(exp.Table)]
    read = [name for name in tables if name in {table.name for table in TABLES}]
    assert len(
        re.findall(
            r"run_date >= cast\(cast\(current_date - interval '\d+' day as date\) as varchar\)", query.sql
        )
    ) == len(read)


def test_a_query_file_without_its_two_lines_is_refused(tmp_path):
    (tmp_path / "odd.sql").write_text("-- name: Odd\nselect 1\n")
    with pytest.raises(ValueError, match=r"odd\.sql must begin with two lines"):
        list(named_queries(tmp_path))
