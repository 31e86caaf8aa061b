from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from lambdas.evaluate.overlap import rank_biased_overlap
from lambdas.evaluate.replay import AFTER_ALL, BEFORE, evaluate_replay, first_reach, halfway
from lambdas.evaluate.replay_file import read_replay
from lambdas.evaluate.replay_verdict import decide_replay
from lambdas.evaluate.request import EvaluationSettings, Kind
from lambdas.evaluate.verdict import Outcome
from lambdas.reports.bootstrap import SampledMean
from lambdas.reports.estimates import Estimate
from lambdas.shared.errors import DataError

B = ["p", "q", "r", "s"]


def pair_rows(number, by_events, target=B, users=("ann", "bob")):
    return [(number, *users, events, items, target) for events, items in by_events.items()]


def replayed(run, rows, **members):
    chosen = {"overlap_k": 4, "bootstrap_resamples": 200, **members}
    return evaluate_replay(read_replay(run.write_replay(rows)), EvaluationSettings.parse(chosen, Kind.REPLAY))


@pytest.fixture
def two_pairs():
    """The first pair's B has 7 events, the second's 1; both come from nothing to everything or half of it."""
    return [
        *pair_rows(1, {0: ["x"], 1: ["p", "x", "y", "z"], 5: ["p", "q", "x", "y"], 7: B}),
        *pair_rows(2, {0: ["w"], 1: ["s", "r"]}, users=("cid", "dan")),
    ]


def test_the_curve_is_a_mean_over_the_same_pairs_at_every_step(run, two_pairs):
    found = replayed(run, two_pairs)
    assert [step.events for step in found.steps] == [0, 1, 5, None]
    # The second pair has been sent everything after one event and stays at 2 of 4.
    values = [step.overlap.value for step in found.steps]
    assert values == pytest.approx([0, (1 / 4 + 2 / 4) / 2, (2 / 4 + 2 / 4) / 2, (1 + 2 / 4) / 2])
    assert [step.exhausted for step in found.steps] == [0, 0, 1, 0]
    assert [step.sent for step in found.steps] == [0, 1, (5 + 1) / 2, (7 + 1) / 2]


def test_rank_biased_overlap_goes_along(run, two_pairs):
    found = replayed(run, two_pairs, rbo_p=0.8)
    expected = (1 + rank_biased_overlap(["s", "r"], B, 0.8)) / 2
    assert found.steps[-1].rbo.value == pytest.approx(expected)
    assert found.values[AFTER_ALL, "rbo", 4].value == pytest.approx(expected)


def test_values_are_after_all_events_and_before_any(run, two_pairs):
    found = replayed(run, two_pairs)
    assert found.values[AFTER_ALL, "overlap", 4].value == pytest.approx(3 / 4)
    assert found.values[BEFORE, "overlap", 4].value == 0
    assert found.differences[AFTER_ALL, BEFORE, "overlap", 4].absolute.value == pytest.approx(3 / 4)
    assert found.users[AFTER_ALL, "overlap", 4] == 2


def test_halfway_lies_on_the_line_between_two_steps(run, two_pairs):
    # From 0 to 3/4: 3/8 is reached exactly after 1 event.
    assert replayed(run, two_pairs).halfway.value == pytest.approx(1)
    assert first_reach(np.array([0.0, 2.0, 10.0]), np.array([0.1, 0.2, 0.5])) == pytest.approx(2 + 8 / 3)
    assert first_reach(np.array([0.0, 4.0]), np.array([0.0, 1.0])) == pytest.approx(2)


def test_the_first_of_several_crossings_counts():
    assert first_reach(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 0.8, 0.1, 1.0])) == pytest.approx(
        0.5 / 0.8
    )


@pytest.mark.parametrize("curve", [[0.3, 0.5, 0.3], [0.3, 0.9, 0.2], [0.1, math.nan, 0.5]])
def test_without_a_rise_there_is_no_half_of_the_way(curve):
    assert first_reach(np.array([0.0, 1.0, 2.0]), np.array(curve)) is None


def test_halfway_has_the_interval_of_its_resamples_or_none():
    def curve(*resamples):
        return [SampledMean(0.0, np.zeros(2)), SampledMean(1.0, np.array(resamples))]

    assert halfway([0.0, 4.0], curve(0.5, 1.0), 0.95) == Estimate(2.0, 2.0, 2.0)
    assert halfway([0.0, 4.0], curve(0.5, -0.1), 0.95) == Estimate(2.0, None, None)


def test_pairs_without_a_common_item_are_kept(run):
    found = replayed(run, pair_rows(1, {0: ["x"], 3: ["y"]}))
    assert found.values[AFTER_ALL, "overlap", 4].value == 0
    assert found.halfway == Estimate(None)


def test_pairs_that_lack_an_end_are_counted_and_left_out(run, two_pairs):
    rows = [*two_pairs, *pair_rows(3, {1: ["x"], 2: B}), *pair_rows(4, {0: ["x"]})]
    found = replayed(run, rows)
    assert found.source.incomplete_pairs == 2
    assert [pair.number for pair in found.source.pairs] == [1, 2]


