"""Decisions of the engine: identity and resource policies, denies, delegation, and what fails closed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.iam.context import RequestContext
from local.iam.engine import AccessRequest, Decision, decide
from local.iam.policies import Kind, Policy, PolicySyntaxError, parse_policy
from local.iam.principals import Principal, RoleSession

ROLE = "arn:aws:iam::1:role/worker"
SESSION = RoleSession(ROLE, "s")
BUCKET, OBJECT = "arn:aws:s3:::data", "arn:aws:s3:::data/a"
CONTEXT = RequestContext({"aws:principalaccount": ("1",)}, frozenset({"aws:sourcearn"}))
ROOT = {"AWS": "arn:aws:iam::1:root"}


def policy(*statements: dict[str, Any], kind: Kind = "identity") -> Policy:
    return parse_policy("p", json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), kind)


def statement(
    effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = OBJECT, **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def ask(
    *identity: dict[str, Any],
    bucket: list[dict[str, Any]] | None = None,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    principal: Principal = SESSION.principal,
    context: RequestContext = CONTEXT,
    resource_policy_decides: bool = False,
) -> Decision:
    return decide(
        AccessRequest(principal, action, resource, context),
        [policy(*identity)],
        policy(*bucket, kind="resource") if bucket is not None else None,
        resource_policy_decides=resource_policy_decides,
    )


@pytest.mark.parametrize(
    ("own", "allowed"),
    [
        ([], False),
        ([statement()], True),
        ([statement(action="S3:getOBJECT")], True),
        ([statement(action=["s3:Put*", "s3:Get*"])], True),
        ([statement(action="s3:GetObjectVersion")], False),
        ([statement(resource=BUCKET)], False),
        ([statement(resource=[BUCKET, f"{BUCKET}/*"])], True),
        ([statement(resource="arn:aws:s3:::${aws:PrincipalAccount}/*")], False),
        ([statement(), statement("Deny", "s3:*", "*")], False),
        ([statement("Deny", "s3:*", "*"), statement()], False),
        ([statement(), statement("Deny", "s3:Put*", "*")], True),
        ([statement(), statement("Deny", resource=f"{BUCKET}/b")], True),
        ([{"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "NotAction": "s3:get*", "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/secret/*"}], True),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}], False),
        ([statement(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}], False),
    ],
)
def test_identity_policies(own: list[dict[str, Any]], allowed: bool) -> None:
    assert ask(*own).allowed is allowed


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ({"AWS": ROLE}, True),
        ({"AWS": ["arn:aws:iam::1:role/other", ROLE]}, True),
        ({"AWS": "arn:aws:sts::1:assumed-role/worker/s"}, True),
        ({"AWS": "arn:aws:sts::1:assumed-role/worker/other"}, False),
        ("*", True),
        ({"AWS": "*"}, True),
        (ROOT, False),
        ({"AWS": "1"}, False),
        ({"Service": "lambda.amazonaws.com"}, False),
        ({"AWS": "arn:aws:iam::2:role/worker"}, False),
    ],
)
def test_a_bucket_policy_allows_whom_it_names_itself(principal: Any, allowed: bool) -> None:
    assert ask(bucket=[statement(Principal=principal)]).allowed is allowed


@pytest.mark.parametrize("principal", [{"AWS": ROLE}, "*", ROOT, {"AWS": "1"}])
def test_a_bucket_policy_denies_the_role_its_account_and_everybody(principal: Any) -> None:
    decision = ask(statement(), bucket=[statement("Deny", Principal=principal)])
    assert decision == Decision(False, "an explicit deny in policy p, statement 0")


def test_not_principal_spares_the_named() -> None:
    assert ask(statement(), bucket=[statement("Deny", NotPrincipal={"AWS": ROLE})]).allowed
    assert not ask(
        statement(), bucket=[statement("Deny", NotPrincipal={"AWS": "arn:aws:iam::1:role/x"})]
    ).allowed


@pytest.mark.parametrize(
    ("own", "of_key", "allowed"),
    [
        ([statement()], [], False),
        ([statement()], [statement(Principal=ROOT)], True),
        ([], [statement(Principal=ROOT)], False),
        ([], [statement(Principal={"AWS": ROLE})], True),
        ([statement()], [statement(Principal={"AWS": "arn:aws:iam::1:role/x"})], False),
    ],
)
def test_where_the_resource_policy_decides_the_identity_policy_alone_does_not(
    own: list[dict[str, Any]], of_key: list[dict[str, Any]], allowed: bool
) -> None:
    assert ask(*own, bucket=of_key, resource_policy_decides=True).allowed is allowed


def test_a_service_is_allowed_by_its_name_and_its_conditions() -> None:
    service = Principal.of_service("personalize.amazonaws.com")
    named = statement(
        Principal={"Service": "personalize.amazonaws.com"},
        Condition={"StringEquals": {"aws:SourceAccount": "1"}},
    )
    for account, allowed in (("1", True), ("2", False)):
        context = RequestContext({"aws:sourceaccount": (account,)})
        assert ask(bucket=[named], principal=service, context=context).allowed is allowed
    assert not ask(
        bucket=[{**named, "Principal": {"Service": "s3.amazonaws.com"}}], principal=service
    ).allowed


def test_an_allow_with_an_unknown_key_does_not_allow_and_names_the_key() -> None:
    doubtful = statement(Condition={"StringEquals": {"ec2:Vpc": "x"}})
    decision = ask(doubtful)
    assert not decision.allowed
    assert "no policy allows the s3:GetObject action" in decision.reason
    assert "condition key ec2:Vpc is unknown" in decision.reason
    assert ask(doubtful, statement()).allowed


def test_a_deny_with_an_unknown_key_or_operator_denies() -> None:
    for condition in ({"StringEquals": {"ec2:Vpc": "x"}}, {"IpAddress": {"aws:SourceArn": "10.0.0.0/8"}}):
        decision = ask(statement(), statement("Deny", "*", "*", Condition=condition))
        assert not decision.allowed
        assert decision.reason.startswith(
            "an explicit deny in policy p, statement 1, which is applied because"
        )


def test_a_resource_with_an_unresolved_variable_fails_closed() -> None:
    home = f"{BUCKET}/${{aws:username}}"
    assert "condition key aws:username is unknown" in ask(statement(resource=home)).reason
    assert not ask(statement(), statement("Deny", resource=home)).allowed


def test_actions_without_a_resource_need_a_star() -> None:
    everything, arn = (
        statement(action="xray:*", resource="*"),
        statement(action="xray:*", resource="arn:aws:xray:*"),
    )
    asked = {"action": "xray:PutTraceSegments", "resource": "*"}
    assert ask(everything, **asked).allowed
    assert not ask(arn, **asked).allowed


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"Effect": "allow", "Action": "*", "Resource": "*"}, "identity", "Effect must be Allow or Deny"),
        ({"Effect": "Allow", "Resource": "*"}, "identity", "either Action or NotAction"),
        ({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}, "identity", "either Action"),
        ({"Effect": "Allow", "Action": "*"}, "identity", "either Resource or NotResource"),
        ({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}, "identity", "no Principal"),
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "resource", "either Principal"),
        ({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}, "trust", "no Resource"),
        (
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Conditions": {}},
            "identity",
            "unknown elements: Cond",
        ),
        (
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": []},
            "identity",
            "Condition must map",
        ),
        (
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "me"},
            "resource",
            "Principal must be",
        ),
    ],
)
def test_a_statement_that_is_not_understood_is_an_error(body: dict[str, Any], kind: Kind, said: str) -> None:
    with pytest.raises(PolicySyntaxError, match=said):
        policy({"Sid": "Mine", **body}, kind=kind)


@pytest.mark.parametrize("document", ["{", "[]", '{"Statement": "x"}', '{"Statement": ["x"]}'])
def test_a_document_that_is_no_policy_is_an_error(document: str) -> None:
    with pytest.raises(PolicySyntaxError, match="policy p"):
        parse_policy("p", document, "identity")
