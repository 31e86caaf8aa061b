"""IAM of the local platform: which role an access key stands for, and whether it may do what it asks.

What is judged: every call that reaches moto or the emulator with the credentials of a role, against the
role's policies and the policy of the bucket, topic, queue or key; and every role that a service assumes,
against its trust policy. What is not: calls that AWS makes for a caller (a key used by S3 for an encrypted
object, SNS delivering to a queue, alarms), permission boundaries, session and organization policies.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from local.iam import moto_hook
from local.iam.call_log import CallLog, RecordedCall, Verdict
from local.iam.engine import AccessRequest, Decision, decide
from local.iam.moto_state import MotoState, UnknownRoleError
from local.iam.permissions import Permission, Scope
from local.iam.policies import PolicySyntaxError
from local.iam.principals import ADMINISTRATOR_ACCESS_KEY_ID, Principal, RoleSession
from local.iam.request_context import context_of_service, context_of_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from local.iam.policies import Policy

_RESOURCE_POLICY_DECIDES = ("kms:", "sts:AssumeRole")
"""Actions that an identity policy cannot grant alone: a key's policy or a role's trust policy must agree."""

_NEEDS_BUCKET_POLICY = "personalize.amazonaws.com"
"""Personalize works on S3 only where the role *and* the bucket policy (for its principal) allow it."""

_SOURCES = {
    "states": "stateMachine:unnamed",
    "lambda": "function:unnamed",
    "scheduler": "schedule-group/default",
}
"""What a service acts for when its caller does not say, in the form that trust policies expect."""


class IamMode(Enum):
    """What happens to calls: nothing is judged; judged and written down; judged, written down and refused."""

    OFF = "off"
    RECORD = "record"
    ENFORCE = "enforce"


class AssumeRoleDeniedError(PermissionError):
    """A service may not assume a role: its trust policy does not allow it, or there is no such role."""


class PersonalizeCall(Protocol):
    """What the emulator tells of a call (`emulator.AuthorizationRequest`)."""

    @property
    def access_key_id(self) -> str:
        """Who calls."""

    @property
    def action(self) -> str:
        """The IAM action, such as `personalize:CreateSolution`."""

    @property
    def resources(self) -> tuple[str, ...]:
        """ARNs that the action is about, all of which must be allowed; `("*",)` when it has none."""

    @property
    def passed_role(self) -> str | None:
        """The role that the call hands to Personalize."""


@dataclass(frozen=True, slots=True)
class RoleCredentials:
    """Temporary credentials of a role, as clients of AWS take them."""

    access_key_id: str
    secret_access_key: str
    session_token: str


@dataclass(frozen=True, slots=True)
class Denial:
    """A permission that is refused, with the message that the caller gets."""

    permission: Permission
    message: str


class Authorizer:
    """Judges calls for one account and region of the platform in this process."""

    def __init__(self, mode: IamMode, account_id: str, region: str, record_path: Path | None = None) -> None:
        self.mode = mode
        self.scope = Scope(account_id, region)
        self.state = MotoState(self.scope)
        self._log = CallLog(record_path)
        self._sessions: dict[str, RoleSession] = {}
        self._credentials: dict[RoleSession, RoleCredentials] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Judge every request that moto answers in this process. Also in mode `off`, where all pass.

        Raises RuntimeError when another authorizer is installed: moto is one per process.
        """
        moto_hook.install(self)

    def uninstall(self) -> None:
        """Give moto its own methods back."""
        moto_hook.uninstall(self)

    def credentials_for_role(
        self,
        role_arn: str,
        service_principal: str,
        *,
        source_arn: str | None = None,
        session_name: str | None = None,
    ) -> RoleCredentials:
        """Credentials with which a service (`lambda.amazonaws.com`) acts as a role that trusts it.

        `source_arn` is the resource that the service acts for (a state machine, a schedule group, a dataset
        group): the confused-deputy conditions of the trust policy are tested with it. Without it they see
        some resource of the service in this account. Raises AssumeRoleDeniedError in enforce mode.
        """
        service = service_principal.split(".", 1)[0]
        session = RoleSession(
            role_arn=role_arn,
            session_name=session_name or service,
            service=service_principal,
            source_arn=source_arn or self.scope.arn(service, _SOURCES.get(service, "unnamed")),
        )
        if self.mode is not IamMode.OFF:
            denial = self._judge_as_service(session, Permission("sts:AssumeRole", role_arn))
            if denial is not None and self.mode is IamMode.ENFORCE:
                raise AssumeRoleDeniedError(denial.message)
        with self._lock:
            if session not in self._credentials:
                assumed = self.state.assume(role_arn, session.session_name)
                self._sessions[assumed.access_key_id] = session
                self._credentials[session] = RoleCredentials(
                    assumed.access_key_id, assumed.secret_access_key, assumed.session_token
                )
            return self._credentials[session]

    def authorize_personalize(self, request: PersonalizeCall) -> str | None:
        """The emulator's `authorize` hook: None to allow, else the message of the AccessDeniedException."""
        needed = [Permission(request.action, resource) for resource in request.resources]
        if request.passed_role is not None:
            passed_to = {"iam:PassedToService": ("personalize.amazonaws.com",)}
            needed.append(Permission("iam:PassRole", request.passed_role, passed_to))
        denials = self.check(request.access_key_id, needed)
        return denials[0].message if denials else None

    def calls(self) -> list[RecordedCall]:
        """Distinct calls judged so far, with counts. The platform's own administrator is never recorded."""
        return self._log.distinct()

    def is_exempt(self, access_key_id: str) -> bool:
        """Whether calls with this access key are not judged: the administrator's, and all in mode `off`."""
        return self.mode is IamMode.OFF or access_key_id == ADMINISTRATOR_ACCESS_KEY_ID

    def check(self, access_key_id: str, permissions: Sequence[Permission]) -> list[Denial]:
        """Judge and record every permission; the refused ones come back (none unless mode is enforce)."""
        if self.is_exempt(access_key_id):
            return []
        session = self._session(access_key_id)
        if session is None:
            reason = "the access key belongs to no role of this platform"
            refused = [
                self._record(f"access key {access_key_id or '(none)'}", wanted, Decision(False, reason))
                for wanted in permissions
            ]
        else:
            refused = [denial for wanted in permissions for denial in self._judge(session, wanted)]
        denials = [denial for denial in refused if denial is not None]
        return denials if self.mode is IamMode.ENFORCE else []

    def refuse(self, access_key_id: str, action: str, reason: str) -> list[Denial]:
        """Record a call that cannot be judged, as denied; comes back in enforce mode."""
        if self.is_exempt(access_key_id):
            return []
        session = self._session(access_key_id)
        caller = session.role_arn if session else f"access key {access_key_id or '(none)'}"
        denial = self._record(caller, Permission(action, "*"), Decision(False, reason))
        return [denial] if denial is not None and self.mode is IamMode.ENFORCE else []

    def _session(self, access_key_id: str) -> RoleSession | None:
        with self._lock:
            known = self._sessions.get(access_key_id)
        return known or self.state.session(access_key_id)

    def _judge(self, session: RoleSession, permission: Permission) -> list[Denial]:
        try:
            context = context_of_session(
                session, permission, self.state.role_tags(session.role_arn), self.scope
            )
            decision = decide(
                AccessRequest(session.principal, permission.action, permission.resource, context),
                self.state.role_policies(session.role_arn),
                self._policy_of_resource(permission),
                resource_policy_decides=permission.action.startswith(_RESOURCE_POLICY_DECIDES),
            )
        except (UnknownRoleError, PolicySyntaxError) as error:
            decision = Decision(False, str(error))
        denials = [self._record(session.role_arn, permission, decision, caller=session.arn)]
        if session.service == _NEEDS_BUCKET_POLICY and permission.action.startswith("s3:"):
            denials.append(self._judge_as_service(session, permission))
        return [denial for denial in denials if denial is not None]

    def _judge_as_service(self, session: RoleSession, permission: Permission) -> Denial | None:
        """Whether the service that holds this session is allowed by the resource's own policy."""
        service = session.service or ""
        context = context_of_service(service, session.source_arn or "", permission, self.scope)
        request = AccessRequest(
            Principal.of_service(service), permission.action, permission.resource, context
        )
        try:
            decision = decide(request, [], self._policy_of_resource(permission), resource_policy_decides=True)
        except (UnknownRoleError, PolicySyntaxError) as error:
            decision = Decision(False, str(error))
        return self._record(service, permission, decision)

    def _policy_of_resource(self, permission: Permission) -> Policy | None:
        if permission.action == "sts:AssumeRole":
            return self.state.trust_policy(permission.resource)
        return self.state.resource_policy(permission.resource)

    def _record(
        self, role: str, permission: Permission, decision: Decision, *, caller: str | None = None
    ) -> Denial | None:
        verdict: Verdict = "allowed" if decision.allowed else "denied"
        self._log.add(RecordedCall(role, permission.action, permission.resource, verdict, decision.reason))
        if decision.allowed:
            return None
        message = (
            f"User: {caller or role} is not authorized to perform: {permission.action} "
            f"on resource: {permission.resource} because {decision.reason}"
        )
        return Denial(permission, message)
