"""Whether a split can be trained on and judged, by the minima of the service and by common sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.split_data.measures import Measures, unlikely_times
from lambdas.split_data.problems import Notice, Problem, warning_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.split_data.settings import SplitSettings

# What Personalize demands of the data that it trains on.
MIN_INTERACTIONS = 1_000
MIN_ACTIVE_USERS = 25
MIN_ACTIVE_SHARE = 0.01
# What it advises.
ADVISED_INTERACTIONS = 50_000
ADVISED_ACTIVE_USERS = 1_000

_TRAINING = "training part"


def training_problems(measures: Measures, settings: SplitSettings) -> list[Problem]:
    """Why Personalize would refuse to train on the split, or why nothing could be evaluated."""
    return [*_below_minima(measures), *_nothing_to_judge(measures, settings)]


def _below_minima(measures: Measures) -> Iterator[Problem]:
    counts = measures.counts
    interactions, users = counts["train_interactions"], counts["train_users"]
    active = int((measures.user_past >= 2).sum())
    if interactions < MIN_INTERACTIONS:
        yield Problem(
            _TRAINING,
            f"{interactions:,} interactions of {counts['interactions']:,} are left to train on, and "
            f"Personalize needs {MIN_INTERACTIONS:,}",
            "Add data, or hold out a smaller fraction.",
        )
    if active < MIN_ACTIVE_USERS:
        yield Problem(
            _TRAINING,
            f"{active:,} of {users:,} users have two interactions or more, and Personalize needs "
            f"{MIN_ACTIVE_USERS}",
            "Add data of more users, and check that USER_ID holds the user and not the session or event.",
        )
    elif active < MIN_ACTIVE_SHARE * users:
        yield Problem(
            _TRAINING,
            f"{active:,} of {users:,} users have two interactions or more, and Personalize needs "
            f"{MIN_ACTIVE_SHARE:.0%}",
            "Check that USER_ID holds the user and not the session or event.",
        )


def _nothing_to_judge(measures: Measures, settings: SplitSettings) -> Iterator[Problem]:
    if len(measures.query_users):
        return
    if measures.split.cold is not None:
        yield _nothing_cold(measures, int(measures.split.cold.sum()), settings)
        return
    held = int(measures.split.held.sum())
    what = "none of its users has a past" if held else "no event falls into it"
    yield Problem(
        "held-out part",
        f"{what}, so there is nothing to evaluate (split {settings.method}, fraction {settings.fraction:g})",
        "Hold out a larger fraction, or split the other way.",
    )


def _nothing_cold(measures: Measures, cold: int, settings: SplitSettings) -> Problem:
    """Why held-out items, `cold` in number, leave nobody to judge."""
    told = f"split {settings.method}, fraction {settings.fraction:g}"
    if settings.method == "cold_items":
        told += f", cold_share {settings.cold_share:g}, truth {settings.truth}"
    if cold:
        touched = int(measures.split.held.sum())
        whom = "only users without a past do" if touched else "nobody does"
        return Problem(
            "held-out part",
            f"no held-out user touches one of the {cold:,} held-out items ({whom}; {told}), so there is "
            "nothing to evaluate",
            "Hold out a larger fraction of the events or share of the items, or take truth all_time.",
        )
    what = (
        "no item is first seen after the cut"
        if settings.method == "new_items"
        else "the share of the items comes to none"
    )
    return Problem(
        "held-out part",
        f"{what} ({told}; where there is an items dataset, only items that stand in it count)",
        "Hold out a larger fraction or share, and check that the datasets spell item ids alike.",
    )


def warnings(measures: Measures, now: int) -> list[dict[str, Any]]:
    """What does not stop a run but should be known, each with a code, a count and a sentence."""
    counts = measures.counts
    early, late = unlikely_times(measures.histories, now)
    active = int((measures.user_past >= 2).sum())
    single = int((measures.user_events == 1).sum())
    told = (
        ("duplicates", counts["duplicates"], "rows equal another row in every column and were left out"),
        ("times_in_1970", early, "rows are dated 1970 or before: a missing time may have been written as 0"),
        (
            "times_in_future",
            late,
            "rows are dated later than tomorrow: check the clock or unit of the source",
        ),
        (
            "users_with_one_event",
            single,
            "users have a single event: they are trained on or new, never judged by it",
        ),
        (
            "holdout_users_without_past",
            counts["holdout_users_without_past"],
            "users occur in the future only: they are not evaluated",
        ),
        (
            "few_interactions",
            counts["train_interactions"] if counts["train_interactions"] < ADVISED_INTERACTIONS else 0,
            f"interactions to train on; Personalize advises {ADVISED_INTERACTIONS:,} or more",
        ),
        (
            "few_users",
            active if active < ADVISED_ACTIVE_USERS else 0,
            f"users to train on have two interactions; Personalize advises {ADVISED_ACTIVE_USERS:,} or more",
        ),
    )
    return warning_documents(Notice(*notice) for notice in told)
