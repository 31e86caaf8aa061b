"""The order of histories, ties and duplicates included."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lambdas.split_data.ordering import histories

ROWS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
        st.integers(0, 3),
        st.sampled_from(["click", "view", None]),
        st.sampled_from([0.5, 1.0, None]),
    ),
    min_size=1,
    max_size=60,
)


def frame_of(rows) -> pd.DataFrame:
    users, items, times, kinds, values = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "USER_ID": pd.Categorical(users, ordered=True),
            "ITEM_ID": pd.Categorical(items, ordered=True),
            "TIMESTAMP": np.array(times, dtype=np.int64),
            "EVENT_TYPE": pd.Categorical(kinds, categories=["click", "view"], ordered=True),
            "EVENT_VALUE": np.array(
                [np.nan if value is None else value for value in values], dtype=np.float32
            ),
        }
    )


def told(events) -> list[tuple]:
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in events.frame.iloc[events.order].astype(object).itertuples(index=False, name=None)
    ]


@given(ROWS)
def test_each_distinct_row_is_kept_once_in_the_order_of_user_time_and_item(rows):
    events = histories(frame_of(rows))
    kept = told(events)
    assert sorted(map(str, kept)) == sorted(map(str, set(rows)))
    assert events.duplicates == len(rows) - len(set(rows))
    keys = [(user, time, item) for user, item, time, _, _ in kept]
    assert keys == sorted(keys)
    assert events.users.tolist() == events.codes("USER_ID").tolist()


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_depend_on_the_order_of_rows(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert told(histories(frame_of(rows))) == told(histories(frame_of(shuffled)))


def test_users_and_times_too_many_for_one_packed_key_are_ordered_all_the_same():
    # Times this far apart take 63 bits on their own.
    times = [4 * 10**18, -4 * 10**18, 5, 5]
    frame = frame_of([("b", "x", 0, None, None)] * 4).assign(
        TIMESTAMP=np.array(times), USER_ID=pd.Categorical(list("baab"), ordered=True)
    )
    assert histories(frame).order.tolist() == [1, 2, 3, 0]
