"""What metrics and lists are called in print: the one place for the tasks that measure and for readers of their files.

Names that are not here, of a later version or of a variant, are printed as they are.
"""

from __future__ import annotations

METRIC_LABELS = {
    "ndcg": "NDCG",
    "precision": "Precision",
    "recall": "Recall",
    "hit_rate": "Hit rate",
    "map": "MAP",
    "mrr": "MRR",
    "ndcg_of_hits": "NDCG of hits",
    "popular_share": "Popular share",
    "coverage": "Coverage",
    "genre_agreement": "Genre agreement",
    "overlap": "Overlap",
    "rbo": "Rank-biased overlap",
}

# The others describe lists; neither more nor less of them is better.
HIGHER_IS_BETTER = frozenset(
    {"ndcg", "precision", "recall", "hit_rate", "map", "mrr", "ndcg_of_hits", "overlap", "rbo"}
)

BASELINE_LABELS = {
    "popularity": "popularity",
    "popularity_without_seen": "popularity without seen",
    "recent_popularity": "recent popularity",
    "recent_popularity_without_seen": "recent popularity without seen",
    "random_held_out": "random held-out items",
    "popular_genres": "popular genres",
    "popular_genres_of_user": "popular genres of the user",
    "no_events": "before any event",
}
SOURCE_LABELS = {"model": "model", "replay": "after all events", **BASELINE_LABELS}


def metric_label(metric: str, k: int, kind: str = "users") -> str:
    """How a metric is written: `NDCG@10`, `cold-item NDCG@10` where all relevant items are cold.

    kind: of the evaluation, as metrics.json spells it.
    """
    name = f"{METRIC_LABELS.get(metric, metric.replace('_', ' '))}@{k}"
    if kind != "cold_items" or not (metric in HIGHER_IS_BETTER or metric == "coverage"):
        return name
    return f"cold-item {name if name[1].isupper() else name[0].lower() + name[1:]}"


def source_label(source: str) -> str:
    """How a list's source is written: a baseline, or a variant's name with spaces."""
    return SOURCE_LABELS.get(source, source.replace("_", " "))
