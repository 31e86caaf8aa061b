"""How the held-out future is cut off and how recommendations are measured against it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.base import SettingsModel

Metric = Literal["precision", "recall", "hit_rate", "map", "mrr", "ndcg"]
Baseline = Literal[
    "popularity",
    "popularity_without_seen",
    "recent_popularity",
    "recent_popularity_without_seen",
    "random_held_out",
    "popular_genres",
    "popular_genres_of_user",
]


class SplitSettings(SettingsModel):
    """What is held out."""

    method: Literal["per_user", "global_time"] = Field(
        default="per_user",
        description="`per_user` holds out the last part of every user's events; `global_time` everything "
        "after one moment, so that nobody's future is in the training part.",
    )
    fraction: float = Field(
        default=0.1,
        gt=0,
        le=0.5,
        description="Share held out: of every user's events (`per_user`) or of the time span "
        "(`global_time`).",
    )


class EvaluationSettings(SettingsModel):
    """What the report says, and how sure it is."""

    cutoffs: tuple[int, ...] = Field(
        default=(5, 10, 25),
        min_length=1,
        max_length=10,
        description="List lengths at which metrics are taken.",
    )
    baselines: tuple[Baseline, ...] = Field(
        default=("popularity", "popularity_without_seen", "recent_popularity"),
        min_length=1,
        description="What the model is compared with; computed from the training part only. "
        "The verdict rests on `popularity_without_seen`, which is always taken along.",
    )
    primary_metric: Metric = Field(default="ndcg", description="The metric that the verdict speaks of.")
    primary_cutoff: int = Field(default=10, description="Its list length; one of `cutoffs`.")
    bootstrap_resamples: int = Field(
        default=1000, ge=100, le=100_000, description="Resamples of users behind every interval."
    )
    confidence: float = Field(default=0.95, ge=0.5, lt=1, description="Coverage of the intervals.")
    seed: int = Field(default=7, ge=0, le=2**32 - 1, description="Seed of the resampling.")
    genre_column: str = Field(
        default="GENRES", description="Column of the items by whose values lists are compared."
    )
    examples: int = Field(
        default=3,
        ge=0,
        le=10,
        description="How many users the report shows with their lists, chosen by a hash of their ids. 0 keeps user ids "
        "out of the page, also those of the pair that a replay tells of.",
    )


class ColdSplitSettings(SplitSettings):
    """Which items count as never seen, and what is known of them."""

    method: Literal["cold_items", "new_items"] = Field(  # type: ignore[assignment]  # narrower on purpose
        default="cold_items",
        description="`cold_items` takes a random share of the items out of the training part; `new_items` those "
        "that nobody had touched before one moment.",
    )
    cold_share: float = Field(
        default=0.5, gt=0, lt=1, description="Share of the items that `cold_items` takes out."
    )
    truth: Literal["future", "all_time"] = Field(
        default="future",
        description="Which interactions with the items taken out count: those of the held-out future, or of all "
        "time (what the published notebook did).",
    )
    seed: int = Field(default=7, ge=0, le=2**32 - 1, description="Seed of the choice of items and users.")
    max_users: int | None = Field(
        default=None, ge=1, description="At most so many users are asked for; a random choice."
    )


COLD_BASELINES: tuple[Baseline, ...] = ("random_held_out", "popular_genres", "popular_genres_of_user")


class ColdEvaluationSettings(EvaluationSettings):
    """The baselines of items that nobody has touched: popularity says nothing about them."""

    baselines: tuple[Baseline, ...] = Field(
        default=COLD_BASELINES,
        min_length=1,
        description="What the model is compared with; computed from the training part only.",
    )
    primary_metric: Metric = Field(default="precision", description="The metric that the verdict speaks of.")


class ReplayEvaluationSettings(EvaluationSettings):
    """How two lists are compared."""

    overlap_k: int = Field(default=25, ge=1, le=500, description="List length of the overlap.")
    rbo_p: float = Field(
        default=0.9,
        gt=0,
        lt=1,
        description="Persistence of rank-biased overlap: the larger, the deeper it looks.",
    )


class CauseSettings(SettingsModel):
    """Which items stand in the table of causes and their neighbours."""

    named: tuple[str, ...] = Field(default=(), max_length=50, description="Item ids that are always shown.")
    popular: int = Field(default=5, ge=0, le=50, description="Items with many interactions.")
    middling: int = Field(
        default=5,
        ge=0,
        le=50,
        description="Items of the fifth in the middle, the same as long as they stay there.",
    )
    rare: int = Field(
        default=5, ge=0, le=50, description="Items of the fifth with fewest interactions, in the same way."
    )


class ReplaySettings(SettingsModel):
    """How one user's events are sent as another's."""

    pairs: int = Field(default=100, ge=1, le=1000, description="Pairs of users.")
    events: int = Field(default=20, ge=1, le=100, description="Events of user B that are sent for user A.")
    counts: tuple[int, ...] = Field(
        default=(0, 1, 2, 5, 10, 20), min_length=2, description="After how many events A is asked again."
    )
    list_length: int = Field(default=25, ge=1, le=500, description="Length of the lists.")
    settle_seconds: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="Pause between an event and the next question: the service promises an effect within seconds.",
    )
    event_type: str = Field(default="watch", min_length=1, max_length=256, description="Type of the events.")
    seed: int = Field(default=7, ge=0, le=2**32 - 1, description="Seed of the choice of pairs.")