def test_a_pair_whose_b_has_an_empty_list_is_left_out_of_the_means(run, two_pairs):
    found = replayed(run, [*two_pairs, *pair_rows(3, {0: ["x"], 1: ["y"]}, target=[])])
    assert found.undefined_pairs == 1
    assert found.users[AFTER_ALL, "overlap", 4] == 2
    assert found.values[AFTER_ALL, "overlap", 4].value == pytest.approx(3 / 4)


def test_a_missing_list_of_a_shares_nothing(run):
    found = replayed(run, pair_rows(1, {0: None, 2: B}))
    assert [step.overlap.value for step in found.steps] == [0, 1]


def test_the_first_of_repeated_rows_counts(run, two_pairs):
    found = replayed(run, [*two_pairs, *pair_rows(1, {7: ["x"]})])
    assert found.source.duplicate_rows == 1
    assert found.steps[-1].overlap.value == pytest.approx(3 / 4)


def test_undefined_for_every_pair_is_told(run):
    found = replayed(run, pair_rows(1, {0: ["x"], 1: ["y"]}, target=None))
    assert all(step.overlap == Estimate(None) == step.rbo for step in found.steps)
    assert found.story is None
    verdict = decide_replay(found)
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.sentence.startswith(
        "how much of B's list A's list shares cannot be said on 0 pairs, too few"
    )


def test_no_pair_at_all_is_told(run):
    assert decide_replay(replayed(run, [])).outcome is Outcome.CANNOT_TELL


def test_the_story_is_the_pair_with_the_middle_gain(run):
    gains = {4: B[:1], 9: B, 2: B[:2], 7: ["x"]}
    rows = [
        row for number, items in gains.items() for row in pair_rows(number, {0: ["x"], 2: ["y"], 6: items})
    ]
    story = replayed(run, rows).story
    # Gains 0, 1/4, 2/4, 1: the lower of the two in the middle.
    assert story.pair.number == 4
    assert (story.before, story.events, story.between, story.after, story.target) == (
        ("x",),
        2,
        ("y",),
        ("p",),
        tuple(B),
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table.drop_columns("list_b"), "needs the columns pair, user_a"),
        (
            lambda table: table.set_column(3, "events", pa.nulls(len(table), pa.int32())),
            "events has 2 missing",
        ),
        (lambda table: table.set_column(3, "events", pa.array(["a", "b"])), "cannot be read"),
        (
            lambda table: table.set_column(1, "user_a", pa.array(["ann", "eve"])),
            "pair 1 has rows of different users",
        ),
    ],
)
def test_unusable_files_are_refused_with_what_is_wrong(run, change, told):
    path = run.write_replay(pair_rows(1, {0: ["x"], 1: ["y"]}))
    pyarrow.parquet.write_table(change(pyarrow.parquet.read_table(path)), path)
    with pytest.raises(DataError, match=told):
        read_replay(path)


def many(pairs, after):
    """Pairs of which every second ends with `after`, the others one item short of it."""
    return [
        row
        for number in range(pairs)
        for row in pair_rows(number, {0: ["p"], 5: after, 12: after[: 4 - number % 2]})
    ]


def test_the_sentence_of_lists_that_follow(run):
    verdict = decide_replay(replayed(run, many(60, B)))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.metric_name == "overlap@4"
    assert verdict.sentence == (
        "after 5 of B's events A's list shares 100\u202f% (100\u202f% to 100\u202f%) with B's; half of the way after "
        "2.1 events, on 60 pairs: better"
    )


def test_fewer_pairs_than_intended_are_said_plainly(run):
    told = decide_replay(replayed(run, many(40, B)))
    assert told.outcome is Outcome.BETTER
    assert "on 40 pairs, fewer than the 50 that a replay is meant to have: better" in told.sentence
    few = decide_replay(replayed(run, many(12, B)))
    assert few.outcome is Outcome.CANNOT_TELL
    assert "on 12 pairs, too few for a conclusion (at least 30): cannot tell" in few.sentence


def test_lists_that_do_not_move_cannot_be_told(run):
    rows = [row for number in range(60) for row in pair_rows(number, {0: ["p"], 5: ["q"], 9: ["r"]})]
    verdict = decide_replay(replayed(run, rows))
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.sentence == (
        "after all of B's events A's list shares 25\u202f% (25\u202f% to 25\u202f%) with B's, 25\u202f% (25\u202f% to "
        "25\u202f%) before, on 60 pairs: cannot tell"
    )


def test_lists_that_move_away_are_not_better(run):
    rows = [row for number in range(60) for row in pair_rows(number, {0: B, 5: ["x"]})]
    verdict = decide_replay(replayed(run, rows))
    assert verdict.outcome is Outcome.NOT_BETTER
    assert verdict.as_document()["difference"] == -1


def test_a_replay_of_one_step_tells_all_events(run):
    rows = [row for number in range(60) for row in pair_rows(number, {0: ["p"], 1: B})]
    assert decide_replay(replayed(run, rows)).sentence.startswith(
        "after all of B's events A's list shares 100\u202f%"
    )
