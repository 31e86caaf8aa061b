"""The evaluation itself: files in, values with intervals out. Knows no S3, no Lambda and no page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.baselines import baseline_lists
from lambdas.evaluate.bootstrap import Difference, Estimate, SampledMean, resampled_means
from lambdas.evaluate.interactions import EvaluationData, read_data
from lambdas.evaluate.metrics import COVERAGE, USER_METRICS, JudgedLists, coverage
from lambdas.evaluate.recommendations import Recommendations, read_recommendations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lambdas.evaluate.request import EvaluationSettings

MODEL = "model"
AS_RETURNED = "as_returned"
WITHOUT_SEEN = "without_seen"


@dataclass(frozen=True, slots=True)
class ListName:
    """Which lists: whose (`model`, or a baseline's name), and with or without the items a user has seen."""

    source: str
    treatment: str

    @property
    def column(self) -> str:
        """The prefix of this list's columns in per_user.parquet."""
        return f"{self.source}_{self.treatment}" if self.source == MODEL else self.source


MODEL_LISTS = (ListName(MODEL, WITHOUT_SEEN), ListName(MODEL, AS_RETURNED))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured.

    lists: the model's two lists, then the baselines.
    columns: (metric, k) of every column of `per_user`.
    per_user: for every list the users' values, shape (users, columns), NaN where undefined.
    values, users: for every (list, metric, k) the mean with its interval, and over how many users it is.
    differences: for every (model list, baseline list, metric, k).
    """

    settings: EvaluationSettings
    data: EvaluationData
    recommendations: Recommendations
    lists: tuple[ListName, ...]
    columns: tuple[tuple[str, int], ...]
    per_user: Mapping[ListName, NDArray[np.float64]]
    values: Mapping[tuple[ListName, str, int], Estimate]
    users: Mapping[tuple[ListName, str, int], int]
    differences: Mapping[tuple[ListName, ListName, str, int], Difference]
    short_lists: Mapping[ListName, int]
    lists_with_repeats: int
    held_out_items_seen: int

    @property
    def baselines(self) -> tuple[ListName, ...]:
        """The baselines' lists, in the order of the settings."""
        return tuple(name for name in self.lists if name.source != MODEL)


def evaluate_files(
    train: Path, holdout: Path, recommendations: Sequence[Path], settings: EvaluationSettings
) -> Evaluation:
    """Measure batch output against the held-out part, and baselines beside it.

    train: a CSV file, or a folder of them, by Personalize's rules. holdout: a Parquet file or a folder of them.
    recommendations: the batch job's output files (JSON Lines). Raises DataError for files that cannot be used.
    """
    data = read_data(train, holdout)
    return evaluate(data, read_recommendations(recommendations, data, settings.longest), settings)


def evaluate(data: EvaluationData, found: Recommendations, settings: EvaluationSettings) -> Evaluation:
    """Judge the model's lists and the baselines', and put intervals around everything that has one."""
    judged = {name: judge(codes, data) for name, codes in _lists(data, found, settings)}
    columns = tuple((metric, k) for metric in USER_METRICS for k in settings.cutoffs)
    per_user = {name: _user_values(lists, columns) for name, lists in judged.items()}
    means = _sampled_means(per_user, columns, settings) | _coverages(judged, data, settings)
    repeats = _repeated(found.as_returned, len(data.items)).any(axis=1)
    return Evaluation(
        settings=settings,
        data=data,
        recommendations=found,
        lists=tuple(judged),
        columns=columns,
        per_user=per_user,
        values={key: mean.estimate(settings.confidence) for key, mean in means.items()},
        users=_users(per_user, columns, settings.cutoffs),
        differences={
            (model, baseline, metric, k): mean.minus(means[baseline, metric, k], settings.confidence)
            for (model, metric, k), mean in means.items()
            if model.source == MODEL
            for baseline in judged
            if baseline.source != MODEL
        },
        short_lists={
            name: int(np.count_nonzero(judged[name].lengths < settings.longest)) for name in MODEL_LISTS
        },
        lists_with_repeats=int(np.count_nonzero(repeats)),
        held_out_items_seen=data.truth.shared_with(data.seen),
    )


def _lists(
    data: EvaluationData, found: Recommendations, settings: EvaluationSettings
) -> Iterator[tuple[ListName, NDArray[np.int32]]]:
    """The model's lists, then the baselines'."""
    yield MODEL_LISTS[0], found.without_seen
    yield MODEL_LISTS[1], found.as_returned
    for baseline in settings.baselines:
        treatment = WITHOUT_SEEN if baseline.endswith(WITHOUT_SEEN) else AS_RETURNED
        yield ListName(baseline, treatment), baseline_lists(baseline, data, settings.longest)


def judge(codes: NDArray[np.int32], data: EvaluationData) -> JudgedLists:
    """Mark hits and popular items. An item that a list repeats can hit at its first place only."""
    hits = data.truth.contains(np.arange(data.n_users), codes)
    hits &= ~_repeated(codes, len(data.items))
    popular = (codes >= 0) & (codes < data.head_size)
    return JudgedLists(codes=codes, hits=hits, popular=popular, relevant=data.truth.sizes)


def _repeated(codes: NDArray[np.int32], n_items: int) -> NDArray[np.bool_]:
    """Places whose item stands earlier in the same list. Padding and unknown items are not looked at."""
    repeated = np.zeros(codes.shape, dtype=np.bool_)
    ordered = np.sort(codes, axis=1)
    same = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0) & (ordered[:, 1:] < n_items)
    rows = np.flatnonzero(same.any(axis=1))  # hardly ever any: the service does not repeat items
    if rows.size:
        order = np.argsort(codes[rows], axis=1, kind="stable")
        later = np.zeros(order.shape, dtype=np.bool_)
        later[:, 1:] = same[rows]
        np.put_along_axis(later, order, later.copy(), axis=1)
        repeated[rows] = later
    return repeated


