"""Made-up interactions and recommendations of any size, from a seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

_FIRST, _LAST = 800_000_000, 1_600_000_000
_USERS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make. Each user has at least two events; items are popular by a power law."""

    rows: int
    users: int
    items: int
    answers: int
    seed: int = 7

    @property
    def name(self) -> str:
        """A name for the folder of these data."""
        return f"{self.rows}-{self.users}-{self.items}-{self.answers}-{self.seed}"


def interactions_table(size: Size) -> pa.Table:
    """USER_ID, ITEM_ID and TIMESTAMP in random order; ids are numbers from 1."""
    random = np.random.default_rng(size.seed)
    weights = random.lognormal(0, 1.1, size.users)
    events = 2 + random.multinomial(size.rows - 2 * size.users, weights / weights.sum())
    users = random.permutation(np.repeat(np.arange(size.users, dtype=np.int32), events))
    times = random.integers(_FIRST, _LAST, size.rows)
    return pa.table(
        {
            "USER_ID": pa.array(users + 1),
            "ITEM_ID": pa.array(_popular(random, size, size.rows) + 1),
            "TIMESTAMP": pa.array(times),
        }
    )


def write_interactions(size: Size, path: Path) -> None:
    """Write the table of interactions as CSV. Ids are numbers because the notebook's code casts them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as target:
        target.write(b"USER_ID,ITEM_ID,TIMESTAMP\n")
        pa_csv.write_csv(interactions_table(size), target, pa_csv.WriteOptions(include_header=False))
    unfinished.replace(path)


def write_items(size: Size, path: Path) -> None:
    """Write ITEM_ID, TITLE and GENRES of every item."""
    genres = ("Comedy", "Drama|War", "Crime", "Drama", "Horror")
    rows = [f"{n},Number {n} of all,{genres[n % len(genres)]}\n" for n in range(1, size.items + 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text("".join(["ITEM_ID,TITLE,GENRES\n", *rows]), encoding="utf-8")
    unfinished.replace(path)


def write_answers(size: Size, path: Path) -> None:
    """Write a batch job's output line for every user: popular items, best first, none twice."""
    random = np.random.default_rng(size.seed + 1)
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as lines:
        for first in range(1, size.users + 1, _USERS_AT_ONCE):
            users = range(first, min(first + _USERS_AT_ONCE, size.users + 1))
            drawn = _popular(random, size, 2 * size.answers * len(users)).reshape(len(users), -1) + 1
            for user, items in zip(users, drawn.tolist(), strict=True):
                ranked = list(dict.fromkeys(items))[: size.answers]
                answer = {"recommendedItems": list(map(str, ranked))}
                line = {"input": {"userId": str(user)}, "output": answer, "error": None}
                lines.write(json.dumps(line) + "\n")
    unfinished.replace(path)


def _popular(random: np.random.Generator, size: Size, count: int) -> NDArray[np.int32]:
    """Items drawn by Zipf's law with exponent 0.9."""
    popularity = np.arange(1, size.items + 1) ** -0.9
    running = np.cumsum(popularity)
    items: NDArray[np.int32] = np.searchsorted(running, random.random(count) * running[-1]).astype(np.int32)
    return items
