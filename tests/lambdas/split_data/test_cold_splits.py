"""Splits that hold items out, against plain code and by their properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.split_data.ordering import histories
from lambdas.split_data.settings import SplitSettings
from lambdas.split_data.splitting import split

EVENTS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(0, 40)), min_size=1, max_size=120, unique=True
)
SETTINGS = st.builds(
    SplitSettings,
    method=st.sampled_from(["cold_items", "new_items"]),
    fraction=st.sampled_from([0.1, 0.25, 0.5]),
    cold_share=st.sampled_from([0.2, 0.5, 0.8]),
    seed=st.integers(0, 5),
    truth=st.sampled_from(["future", "all_time"]),
    max_users=st.sampled_from([None, 1, 3]),
)


def frame_of(events) -> pd.DataFrame:
    users, items, times = zip(*events, strict=True)
    return pd.DataFrame(
        {
            "USER_ID": pd.Categorical([f"u{user}" for user in users], ordered=True),
            "ITEM_ID": pd.Categorical([f"i{item}" for item in items], ordered=True),
            "TIMESTAMP": np.array(times, dtype=np.int64),
        }
    )


class Parts:
    """The parts of a split as plain tuples."""

    def __init__(self, events, settings, described=None):
        frame = frame_of(events)
        ordered = histories(frame)
        index = None if described is None else pd.Index(described, dtype="str")
        self.split = split(ordered, settings, index)
        self.flags = [self.split.train, self.split.held, self.split.unused]
        rows = [
            (str(user), str(item), int(time))
            for user, item, time in frame.iloc[ordered.order].itertuples(index=False)
        ]
        self.train, self.held, self.unused = (
            {row for row, flag in zip(rows, flags, strict=True) if flag} for flags in self.flags
        )
        ids = frame["ITEM_ID"].cat.categories
        self.cold = set(ids[self.split.cold])


@given(EVENTS, SETTINGS)
def test_every_event_is_in_exactly_one_of_three_parts(events, settings):
    parts = Parts(events, settings)
    assert (np.sum(parts.flags, axis=0) == 1).all()
    assert len(parts.train) + len(parts.held) + len(parts.unused) == len(events)


@given(EVENTS, SETTINGS)
def test_training_knows_no_held_out_item_and_the_truth_no_other(events, settings):
    parts = Parts(events, settings)
    assert not {item for _, item, _ in parts.train} & parts.cold
    assert {item for _, item, _ in parts.held} <= parts.cold


@given(EVENTS, SETTINGS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(events, settings, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = Parts(events, settings), Parts(shuffled, settings)
    assert (one.train, one.held, one.cold) == (other.train, other.held, other.cold)


@given(EVENTS, SETTINGS)
def test_only_items_with_a_row_are_held_out(events, settings):
    described = ["i0", "i1", "i2", "nobody's"]
    assert Parts(events, settings, described).cold <= set(described)


@given(EVENTS, SETTINGS)
def test_no_more_users_are_judged_than_asked_for(events, settings):
    parts = Parts(events, settings)
    judged = {user for user, _, _ in parts.held} & {user for user, _, _ in parts.train}
    assert settings.max_users is None or len(judged) <= settings.max_users


@given(EVENTS, st.sampled_from([0.1, 0.25, 0.5]), st.sampled_from(["future", "all_time"]))
def test_cold_items_cuts_the_histories_of_the_whole_data(events, fraction, truth):
    """An independent implementation: the past and future of each user, then the items."""
    parts = Parts(events, SplitSettings("cold_items", fraction, truth=truth))
    late = Parts(events, SplitSettings("cold_items", fraction, cold_share=1e-9))
    # With no item held out, what is not trained on is the future.
    past, future = late.train, late.unused
    assert not late.cold
    assert parts.train == {row for row in past if row[1] not in parts.cold}
    truths = future if truth == "future" else past | future
    assert parts.held == {row for row in truths if row[1] in parts.cold}


@given(EVENTS, st.sampled_from([0.1, 0.5]))
def test_new_items_are_those_first_seen_after_the_cut(events, fraction):
    parts = Parts(events, SplitSettings("new_items", fraction))
    cut = parts.split.cut
    first: dict[str, int] = {}
    for _, item, time in events:
        first[f"i{item}"] = min(time, first.get(f"i{item}", time))
    assert parts.cold == {item for item, time in first.items() if time > cut}
    assert all(time <= cut for _, _, time in parts.train)
    assert parts.held == {row for row in parts.unused | parts.held if row[1] in parts.cold}


@pytest.mark.parametrize(("share", "count"), [(0.5, 5), (0.1, 1), (0.25, 3), (0.04, 0), (0.99, 10)])
def test_the_share_of_items_is_rounded_half_up(share, count):
    events = [(0, item, item) for item in range(10)]
    assert len(Parts(events, SplitSettings("cold_items", 0.1, cold_share=share)).cold) == count


def test_the_share_is_of_the_items_that_have_a_row():
    events = [(0, item, item) for item in range(10)]
    parts = Parts(events, SplitSettings("cold_items", 0.1), described=["i1", "i2", "i3", "i4", "x", "y"])
    assert len(parts.cold) == 2


def test_another_seed_holds_other_items_out():
    events = [(0, item, item) for item in range(30)]
    drawn = {frozenset(Parts(events, SplitSettings("cold_items", 0.1, seed=seed)).cold) for seed in range(4)}
    assert len(drawn) == 4


def test_an_example_by_hand():
    # Of u0's four events the last two are the future, of u1's two the last. i3 alone has a row, and half of one
    # is one.
    events = [(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 4), (1, 0, 1), (1, 3, 2)]
    parts = Parts(events, SplitSettings("cold_items", 0.5), described=["i3"])
    assert parts.cold == {"i3"}
    assert parts.train == {("u0", "i0", 1), ("u0", "i1", 2), ("u1", "i0", 1)}
    assert parts.held == {("u0", "i3", 4), ("u1", "i3", 2)}
    assert parts.unused == {("u0", "i2", 3)}


def test_a_sample_of_users_leaves_the_training_whole():
    events = [(user, item, item) for user in range(7) for item in range(10)]
    everyone = Parts(events, SplitSettings("cold_items", 0.5))
    some = Parts(events, SplitSettings("cold_items", 0.5, max_users=3))
    assert some.train == everyone.train
    assert some.held < everyone.held
    assert len({user for user, _, _ in some.held}) == 3
    again = Parts(events, SplitSettings("cold_items", 0.5, max_users=2))
    assert again.held < some.held


def test_a_sample_counts_those_who_can_be_judged_only():
    # u5 has a future and no past.
    events = [(user, 0, time) for user in range(5) for time in (0, 100)] + [(5, 0, 100)]
    frame = frame_of(events)
    ordered = histories(frame)
    cut = split(ordered, SplitSettings("global_time", 0.5, max_users=2))
    judged = {f"u{code}" for code in set(ordered.users[cut.held].tolist())}
    assert "u5" in judged
    assert len(judged) == 3
    assert cut.train.sum() == 5
