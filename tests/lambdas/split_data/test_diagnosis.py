"""The numbers of the diagnosis, counted by hand, and the verdicts that follow from them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lambdas.split_data.checks import training_problems, warnings
from lambdas.split_data.diagnosis import diagnose
from lambdas.split_data.measures import Measures
from lambdas.split_data.ordering import histories
from lambdas.split_data.settings import SplitSettings
from lambdas.split_data.splitting import split

DAY = 86_400
START = 1_600_000_000
# Of three events one stays.
PER_USER = SplitSettings("per_user", 0.34)
GLOBAL = SplitSettings("global_time", 0.5)


def measures_of(events, settings) -> Measures:
    """Measures of (user, item, day) events."""
    users, items, days = zip(*events, strict=True)
    frame = pd.DataFrame(
        {
            "USER_ID": pd.Categorical(users, ordered=True),
            "ITEM_ID": pd.Categorical(items, ordered=True),
            "TIMESTAMP": START + DAY * np.array(days, dtype=np.int64),
        }
    )
    ordered = histories(frame)
    return Measures(ordered, split(ordered, settings))


# Of a: x, y | x. Of b: x, z | z. c has one event, and d's is the last of all. One row of a is there twice.
FEW = [
    ("a", "x", 0),
    ("a", "y", 1),
    ("a", "y", 1),
    ("a", "x", 2),
    ("b", "x", 0),
    ("b", "z", 3),
    ("b", "z", 4),
]
FEW += [("c", "x", 1), ("d", "w", 10)]


def test_counts_of_a_split_per_user():
    assert measures_of(FEW, PER_USER).counts == {
        "rows_read": 9,
        "duplicates": 1,
        "interactions": 8,
        "users": 4,
        "items": 4,
        "train_interactions": 4,
        "holdout_interactions": 4,
        "train_users": 4,
        "train_items": 2,
        "holdout_users": 2,
        "query_users": 2,
        "holdout_users_without_past": 0,
        "users_without_future": 2,
    }


def test_a_user_who_comes_after_the_cut_has_no_past_and_is_not_asked_for():
    measures = measures_of(FEW, GLOBAL)
    assert measures.split.cut == START + 5 * DAY
    assert measures.counts["holdout_interactions"] == 1
    assert measures.counts["holdout_users_without_past"] == 1
    assert measures.counts["users_without_future"] == 3
    assert measures.query_users.tolist() == []
    assert measures.future() == {
        "new_items": 1,
        "share_of_holdout_with_new_items": 1.0,
        "new_users": 1,
        "share_of_holdout_of_new_users": 1.0,
    }


def test_repeats_are_counted_over_all_events_and_against_the_past_only():
    # Events: a x, a y, a x again, b x, b z, b z again, c x, d w. Held out are a's y and x and both z of b, of
    # which only a's x is in the past of its user.
    assert measures_of(FEW, PER_USER).repeats() == {"share_of_interactions": 0.25, "share_of_holdout": 0.25}


def test_the_long_tail_tells_what_the_most_popular_items_have():
    # Of 10 items the first has 11 of 20 events.
    events = [("u", "i0", day) for day in range(11)] + [("u", f"i{item}", 20 + item) for item in range(1, 10)]
    tail = measures_of(events, PER_USER).long_tail()
    assert tail["top_items"][2] == {"share_of_items": 0.1, "items": 1, "share_of_interactions": 0.55}
    assert tail["top_items"][3] == {"share_of_items": 0.2, "items": 2, "share_of_interactions": 0.6}
    assert tail["items_with_one_interaction"] == 9


def test_history_lengths_are_binned_by_doubling():
    lengths = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 8}
    events = [(user, "i", day) for user, length in lengths.items() for day in range(length)]
    history = measures_of(events, PER_USER).history()
    assert history["histogram"] == [
        {"from": 1, "to": 1, "users": 1},
        {"from": 2, "to": 3, "users": 2},
        {"from": 4, "to": 7, "users": 1},
        {"from": 8, "to": 15, "users": 1},
    ]
    assert (history["shortest"], history["median"], history["mean"], history["longest"]) == (1, 3.0, 3.6, 8)


def test_every_event_falls_into_one_bin_of_time():
    time = measures_of(FEW, PER_USER).time()
    assert (time["first"], time["last"], time["days"]) == (START, START + 10 * DAY, 10.0)
    assert sum(bin_["interactions"] for bin_ in time["histogram"]) == 8
    assert time["histogram"][0] == {"from": START, "to": START + 14_400, "interactions": 2}
    assert time["histogram"][-1] == {
        "from": START + 10 * DAY - 14_400,
        "to": START + 10 * DAY,
        "interactions": 1,
    }


def test_data_of_a_single_second_can_be_described():
    measures = measures_of([("a", "x", 0), ("a", "y", 0)], PER_USER)
    assert measures.time()["histogram"] == [{"from": START, "to": START + 1, "interactions": 2}]


def many(users: int, events: int, singles: int = 0):
    lively = [(f"u{user}", f"i{event}", event) for user in range(users) for event in range(events)]
    return lively + [(f"s{user}", "i0", 0) for user in range(singles)]


LAST_TENTH = SplitSettings("per_user", 0.1)


def told(events, settings=LAST_TENTH) -> list[str]:
    return [str(problem) for problem in training_problems(measures_of(events, settings), settings)]


def test_data_at_the_minima_of_the_service_pass():
    # 25 users with 45 events, of which floor(40.5) = 40 each stay: exactly 1,000 interactions.
    assert told(many(25, 45)) == []


def test_one_interaction_fewer_is_refused_with_the_numbers():
    problems = told(many(25, 45)[:-6])
    assert len(problems) == 1
    assert "995 interactions of 1,119 are left to train on, and Personalize needs 1,000" in problems[0]


def test_a_single_user_is_refused():
    problems = told([("u", f"i{event}", event) for event in range(2000)])
    assert len(problems) == 1
    assert "1 of 1 users have two interactions or more, and Personalize needs 25" in problems[0]


def test_too_small_a_share_of_users_with_a_history_is_refused():
    problems = told(many(30, 50, singles=3000))
    assert "30 of 3,030 users have two interactions or more, and Personalize needs 1%" in problems[0]


def test_a_future_that_nobody_with_a_past_has_is_refused():
    events = [*many(40, 50), ("new", "i0", 1000)]
    assert "none of its users has a past" in told(events, SplitSettings("global_time", 0.1))[0]
    same_second = [(user, item, 0) for user, item, _ in events]
    assert "no event falls into it" in told(same_second, SplitSettings("global_time", 0.1))[0]


def test_warnings_name_what_should_be_known():
    events = [*FEW, ("e", "x", -START // DAY), ("e", "y", 400)]
    measures = measures_of(events, PER_USER)
    found = {warning["code"]: warning["count"] for warning in warnings(measures, now=START + 300 * DAY)}
    assert found == {
        "duplicates": 1,
        "times_in_1970": 1,
        "times_in_future": 1,
        "users_with_one_event": 2,
        "few_interactions": 5,
    }


def test_data_below_what_the_service_advises_are_warned_about():
    found = {
        warning["code"]: warning["message"]
        for warning in warnings(measures_of(many(25, 45), LAST_TENTH), START)
    }
    assert found["few_interactions"] == "1,000 interactions to train on; Personalize advises 50,000 or more."
    assert (
        found["few_users"] == "25 users to train on have two interactions; Personalize advises 1,000 or more."
    )


@pytest.mark.parametrize("settings", [PER_USER, GLOBAL])
def test_a_diagnosis_is_a_json_document(settings):
    document = diagnose(measures_of(FEW, settings), settings, now=START)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
