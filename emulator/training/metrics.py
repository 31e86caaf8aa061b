"""The service's own metrics, by its own definitions (not the usual ones in every case)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CUTOFFS = (5, 10, 25)
LIST_LENGTH = 25


def hits(items: NDArray[np.int32], truths: Sequence[NDArray[np.int32]]) -> NDArray[np.bool_]:
    """Which recommended items are among the truth: (requests, LIST_LENGTH), short lists filled with misses."""
    found = np.zeros((len(items), LIST_LENGTH), dtype=bool)
    for request, (row, truth) in enumerate(zip(items, truths, strict=True)):
        top = row[:LIST_LENGTH]
        found[request, : len(top)] = np.isin(top, truth)
    return found


def mean_reciprocal_rank(found: NDArray[np.bool_]) -> float:
    """Mean over requests of 1 / position of the first hit; 0 for a list without hit."""
    first = found.argmax(axis=1) + 1
    return float(np.mean(np.where(found.any(axis=1), 1.0 / first, 0.0)))


def precision(found: NDArray[np.bool_], k: int) -> float:
    """Mean over requests of hits in the top k over k, however short the list."""
    return float(np.mean(found[:, :k].sum(axis=1) / k))


def normalized_discounted_cumulative_gain(found: NDArray[np.bool_], k: int) -> float:
    """DCG with weight 1 / log(1 + position) over that of as many leading positions as there are hits in the top k.

    That is the service's normalisation; the usual one divides by what could have been hit. 0 without hit.
    """
    return float(np.mean(gains(found, k)))


def gains(found: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """The same for each request: (requests,)."""
    weights = 1.0 / np.log(np.arange(2, k + 2))
    gained = found[:, :k] @ weights
    ideal = np.concatenate([[1.0], np.cumsum(weights)])[found[:, :k].sum(axis=1)]
    each: NDArray[np.float64] = gained / ideal
    return each


def service_metrics(found: NDArray[np.bool_], coverage: float) -> dict[str, float]:
    """The keys of GetSolutionMetrics for item recipes, rounded to four decimals as the service does.

    found: hits of the test users' lists. coverage: see `covered_share`. Without any test user the means are 0.
    """
    if not len(found):
        found = np.zeros((1, LIST_LENGTH), dtype=bool)
    metrics = {"coverage": coverage, "mean_reciprocal_rank_at_25": mean_reciprocal_rank(found)}
    for k in CUTOFFS:
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = normalized_discounted_cumulative_gain(
            found, k
        )
    for k in CUTOFFS:
        metrics[f"precision_at_{k}"] = precision(found, k)
    return {key: round(value, 4) for key, value in metrics.items()}


def weighted_gains(
    items: NDArray[np.int32],
    truths: Sequence[NDArray[np.int32]],
    weights: Sequence[NDArray[np.float32]],
) -> dict[str, float]:
    """`normalized_discounted_cumulative_gain_with_event_weights_at_…`, rounded: a hit gains the weight of its event.

    Of several events of an item the heaviest counts. As without weights, a list is compared with its own hits in the
    best order, so a factor common to all weights changes nothing. The service's guide names the key with `at_k`.
    """
    gained = np.zeros((len(items), LIST_LENGTH))
    for request, (row, truth, each) in enumerate(zip(items, truths, weights, strict=True)):
        heaviest: dict[int, float] = {}
        for item, weight in zip(truth.tolist(), each.tolist(), strict=True):
            heaviest[item] = max(weight, heaviest.get(item, 0.0))
        top = row[:LIST_LENGTH].tolist()
        gained[request, : len(top)] = [heaviest.get(item, 0.0) for item in top]
    metrics = {}
    for k in CUTOFFS:
        discounts = 1.0 / np.log(np.arange(2, k + 2))
        ideal = -np.sort(-gained[:, :k], axis=1) @ discounts
        each = np.divide(gained[:, :k] @ discounts, ideal, out=np.zeros(len(gained)), where=ideal > 0)
        mean = float(each.mean()) if len(each) else 0.0
        metrics[f"normalized_discounted_cumulative_gain_with_event_weights_at_{k}"] = round(mean, 4)
    return metrics


def covered_share(items: NDArray[np.int32], n_items: int) -> float:
    """Distinct items in the given lists (negative codes are empty places) over the items of the dataset."""
    return len(np.unique(items[items >= 0])) / max(1, n_items)


def segment_metrics(
    segments: Sequence[NDArray[np.int32]], truths: Sequence[NDArray[np.int32]], n_users: int
) -> dict[str, float]:
    """The keys of GetSolutionMetrics for user segments, rounded to four decimals as the service does.

    segments, truths: user codes, a pair for each query; a segment is the one percent of the users that the model finds
    likeliest, a truth is not empty. hits_at_1_percent: mean number of users of a segment who are in the truth, so it
    grows with the data. recall_at_1_percent: mean share of the truth that is in the segment. coverage: distinct users
    in any segment over all users. Without queries all are 0.
    """
    found = np.array([np.isin(*pair).sum() for pair in zip(segments, truths, strict=True)], float)
    true = np.array([len(truth) for truth in truths], float)
    seen = len(np.unique(np.concatenate(segments))) if segments else 0
    metrics = {
        "coverage": seen / max(1, n_users),
        "hits_at_1_percent": float(found.mean()) if segments else 0.0,
        "recall_at_1_percent": float((found / true).mean()) if segments else 0.0,
    }
    return {key: round(value, 4) for key, value in metrics.items()}
