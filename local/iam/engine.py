"""The decision of IAM for one action on one resource, by one principal of the resource's own account.

Source: IAM user guide, "Policy evaluation logic". A matching Deny wins. Otherwise an identity policy or a
resource policy that names the principal allows. A resource policy that names only the account hands the
decision to the identity policies. Key policies and trust policies must take part (`resource_policy_decides`):
without their word an identity policy allows nothing.

Not covered: permission boundaries, session policies, organization policies, access from other accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from local.iam.conditions import Unknown, evaluate
from local.iam.context import UnknownKeyError
from local.iam.patterns import matches, resource_matches
from local.iam.variables import UnresolvedVariableError, substitute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from local.iam.context import RequestContext
    from local.iam.policies import Policy, Statement
    from local.iam.principals import Principal


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One question: may `principal` perform `action` (`s3:GetObject`) on `resource` (an ARN, or `*`)?"""

    principal: Principal
    action: str
    resource: str
    context: RequestContext


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with the words that follow "because" or "by" in a message."""

    allowed: bool
    reason: str


class _Naming(Enum):
    """How a resource policy names a principal."""

    NOT_AT_ALL = auto()
    AS_ITSELF = auto()
    BY_ACCOUNT = auto()


@dataclass(frozen=True, slots=True)
class _Match:
    """A statement that applies, or (with `doubt`) that might."""

    statement: Statement
    naming: _Naming
    doubt: str | None


def decide(
    request: AccessRequest,
    identity_policies: Sequence[Policy],
    resource_policy: Policy | None = None,
    *,
    resource_policy_decides: bool = False,
) -> Decision:
    """Judge a request. Pure: the policies are the arguments, nothing is looked up."""
    identity = list(_matching(request, identity_policies))
    resource = list(_matching(request, [resource_policy])) if resource_policy else []
    for match in (*identity, *resource):
        if match.statement.effect == "Deny":
            because = f", which is applied because its {match.doubt}" if match.doubt else ""
            return Decision(False, f"an explicit deny in {match.statement.name}{because}")
    allows = [match for match in identity if match.doubt is None]
    direct = [match for match in _certain(resource) if match.naming is _Naming.AS_ITSELF]
    delegated = [match for match in _certain(resource) if match.naming is _Naming.BY_ACCOUNT]
    if direct:
        return Decision(True, direct[0].statement.name)
    if allows and (delegated or not resource_policy_decides):
        return Decision(True, allows[0].statement.name)
    return Decision(False, _refusal(request, identity + resource, bool(allows)))


def _certain(matches_: Iterable[_Match]) -> list[_Match]:
    return [match for match in matches_ if match.doubt is None]


def _refusal(request: AccessRequest, candidates: Sequence[_Match], identity_allows: bool) -> str:
    doubts = [
        f"{match.statement.name} cannot be applied: its {match.doubt}" for match in candidates if match.doubt
    ]
    if identity_allows:
        missing = f"the resource's own policy does not allow the {request.action} action"
    else:
        missing = f"no policy allows the {request.action} action"
    return "; ".join([missing, *doubts])


def _matching(request: AccessRequest, policies: Iterable[Policy]) -> Iterator[_Match]:
    for policy in policies:
        for statement in policy.statements:
            match = _match(request, statement, policy.version)
            if match is not None:
                yield match


def _match(request: AccessRequest, statement: Statement, version: str) -> _Match | None:
    naming = _naming(statement, request.principal)
    if naming is _Naming.NOT_AT_ALL or not _action_applies(statement, request.action):
        return None
    try:
        applies = _resource_applies(statement, request, version)
    except (UnknownKeyError, UnresolvedVariableError) as error:
        return _Match(statement, naming, str(error))
    if not applies:
        return None
    outcome = evaluate(statement.conditions, request.context, version)
    if isinstance(outcome, Unknown):
        return _Match(statement, naming, outcome.reason)
    return _Match(statement, naming, None) if outcome else None


def _action_applies(statement: Statement, action: str) -> bool:
    if statement.actions:
        return any(matches(pattern, action, ignore_case=True) for pattern in statement.actions)
    return not any(matches(pattern, action, ignore_case=True) for pattern in statement.not_actions)


def _resource_applies(statement: Statement, request: AccessRequest, version: str) -> bool:
    """A statement without Resource stands in a trust policy: it is about the role that it belongs to."""
    listed = statement.resources or statement.not_resources
    if not listed:
        return True
    patterns = [substitute(pattern, request.context, version) for pattern in listed]
    found = any(resource_matches(pattern, request.resource) for pattern in patterns)
    return found if statement.resources else not found


def _naming(statement: Statement, principal: Principal) -> _Naming:
    """Identity policies name nobody: they belong to their principal."""
    if statement.not_principals is not None:
        named = _find(statement.not_principals, principal)
        return _Naming.AS_ITSELF if named is _Naming.NOT_AT_ALL else _Naming.NOT_AT_ALL
    if statement.principals is None:
        return _Naming.AS_ITSELF
    return _find(statement.principals, principal)


def _find(named: Mapping[str, tuple[str, ...]], principal: Principal) -> _Naming:
    accounts = named.get("AWS", ())
    if "*" in accounts or principal.service in named.get("Service", ()):
        return _Naming.AS_ITSELF
    if set(accounts) & principal.arns:
        return _Naming.AS_ITSELF
    if set(accounts) & principal.account_names:
        return _Naming.BY_ACCOUNT
    return _Naming.NOT_AT_ALL
