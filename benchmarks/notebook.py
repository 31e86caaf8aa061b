"""What is compared with: the way of Amazon's sample notebooks, in plain pandas and Python loops.

    python -m benchmarks.notebook split INTERACTIONS FOLDER
    python -m benchmarks.notebook metrics FOLDER ANSWERS USERS

`metrics` judges the lists of the first USERS users and prints the seconds that this took, without the reading.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

_LENGTH = 25
_CUTOFFS = (5, 10, 25)


def split(interactions: Path, folder: Path) -> None:
    """Hold out the last tenth of every user's events by rank."""
    frame = pd.read_csv(interactions)
    ranks = frame.groupby("USER_ID")["TIMESTAMP"].rank(pct=True, method="first")
    frame[ranks <= 0.9].to_csv(folder / "train.csv", index=False)
    frame[ranks > 0.9].to_csv(folder / "holdout.csv", index=False)


def metrics(folder: Path, answers: Path, users: int) -> None:
    """Judge each user's list, as returned and without seen items, one user and one metric at a time."""
    holdout = pd.read_csv(folder / "holdout.csv")
    train = pd.read_csv(folder / "train.csv")
    with answers.open(encoding="utf-8") as lines:
        records = (json.loads(line) for line in islice(lines, users))
        lists = {int(record["input"]["userId"]): record["output"]["recommendedItems"] for record in records}
    started = time.perf_counter()
    seen = train[train["USER_ID"].isin(lists)].groupby("USER_ID")["ITEM_ID"].apply(set)
    future = holdout[holdout["USER_ID"].isin(lists)].groupby("USER_ID")["ITEM_ID"]
    returned, unseen = [], []
    for key, items in future:
        user = int(str(key))
        wanted = items.to_numpy()
        ranked = [int(item) for item in lists[user]]
        fresh = [item for item in ranked if item not in seen[user]]
        padded = fresh + [item for item in ranked if item in seen[user]]
        returned.append([int(item in wanted) for item in ranked[:_LENGTH]])
        unseen.append([int(item in wanted) for item in padded[:_LENGTH]])
    for relevances in (returned, unseen):
        np.mean([_reciprocal_rank(relevance) for relevance in relevances])
        for cutoff in _CUTOFFS:
            np.mean([np.mean(relevance[:cutoff]) for relevance in relevances])
            np.mean([_ndcg(relevance, cutoff) for relevance in relevances])
    print(time.perf_counter() - started)


def _reciprocal_rank(relevance: Sequence[int]) -> float:
    hits = np.flatnonzero(relevance)
    return 1.0 / (1 + hits[0]) if len(hits) else 0.0


def _ndcg(relevance: Sequence[int], cutoff: int) -> float:
    """The notebooks' variant: normalised by the hits in the list."""
    ideal = _dcg(sorted(relevance, reverse=True)[:cutoff])
    return _dcg(relevance[:cutoff]) / ideal if ideal else 0.0


def _dcg(relevance: Sequence[int]) -> float:
    return float(np.sum(np.asarray(relevance) / np.log2(np.arange(2, len(relevance) + 2))))


if __name__ == "__main__":
    if sys.argv[1] == "split":
        split(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        metrics(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
