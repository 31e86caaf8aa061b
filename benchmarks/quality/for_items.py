"""Related items: does "you see this because you watched A" predict what comes next?

A user's cause is the last item before the cut. Lists are judged by all held-out items of the user, and by the very
next one alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.asking import LENGTH, Questions
from benchmarks.quality.for_users import AS_RETURNED, WITHOUT_SEEN
from benchmarks.quality.judged import MRR, P10, Judged, codes_of, judged, with_truth
from benchmarks.quality.markdown import interval, percent, table
from benchmarks.quality.recipe_models import trainable
from benchmarks.quality.running import run_job
from benchmarks.quality.splits import Cut, write_tables
from emulator.recipes.catalogue import RELATED_ITEMS
from lambdas.evaluate.baselines import baseline_lists

POPULARITY = "popularity"
NEXT, ANY = "the very next item", "any held-out item"
_BASELINES = {WITHOUT_SEEN: "popularity_without_seen", AS_RETURNED: "popularity"}
_HEAD = (
    "list",
    "MRR@25 [95 %]",
    "P@10 [95 %]",
    "MRR less popularity's, paired [95 %]",
    "P@10 less popularity's, paired [95 %]",
    "users with a higher MRR",
    "lower",
)


@dataclass(frozen=True)
class ItemResults:
    """The judged lists by truth and treatment."""

    judged: Mapping[tuple[str, str], Judged]


def measure_items(cut: Cut, folder: Path) -> ItemResults:
    """Train and ask every recipe of related items."""
    tables, users = write_tables(cut.tables, folder), cut.data.users.to_pylist()
    causes = [cut.causes[user] for user in users]
    questions = {
        WITHOUT_SEEN: Questions(users, items=causes, removed=cut.seen()),
        AS_RETURNED: Questions(users, items=causes),
    }
    files = {WITHOUT_SEEN: "removed", AS_RETURNED: "returned"}
    ran = {
        name: run_job(name, tables, {files[key]: asked for key, asked in questions.items()})
        for name in trainable(RELATED_ITEMS, cut.tables)
    }
    truths = {NEXT: with_truth(cut.data, [items[:1] for items in cut.future()]), ANY: cut.data}
    found = {}
    for truth, data in truths.items():
        for treatment, baseline in _BASELINES.items():
            lists = {POPULARITY: baseline_lists(baseline, cut.data, LENGTH)}
            lists |= {name: codes_of(each.lists[files[treatment]], cut.data) for name, each in ran.items()}
            found[truth, treatment] = judged(lists, data)
    return ItemResults(found)


def item_tables(results: ItemResults) -> str:
    """One table for each truth and treatment."""
    return "\n\n".join(
        f"Truth: {truth}; {treatment}:\n\n{table(_HEAD, [_row(found, name) for name in found.values])}"
        for (truth, treatment), found in results.judged.items()
    )


def _row(found: Judged, name: str) -> list[str]:
    cells = [name, interval(found.estimate(name, MRR)), interval(found.estimate(name, P10))]
    if name == POPULARITY:
        return [*cells, "", "", "", ""]
    changes = [
        interval(found.difference(name, POPULARITY, column).absolute, signed=True) for column in (MRR, P10)
    ]
    return [*cells, *changes, *map(percent, found.better(name, POPULARITY, MRR))]
