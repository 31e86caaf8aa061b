"""The cut, against plain pandas code and by its properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.split_data.ordering import histories
from lambdas.split_data.settings import SplitSettings
from lambdas.split_data.splitting import global_cut, last_of_every_user, split

FRACTIONS = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.25, 0.5])
EVENTS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 40)), min_size=1, max_size=120, unique=True
)


def frame_of(events) -> pd.DataFrame:
    """Events as the reading makes them: categoricals whose categories are sorted texts, all in use."""
    users, items, times = zip(*events, strict=True)
    return pd.DataFrame(
        {
            "USER_ID": pd.Categorical([f"u{user}" for user in users], ordered=True),
            "ITEM_ID": pd.Categorical([f"i{item}" for item in items], ordered=True),
            "TIMESTAMP": np.array(times, dtype=np.int64),
        }
    )


def parts(frame, settings):
    events = histories(frame)
    held = split(events, settings).held
    return frame.iloc[events.order[~held]], frame.iloc[events.order[held]]


def as_set(frame) -> set:
    return set(frame.astype({"USER_ID": str, "ITEM_ID": str}).itertuples(index=False, name=None))


@given(EVENTS, FRACTIONS, st.sampled_from(["per_user", "global_time"]))
def test_every_event_is_in_exactly_one_part(events, fraction, method):
    frame = frame_of(events)
    train, holdout = parts(frame, SplitSettings(method, fraction))
    assert len(train) + len(holdout) == len(frame)
    assert as_set(train) | as_set(holdout) == as_set(frame)


@given(EVENTS, FRACTIONS)
def test_per_user_agrees_with_ranks_of_pandas(events, fraction):
    frame = frame_of(events)
    naive = frame.astype({"USER_ID": str, "ITEM_ID": str}).sort_values(["USER_ID", "TIMESTAMP", "ITEM_ID"])
    grouped = naive.groupby("USER_ID")["TIMESTAMP"]
    late = (grouped.rank(pct=True, method="first") > 1 - fraction) & (grouped.transform("size") > 1)
    _, holdout = parts(frame, SplitSettings("per_user", fraction))
    assert as_set(holdout) == as_set(naive[late])


@given(EVENTS, FRACTIONS)
def test_per_user_never_trains_on_what_comes_after_a_held_out_event_of_the_user(events, fraction):
    train, holdout = parts(frame_of(events), SplitSettings("per_user", fraction))
    last = train.groupby("USER_ID", observed=True)["TIMESTAMP"].max()
    first = holdout.groupby("USER_ID", observed=True)["TIMESTAMP"].min()
    assert (last.reindex(first.index) <= first).all()
    assert set(train["USER_ID"]) == {f"u{user}" for user, _, _ in events}


@given(EVENTS, FRACTIONS)
def test_global_time_cuts_everyone_at_one_moment(events, fraction):
    frame = frame_of(events)
    train, holdout = parts(frame, SplitSettings("global_time", fraction))
    span = int(frame["TIMESTAMP"].max()) - int(frame["TIMESTAMP"].min())
    assert train["TIMESTAMP"].max() < holdout["TIMESTAMP"].min() if len(holdout) else len(train) == len(frame)
    assert (frame["TIMESTAMP"].max() - holdout["TIMESTAMP"] < span * fraction + 1e-6).all()


@given(st.randoms(use_true_random=False), EVENTS, FRACTIONS, st.sampled_from(["per_user", "global_time"]))
def test_the_order_of_rows_does_not_matter(random, events, fraction, method):
    shuffled = list(events)
    random.shuffle(shuffled)
    settings = SplitSettings(method, fraction)
    for one, other in zip(
        parts(frame_of(events), settings), parts(frame_of(shuffled), settings), strict=True
    ):
        assert list(one.itertuples(index=False)) == list(other.itertuples(index=False))


@pytest.mark.parametrize(
    ("events", "fraction", "held"),
    [(1, 0.1, 0), (2, 0.1, 1), (10, 0.1, 1), (11, 0.1, 2), (20, 0.1, 2), (10, 0.9, 9), (3, 0.99, 2)],
)
def test_a_user_gives_up_the_last_events_but_never_the_first(events, fraction, held):
    flags = last_of_every_user(np.zeros(events, dtype=np.int32), fraction)
    assert flags.tolist() == [False] * (events - held) + [True] * held


@pytest.mark.parametrize(
    ("first", "last", "fraction", "cut"),
    [(0, 100, 0.01, 99), (0, 100, 0.1, 90), (50, 50, 0.1, 50), (-10, 90, 0.5, 40)],
)
def test_the_global_cut_is_a_fraction_of_the_time_span(first, last, fraction, cut):
    assert global_cut(first, last, fraction) == cut
