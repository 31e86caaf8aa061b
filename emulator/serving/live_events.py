"""Which events that were put since a training a model follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.state.resources import Resource
    from emulator.state.streams import Event


def newest_trained(version: Resource) -> int:
    """The sequence number of the newest event that a version was trained on."""
    return int(version.internal.get("last_event", 0))


def is_of_interest(event: Event, version: Resource) -> bool:
    """Whether an event passes the filters by type and value of the version's solution."""
    wanted = version.body.get("eventType")
    if wanted is not None and event.row.get("EVENT_TYPE") != wanted:
        return False
    threshold = (version.body.get("solutionConfig") or {}).get("eventValueThreshold")
    value = event.row.get("EVENT_VALUE")
    return threshold is None or (value is not None and value >= float(threshold))
