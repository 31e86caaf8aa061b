"""What is asked for beside users: items that explain, and users in pairs; counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.split_data.causes import cause_problems, cause_warning, causes_document, find_causes
from lambdas.split_data.measures import Measures
from lambdas.split_data.ordering import histories
from lambdas.split_data.pairs import draw_pairs, pair_problems, pair_warning
from lambdas.split_data.settings import CauseSettings, PairSettings, SplitSettings
from lambdas.split_data.splitting import split

# Of ten events of a user nine stay.
LAST_TENTH = SplitSettings("per_user", 0.1)
HALF = SplitSettings("global_time", 0.5)
EVENTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("pqrstuvw"), st.integers(0, 40)),
    min_size=2,
    max_size=80,
    unique=True,
)


def measures_of(events, settings=LAST_TENTH) -> Measures:
    users, items, times = zip(*events, strict=True)
    frame = pd.DataFrame(
        {
            "USER_ID": pd.Categorical(users, ordered=True),
            "ITEM_ID": pd.Categorical(items, ordered=True),
            "TIMESTAMP": np.array(times, dtype=np.int64),
        }
    )
    ordered = histories(frame)
    return Measures(ordered, split(ordered, settings))


def with_counts(**counts) -> Measures:
    """Measures whose training part has each item so often (one user, who ends with an item of the future)."""
    events = [("u", item, time) for item, count in counts.items() for time in range(count)]
    return measures_of([*events, ("u", "z", 1000)], HALF)


def table(measures, **settings) -> list[tuple]:
    causes = find_causes(measures, CauseSettings(**settings))
    return [tuple(entry.values()) for entry in causes_document(measures, causes)["causes"]]


def test_the_cause_of_a_user_is_the_last_item_of_the_past():
    events = [
        ("a", "x", 1),
        ("a", "y", 2),
        ("a", "q", 90),
        ("b", "x", 3),
        ("b", "w", 80),
        ("c", "y", 1),
        ("d", "w", 99),
    ]
    measures = measures_of(events, HALF)
    causes = find_causes(measures, CauseSettings(popular=0, middling=0, rare=0))
    ids = measures.histories.frame["ITEM_ID"].cat.categories
    # c has no future and d no past.
    assert measures.query_users.tolist() == [0, 1]
    assert ids[causes.of_users].tolist() == ["y", "x"]
    assert ids[causes.items].tolist() == ["x", "y"]


@given(EVENTS, st.sampled_from(["per_user", "global_time", "cold_items", "new_items"]))
def test_causes_of_users_agree_with_plain_code(events, method):
    measures = measures_of(events, SplitSettings(method, 0.25))
    histories_, train = measures.histories, measures.split.train
    last = {}
    for row, flag in zip(histories_.frame.iloc[histories_.order].itertuples(index=False), train, strict=True):
        if flag:
            last[row.USER_ID] = row.ITEM_ID
    causes = find_causes(measures, CauseSettings(popular=0, middling=0, rare=0))
    frame = histories_.frame
    users = frame["USER_ID"].cat.categories[measures.query_users]
    found = dict(zip(users, frame["ITEM_ID"].cat.categories[causes.of_users], strict=True))
    assert found == {user: last[user] for user in users}


def test_groups_are_taken_from_the_ranking_by_training_count():
    measures = with_counts(a=9, b=8, c=7, d=6, e=5, f=4, g=3, h=2, i=1)
    assert table(measures, popular=2, middling=3, rare=2) == [
        ("a", "popular", 9),
        ("b", "popular", 8),
        ("d", "middling", 6),
        ("e", "middling", 5),
        ("f", "middling", 4),
        ("h", "rare", 2),
        ("i", "rare", 1),
    ]


def test_ties_go_by_id_and_items_of_the_future_alone_are_no_causes():
    measures = with_counts(b=2, a=2, d=2, c=2)
    assert table(measures, popular=1, middling=2, rare=1) == [
        ("a", "popular", 2),
        ("b", "middling", 2),
        ("c", "middling", 2),
        ("d", "rare", 2),
    ]


def test_middling_and_rare_items_stay_the_same_when_the_ranking_shifts():
    """60 items. A new one that all have touched, and one more event of every second, move nearly every place."""
    before = {f"i{place:02}": 60 - place for place in range(60)}
    after = {"new": 90, **{item: count + (place % 2) for place, (item, count) in enumerate(before.items())}}

    def shown(counts) -> dict[str, set[str]]:
        groups: dict[str, set[str]] = {}
        for item, group, _ in table(with_counts(**counts), popular=1, middling=3, rare=3):
            groups.setdefault(group, set()).add(item)
        return groups

    one, other = shown(before), shown(after)
    ranking = list(before)
    assert one["middling"] <= set(ranking[24:36])
    assert one["rare"] <= set(ranking[48:])
    assert len(one["middling"] & other["middling"]) >= 2
    assert len(one["rare"] & other["rare"]) >= 2
    assert one["rare"] != set(ranking[-3:]), "not the last, which any new item would replace"


def test_a_ranking_too_short_serves_popular_then_rare():
    measures = with_counts(a=3, b=2, c=1)
    groups = [(item, group) for item, group, _ in table(measures, popular=2, middling=2, rare=2)]
    assert groups == [("a", "popular"), ("b", "popular"), ("c", "rare")]
    groups = [(item, group) for item, group, _ in table(measures, popular=1, middling=5, rare=1)]
    assert groups == [("a", "popular"), ("b", "middling"), ("c", "rare")]


def test_named_items_come_first_in_the_order_of_the_settings_and_in_no_other_group():
    measures = with_counts(a=9, b=8, c=7, d=6)
    assert table(measures, named=("c", "a"), popular=1, middling=0, rare=1) == [
        ("c", "named", 7),
        ("a", "named", 9),
        ("b", "popular", 8),
        ("d", "rare", 6),
    ]


@given(EVENTS, st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_no_item_stands_in_two_groups_and_groups_are_full_where_items_last(
    events, popular, middling, rare, named
):
    measures = measures_of(events)
    settings = CauseSettings(("p",) if named else (), popular, middling, rare)
    causes = find_causes(measures, settings)
    codes = np.concatenate(list(causes.groups.values()))
    assert len(set(codes.tolist())) == len(codes)
    there = int((measures.item_past > 0).sum())
    wanted = popular + middling + rare + len(causes.groups["named"])
    assert len(codes) == min(wanted, there)
    assert (measures.item_past[codes] > 0).all()


def test_a_named_item_that_training_lacks_is_left_out_with_a_warning():
    measures = with_counts(a=2)
    settings = CauseSettings(named=("a", "gone", "z"))
    causes = find_causes(measures, settings)
    assert list(cause_problems(causes, settings)) == []
    notice = cause_warning(causes)
    # z occurs, but in the future only.
    assert (notice.count, notice.message.rpartition(": ")[2]) == (2, "gone, z")


def test_named_items_that_training_lacks_altogether_are_refused_by_their_names():
    settings = CauseSettings(named=("gone", "lost"))
    problems = list(cause_problems(find_causes(with_counts(a=2), settings), settings))
    assert len(problems) == 1
    assert "the training part knows none of these items: gone, lost" in str(problems[0])


def test_without_named_items_nothing_is_missing():
    causes = find_causes(with_counts(a=2), CauseSettings())
    assert list(cause_problems(causes, CauseSettings())) == []
    assert cause_warning(causes).count == 0


def histories_of(**lengths) -> list[tuple]:
    """Events of users with so many events: item number n of user u at the n-th second."""
    return [(user, f"{user}{n}", 1000 + n) for user, length in lengths.items() for n in range(length)]


def test_a_pair_replays_the_last_past_events_of_its_second_user_in_order():
    measures = measures_of(histories_of(a=10, b=10))
    (pair,) = draw_pairs(measures, PairSettings(count=5, seed=1, events=3))
    second = pair["user_b"]
    assert {pair["user_a"], second} == {"a", "b"}
    assert pair["pair"] == 1
    # Nine of ten events are the past: numbers 0 to 8.
    assert pair["events"] == [{"item_id": f"{second}{n}", "timestamp": 1000 + n} for n in (6, 7, 8)]


def test_only_users_with_as_many_past_events_as_are_replayed_take_part():
    measures = measures_of(histories_of(a=10, b=10, c=9, d=10, e=2))
    pairs = draw_pairs(measures, PairSettings(count=10, seed=1, events=9))
    assert len(pairs) == 1
    assert {pairs[0]["user_a"], pairs[0]["user_b"]} < {"a", "b", "d"}
    assert pair_warning(measures, PairSettings(10, 1, 9)).count == 1
    assert pair_warning(measures, PairSettings(1, 1, 9)).count == 0


def test_fewer_than_two_users_with_enough_history_are_refused():
    measures = measures_of(histories_of(a=10, b=3))
    problems = [str(problem) for problem in pair_problems(measures, PairSettings(10, 1, 5))]
    assert len(problems) == 1
    assert "1 of 2 users have 5 interactions or more, and a pair needs two such users" in problems[0]
    assert list(pair_problems(measures, PairSettings(10, 1, 2))) == []


@given(EVENTS, st.integers(1, 5), st.integers(0, 9), st.randoms(use_true_random=False))
def test_pairs_are_disjoint_and_do_not_depend_on_the_order_of_rows(events, count, seed, random):
    settings = PairSettings(count, seed, events=2)
    shuffled = list(events)
    random.shuffle(shuffled)
    pairs = draw_pairs(measures_of(events), settings)
    assert draw_pairs(measures_of(shuffled), settings) == pairs
    users = [user for pair in pairs for user in (pair["user_a"], pair["user_b"])]
    assert len(set(users)) == len(users)
    eligible = int((measures_of(events).user_past >= 2).sum())
    assert len(pairs) == min(count, eligible // 2)
    for pair in pairs:
        times = [event["timestamp"] for event in pair["events"]]
        assert times == sorted(times)
        assert {(pair["user_b"], event["item_id"], event["timestamp"]) for event in pair["events"]} <= set(
            events
        )


def test_more_pairs_keep_those_that_fewer_would_have_been():
    measures = measures_of(histories_of(a=5, b=5, c=5, d=5, e=5, f=5))
    three = draw_pairs(measures, PairSettings(3, 7, 2))
    assert draw_pairs(measures, PairSettings(2, 7, 2)) == three[:2]


@pytest.mark.parametrize("seed", [2, 3])
def test_another_seed_makes_other_pairs(seed):
    measures = measures_of([(f"u{user:02}", f"i{n}", n) for user in range(40) for n in range(5)])
    assert draw_pairs(measures, PairSettings(20, seed, 2)) != draw_pairs(measures, PairSettings(20, 1, 2))
