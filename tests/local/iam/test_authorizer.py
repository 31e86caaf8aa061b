"""Roles that services assume, and the emulator's question about calls to Personalize."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from local.iam import ADMINISTRATOR_ACCESS_KEY_ID, AssumeRoleDeniedError, Authorizer, IamMode

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Aws

ACCOUNT = "123456789012"
REGION = "us-east-1"
GROUP = f"arn:aws:personalize:{REGION}:{ACCOUNT}:dataset-group/pp-dev-hrnn"
SOLUTION = f"arn:aws:personalize:{REGION}:{ACCOUNT}:solution/pp-dev-hrnn"
LAMBDA = "lambda.amazonaws.com"


@dataclass(frozen=True)
class Call:
    """What the emulator asks about."""

    access_key_id: str
    action: str
    resources: tuple[str, ...]
    passed_role: str | None = None


def trust(aws: Aws, role_name: str, **statement: Any) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement}],
    }
    aws.client("iam").update_assume_role_policy(RoleName=role_name, PolicyDocument=json.dumps(document))


def test_only_the_trusted_service_gets_credentials(aws: Aws, enforcing: Authorizer) -> None:
    role = aws.role("function")
    assert len(enforcing.credentials_for_role(role, LAMBDA).access_key_id) == 20
    with pytest.raises(
        AssumeRoleDeniedError, match=r"states.amazonaws.com is not authorized.*sts:AssumeRole"
    ):
        enforcing.credentials_for_role(role, "states.amazonaws.com")
    with pytest.raises(AssumeRoleDeniedError, match="there is no role"):
        enforcing.credentials_for_role(role + "x", LAMBDA)


def test_confused_deputy_conditions_see_the_source(aws: Aws, enforcing: Authorizer) -> None:
    role = aws.role("service")
    trust(
        aws,
        "service",
        Principal={"Service": "personalize.amazonaws.com"},
        Condition={
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:{REGION}:{ACCOUNT}:*"},
        },
    )
    personalize = "personalize.amazonaws.com"
    enforcing.credentials_for_role(role, personalize)
    enforcing.credentials_for_role(role, personalize, source_arn=GROUP)
    with pytest.raises(AssumeRoleDeniedError):
        enforcing.credentials_for_role(role, personalize, source_arn=GROUP.replace(ACCOUNT, "210987654321"))


def test_a_role_that_trusts_one_schedule_group_is_assumed_for_that_group(
    aws: Aws, enforcing: Authorizer
) -> None:
    role, scheduler = aws.role("schedule"), "scheduler.amazonaws.com"
    group = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/ours"
    trust(
        aws,
        "schedule",
        Principal={"Service": scheduler},
        Condition={"StringEquals": {"aws:SourceArn": group}},
    )
    enforcing.credentials_for_role(role, scheduler, source_arn=group)
    with pytest.raises(AssumeRoleDeniedError):
        enforcing.credentials_for_role(role, scheduler)


def test_the_same_service_and_role_keep_their_credentials(aws: Aws, enforcing: Authorizer) -> None:
    role = aws.role("function")
    first = enforcing.credentials_for_role(role, LAMBDA)
    assert enforcing.credentials_for_role(role, LAMBDA) == first
    assert enforcing.credentials_for_role(role, LAMBDA, session_name="other") != first


def test_record_mode_gives_credentials_and_says_that_aws_would_not(
    aws: Aws, authorizer_in: Callable[[IamMode], Authorizer]
) -> None:
    authorizer = authorizer_in(IamMode.RECORD)
    authorizer.credentials_for_role(aws.role("function"), "states.amazonaws.com")
    (call,) = authorizer.calls()
    assert (call.role, call.action, call.verdict) == ("states.amazonaws.com", "sts:AssumeRole", "denied")


def test_personalize_calls_need_every_resource_they_name(aws: Aws, enforcing: Authorizer) -> None:
    half = enforcing.credentials_for_role(aws.role("half", aws.allow("personalize:*", on=SOLUTION)), LAMBDA)
    whole = enforcing.credentials_for_role(
        aws.role("whole", aws.allow("personalize:CreateSolution", on=[SOLUTION, GROUP])), LAMBDA
    )
    action, resources = "personalize:CreateSolution", (SOLUTION, GROUP)
    message = enforcing.authorize_personalize(Call(half.access_key_id, action, resources))
    assert message is not None
    assert f"is not authorized to perform: {action} on resource: {GROUP}" in message
    assert enforcing.authorize_personalize(Call(whole.access_key_id, action, resources)) is None
    assert enforcing.authorize_personalize(Call(whole.access_key_id, "personalize:DeleteSolution", resources))


def test_recommendations_and_rankings_are_two_actions_on_a_campaign(aws: Aws, enforcing: Authorizer) -> None:
    campaign = f"arn:aws:personalize:{REGION}:{ACCOUNT}:campaign/pp-dev-hrnn"
    actions = ("personalize:GetRecommendations", "personalize:GetPersonalizedRanking")
    for number, allowed in enumerate(actions):
        role = aws.role(f"only-{number}", aws.allow(allowed, on=campaign))
        key = enforcing.credentials_for_role(role, LAMBDA).access_key_id
        denied = [
            action
            for action in actions
            if enforcing.authorize_personalize(Call(key, action, (campaign,))) is not None
        ]
        assert denied == [action for action in actions if action != allowed]


def test_passing_a_role_needs_pass_role_to_personalize(aws: Aws, enforcing: Authorizer) -> None:
    service_role = aws.role("service", service="personalize.amazonaws.com")
    own = aws.allow("personalize:*")

    def ask(name: str, *more: dict[str, Any]) -> str | None:
        credentials = enforcing.credentials_for_role(aws.role(name, own, *more), LAMBDA)
        return enforcing.authorize_personalize(
            Call(credentials.access_key_id, "personalize:CreateDatasetImportJob", ("*",), service_role)
        )

    def only_to(service: str) -> dict[str, Any]:
        condition = {"StringEquals": {"iam:PassedToService": service}}
        return aws.allow("iam:PassRole", on=service_role, Condition=condition)

    assert "iam:PassRole" in (ask("without") or "")
    assert "iam:PassRole" in (ask("to-glue", only_to("glue.amazonaws.com")) or "")
    assert ask("to-personalize", only_to("personalize.amazonaws.com")) is None


def test_an_unknown_condition_key_refuses_and_names_the_key(aws: Aws, enforcing: Authorizer) -> None:
    tagged = {"Condition": {"StringEquals": {"aws:ResourceTag/stage": "dev"}}}
    credentials = enforcing.credentials_for_role(
        aws.role("tagged", aws.allow("personalize:*", **tagged)), LAMBDA
    )
    message = enforcing.authorize_personalize(
        Call(credentials.access_key_id, "personalize:DeleteSolution", (SOLUTION,))
    )
    assert "condition key aws:ResourceTag/stage is unknown" in (message or "")


def test_role_tags_are_condition_keys(aws: Aws, enforcing: Authorizer) -> None:
    mine = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "ranking"}}}
    role = aws.role("tagged", aws.allow("personalize:ListSolutions", **mine))
    key = enforcing.credentials_for_role(role, LAMBDA).access_key_id
    call = Call(key, "personalize:ListSolutions", ("*",))
    assert enforcing.authorize_personalize(call) is not None
    aws.client("iam").tag_role(RoleName="tagged", Tags=[{"Key": "team", "Value": "ranking"}])
    assert enforcing.authorize_personalize(call) is None


def test_the_administrator_is_exempt_and_not_recorded(enforcing: Authorizer) -> None:
    call = Call(ADMINISTRATOR_ACCESS_KEY_ID, "personalize:DeleteSolution", (SOLUTION,))
    assert enforcing.authorize_personalize(call) is None
    assert enforcing.calls() == []


def test_managed_policies_count(aws: Aws, enforcing: Authorizer) -> None:
    role = aws.role("managed")
    iam = aws.client("iam")
    key = enforcing.credentials_for_role(role, LAMBDA).access_key_id
    call = Call(key, "personalize:ListSolutions", ("*",))
    assert enforcing.authorize_personalize(call) is not None
    document = json.dumps({"Version": "2012-10-17", "Statement": [aws.allow("personalize:List*")]})
    arn = iam.create_policy(PolicyName="lists", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="managed", PolicyArn=arn)
    assert enforcing.authorize_personalize(call) is None
