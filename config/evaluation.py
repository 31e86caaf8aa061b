"""How the held-out future is cut off and how recommendations are measured against it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.base import SettingsModel

Metric = Literal["precision", "recall", "hit_rate", "map", "mrr", "ndcg"]
Baseline = Literal[
    "popularity", "popularity_without_seen", "recent_popularity", "recent_popularity_without_seen"
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
