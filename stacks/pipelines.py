"""The stateless stack: functions, machines, schedules, messages, and what Athena knows of the results."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from config.models import Settings
from lambdas.shared.naming import resource_name
from stacks.functions import TaskFunctions
from stacks.machines import ScenarioMachine, machine_arn
from stacks.personalize_access import service_role
from stacks.schedules import dead_letter_queue, schedule_scenario
from stacks.storage import StorageStack
from stacks.tables import SqlTables
from stacks.task_access import Places, give_access
from statemachines.workflow import Surroundings


class PipelinesStack(Stack):
    """Everything that a deployment may replace."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        storage: StorageStack,
        libraries: bool,
    ) -> None:
        """Make the functions, then a machine and a schedule for every enabled scenario."""
        super().__init__(
            scope,
            construct_id,
            description=f"Personalize Pipelines, stage {settings.stage}: tasks and state machines",
            termination_protection=settings.termination_protection,
        )
        self._settings, self._storage = settings, storage
        # Exported by hand, so that the ARNs can be spelled out before the synthesis is over.
        self._data_arn = storage.export_value(storage.data_bucket.bucket_arn)
        reports_arn = storage.export_value(storage.reports_bucket.bucket_arn)
        self._service_role = service_role(self, data_bucket_arn=self._data_arn, key=storage.key)
        self._functions = TaskFunctions(self, "Tasks", settings=settings, libraries=libraries)
        self._topic = self._run_topic()
        self._undelivered = dead_letter_queue(self)
        give_access(
            self._functions.roles,
            Places(
                data_bucket=self._data_arn,
                reports_bucket=reports_arn,
                raw=self._raw_locations(),
                service_role=self._service_role.role_arn,
                key=storage.key,
                name_prefix=resource_name(settings.prefix, settings.stage, ""),
            ),
        )
        surroundings = self._surroundings()
        for scenario_id in settings.enabled_scenarios():
            self._scenario(scenario_id, surroundings)
        if settings.sql.enabled:
            sql = SqlTables(
                self,
                "Sql",
                settings=settings,
                reports_bucket=storage.reports_bucket.bucket_name,
                key=storage.key,
            )
            CfnOutput(self, "SqlDatabase", value=sql.database_name)
            CfnOutput(self, "SqlWorkgroup", value=sql.workgroup_name)
        CfnOutput(self, "TopicArn", value=self._topic.topic_arn)

    def _run_topic(self) -> sns.Topic:
        key: kms.IKey = self._storage.key or kms.Alias.from_alias_name(self, "SnsKey", "alias/aws/sns")
        topic = sns.Topic(
            self, "Runs", display_name="Personalize Pipelines", enforce_ssl=True, master_key=key
        )
        for address in self._settings.notification_emails:
            topic.add_subscription(subscriptions.EmailSubscription(address))
        return topic

    def _raw_locations(self) -> tuple[tuple[str, str], ...]:
        """Bucket ARN and key prefix of everything that the scenarios read."""
        found = set()
        for scenario in self._settings.enabled_scenarios().values():
            for dataset in scenario.data.present().values():
                if dataset.location.startswith("s3://"):
                    bucket, _, key = dataset.location.removeprefix("s3://").partition("/")
                    found.add((f"arn:{self.partition}:s3:::{bucket}", key))
                else:
                    found.add((self._data_arn, dataset.location))
        return tuple(sorted(found))

    def _name(self, scenario_id: str) -> str:
        return resource_name(self._settings.prefix, self._settings.stage, scenario_id)

    def _surroundings(self) -> Surroundings:
        settings, storage = self._settings, self._storage
        scenarios = settings.enabled_scenarios()
        return Surroundings(
            prefix=settings.prefix,
            stage=settings.stage,
            data_bucket=storage.data_bucket,
            reports_bucket=storage.reports_bucket,
            kms_key_arn=storage.key.key_arn if storage.key else None,
            service_role_arn=self._service_role.role_arn,
            topic=self._topic,
            tags=tuple(settings.service_tags()),
            prices=settings.prices.model_dump(mode="json"),
            machine_arns={each: machine_arn(self, self._name(each)) for each in scenarios},
            scenarios=scenarios,
        )

    def _scenario(self, scenario_id: str, surroundings: Surroundings) -> None:
        construct_id = "".join(part.title() for part in scenario_id.split("_"))
        machine = ScenarioMachine(
            self,
            construct_id,
            scenario_id=scenario_id,
            name=self._name(scenario_id),
            settings=self._settings,
            tasks=self._functions.by_name,
            surroundings=surroundings,
        ).machine
        schedule_scenario(
            self,
            name=self._name(scenario_id),
            construct_id=construct_id,
            machine=machine,
            settings=surroundings.scenarios[scenario_id].schedule,
            undelivered=self._undelivered,
        )
        CfnOutput(self, f"{construct_id}MachineArn", value=machine.state_machine_arn)
