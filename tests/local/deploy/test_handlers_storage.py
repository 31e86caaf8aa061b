"""S3 and KMS: buckets, keys and policies arrive in the API with the properties of the template."""

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


def statement(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]}


def test_a_bucket_with_everything(clients: Clients, deploy_resources: Deploy) -> None:
    log = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs"}}
    logging = statement(
        Principal={"Service": "logging.s3.amazonaws.com"},
        Action="s3:PutObject",
        Resource="arn:aws:s3:::logs/data/*",
    )
    log_policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "Log"}, "PolicyDocument": logging},
        "DependsOn": "Data",
    }
    data = {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": "data",
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": dict.fromkeys(
                ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
            ),
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                    }
                ]
            },
            "VersioningConfiguration": {"Status": "Enabled"},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Status": "Enabled",
                        "Prefix": "runs/",
                        "ExpirationInDays": 30,
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 10}],
                    }
                ]
            },
            "LoggingConfiguration": {"DestinationBucketName": {"Ref": "Log"}, "LogFilePrefix": "data/"},
            "Tags": TAGS,
        },
    }
    app = deploy_resources(
        {"Data": data, "Log": log, "LogPolicy": log_policy},
        Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Data", "Arn"]}}},
    )
    s3 = clients("s3")
    assert app.outputs["app"]["Arn"] == "arn:aws:s3:::data"
    controls = s3.get_bucket_ownership_controls(Bucket="data")["OwnershipControls"]["Rules"]
    assert controls == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert all(s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"].values())
    (encryption,) = s3.get_bucket_encryption(Bucket="data")["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": "k",
    }
    assert s3.get_bucket_versioning(Bucket="data")["Status"] == "Enabled"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket="data")["Rules"]
    assert rule["Filter"] == {"Prefix": "runs/"}
    assert rule["Expiration"] == {"Days": 30}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule["Transitions"] == [{"StorageClass": "STANDARD_IA", "Days": 10}]
    logs = s3.get_bucket_logging(Bucket="data")["LoggingEnabled"]
    assert (logs["TargetBucket"], logs["TargetPrefix"]) == ("logs", "data/")
    assert s3.get_bucket_tagging(Bucket="data")["TagSet"] == TAGS
    assert json.loads(s3.get_bucket_policy(Bucket="logs")["Policy"]) == logging


def test_a_key_and_its_alias(clients: Clients, deploy_resources: Deploy) -> None:
    policy = statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="kms:*", Resource="*")
    key = {
        "Type": "AWS::KMS::Key",
        "Properties": {"EnableKeyRotation": True, "KeyPolicy": policy, "Tags": TAGS},
    }
    alias = {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": "alias/pp", "TargetKeyId": {"Ref": "Key"}},
    }
    app = deploy_resources(
        {"Alias": alias, "Key": key}, Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}}}
    )
    kms, arn = clients("kms"), app.outputs["app"]["Arn"]
    assert kms.describe_key(KeyId="alias/pp")["KeyMetadata"]["Arn"] == arn
    assert kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]
    assert json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]) == policy
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == [{"TagKey": "stage", "TagValue": "dev"}]
