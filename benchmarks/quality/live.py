"""Live events: the first half of every user's held-out events arrives after the training, the second is predicted.

Three answers to them: none (the model and the histories stay as they were trained), longer histories (the model stays,
the events are at the end of what it looks at), and a model trained anew with them. What a user had until then is in
none of the lists.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from benchmarks.quality.asking import Questions
from benchmarks.quality.judged import MRR, P10, Judged, codes_of, for_users, judged, with_truth
from benchmarks.quality.markdown import interval, table
from benchmarks.quality.running import run_job
from benchmarks.quality.splits import Cut, write_tables
from lambdas.reports.estimates import Estimate

RECIPES = ("aws-user-personalization-v2", "aws-user-personalization")
STALE, FOLDED, RETRAINED = "stale", "events folded in", "trained anew"


@dataclass(frozen=True)
class LiveResults:
    """By recipe the judged lists of the three answers. users: who have a second half."""

    users: int
    judged: dict[str, Judged]


def measure_live(cut: Cut, folder: Path) -> LiveResults:
    """Train every recipe twice."""
    future = dict(zip(cut.data.users.to_pylist(), cut.future(), strict=True))
    seen = dict(zip(future, cut.seen(), strict=True))
    users = [user for user, items in future.items() if len(items) >= 2]
    early = {user: future[user][: len(future[user]) // 2] for user in users}
    removed = [seen[user] + early[user] for user in users]
    questions = {
        STALE: Questions(users, removed=removed),
        FOLDED: Questions(users, recent=[early[user] for user in users], removed=removed),
        RETRAINED: Questions(users, removed=removed),
    }
    before = write_tables(cut.tables, folder / "before")
    after = write_tables(
        replace(
            cut.tables,
            interactions=pa.concat_tables(
                [cut.tables.interactions, _rows(cut, early)], promote_options="default"
            ),
        ),
        folder / "after",
    )
    data = for_users(with_truth(cut.data, [items[len(items) // 2 :] for items in future.values()]), users)
    found = {}
    for recipe in RECIPES:
        old = run_job(recipe, before, {"stale": questions[STALE], "folded": questions[FOLDED]})
        new = run_job(recipe, after, {"retrained": questions[RETRAINED]})
        lists = {STALE: old.lists["stale"], FOLDED: old.lists["folded"], RETRAINED: new.lists["retrained"]}
        found[recipe] = judged({name: codes_of(each, data) for name, each in lists.items()}, data)
    return LiveResults(len(users), found)


def live_table(results: LiveResults) -> str:
    """One row for each answer of each recipe."""
    rows = []
    for recipe, found in results.judged.items():
        for name in (STALE, FOLDED, RETRAINED):
            of_retrained = share_of(found, name, RETRAINED)
            rows.append(
                [
                    recipe,
                    name,
                    interval(found.estimate(name, MRR)),
                    interval(found.estimate(name, P10)),
                    of_retrained,
                ]
            )
    head = (
        "recipe",
        "answer to the events",
        "MRR [95 %]",
        "P@10 [95 %]",
        "share of the MRR when trained anew [95 %]",
    )
    return table(head, rows)


def share_of(found: Judged, name: str, other: str) -> str:
    """The one's MRR divided by the other's, with the interval of the paired ratio."""
    relative = found.difference(name, other, MRR).relative
    figures = (relative.value, relative.low, relative.high)
    return interval(Estimate(*(None if figure is None else 1 + figure for figure in figures)))


def _rows(cut: Cut, items: dict[str, list[str]]) -> pa.Table:
    """The held-out interactions of each user that are the first of the user's, as many as there are items."""
    place, kept = dict.fromkeys(items, 0), []
    for row, user in enumerate(cut.held["USER_ID"].to_pylist()):
        if user in place and place[user] < len(items[user]):
            place[user] += 1
            kept.append(row)
    return cut.held.take(kept)
