"""Nothing in a template is left out silently: each such thing is an error that names its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.deploy import DeployedApp, DeploymentError
from local.deploy.handlers import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE_ARN = "arn:aws:iam::123456789012:role/r"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data", **properties}}


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            {"Type": "AWS::DynamoDB::Table"},
            r"app/X \(AWS::DynamoDB::Table\): resources of this type are not supported",
        ),
        (
            bucket(Color="red"),
            r"app/X \(AWS::S3::Bucket\): properties that the deployer does not know: Color",
        ),
        (
            bucket(
                LifecycleConfiguration={
                    "Rules": [{"Status": "Enabled", "ExpirationInDays": 1, "TagFilters": []}]
                }
            ),
            r"does not know: LifecycleConfiguration\.Rules\[0\]\.TagFilters",
        ),
        (bucket(BucketName={"Fn::Cidr": []}), "BucketName: the intrinsic function Fn::Cidr is not supported"),
        (bucket(BucketName={"Ref": "Nobody"}), "there is no parameter or resource Nobody"),
        (bucket(VersioningConfiguration={}), r"VersioningConfiguration\.Status: is missing"),
        (bucket(AccessControl="PublicRead"), "AccessControl: PublicRead is not supported"),
        ({**bucket(), "UpdatePolicy": {}}, "has unsupported keys: UpdatePolicy"),
        ({**bucket(), "DependsOn": "Y"}, "depends on Y, which does not exist"),
        ({**bucket(), "Condition": "C"}, "there is no condition C"),
        (bucket(BucketName="A"), "was refused: Parameter validation failed|was refused: An error occurred"),
        (
            {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/g", "RetentionInDays": "soon"}},
            r"app/X \(AWS::Logs::LogGroup\): was refused: Parameter validation failed",
        ),
        (
            {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Role": ROLE_ARN, "Environment": {"Vars": {}}, "Code": {"ZipFile": "x"}},
            },
            'Unknown parameter in Environment: "Vars"',
        ),
        ({"Type": "AWS::Lambda::Function", "Properties": {"Role": ROLE_ARN}}, "Code: is missing"),
        (
            {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": TRUST,
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
                },
            },
            "ManagedPolicyArns: there is no policy arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ),
        (
            {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"RoleArn": ROLE_ARN, "DefinitionS3Location": {}},
            },
            "DefinitionString: is missing",
        ),
        (
            {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": ROLE_ARN,
                    "DefinitionString": "${A}",
                    "DefinitionSubstitutions": {"B": "b"},
                },
            },
            r"has no value for \$\{A\}",
        ),
        (
            {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": ROLE_ARN,
                    "DefinitionString": "{}",
                    "DefinitionSubstitutions": {"B": "b"},
                },
            },
            "B: not in the definition",
        ),
    ],
)
def test_a_resource_that_is_not_wholly_understood_is_refused(
    deploy_resources: Callable[..., DeployedApp], resource: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeploymentError, match=said):
        deploy_resources({"X": resource})


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"Transform": "AWS::Serverless-2016-10-31"}, "unsupported sections: Transform"),
        ({"Rules": {"Mine": {}}}, "rules that nobody checks here: Mine"),
        (
            {"Outputs": {"O": {"Value": {"Fn::GetAtt": ["X", "Colour"]}}}},
            "app/output O.*no attribute Colour of AWS::S3::B",
        ),
        (
            {"Outputs": {"O": {"Value": {"Ref": "P"}}}, "Parameters": {"P": {"Type": "String"}}},
            "P has no default",
        ),
        (
            {"Outputs": {name: {"Value": "v", "Export": {"Name": "same"}} for name in ("O", "P")}},
            "app/output P: same is exported already",
        ),
    ],
)
def test_a_template_that_is_not_wholly_understood_is_refused(
    deploy_resources: Callable[..., DeployedApp], sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeploymentError, match=said):
        deploy_resources({"X": bucket()}, **sections)


def test_resources_in_a_circle_are_refused(deploy_resources: Callable[..., DeployedApp]) -> None:
    circle = {
        one: {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": other}}}
        for one, other in (("A", "B"), ("B", "A"))
    }
    with pytest.raises(DeploymentError, match=r"refer to each other: (A -> B -> A|B -> A -> B)"):
        deploy_resources(circle)


@pytest.mark.parametrize("resource_type", sorted(HANDLERS))
def test_no_handler_lets_an_unknown_property_pass(
    deploy_resources: Callable[..., DeployedApp], resource_type: str
) -> None:
    """With nothing but an unknown property every handler fails, on that or on what it misses first."""
    with pytest.raises(DeploymentError, match=rf"app/X \({resource_type}\)"):
        deploy_resources({"X": {"Type": resource_type, "Properties": {"NoSuchProperty": 1}}})


def test_deliberate_omissions_are_listed(deploy_resources: Callable[..., DeployedApp]) -> None:
    key = {
        "Type": "AWS::KMS::Key",
        "Properties": {"PendingWindowInDays": 7},
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }
    (resource,) = deploy_resources({"X": key}).of_type("AWS::KMS::Key")
    assert [one.path for one in resource.not_applied] == [
        "DeletionPolicy",
        "UpdateReplacePolicy",
        "PendingWindowInDays",
    ]
    assert all(one.reason for one in resource.not_applied)
