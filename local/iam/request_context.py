"""Condition keys of requests on the local platform: which have a value, and which are surely absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.iam import s3_permissions
from local.iam.context import RequestContext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.iam.permissions import Permission, Scope
    from local.iam.principals import RoleSession

_ABSENT_FROM_DIRECT_CALLS = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:referer",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:username",
        "aws:viaawsservice",
        "aws:vpcsourceip",
        "kms:viaservice",
    }
)
"""A role session that calls a service itself, in an account without organization, VPC endpoint or MFA."""

_ABSENT_BY_SERVICE = {
    "s3": s3_permissions.CONDITION_KEYS,
    "sns": frozenset({"sns:protocol", "sns:endpoint"}),
    "sts": frozenset({"sts:externalid", "sts:rolesessionname"}),
    "iam": frozenset({"iam:associatedresourcearn"}),
    "cloudwatch": frozenset({"cloudwatch:namespace"}),
}


def _always(scope: Scope) -> dict[str, tuple[str, ...]]:
    """aws:SecureTransport and s3:TlsVersion speak of what a client would do in AWS: there it uses HTTPS.

    Locally everything is plain HTTP on 127.0.0.1, and a policy that forbids that would forbid everything.
    """
    return {
        "aws:securetransport": ("true",),
        "s3:tlsversion": ("1.3",),
        "aws:requestedregion": (scope.region,),
        "aws:resourceaccount": (scope.account_id,),
        "s3:resourceaccount": (scope.account_id,),
    }


def context_of_session(
    session: RoleSession, permission: Permission, role_tags: Mapping[str, str], scope: Scope
) -> RequestContext:
    """The context of a call that a role session makes itself."""
    service = permission.action.split(":")[0]
    context = RequestContext(
        values={
            **_always(scope),
            "aws:principalarn": (session.role_arn,),
            "aws:principalaccount": (session.account_id,),
            "aws:principaltype": ("AssumedRole",),
            "aws:principalisawsservice": ("false",),
            **{f"aws:principaltag/{key.lower()}": (value,) for key, value in role_tags.items()},
        },
        absent=_ABSENT_FROM_DIRECT_CALLS
        | {"aws:principaltag/"}
        | _ABSENT_BY_SERVICE.get(service, frozenset()),
    )
    return context.with_values(permission.context)


def context_of_service(service: str, source_arn: str, permission: Permission, scope: Scope) -> RequestContext:
    """The context of a call that a service of AWS makes for a resource of this account.

    `source_arn` is that resource: what the confused-deputy conditions on aws:SourceArn test.
    """
    prefix = permission.action.split(":")[0]
    present = {
        **_always(scope),
        "aws:sourcearn": (source_arn,),
        "aws:sourceaccount": (scope.account_id,),
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (service,),
    }
    absent = _ABSENT_FROM_DIRECT_CALLS | _ABSENT_BY_SERVICE.get(prefix, frozenset())
    return RequestContext(present, absent).with_values(permission.context)