def _user_values(lists: JudgedLists, columns: Sequence[tuple[str, int]]) -> NDArray[np.float64]:
    """Every metric of every user, shape (users, columns)."""
    values = np.empty((len(lists.relevant), len(columns)))
    for position, (metric, k) in enumerate(columns):
        values[:, position] = USER_METRICS[metric].per_user(lists, k)
    return values


def _sampled_means(
    per_user: Mapping[ListName, NDArray[np.float64]],
    columns: Sequence[tuple[str, int]],
    settings: EvaluationSettings,
) -> dict[tuple[ListName, str, int], SampledMean]:
    """The mean of every list's every column, with its means in the resamples that all of them share."""
    together = np.hstack(list(per_user.values()))
    resampled = resampled_means(together, resamples=settings.bootstrap_resamples, seed=settings.seed)
    keys = [(name, metric, k) for name in per_user for metric, k in columns]
    sampled = zip(_means(together), resampled.T, strict=True)
    return {key: SampledMean(float(mean), draws) for key, (mean, draws) in zip(keys, sampled, strict=True)}


def _coverages(
    judged: Mapping[ListName, JudgedLists], data: EvaluationData, settings: EvaluationSettings
) -> dict[tuple[ListName, str, int], SampledMean]:
    """Coverage of every list, without resamples.

    It belongs to all users' lists together. Resampled users repeat lists and so always cover less: users give no
    honest interval for it, and none is given.
    """
    return {
        (name, COVERAGE.name, k): SampledMean(coverage(lists, k, data.catalogue_size), np.empty(0))
        for name, lists in judged.items()
        for k in settings.cutoffs
    }


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Column means over the users for whom a column is defined; NaN where there is none."""
    defined = np.count_nonzero(~np.isnan(values), axis=0)
    means = np.full(values.shape[1], np.nan)
    np.divide(np.nansum(values, axis=0), defined, out=means, where=defined > 0)
    return means


def _users(
    per_user: Mapping[ListName, NDArray[np.float64]],
    columns: Sequence[tuple[str, int]],
    cutoffs: Sequence[int],
) -> dict[tuple[ListName, str, int], int]:
    """Over how many users each value is."""
    users: dict[tuple[ListName, str, int], int] = {}
    for name, values in per_user.items():
        defined = np.count_nonzero(~np.isnan(values), axis=0)
        for (metric, k), count in zip(columns, defined, strict=True):
            users[name, metric, k] = int(count)
        users.update({(name, COVERAGE.name, k): len(values) for k in cutoffs})
    return users
