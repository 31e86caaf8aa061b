"""Recommendations for users: every recipe and every peer on the last tenth of every user's interactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.asking import Questions
from benchmarks.quality.job import Cost
from benchmarks.quality.judged import MRR, P10, Column, Judged, codes_of, judged
from benchmarks.quality.markdown import interval, share, table
from benchmarks.quality.peers import PEERS
from benchmarks.quality.recipe_models import trainable
from benchmarks.quality.running import run_job
from benchmarks.quality.splits import Cut, write_tables
from emulator.recipes.catalogue import USER_PERSONALIZATION

WITHOUT_SEEN, AS_RETURNED = "without seen", "nothing removed"
_NDCG, _NDCG_OF_HITS, _RECALL = ("ndcg", 10), ("ndcg_of_hits", 10), ("recall", 25)
_HEAD = (
    "model",
    "MRR [95 %]",
    "P@10 [95 %]",
    "NDCG@10",
    "notebooks' NDCG@10",
    "recall@25",
    "MRR less that of {reference}, paired [95 %]",
)
# MovieLens-1M, from the report of Amazon's sample notebooks of 2019: MRR, P@10 and their NDCG@10.
PUBLISHED = {
    WITHOUT_SEEN: {
        "aws-hrnn, published": (0.3455, 0.1480, 0.3420),
        "popularity, published": (0.1476, 0.0560, 0.1409),
    },
    AS_RETURNED: {
        "aws-hrnn, published": (0.2776, 0.1091, 0.2485),
        "popularity, published": (0.0644, 0.0201, 0.0655),
    },
}
ML_1M_ROWS = 1_000_209


@dataclass(frozen=True)
class UserResults:
    """By treatment the judged lists of all models; what each model cost; and which models have equal lists."""

    judged: Mapping[str, Judged]
    costs: Mapping[str, Cost]
    same: Mapping[str, str]


def measure_users(cut: Cut, folder: Path, peers: Sequence[str], seconds: float) -> UserResults:
    """Train and ask every model, one after the other."""
    tables = write_tables(cut.tables, folder)
    users = cut.data.users.to_pylist()
    questions = {"removed": Questions(users, removed=cut.seen()), "returned": Questions(users)}
    names = [*trainable(USER_PERSONALIZATION, cut.tables), *peers]
    ran = {name: run_job(name, tables, questions, seconds) for name in names}
    same = dict(_repeated({name: each.lists for name, each in ran.items()}))
    treatments = {WITHOUT_SEEN: "removed", AS_RETURNED: "returned"}
    return UserResults(
        {
            treatment: judged(
                {name: codes_of(each.lists[key], cut.data) for name, each in ran.items()}, cut.data
            )
            for treatment, key in treatments.items()
        },
        {name: each.cost for name, each in ran.items()},
        same,
    )


def user_tables(results: UserResults, *, published: bool) -> str:
    """Quality by treatment, then cost. published: whether the data are those of the published figures."""
    shown = [name for name in results.costs if name not in results.same]
    reference = max(
        (name for name in shown if name not in PEERS),
        key=lambda name: results.judged[WITHOUT_SEEN].estimate(name, MRR).value or 0.0,
    )
    parts = []
    for treatment, found in results.judged.items():
        rows = [_row(found, name, reference) for name in shown]
        if published:
            rows += [
                [name, share(mrr), share(p10), "n/a", share(ndcg), "n/a", "n/a"]
                for name, (mrr, p10, ndcg) in PUBLISHED[treatment].items()
            ]
        head = [cell.format(reference=reference) for cell in _HEAD]
        parts.append(f"Lists of 25, {treatment}:\n\n{table(head, rows)}")
    if published:
        parts.append(
            "Published: quoted from the notebooks, on their own split of MovieLens-1M, not measured here."
        )
    costs = [
        [label(name), f"{cost.training:.1f}", f"{cost.p50:.2f}", f"{cost.p99:.2f}", f"{cost.peak / 1e6:,.0f}"]
        for name, cost in results.costs.items()
    ]
    parts.append(table(("model", "training, s", "request p50, ms", "p99, ms", "peak MB"), costs))
    parts += [f"{name} gives the same lists as {other}." for name, other in results.same.items()]
    return "\n\n".join(parts)


def label(name: str) -> str:
    """How a model is called in tables."""
    return PEERS[name].label if name in PEERS else name


def _row(found: Judged, name: str, reference: str) -> list[str]:
    def value(column: Column) -> str:
        return share(found.estimate(name, column).value)

    change = (
        "" if name == reference else interval(found.difference(name, reference, MRR).absolute, signed=True)
    )
    return [
        label(name),
        interval(found.estimate(name, MRR)),
        interval(found.estimate(name, P10)),
        value(_NDCG),
        value(_NDCG_OF_HITS),
        value(_RECALL),
        change,
    ]


def _repeated(lists: Mapping[str, Mapping[str, list[list[str]]]]) -> Iterator[tuple[str, str]]:
    """Models whose lists an earlier one has, and that one."""
    names = list(lists)
    for place, name in enumerate(names):
        for earlier in names[:place]:
            if lists[earlier] == lists[name]:
                yield name, earlier
                break
