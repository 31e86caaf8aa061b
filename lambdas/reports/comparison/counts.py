"""How much of everything two runs had: users, items, interactions, and the time that they span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.reports.comparison.run import Run

COUNT_LABELS = {
    "data.train_interactions": "training interactions",
    "data.train_users": "users in the training part",
    "data.catalogue_items": "items in the training part",
    "data.popular_items": "items of the popular head",
    "users.held_out": "users with a held-out future",
    "users.without_past": "of them without a past",
    "users.evaluated": "users evaluated",
    "data.held_out_interactions": "held-out interactions",
    "data.held_out_items": "held-out items of the users evaluated",
    "data.held_out_items_seen_before": "of them seen before",
    "data.held_out_items_unknown_to_training": "held-out items that training does not know",
    "data.first_event": "first event",
    "data.last_event": "last event",
}
MOMENTS = frozenset({"data.first_event", "data.last_event"})
"""Counts that are moments, in Unix seconds."""


@dataclass(frozen=True, slots=True)
class CountChange:
    """A count in both runs; None where a run does not tell it. name: as in metrics.json, `data.train_users`."""

    name: str
    then: float | None
    now: float | None

    @property
    def changed(self) -> bool:
        """Whether both runs tell it, and differently."""
        return self.then is not None and self.now is not None and self.then != self.now

    @property
    def change(self) -> float | None:
        """How much more there is now."""
        return None if self.then is None or self.now is None else self.now - self.then

    @property
    def relative(self) -> float | None:
        """The change relative to then; None where there was nothing, and for moments."""
        if self.name in MOMENTS or not self.then or self.change is None:
            return None
        return self.change / self.then


def count_changes(then: Run, now: Run) -> tuple[CountChange, ...]:
    """The counts that at least one of the runs tells, changed or not."""
    return tuple(
        CountChange(name, then.counts.get(name), now.counts.get(name))
        for name in COUNT_LABELS
        if name in then.counts or name in now.counts
    )
