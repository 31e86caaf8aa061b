"""A bucket policy that demands TLS does not lock everybody out.

moto: ignores the Condition of a bucket policy's statement, so the usual "deny when aws:SecureTransport is false"
denies every object call with 403.
AWS: the statement applies to calls over plain HTTP only. A local call never leaves the machine, and counts as one
over TLS.
Upstream: evaluate at least aws:SecureTransport in FakeBucket.get_permission, from the request's scheme.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from local.moto_patches.patcher import Patcher

_KEY = "aws:securetransport"


def install(patcher: Patcher) -> None:
    """Wrap the judgement of a bucket's policy."""
    patcher.replace(FakeBucket, "get_permission", _as_if_over_tls)


def _as_if_over_tls(original: Callable[[Any, str, str], Any]) -> Callable[[Any, str, str], Any]:
    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None or _KEY not in self.policy.decode().lower():
            return original(self, action, resource)
        policy = json.loads(self.policy)
        statements = policy["Statement"]
        statements = statements if isinstance(statements, list) else [statements]
        policy["Statement"] = [statement for statement in statements if _applies(statement)]
        if not policy["Statement"]:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    return get_permission


def _applies(statement: dict[str, Any]) -> bool:
    """Say whether the statement's aws:SecureTransport, if it has one, holds for a call over TLS."""
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            if operator.lower() in {"bool", "boolifexists"} and key.lower() == _KEY:
                values = wanted if isinstance(wanted, list) else [wanted]
                return any(str(value).lower() == "true" for value in values)
    return True
