"""One state machine per scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config.models import Settings
from stacks.functions import retention
from stacks.permissions import acknowledge, wildcard
from statemachines import coldstart, hrnn, metadata, put_events, sims
from statemachines.workflow import Surroundings, Tasks, Workflow

DEFINITIONS: Mapping[str, Callable[[Workflow], sfn.IChainable]] = {
    "hrnn": hrnn.definition,
    "sims": sims.definition,
    "metadata": metadata.definition,
    "coldstart": coldstart.definition,
    "put_events": put_events.definition,
}


def machine_arn(scope: Construct, name: str) -> str:
    """The ARN that the machine of this name has, before there is one."""
    return Stack.of(scope).format_arn(
        service="states",
        resource="stateMachine",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


class ScenarioMachine(Construct):
    """The machine of a scenario, with its own role and log group."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        scenario_id: str,
        name: str,
        settings: Settings,
        tasks: Tasks,
        surroundings: Surroundings,
    ) -> None:
        """Build the scenario's definition and the machine around it."""
        super().__init__(scope, construct_id)
        workflow = Workflow(self, scenario_id=scenario_id, tasks=tasks, surroundings=surroundings)
        scenario = workflow.scenario
        role = iam.Role(
            self,
            "Role",
            description=f"What the state machine {name} may do",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
        )
        removal = RemovalPolicy.RETAIN if settings.retains_data else RemovalPolicy.DESTROY
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            comment=f"Personalize Pipelines: scenario {scenario_id}",
            query_language=sfn.QueryLanguage.JSONATA,
            definition_body=sfn.DefinitionBody.from_chainable(DEFINITIONS[scenario_id](workflow)),
            role=role,
            timeout=Duration.seconds(scenario.timeout_seconds),
            tracing_enabled=settings.tracing,
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self,
                    "Logs",
                    # Step Functions' log delivery wants this prefix, or the account's policy outgrows its limit.
                    log_group_name=f"/aws/vendedlogs/states/{name}",
                    retention=retention(settings),
                    removal_policy=removal,
                ),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
        )
        acknowledge(role, "Log delivery and X-Ray know no resource-level permissions.", wildcard(self, "*"))
        acknowledge(
            role,
            "The wildcard stands for the versions and aliases of this one function.",
            *(wildcard(self, f"{function.function_arn}:*") for function in tasks.values()),
        )
