"""IAM, Lambda, Step Functions, logs: resources arrive in the API with the template's properties."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy import Clients, DeployedApp

    Deploy = Callable[..., DeployedApp]

ACCOUNT = "123456789012"
REGION = "us-east-1"
TAGS = [{"Key": "stage", "Value": "dev"}]


def trusted_by(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]}


def role(service: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trusted_by(service), **properties},
    }


def test_a_role_and_its_policies(clients: Clients, deploy_resources: Deploy) -> None:
    own = statement(Action="s3:GetObject", Resource="*")
    named = {"RoleName": "worker", "Description": "d", "Tags": TAGS}
    worker = role("lambda.amazonaws.com", Policies=[{"PolicyName": "own", "PolicyDocument": own}], **named)
    default = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "default", "PolicyDocument": own, "Roles": [{"Ref": "Role"}]},
    }
    managed = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"Description": "", "Path": "/", "PolicyDocument": own, "Roles": [{"Ref": "Role"}]},
    }
    deploy_resources({"Managed": managed, "Default": default, "Role": worker})
    iam = clients("iam")
    stored = iam.get_role(RoleName="worker")["Role"]
    assert stored["AssumeRolePolicyDocument"] == trusted_by("lambda.amazonaws.com")
    assert (stored["Description"], stored["Tags"]) == ("d", TAGS)
    assert set(iam.list_role_policies(RoleName="worker")["PolicyNames"]) == {"own", "default"}
    assert iam.get_role_policy(RoleName="worker", PolicyName="default")["PolicyDocument"] == own
    (attached,) = iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
    assert attached["PolicyName"].startswith("app-Managed-")


def test_a_function_with_everything(clients: Clients, deploy_resources: Deploy) -> None:
    clients("s3").create_bucket(Bucket="code")
    clients("s3").put_object(Bucket="code", Key="f.zip", Body=b"zip")
    in_s3 = {"S3Bucket": "code", "S3Key": "f.zip"}
    layer = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "Content": in_s3,
            "CompatibleRuntimes": ["python3.13"],
            "CompatibleArchitectures": ["arm64"],
        },
    }
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "f",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Runtime": "python3.13",
            "Handler": "lambdas.split_data.handler.handler",
            "Code": in_s3,
            "Layers": [{"Ref": "Layer"}],
            "MemorySize": 512,
            "Timeout": 60,
            "Architectures": ["arm64"],
            "EphemeralStorage": {"Size": 1024},
            "Environment": {"Variables": {"A": {"Ref": "AWS::Region"}}},
            "TracingConfig": {"Mode": "Active"},
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/g"},
            "ReservedConcurrentExecutions": 2,
            "Tags": TAGS,
        },
    }
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r",
        },
    }
    deploy_resources(
        {"Permission": permission, "Function": function, "Layer": layer, "Role": role("lambda.amazonaws.com")}
    )
    client = clients("lambda")
    answer = client.get_function(FunctionName="f")
    stored = answer["Configuration"]
    assert stored["Handler"] == "lambdas.split_data.handler.handler"
    assert (stored["MemorySize"], stored["Timeout"], stored["Architectures"]) == (512, 60, ["arm64"])
    assert stored["EphemeralStorage"] == {"Size": 1024}
    assert stored["Environment"]["Variables"] == {"A": REGION}
    assert stored["TracingConfig"] == {"Mode": "Active"}
    assert next(one["Arn"].split(":")[6] for one in stored["Layers"]).startswith("Layer-")
    assert answer["Concurrency"]["ReservedConcurrentExecutions"] == 2
    assert answer["Tags"] == {"stage": "dev"}
    (granted,) = json.loads(client.get_policy(FunctionName="f")["Policy"])["Statement"]
    assert granted["Principal"] == {"Service": "events.amazonaws.com"}


def test_a_function_with_its_code_in_the_template(clients: Clients, deploy_resources: Deploy) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "f",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": "def handler(event, context): return event"},
        },
    }
    deploy_resources({"Function": function, "Role": role("lambda.amazonaws.com")})
    assert clients("lambda").get_function(FunctionName="f")["Configuration"]["CodeSize"] > 40


def test_logs(clients: Clients, deploy_resources: Deploy) -> None:
    group = {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": "/g", "RetentionInDays": 30, "Tags": TAGS},
    }
    document = json.dumps(
        statement(
            Principal={"Service": "delivery.logs.amazonaws.com"}, Action="logs:PutLogEvents", Resource="*"
        )
    )
    policy = {
        "Type": "AWS::Logs::ResourcePolicy",
        "Properties": {"PolicyName": "p", "PolicyDocument": document},
    }
    app = deploy_resources(
        {"Group": group, "Policy": policy}, Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}}}
    )
    assert app.outputs["app"]["Arn"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/g:*"
    (stored,) = clients("logs").describe_log_groups(logGroupNamePrefix="/g")["logGroups"]
    assert stored["retentionInDays"] == 30
    (kept,) = clients("logs").describe_resource_policies()["resourcePolicies"]
    assert (kept["policyName"], kept["policyDocument"]) == ("p", document)


def test_a_state_machine_with_its_definition_put_together(clients: Clients, deploy_resources: Deploy) -> None:
    definition = [
        '{"StartAt":"A","States":{"A":{"Type":"Task","End":true,"Resource":"arn:',
        {"Ref": "AWS::Partition"},
        ':states:::lambda:invoke","Arguments":{"FunctionName":"${Function}","Payload":"{% $states.input %}"}}}}',
    ]
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": "pp-dev-hrnn",
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "DefinitionString": {"Fn::Join": ["", definition]},
            "DefinitionSubstitutions": {"Function": {"Fn::GetAtt": ["Role", "Arn"]}},
            "LoggingConfiguration": {
                "Level": "ALL",
                "IncludeExecutionData": True,
                "Destinations": [
                    {
                        "CloudWatchLogsLogGroup": {
                            "LogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/g:*"
                        }
                    }
                ],
            },
            "TracingConfiguration": {"Enabled": True},
            "Tags": TAGS,
        },
    }
    app = deploy_resources(
        {"Machine": machine, "Role": role("states.amazonaws.com", RoleName="m")},
        Outputs={
            "Name": {"Value": {"Fn::GetAtt": ["Machine", "Name"]}},
            "Arn": {"Value": {"Ref": "Machine"}},
        },
    )
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:pp-dev-hrnn"
    assert app.outputs["app"] == {"Name": "pp-dev-hrnn", "Arn": arn}
    stored = clients("stepfunctions").describe_state_machine(stateMachineArn=arn)
    task = json.loads(stored["definition"])["States"]["A"]
    assert task["Resource"] == "arn:aws:states:::lambda:invoke"
    assert task["Arguments"] == {
        "FunctionName": f"arn:aws:iam::{ACCOUNT}:role/m",
        "Payload": "{% $states.input %}",
    }
    assert stored["loggingConfiguration"]["level"] == "ALL"
    assert stored["tracingConfiguration"] == {"enabled": True}
    assert clients("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"key": "stage", "value": "dev"}
    ]
