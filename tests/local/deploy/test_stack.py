"""A stack's order, parameters and conditions; names and contents that outlive the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.moto_api._internal.models import moto_api_backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy import Clients, DeployedApp

TOPIC = {"Type": "AWS::SNS::Topic"}


def test_references_and_depends_on_order_the_resources(deploy_resources: Callable[..., DeployedApp]) -> None:
    def topic(name: Any, *depends_on: str) -> dict[str, Any]:
        return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}, "DependsOn": list(depends_on)}

    app = deploy_resources(
        {
            "Last": topic("x", "Second"),
            "Second": topic({"Fn::Sub": "${First.TopicName}"}),
            "First": topic("x"),
        }
    )
    assert list(app.stacks["app"].resources) == ["First", "Second", "Last"]


def test_parameters_conditions_and_mappings(deploy_resources: Callable[..., DeployedApp]) -> None:
    app = deploy_resources(
        {"Yes": {**TOPIC, "Condition": "IsHere"}, "No": {**TOPIC, "Condition": "IsElsewhere"}},
        Parameters={
            "Name": {"Type": "String", "Default": "n"},
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": "/cdk-bootstrap/hnb659fds/version",
            },
        },
        Rules={"CheckBootstrapVersion": {"Assertions": []}},
        Conditions={
            "IsHere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
            "IsElsewhere": {"Fn::Not": [{"Condition": "IsHere"}]},
        },
        Mappings={"M": {"us-east-1": {"k": "v"}}},
        Outputs={
            "Name": {"Value": {"Ref": "Name"}},
            "Version": {"Value": {"Ref": "BootstrapVersion"}},
            "Mapped": {"Value": {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}},
            "Never": {"Value": {"Ref": "No"}, "Condition": "IsElsewhere"},
            "Account": {"Value": {"Fn::Sub": "${AWS::AccountId}/${AWS::Partition}/${AWS::StackName}"}},
        },
    )
    assert list(app.stacks["app"].resources) == ["Yes"]
    outputs = app.outputs["app"]
    assert int(outputs.pop("Version")) >= 6
    assert outputs == {"Name": "n", "Mapped": "v", "Account": "123456789012/aws/app"}


def test_a_parameter_store_value_is_looked_up(
    clients: Clients, deploy_resources: Callable[..., DeployedApp]
) -> None:
    clients("ssm").put_parameter(Name="/a", Value="stored", Type="String")
    parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}
    app = deploy_resources({}, Parameters={"P": parameter}, Outputs={"O": {"Value": {"Ref": "P"}}})
    assert app.outputs == {"app": {"O": "stored"}}


def test_the_usage_report_of_the_cdk_deploys_nothing(deploy_resources: Callable[..., DeployedApp]) -> None:
    metadata = {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:"}}
    assert deploy_resources({"CDKMetadata": metadata}).stacks["app"].resources == {}


def test_physical_ids_are_the_same_in_a_new_process(deploy_resources: Callable[..., DeployedApp]) -> None:
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Key": {"Type": "AWS::KMS::Key"},
        "Topic": TOPIC,
        "Mail": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "a@example.com"},
        },
    }

    def physical_ids() -> dict[str, str]:
        app = deploy_resources(resources)
        return {name: resource.physical_id for name, resource in app.stacks["app"].resources.items()}

    first = physical_ids()
    moto_api_backend.reset()  # what a new process starts with
    resources["Earlier"] = {"Type": "AWS::KMS::Key"}
    second = physical_ids()
    assert {name: second[name] for name in first} == first
    assert second["Earlier"] != second["Key"]


def test_identifiers_are_random_again_after_a_deployment(
    clients: Clients, deploy_resources: Callable[..., DeployedApp]
) -> None:
    made = set()
    for _ in range(3):
        moto_api_backend.reset()
        deploy_resources({"Topic": TOPIC})
        made.add(clients("kms").create_key()["KeyMetadata"]["KeyId"])
    assert len(made) == 3


def test_a_bucket_that_was_restored_is_taken_over_with_its_contents(
    clients: Clients, deploy_resources: Callable[..., DeployedApp]
) -> None:
    s3 = clients("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="raw/a", Body=b"kept")
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    deploy_resources({"X": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data", **versioned}}})
    assert s3.get_object(Bucket="data", Key="raw/a")["Body"].read() == b"kept"
    assert s3.get_bucket_versioning(Bucket="data")["Status"] == "Enabled"
