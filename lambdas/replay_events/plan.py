"""The pairs of users of a run: who is sent whose events.

`split_data` has drawn pairs of different users: a JSON list of `{"pair", "user_a", "user_b", "events"}` with B's own
last training events, oldest first, each `{"item_id"}` and, where the data have them, `event_type` and `event_value`.
Users whom an earlier run has changed are left out here, and those that are left are put together anew.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One event of B's past, as far as it is sent again."""

    item_id: str
    event_type: str | None = None
    event_value: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A, who is sent the events of B. The number is that of B's pair among those that were drawn."""

    number: int
    user_a: str
    user_b: str
    events: tuple[PastEvent, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The pairs in the order in which they are taken, and how many users were left out as changed."""

    pairs: tuple[Pair, ...]
    changed_users: int = 0

    def document(self) -> dict[str, Any]:
        """The plan as JSON: `{"schema_version", "changed_users", "pairs": […]}`, pairs like those that were drawn."""
        pairs = [
            {
                "pair": pair.number,
                "user_a": pair.user_a,
                "user_b": pair.user_b,
                "events": [asdict(event) for event in pair.events],
            }
            for pair in self.pairs
        ]
        return {"schema_version": SCHEMA_VERSION, "changed_users": self.changed_users, "pairs": pairs}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Plan:
        """Read the document. Raises DataError when it is none."""
        return cls(pairs_of(document["pairs"]), document["changed_users"])


def pairs_of(document: Sequence[Mapping[str, Any]]) -> tuple[Pair, ...]:
    """Read a list of pairs. Raises DataError when it is none."""
    try:
        return tuple(
            Pair(each["pair"], each["user_a"], each["user_b"], tuple(map(_event, each["events"])))
            for each in document
        )
    except (KeyError, TypeError) as error:
        raise DataError(
            f"The pairs of users cannot be read ({type(error).__name__}: {error}): they were written by another "
            "version of the application. Start a new run."
        ) from error


def _event(document: Mapping[str, Any]) -> PastEvent:
    return PastEvent(document["item_id"], document.get("event_type"), document.get("event_value"))


def make_plan(drawn: Sequence[Pair], changed: Collection[str]) -> Plan:
    """Pair those users who are untouched; with no user changed these are the pairs that were drawn.

    Every user serves once. Where more Bs than As are left, the last Bs become As: that needs no events of their own.
    Raises DataError when there is not even one pair.
    """
    givers = [pair for pair in drawn if pair.user_b not in changed]
    takers = [pair.user_a for pair in drawn if pair.user_a not in changed]
    left_out = 2 * len(drawn) - len(givers) - len(takers)
    while len(takers) < len(givers):
        takers.append(givers.pop().user_b)
    pairs = tuple(
        Pair(giver.number, taker, giver.user_b, giver.events)
        for taker, giver in zip(takers, givers, strict=False)
    )
    if not pairs:
        raise DataError(
            f"No pair of users is left to replay: of {2 * len(drawn):,} users that were drawn {left_out:,} have been "
            "sent events by earlier runs, which stay with them. Draw more pairs, or start afresh with a new dataset "
            "group: pipelines cleanup --all deletes the scenario's."
        )
    return Plan(pairs, left_out)
