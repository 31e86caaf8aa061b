"""What the report says about metrics, lists and the service's figures, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.lists import AS_RETURNED, MODEL, REPLAY, WITHOUT_SEEN, ListName
from lambdas.evaluate.settings import Kind
from lambdas.reports.names import source_label
from lambdas.reports.numbers import count_text, percent_text

if TYPE_CHECKING:
    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.verdict import Verdict

LIST_LABELS = {AS_RETURNED: "as returned", WITHOUT_SEEN: "without seen"}


def list_label(name: ListName) -> str:
    """How a list is written: `model without seen`, `explore 0.3 (without seen)`, `recent popularity`."""
    if name.is_baseline or name.source == REPLAY:
        return source_label(name.source)
    if name.source == MODEL:
        return f"model {LIST_LABELS[name.treatment]}"
    return f"{variant_label(name.source)} ({LIST_LABELS[name.treatment]})"


def short_label(name: ListName) -> str:
    """How a list is written where only one list of every variant is told: `model without seen`, `explore 0.3`."""
    return (
        list_label(name) if name.is_baseline or name.source in {MODEL, REPLAY} else variant_label(name.source)
    )


def variant_label(name: str) -> str:
    """How a variant is written: `explore 0.3`."""
    return name.replace("_", " ")


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
        "A figure of all lists together. Resampling users would always lower it, so it has no interval. Where only "
        "cold items can be recommended, it is of these instead of the training items.",
    ),
    Explanation(
        "genre_agreement",
        "Is the list made of the genres that the user's history is made of?",
        "1 \u2212 √(Jensen-Shannon divergence, base 2) of two distributions over genres: of the user's training "
        "items and of the recommended items in the first k. An item's genres share its weight equally.",
        "1: the same mixture; 0: no genre in common. Items without a genre are left out; a user with no genre on "
        "either side is left out. Neither high nor low is better by itself.",
    ),
    Explanation(
        "overlap",
        "How much of B's list does A's list share?",
        "items that both lists have in their first k places / k.",
        "The order within k does not matter. A short list is still divided by k. A pair whose B has an empty list is "
        "left out.",
    ),
    Explanation(
        "rbo",
        "Do the two lists share items near the top?",
        "extrapolated rank-biased overlap (Webber, Moffat and Zobel 2010) with the persistence p of the settings: "
        "agreement at every depth d, weighted by p to the power of d.",
        "1 for equal lists, 0 without a common item. With p = 0.9 the first ten places have 86 % of the weight.",
    ),
)

_LISTS_OF = {
    Kind.USERS: "lists without the items a user has already seen",
    Kind.RELATED_ITEMS: "the items that go with what a user touched last, without those already seen",
    Kind.COLD_ITEMS: "lists of items that nobody had touched when the model was trained",
}
_RIVALS = {
    "popularity_without_seen": "popularity without seen items",
    "popular_genres": "the cold items of the most popular genres, the same for everybody",
    "random_held_out": "random cold items",
}

# The service's names (GetSolutionMetrics) beside ours, where they mean nearly the same.
SERVICE_COUNTERPARTS = {
    "coverage": "coverage",
    "mean_reciprocal_rank_at": "mrr",
    "normalized_discounted_cumulative_gain_at": "ndcg_of_hits",
    "precision_at": "precision",
}


def comparison_text(comparison: Comparison, verdict: Verdict) -> str:
    """What the verdict compares, for the lines below it."""
    metric = comparison.label(verdict.metric, verdict.cutoff)
    mine, rival = short_label(verdict.primary), short_label(verdict.rival)
    return (
        f"Compared in {metric}, the metric chosen in the settings: {_LISTS_OF[comparison.settings.kind]} ({mine}), "
        f"against {_RIVALS.get(verdict.rival.source, rival)}. {_interval_of(comparison, verdict, 'user')}"
    )


def replay_text(comparison: Comparison, verdict: Verdict) -> str:
    """What the verdict of a replay compares."""
    k = verdict.cutoff
    return (
        "User A is sent the events of user B, one after the other, and is asked for recommendations in between. "
        f"Compared is how many of the first {k} items of B's list are among the first {k} of A's: after all events, "
        f"against before any. {_interval_of(comparison, verdict, 'pair')}"
    )


def _interval_of(comparison: Comparison, verdict: Verdict, noun: str) -> str:
    confidence = percent_text(comparison.settings.confidence)
    return f"The interval is a {confidence} bootstrap interval over {count_text(verdict.users, noun)}."
