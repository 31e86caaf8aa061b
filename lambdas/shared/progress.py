"""The answer about a resource that a state machine can decide on."""

from __future__ import annotations

from typing import Any

from lambdas.shared.resources import ResourceState

NO_REASON = "the service gave no reason"


def progress(state: ResourceState) -> dict[str, Any]:
    """`done` when it can be used, `failed` when waiting is of no use; the service's reason goes along."""
    reason = state.failure_reason or NO_REASON
    return {
        "arn": state.arn,
        "status": state.status,
        "done": state.active,
        "failed": state.failed,
        "failure_reason": reason if state.failed else None,
    }
