"""Who is paired with whom."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.replay_events.conversation import checkpoints
from lambdas.replay_events.plan import Pair, PastEvent, Plan, make_plan, pairs_of
from lambdas.shared.errors import DataError


def drawn(number):
    return [Pair(n + 1, f"a{n}", f"b{n}", (PastEvent(f"item of b{n}"),)) for n in range(number)]


def test_without_changed_users_the_pairs_are_those_that_were_drawn():
    assert make_plan(drawn(7), set()) == Plan(tuple(drawn(7)))


@given(st.integers(1, 12), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_everybody_serves_once_and_nobody_who_was_changed(number, changed_a, changed_b):
    changed = {f"a{n}" for n in changed_a if n < number} | {f"b{n}" for n in changed_b if n < number}
    fresh_a = number - sum(user.startswith("a") for user in changed)
    fresh_b = number - sum(user.startswith("b") for user in changed)
    most = min(fresh_b, (fresh_a + fresh_b) // 2)
    if not most:
        with pytest.raises(DataError, match="No pair of users is left"):
            make_plan(drawn(number), changed)
        return
    plan = make_plan(drawn(number), changed)
    assert len(plan.pairs) == most
    assert plan.changed_users == len(changed)
    served = Counter(user for pair in plan.pairs for user in (pair.user_a, pair.user_b))
    assert set(served.values()) == {1}
    assert not served.keys() & changed
    assert all(pair.events == (PastEvent(f"item of {pair.user_b}"),) for pair in plan.pairs)
    assert all(f"b{pair.number - 1}" == pair.user_b for pair in plan.pairs)


def test_a_plan_survives_json():
    plan = Plan((Pair(3, "a", "b", (PastEvent("1"), PastEvent("2", "buy", 0.5))),), 2)
    assert Plan.of(json.loads(json.dumps(plan.document()))) == plan


def test_pairs_of_another_version_are_refused_in_words():
    with pytest.raises(DataError, match="another version of the application"):
        pairs_of([{"pair": 1, "user_a": "1", "user_b": "2"}])


@pytest.mark.parametrize(
    ("events", "expected"),
    [(50, [0, 1, 2, 5, 10, 20, 50]), (20, [0, 1, 2, 5, 10, 20]), (3, [0, 1, 2, 3]), (1, [0, 1])],
)
def test_the_last_point_is_after_all_events(events, expected):
    assert checkpoints((0, 1, 2, 5, 10, 20), events) == expected
