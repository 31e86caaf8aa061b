"""Replays: a user A is sent the events of a user B, and A's list is compared with B's after every few of them.

Curves are means over the same pairs at every step: a pair whose B has fewer events than a step stays at its last
list there, because it has been sent everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lambdas.evaluate.comparison import Comparison
from lambdas.evaluate.evaluation import defined_means
from lambdas.evaluate.lists import AS_RETURNED, REPLAY, ListName
from lambdas.evaluate.metrics import OVERLAP, RBO
from lambdas.evaluate.overlap import overlap, rank_biased_overlap
from lambdas.reports.bootstrap import FloatArray, SampledMean, interval, resampled_means
from lambdas.reports.estimates import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.evaluate.replay_file import Items, Pair, ReplayFile
    from lambdas.evaluate.settings import EvaluationSettings

AFTER_ALL = ListName(REPLAY, AS_RETURNED)
BEFORE = ListName("no_events", AS_RETURNED)
METRIC_NAMES = (OVERLAP.name, RBO.name)


@dataclass(frozen=True, slots=True)
class Step:
    """A point of the curve. events None: all of B's that the replay sends.

    sent: mean number of events that A had been sent. exhausted: pairs whose B has fewer events than this step.
    """

    events: int | None
    sent: float
    exhausted: int
    overlap: Estimate
    rbo: Estimate


@dataclass(frozen=True, slots=True)
class Story:
    """One pair told: A's list before any event, after some and after all, and B's list then."""

    pair: Pair
    before: Items
    events: int
    between: Items
    after: Items
    target: Items


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Comparison):
    """A measured replay.

    source: the pairs. pair_values: by metric the pairs' values, shape (pairs, steps), NaN where undefined.
    undefined_pairs: pairs whose B has an empty list at some step, left out of the means there.
    halfway: number of events after which the mean overlap has come half of its way, with its interval.
    story: a pair told; None where no user is to be shown.
    """

    source: ReplayFile
    steps: tuple[Step, ...]
    pair_values: Mapping[str, FloatArray]
    undefined_pairs: int
    halfway: Estimate
    story: Story | None


def evaluate_replay(source: ReplayFile, settings: EvaluationSettings) -> Replay:
    """Compare the lists of every pair at every step, with bootstrap intervals over pairs."""
    pairs, k, confidence = source.pairs, settings.overlap_k, settings.confidence
    events = _steps(pairs)
    compared = _compared(pairs, events, settings)
    means, sent = _sampled(compared, settings), [_mean_sent(pairs, count) for count in events]
    ends = {
        (name, metric): place for name, place in ((AFTER_ALL, -1), (BEFORE, 0)) for metric in METRIC_NAMES
    }
    return Replay(
        settings=settings,
        lists=(AFTER_ALL, BEFORE),
        values={(*key, k): means[key[1]][place].estimate(confidence) for key, place in ends.items()},
        users={
            (*key, k): int(np.count_nonzero(~np.isnan(compared[key[1]][:, place])))
            for key, place in ends.items()
        },
        differences={
            (AFTER_ALL, BEFORE, metric, k): means[metric][-1].minus(means[metric][0], confidence)
            for metric in METRIC_NAMES
        },
        primary=AFTER_ALL,
        rival=BEFORE,
        metric=OVERLAP.name,
        cutoff=k,
        source=source,
        steps=tuple(
            Step(
                count,
                sent[place],
                sum(count is not None and pair.all_events < count for pair in pairs),
                *(means[metric][place].estimate(confidence) for metric in METRIC_NAMES),
            )
            for place, count in enumerate(events)
        ),
        pair_values=compared,
        undefined_pairs=int(np.count_nonzero(np.isnan(compared[OVERLAP.name]).any(axis=1))),
        halfway=halfway(sent, means[OVERLAP.name], confidence),
        story=_story(pairs, events, compared[OVERLAP.name]) if settings.examples else None,
    )


def halfway(sent: Sequence[float], curve: Sequence[SampledMean], confidence: float) -> Estimate:
    """The number of events at which the curve first reaches the middle of its first and last value.

    Between two steps the curve is taken to be straight. Undefined when it does not end higher than it began.
    The interval is that of the same figure of every resample; there is none when it is undefined in any.
    """
    value = first_reach(np.asarray(sent), np.array([mean.mean for mean in curve]))
    if value is None:
        return Estimate(None)
    drawn = np.stack([mean.resampled for mean in curve], axis=1)
    reached = [first_reach(np.asarray(sent), row) for row in drawn]
    bounds = interval(np.array([np.nan if found is None else found for found in reached]), confidence)
    return Estimate(value, *(bounds or (None, None)))


def first_reach(sent: FloatArray, curve: FloatArray) -> float | None:
    """Where a piecewise straight curve first reaches the middle of its ends; None when it does not rise."""
    start, end = curve[0], curve[-1]
    if not np.isfinite(curve).all() or end <= start:
        return None
    target = (start + end) / 2
    place = int(np.argmax(curve >= target))  # not the first, which lies below
    low, high = curve[place - 1], curve[place]
    return float(sent[place - 1] + (target - low) / (high - low) * (sent[place] - sent[place - 1]))


def _compared(
    pairs: Sequence[Pair], events: Sequence[int | None], settings: EvaluationSettings
) -> dict[str, FloatArray]:
    """By metric the pairs' values, shape (pairs, steps), NaN where B's list is empty: nothing to come near to."""
    k = settings.overlap_k
    compared = {name: np.full((len(pairs), len(events)), np.nan) for name in METRIC_NAMES}
    for row, pair in enumerate(pairs):
        for column, count in enumerate(events):
            mine, target = (items[:k] for items in pair.at(count))
            if target:
                compared[OVERLAP.name][row, column] = overlap(mine, target, k)
                compared[RBO.name][row, column] = rank_biased_overlap(mine, target, settings.rbo_p)
    return compared


def _steps(pairs: Sequence[Pair]) -> tuple[int | None, ...]:
    """The numbers of events at which some pair was asked before its end, and the end (None)."""
    between = {count for pair in pairs for count in pair.lists if count < pair.all_events}
    return (*sorted(between | {0}), None)


def _mean_sent(pairs: Sequence[Pair], events: int | None) -> float:
    sent = [pair.all_events if events is None else min(pair.all_events, events) for pair in pairs]
    return float(np.mean(sent)) if sent else float("nan")


def _sampled(
    compared: Mapping[str, FloatArray], settings: EvaluationSettings
) -> dict[str, list[SampledMean]]:
    """By metric the mean at every step with its resamples over pairs, the same for all."""
    together = np.hstack(list(compared.values()))
    resampled = resampled_means(together, resamples=settings.bootstrap_resamples, seed=settings.seed)
    means = [
        SampledMean(float(mean), draws)
        for mean, draws in zip(defined_means(together), resampled.T, strict=True)
    ]
    size = len(means) // len(compared)
    return {name: means[place * size : (place + 1) * size] for place, name in enumerate(compared)}


def _story(pairs: Sequence[Pair], events: Sequence[int | None], values: FloatArray) -> Story | None:
    """The pair whose gain is the middle one of all gains, the lower of two; ties by the pair's number."""
    gains = [
        (gain, pair.number, pair)
        for gain, pair in zip(values[:, -1] - values[:, 0], pairs, strict=True)
        if np.isfinite(gain)
    ]
    if not gains:
        return None
    _, _, pair = sorted(gains, key=lambda entry: entry[:2])[(len(gains) - 1) // 2]
    count = told_events(events, pair.all_events)
    return Story(pair, pair.at(0)[0], count, pair.at(count)[0], *pair.at(None))


def told_events(events: Sequence[int | None], at_most: int | None = None) -> int:
    """The step that sentences tell: that of 5 events, or the largest one below; 0 when there is none."""
    limit = 5 if at_most is None else min(5, at_most)
    return max((count for count in events if count is not None and count <= limit), default=0)
