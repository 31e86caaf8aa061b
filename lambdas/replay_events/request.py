"""What the state machine asks of `replay_events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations, S3Location

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PAIRS_AT_A_TIME = 16
MOST_SETTLE_SECONDS = 300.0
MOST_RESULTS = 500  # the service's limit on numResults


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """One replay: the run, the pairs that were drawn for it, and how to ask and to send."""

    scenario: str
    run_id: str
    locations: RunLocations
    pairs: S3Location
    campaign_arn: str
    tracking_id: str
    filter_arn: str | None
    dataset_arn: str | None
    counts: tuple[int, ...]
    list_length: int
    event_type: str
    settle_seconds: float
    pairs_at_a_time: int

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> ReplayRequest:
        """Read the event, whose members `handler` names. Raises RequestError when it is not what it must be."""
        try:
            return cls(
                scenario=event["scenario"],
                run_id=event["run_id"],
                locations=RunLocations.of(
                    scenario=event["scenario"],
                    run_id=event["run_id"],
                    data_bucket=event["data_bucket"],
                    reports_bucket=event["reports_bucket"],
                ),
                pairs=S3Location.parse(event["pairs"]),
                campaign_arn=event["campaign_arn"],
                tracking_id=event["tracking_id"],
                filter_arn=event.get("filter_arn"),
                dataset_arn=event.get("dataset_arn"),
                counts=_counts(event.get("counts", (0, 1, 2, 5, 10, 20))),
                list_length=int(_within("list_length", event.get("list_length", 25), 1, MOST_RESULTS)),
                event_type=event.get("event_type", "watch"),
                settle_seconds=_within(
                    "settle_seconds", event.get("settle_seconds", 5.0), 0, MOST_SETTLE_SECONDS
                ),
                pairs_at_a_time=int(
                    _within("pairs_at_a_time", event.get("pairs_at_a_time", 8), 1, MOST_PAIRS_AT_A_TIME)
                ),
            )
        except KeyError as error:
            raise RequestError(
                f"The input of replay_events lacks {error}: it is sent by the state machine of the scenario; "
                "deploy the current version of the application."
            ) from error

    @property
    def plan(self) -> S3Location:
        """The pairs that are replayed, settled by the first call (JSON)."""
        return self.locations.run / "replay/plan.json"

    @property
    def pairs_folder(self) -> S3Location:
        """What is known of each pair."""
        return self.locations.run / "replay/pairs/"

    @property
    def lists(self) -> S3Location:
        """The result, written when all pairs have been replayed (Parquet)."""
        return self.locations.run / "replay/lists.parquet"


def _counts(values: Any) -> tuple[int, ...]:
    counts = tuple(values)
    if not counts or any(type(count) is not int or count < 0 for count in counts):
        raise RequestError(
            f"counts is {list(counts)!r}: take whole numbers from 0, such as [0, 1, 2, 5, 10, 20]."
        )
    return tuple(sorted(set(counts)))


def _within(name: str, value: Any, least: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise RequestError(f"{name} is {value!r}: take a number from {least} to {most}.")
    return float(value)
