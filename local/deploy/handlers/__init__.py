"""How each type of resource is created: one API call or a few, every property read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.handlers import (
    analytics,
    functions,
    identity,
    keys,
    logs,
    machines,
    messaging,
    monitoring,
    schedules,
    storage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.deploy.model import Handler

HANDLERS: Mapping[str, Handler] = {
    **analytics.HANDLERS,
    **functions.HANDLERS,
    **identity.HANDLERS,
    **keys.HANDLERS,
    **logs.HANDLERS,
    **machines.HANDLERS,
    **messaging.HANDLERS,
    **monitoring.HANDLERS,
    **schedules.HANDLERS,
    **storage.HANDLERS,
}
"""CloudFormation type → handler."""

WITHOUT_EFFECT = frozenset({"AWS::CDK::Metadata"})
"""Types that deploy nothing: the CDK's own usage report."""
