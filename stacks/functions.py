"""The Lambda functions: one per task, each with its own role and log group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from config.models import FunctionSettings, Settings
from stacks.assets import layer_code, task_code
from stacks.permissions import acknowledge, wildcard

PYTHON = "3.14"
RUNTIME = lambda_.Runtime.PYTHON_3_14
METRICS_NAMESPACE = "PersonalizePipelines"


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task: its folder below `lambdas/`, the layer of libraries it needs, what it is for, and the rooms it shares."""

    name: str
    layer: str
    description: str
    rooms: tuple[str, ...] = ("shared",)

    @property
    def construct_id(self) -> str:
        """The task's name in construct paths."""
        return "".join(part.title() for part in self.name.split("_"))


TASKS = (
    TaskSpec("split_data", "data", "Checks the raw data and splits it into past and future"),
    TaskSpec("create_resource", "control", "Creates a resource of Amazon Personalize unless it exists"),
    TaskSpec("describe_resource", "control", "Says where a resource of Amazon Personalize is in its life"),
    TaskSpec("delete_resource", "control", "Deletes a resource of Amazon Personalize if it is there"),
    TaskSpec("replay_events", "data", "Sends one user's events as another's and asks again after each"),
    TaskSpec(
        "evaluate",
        "data",
        "Measures recommendations against the held-out future, writes the report",
        rooms=("shared", "reports"),
    ),
    TaskSpec(
        "publish_index",
        "data",
        "Brings the page of all runs up to date",
        rooms=("shared", "reports"),
    ),
    TaskSpec("record_failure", "control", "Writes down why a run failed"),
)


def retention(settings: Settings) -> logs.RetentionDays:
    """The settings' number of days as CDK's word for it."""
    days = logs.RetentionDays
    by_days = {
        1: days.ONE_DAY,
        3: days.THREE_DAYS,
        5: days.FIVE_DAYS,
        7: days.ONE_WEEK,
        14: days.TWO_WEEKS,
        30: days.ONE_MONTH,
        60: days.TWO_MONTHS,
        90: days.THREE_MONTHS,
        120: days.FOUR_MONTHS,
        150: days.FIVE_MONTHS,
        180: days.SIX_MONTHS,
        365: days.ONE_YEAR,
        400: days.THIRTEEN_MONTHS,
        545: days.EIGHTEEN_MONTHS,
        731: days.TWO_YEARS,
        1096: days.THREE_YEARS,
        1827: days.FIVE_YEARS,
        2192: days.SIX_YEARS,
        2557: days.SEVEN_YEARS,
        2922: days.EIGHT_YEARS,
        3288: days.NINE_YEARS,
        3653: days.TEN_YEARS,
    }
    return by_days[settings.log_retention_days]


class TaskFunctions(Construct):
    """All functions of a stage, by task name."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, libraries: bool) -> None:
        """Make the layers, then a function for each task."""
        super().__init__(scope, construct_id)
        self._settings = settings
        self._architecture = (
            lambda_.Architecture.ARM_64 if settings.architecture == "arm64" else lambda_.Architecture.X86_64
        )
        layers = {name: self._layer(name, libraries=libraries) for name in ("control", "data")}
        sizes = dict(settings.functions.items())
        logs_of = {spec.name: self._log_group(spec) for spec in TASKS}
        self.roles: Mapping[str, iam.Role] = {
            spec.name: self._role(spec, logs_of[spec.name]) for spec in TASKS
        }
        self.by_name: Mapping[str, lambda_.Function] = {
            spec.name: self._function(spec, sizes[spec.name], layers[spec.layer], logs_of[spec.name])
            for spec in TASKS
        }

    def _layer(self, name: str, *, libraries: bool) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            f"{name.title()}Libraries",
            code=layer_code(name, architecture=self._settings.architecture, python=PYTHON, built=libraries),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[self._architecture],
            description=f"Python libraries of the {name} tasks of Personalize Pipelines",
            # Functions of an earlier deployment that is rolled back to still need the old version.
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _log_group(self, spec: TaskSpec) -> logs.LogGroup:
        settings = self._settings
        return logs.LogGroup(
            self,
            f"{spec.construct_id}Logs",
            retention=retention(settings),
            removal_policy=RemovalPolicy.RETAIN if settings.retains_data else RemovalPolicy.DESTROY,
        )

    def _role(self, spec: TaskSpec, log_group: logs.LogGroup) -> iam.Role:
        role = iam.Role(
            self,
            f"{spec.construct_id}Role",
            description=f"What the task {spec.name} may do",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        log_group.grant_write(role)
        if self._settings.tracing:
            acknowledge(role, "X-Ray knows no resource-level permissions.", wildcard(self, "*"))
        return role

    def _function(
        self,
        spec: TaskSpec,
        size: FunctionSettings,
        layer: lambda_.LayerVersion,
        log_group: logs.LogGroup,
    ) -> lambda_.Function:
        tracing = self._settings.tracing
        return lambda_.Function(
            self,
            spec.construct_id,
            description=spec.description,
            runtime=RUNTIME,
            architecture=self._architecture,
            handler=f"lambdas.{spec.name}.handler.handler",
            code=task_code(spec.name, spec.rooms),
            layers=[layer],
            role=self.roles[spec.name],
            memory_size=size.memory_mb,
            timeout=Duration.seconds(size.timeout_seconds),
            ephemeral_storage_size=Size.mebibytes(size.ephemeral_storage_mb),
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE if tracing else lambda_.Tracing.DISABLED,
            environment={
                "POWERTOOLS_SERVICE_NAME": spec.name,
                "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "POWERTOOLS_TRACE_DISABLED": "false" if tracing else "true",
            },
        )
