"""What the report says about metrics, lists and the service's figures, in words."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.evaluate.baselines import BASELINE_LABELS
from lambdas.evaluate.evaluation import AS_RETURNED, MODEL, ListName
from lambdas.evaluate.numbers import percent_text, value_text

LIST_LABELS = {AS_RETURNED: "as returned", "without_seen": "without seen"}


def list_label(name: ListName) -> str:
    """How a list is written: `model without seen`, `recent popularity`."""
    if name.source == MODEL:
        return f"model {LIST_LABELS[name.treatment]}"
    return BASELINE_LABELS[name.source]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A metric for readers: the question it answers, how it is computed, and its odd cases."""

    metric: str
    question: str
    formula: str
    odd_cases: str


EXPLANATIONS = (
    Explanation(
        "ndcg",
        "Are the right items near the top?",
        "Σ 1/log₂(1 + place) over the hits in the first k, divided by the same sum for an ideal list with "
        "min(k, held-out items) hits in front.",
        "1 is the best that was possible for this user. A user without held-out items is left out.",
    ),
    Explanation(
        "precision",
        "How many of the k places are hits?",
        "hits in the first k / k.",
        "Missing places of a short list count as misses.",
    ),
    Explanation(
        "recall",
        "How much of what the user did next was recommended?",
        "hits in the first k / held-out items.",
        "Cannot reach 1 for users with more than k held-out items.",
    ),
    Explanation(
        "hit_rate",
        "Does the user find anything?",
        "1 with at least one hit in the first k, else 0.",
        "The mean is the share of users with a hit.",
    ),
    Explanation(
        "map",
        "Are hits early, and are there many?",
        "sum of the precision at the place of every hit in the first k / min(k, held-out items).",
        "TREC's map_cut divides by all held-out items instead.",
    ),
    Explanation(
        "mrr",
        "How far down is the first hit?",
        "1 / place of the best-placed hit in the first k, 0 without one.",
        "Published figures use the longest cut-off.",
    ),
    Explanation(
        "ndcg_of_hits",
        "Only to compare with Amazon's sample notebooks of 2019.",
        "as NDCG, but the ideal list is made of the hits in the returned list, and the first two places weigh "
        "the same.",
        "One hit in front scores 1 whatever was missed: do not choose models by it.",
    ),
    Explanation(
        "popular_share",
        "How much of the list is what everybody gets?",
        "recommended items in the first k that belong to the popular head / items in the first k.",
        "The popular head: the fewest items that together hold 20 % of the training interactions. Neither high "
        "nor low is better. A user with an empty list is left out.",
    ),
    Explanation(
        "coverage",
        "How much of the catalogue does anybody see?",
        "distinct training items in the first k of all lists / all training items.",
        "A figure of all lists together. Resampling users would always lower it, so it has no interval.",
    ),
)

# The service's names (GetSolutionMetrics) beside ours, where they mean nearly the same.
SERVICE_COUNTERPARTS = {
    "coverage": "coverage",
    "mean_reciprocal_rank_at": "mrr",
    "normalized_discounted_cumulative_gain_at": "ndcg_of_hits",
    "precision_at": "precision",
}


def signed_percent(value: float | None) -> str:
    """A relative difference: `+94 %`."""
    return percent_text(value, signed=True)


def signed_value(value: float | None) -> str:
    """An absolute difference: `+0.0692`."""
    return value_text(value, signed=True)
