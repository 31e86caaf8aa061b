"""The policies that moto holds, read from its backends in this process.

moto is pinned exactly, for these are its own names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import FakeKey, s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.sts.models import sts_backends

from local.iam.policies import Policy, parse_policy
from local.iam.principals import RoleSession

if TYPE_CHECKING:
    from moto.iam.models import ManagedPolicy

    from local.iam.permissions import Scope


class UnknownRoleError(LookupError):
    """There is no such role in this account."""


class MotoState:
    """What the engine asks of moto for one account and region. Every look-up sees the present state."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def role_policies(self, role_arn: str) -> list[Policy]:
        """Inline and attached managed policies of a role. Raises UnknownRoleError, PolicySyntaxError."""
        role = self._role(role_arn)
        inline = [
            parse_policy(f"{role.name}/{name}", text, "identity") for name, text in role.policies.items()
        ]
        managed = [
            parse_policy(policy.name, _default_version(policy), "identity")
            for policy in role.managed_policies.values()
        ]
        return inline + managed

    def role_tags(self, role_arn: str) -> dict[str, str]:
        """Tags of a role: what aws:PrincipalTag compares. Raises UnknownRoleError."""
        tags = self._role(role_arn).tags or {}
        listed = tags.values() if isinstance(tags, dict) else tags
        return {tag["Key"]: tag["Value"] for tag in listed}

    def trust_policy(self, role_arn: str) -> Policy:
        """Who may assume a role. Raises UnknownRoleError, PolicySyntaxError."""
        role = self._role(role_arn)
        return parse_policy(f"of the trust in role {role.name}", role.assume_role_policy_document, "trust")

    def resource_policy(self, resource: str) -> Policy | None:
        """The policy of a bucket (of an object's bucket), topic, queue or key; None when there is none."""
        if resource == "*":
            return None
        service, name = resource.split(":")[2], resource.split(":", 5)[5]
        if service == "s3":
            name = name.partition("/")[0]  # an object is under its bucket's policy
        document = {
            "s3": self._bucket_policy,
            "sns": self._topic_policy,
            "sqs": self._queue_policy,
            "kms": self._key_policy,
        }.get(service, _no_policy)(name)
        return parse_policy(f"of {service}:{name}", document, "resource") if document else None

    def key_arn(self, key_id: str) -> str:
        """The ARN of a KMS key named by id, ARN, alias or alias ARN; unknown aliases stay as given."""
        backend = kms_backends[self._scope.account_id][self._scope.region]
        found = backend.get_key_id_from_alias(key_id) if "alias/" in key_id else key_id
        if found is None or found.startswith("arn:"):
            return found or key_id
        return self._scope.arn("kms", f"key/{found}")

    def object_exists(self, bucket: str, key: str) -> bool:
        """Whether S3 holds an object that was not deleted."""
        buckets = s3_backends[self._scope.account_id][self._scope.partition].buckets
        keys = buckets[bucket].keys if bucket in buckets else {}
        return key in keys and isinstance(keys[key], FakeKey)

    def assume(self, role_arn: str, session_name: str) -> Any:
        """A new session of a role in moto's STS: has access_key_id, secret_access_key, session_token."""
        backend = sts_backends[self._scope.account_id][self._scope.partition]
        return backend.assume_role(
            region_name=self._scope.region,
            role_session_name=session_name,
            role_arn=role_arn,
            policy="",
            duration=43_200,
            external_id="",
        )

    def session(self, access_key_id: str) -> RoleSession | None:
        """The session that a client got from moto by calling sts:AssumeRole itself."""
        backend = sts_backends[self._scope.account_id][self._scope.partition]
        assumed = backend.get_assumed_role_from_access_key(access_key_id)
        return RoleSession(assumed.role_arn, assumed.session_name) if assumed else None

    def _role(self, role_arn: str) -> Any:
        try:
            return iam_backends[self._scope.account_id][self._scope.partition].get_role_by_arn(role_arn)
        except NotFoundException as error:
            raise UnknownRoleError(f"there is no role {role_arn} in this account") from error

    def _bucket_policy(self, name: str) -> str | None:
        buckets = s3_backends[self._scope.account_id][self._scope.partition].buckets
        bucket = buckets.get(name)
        return bucket.policy.decode() if bucket is not None and bucket.policy else None

    def _topic_policy(self, name: str) -> str | None:
        topics = sns_backends[self._scope.account_id][self._scope.region].topics
        topic = topics.get(self._scope.arn("sns", name))
        return topic.policy if topic is not None else None

    def _queue_policy(self, name: str) -> str | None:
        queues = sqs_backends[self._scope.account_id][self._scope.region].queues
        return queues[name].policy if name in queues else None

    def _key_policy(self, name: str) -> str | None:
        keys = kms_backends[self._scope.account_id][self._scope.region].keys
        key = keys.get(name.removeprefix("key/"))
        return key.policy if key is not None else None


def _no_policy(_name: str) -> str | None:
    return None


def _default_version(policy: ManagedPolicy) -> str:
    return next(version.document for version in policy.versions if version.is_default)
