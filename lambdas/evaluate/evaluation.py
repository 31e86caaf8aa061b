"""The evaluation itself: files in, values with intervals out. Knows no S3, no Lambda and no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.comparison import Comparison
from lambdas.evaluate.examples import examples_of
from lambdas.evaluate.interactions import EvaluationData, read_data
from lambdas.evaluate.judging import judge, repeated
from lambdas.evaluate.lists import MODEL, ListName, model_lists
from lambdas.evaluate.metrics import COVERAGE, GENRE_AGREEMENT, USER_METRICS, JudgedLists, coverage
from lambdas.evaluate.protocol import Protocol, counted_baselines
from lambdas.evaluate.recommendations import Recommendations, read_recommendations
from lambdas.evaluate.request import Design
from lambdas.evaluate.segments import SegmentColumns, segment_columns, segments
from lambdas.evaluate.settings import Kind
from lambdas.reports.bootstrap import SampledMean, resampled_means
from lambdas.reports.estimates import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lambdas.evaluate.cold_items import ColdItems
    from lambdas.evaluate.related_section import RelatedItems
    from lambdas.evaluate.settings import EvaluationSettings

Columns = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Comparison):
    """Everything that was measured against held-out interactions.

    answers: the recommendations of every variant, by its name.
    columns: (metric, k) of every column of `per_user`.
    per_user: for every list the users' values, shape (users, columns), NaN where undefined.
    lists_with_repeats: by variant. short_lists: by a variant's list.
    section: what only this kind of evaluation has.
    """

    data: EvaluationData
    answers: Mapping[str, Recommendations]
    columns: Columns
    per_user: Mapping[ListName, NDArray[np.float64]]
    short_lists: Mapping[ListName, int]
    lists_with_repeats: Mapping[str, int]
    held_out_items_seen: int
    section: RelatedItems | ColdItems | None = None

    @property
    def recommendations(self) -> Recommendations:
        """The answers of the first variant, which the verdict is about."""
        return self.answers[self.primary.source]


def evaluate_files(
    train: Path,
    holdout: Path,
    recommendations: Sequence[Path] | Mapping[str, Sequence[Path]],
    settings: EvaluationSettings,
    design: Design | None = None,
) -> Evaluation:
    """Measure batch output that was asked for by user against the held-out part, and baselines beside it.

    train: a CSV file, or a folder of them, by Personalize's rules. holdout: a Parquet file or a folder of them.
    recommendations: the batch job's output files (JSON Lines); by name when there are several variants.
    design: what the verdict is about; the first variant against the primary baseline when it is left out.
    Raises DataError for files that cannot be used.
    """
    variants = recommendations if isinstance(recommendations, Mapping) else {MODEL: recommendations}
    data = read_data(train, holdout, shown_users=settings.examples)
    answers = {name: read_recommendations(files, data, settings.longest) for name, files in variants.items()}
    return evaluate(
        data, answers, settings, counted_baselines(data, settings), design or Design(tuple(variants))
    )


def evaluate(
    data: EvaluationData,
    answers: Mapping[str, Recommendations],
    settings: EvaluationSettings,
    protocol: Protocol,
    design: Design,
    *,
    section: RelatedItems | ColdItems | None = None,
) -> Evaluation:
    """Judge the variants' lists and the baselines', and put intervals around everything that has one.

    answers: by variant, the variant of the verdict first.
    """
    judged = {name: judge(codes, data) for name, codes in _lists(answers, protocol)}
    columns = _columns(settings, protocol)
    per_user = {name: _user_values(lists, columns, protocol) for name, lists in judged.items()}
    primary, rival = model_lists(design.variants[0])[0], _rival(design, protocol)
    groups = _groups(data, judged, per_user, columns, compared=(primary, rival), settings=settings)
    means, resampled = _sampled_means(per_user, columns, settings, groups.matrix)
    means |= _coverages(judged, protocol, settings)
    return Evaluation(
        settings=settings,
        data=data,
        answers=answers,
        lists=tuple(judged),
        columns=columns,
        per_user=per_user,
        values={key: mean.estimate(settings.confidence) for key, mean in means.items()},
        users=_users(per_user, columns, settings.cutoffs),
        differences=_differences(means, tuple(judged), design.reference, settings.confidence),
        primary=primary,
        rival=rival,
        metric=settings.primary_metric,
        cutoff=settings.primary_cutoff,
        short_lists=_short_lists(judged, settings.longest),
        lists_with_repeats={
            name: int(np.count_nonzero(repeated(found.as_returned, len(data.items)).any(axis=1)))
            for name, found in answers.items()
        },
        held_out_items_seen=data.truth.shared_with(data.seen),
        segments=segments(groups, resampled, settings.confidence),
        examples=examples_of(
            data, judged, (primary, rival, protocol.rival), answers[primary.source].answered
        ),
        section=section,
    )


def _groups(
    data: EvaluationData,
    judged: Mapping[ListName, JudgedLists],
    per_user: Mapping[ListName, NDArray[np.float64]],
    columns: Columns,
    *,
    compared: tuple[ListName, ListName],
    settings: EvaluationSettings,
) -> SegmentColumns:
    """What is resampled for the groups of users and items. All cold items are as popular as each other."""
    place = columns.index((settings.primary_metric, settings.primary_cutoff))
    primary, rival = compared
    return segment_columns(
        data,
        (per_user[primary][:, place], per_user[rival][:, place]),
        (judged[primary], judged[rival]),
        settings.primary_cutoff,
        by_items=settings.kind is not Kind.COLD_ITEMS,
    )


def _rival(design: Design, protocol: Protocol) -> ListName:
    """What the verdict compares the first variant with."""
    if design.against_reference and design.reference is not None:
        return model_lists(design.reference)[0]
    return protocol.rival


def _short_lists(judged: Mapping[ListName, JudgedLists], longest: int) -> dict[ListName, int]:
    """How many lists of every variant end before the longest cut-off."""
    return {
        name: int(np.count_nonzero(lists.lengths < longest))
        for name, lists in judged.items()
        if not name.is_baseline
    }


def _lists(
    answers: Mapping[str, Recommendations], protocol: Protocol
) -> Iterator[tuple[ListName, NDArray[np.int32]]]:
    """The variants' lists, then the baselines'."""
    for variant, found in answers.items():
        without_seen, as_returned = model_lists(variant)
        yield without_seen, found.without_seen
        yield as_returned, found.as_returned
    yield from protocol.baselines.items()


def _columns(settings: EvaluationSettings, protocol: Protocol) -> Columns:
    further = (GENRE_AGREEMENT.name,) if protocol.agreement else ()
    return tuple((metric, k) for metric in (*USER_METRICS, *further) for k in settings.cutoffs)


def _user_values(lists: JudgedLists, columns: Columns, protocol: Protocol) -> NDArray[np.float64]:
    """Every metric of every user, shape (users, columns)."""
    values = np.empty((len(lists.relevant), len(columns)))
    for position, (metric, k) in enumerate(columns):
        if metric in USER_METRICS:
            values[:, position] = USER_METRICS[metric].per_user(lists, k)
        elif protocol.agreement:
            values[:, position] = protocol.agreement(lists.codes[:, :k])
    return values


def _sampled_means(
    per_user: Mapping[ListName, NDArray[np.float64]],
    columns: Columns,
    settings: EvaluationSettings,
    further: NDArray[np.float64],
) -> tuple[dict[tuple[ListName, str, int], SampledMean], NDArray[np.float64]]:
    """The mean of every list's every column, with its means in the resamples that all of them share.

    Also the means of `further` columns, shape (users, columns), in the same resamples.
    """
    keys = [(name, metric, k) for name in per_user for metric, k in columns]
    together = np.hstack([*per_user.values(), further])
    resampled = resampled_means(together, resamples=settings.bootstrap_resamples, seed=settings.seed)
    own, others = np.split(resampled, [len(keys)], axis=1)
    sampled = zip(defined_means(together[:, : len(keys)]), own.T, strict=True)
    means = {key: SampledMean(float(mean), draws) for key, (mean, draws) in zip(keys, sampled, strict=True)}
    return means, others


def _coverages(
    judged: Mapping[ListName, JudgedLists], protocol: Protocol, settings: EvaluationSettings
) -> dict[tuple[ListName, str, int], SampledMean]:
    """Coverage of every list, without resamples.

    It belongs to all users' lists together. Resampled users repeat lists and so always cover less: users give no
    honest interval for it, and none is given.
    """
    return {
        (name, COVERAGE.name, k): SampledMean(coverage(lists, k, protocol.coverable), np.empty(0))
        for name, lists in judged.items()
        for k in settings.cutoffs
    }


def _differences(
    means: Mapping[tuple[ListName, str, int], SampledMean],
    lists: tuple[ListName, ...],
    reference: str | None,
    confidence: float,
) -> dict[tuple[ListName, ListName, str, int], Difference]:
    """Every variant's lists minus every baseline's, and minus the reference variant's list of the same treatment."""
    rivals = {
        name: [
            other
            for other in lists
            if other.is_baseline
            or (other.source == reference != name.source and other.treatment == name.treatment)
        ]
        for name in lists
        if not name.is_baseline
    }
    return {
        (name, other, metric, k): mean.minus(means[other, metric, k], confidence)
        for (name, metric, k), mean in means.items()
        for other in rivals.get(name, ())
    }


def defined_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Column means over the rows for which a column is defined; NaN where there is none."""
    defined = np.count_nonzero(~np.isnan(values), axis=0)
    means = np.full(values.shape[1], np.nan)
    np.divide(np.nansum(values, axis=0), defined, out=means, where=defined > 0)
    return means


def _users(
    per_user: Mapping[ListName, NDArray[np.float64]], columns: Columns, cutoffs: Sequence[int]
) -> dict[tuple[ListName, str, int], int]:
    """Over how many users each value is."""
    users: dict[tuple[ListName, str, int], int] = {}
    for name, values in per_user.items():
        defined = np.count_nonzero(~np.isnan(values), axis=0)
        for (metric, k), count in zip(columns, defined, strict=True):
            users[name, metric, k] = int(count)
        users.update({(name, COVERAGE.name, k): len(values) for k in cutoffs})
    return users
