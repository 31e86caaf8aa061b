"""What the state machine asks of `split_data`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations, S3Location
from lambdas.split_data.schema import Column, columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Method = Literal["per_user", "global_time"]


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """How the future is cut off, `per_user` or by `global_time` (see `splitting`), and its fraction."""

    method: Method
    fraction: float


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """One split: the run it belongs to, where the raw interactions lie, their columns, and how to cut."""

    scenario: str
    run_id: str
    locations: RunLocations
    source: S3Location
    columns: tuple[Column, ...]
    split: SplitSettings

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> SplitRequest:
        """Read the event of the state machine. Raises RequestError when it is not what it must be."""
        try:
            interactions = event["interactions"]
            return cls(
                scenario=event["scenario"],
                run_id=event["run_id"],
                locations=RunLocations.of(
                    scenario=event["scenario"],
                    run_id=event["run_id"],
                    data_bucket=event["data_bucket"],
                    reports_bucket=event["reports_bucket"],
                ),
                source=S3Location.parse(interactions["location"]),
                columns=columns_of(interactions["schema"]),
                split=split_settings(event["split"]),
            )
        except KeyError as error:
            raise RequestError(
                f"The input of split_data lacks {error}: it is sent by the state machine of the scenario; "
                "deploy the current version of the application."
            ) from error


def split_settings(block: Mapping[str, Any]) -> SplitSettings:
    """Read `{"method": …, "fraction": …}`. Raises RequestError for an unknown method or fraction."""
    method, fraction = block["method"], block["fraction"]
    if method not in get_args(Method):
        raise RequestError(f"Split method {method!r} is unknown: take one of {', '.join(get_args(Method))}.")
    if not isinstance(fraction, int | float) or not 0 < fraction < 1:
        raise RequestError(
            f"The split's fraction is {fraction!r}: take a number between 0 and 1, such as 0.1."
        )
    return SplitSettings(method=method, fraction=float(fraction))
