"""Which events that were put since a training a model follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.data.interactions import event_weights

if TYPE_CHECKING:
    from emulator.state.resources import Resource
    from emulator.state.streams import Event


def newest_trained(version: Resource) -> int:
    """The sequence number of the newest event that a version was trained on."""
    return int(version.internal.get("last_event", 0))


def is_of_interest(event: Event, version: Resource) -> bool:
    """Whether an event passes the filters by type and value of the version's solution."""
    config = version.body.get("solutionConfig") or {}
    if weights := event_weights(config):
        return any(_passes(event, weight.event_type, weight.threshold) for weight in weights)
    threshold = config.get("eventValueThreshold")
    return _passes(event, version.body.get("eventType"), None if threshold is None else float(threshold))


def _passes(event: Event, event_type: str | None, threshold: float | None) -> bool:
    if event_type is not None and event.row.get("EVENT_TYPE") != event_type:
        return False
    value = event.row.get("EVENT_VALUE")
    return threshold is None or (value is not None and value >= threshold)
