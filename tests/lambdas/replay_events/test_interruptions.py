"""A replay that is killed, throttled, out of time or called twice: every event still arrives once and in order."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.errors import ServiceNotReadyError, TaskError


@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException"])
def test_a_throttled_pair_goes_on_exactly_where_it_was(replay, code, script):
    def throttle(number, operation):
        if number >= 9 and operation == "PutEvents":
            raise script.refusal(code)

    replay.service.before_call = throttle
    with pytest.raises(ServiceNotReadyError, match=f"PutEvents: {code}"):
        replay()
    replay.service.before_call = lambda *_: None
    answer = replay()
    assert (answer["done"], answer["finished_pairs"], answer["left_out_pairs"]) == (True, 4, 0)
    replay.assert_sent_once_and_in_order(range(1, 5))


def test_when_time_is_up_the_answer_says_so_and_the_next_call_goes_on(replay):
    answers = []
    for budget in (5, 40, 1_000):
        limit = len(replay.service.calls) + budget
        replay.has_time = lambda _, limit=limit: len(replay.service.calls) < limit
        answers.append(replay())
    assert [answer["done"] for answer in answers] == [False, False, True]
    assert [answer["lists"] is None for answer in answers] == [True, True, False]
    assert answers[-1]["left_out_pairs"] == 0
    replay.assert_sent_once_and_in_order(range(1, 5))
    replay.assert_lists_of_their_moment()


def test_a_pair_that_was_paused_and_then_killed_is_left_out(replay, script):
    replay.draw(pairs=2)
    event = replay.event(pairs_at_a_time=1)
    replay.has_time = lambda _: len(replay.service.calls) < 6
    assert not replay(event)["done"]
    replay.has_time = lambda _: True
    with killed_at_call(replay, script.KilledError, len(replay.service.calls) + 3, taken=True):
        replay(event)
    answer = replay(event)
    assert (answer["finished_pairs"], answer["left_out_pairs"]) == (1, 1)
    replay.assert_sent_once_and_in_order(replay.finished())


def test_there_must_be_time_for_the_wait_before_it_begins(replay):
    replay.has_time = lambda seconds: seconds < 60
    replay.draw(pairs=1)
    event = replay.event(settle_seconds=60, pairs_at_a_time=1)
    assert not replay(event)["done"]
    assert [operation for operation, _ in replay.service.calls] == ["GetRecommendations"] * 2 + ["PutEvents"]
    with pytest.raises(TaskError, match="no time for a single call: raise the timeout"):
        replay(event)


def test_an_answer_that_is_lost_leaves_its_pair_out(replay, script):
    failed = []

    def lose(_number, operation):
        if operation == "PutEvents" and not failed:
            failed.append(True)
            raise script.refusal("InternalServerException", 500)

    replay.service.after_call = lose
    with pytest.raises(ServiceNotReadyError, match="answer of the service was lost"):
        replay()
    answer = replay()
    assert (answer["done"], answer["finished_pairs"], answer["left_out_pairs"]) == (True, 3, 1)
    assert len(replay.finished()) == 3
    replay.assert_sent_once_and_in_order(replay.finished())


def test_trouble_with_a_question_costs_nothing(replay, script):
    def fail(number, operation):
        if number >= 5 and operation == "GetRecommendations":
            raise script.refusal("InternalServerException", 500, operation)

    replay.service.before_call = fail
    with pytest.raises(ServiceNotReadyError, match="in trouble"):
        replay()
    replay.service.before_call = lambda *_: None
    assert replay()["left_out_pairs"] == 0


def test_an_error_that_does_not_pass_is_passed_on(replay, script):
    def fail(_number, _operation):
        raise script.refusal("ResourceNotFoundException", 404, "GetRecommendations")

    replay.service.before_call = fail
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        replay()


class Switch:
    """A client that is dead after a number of calls, as all of a killed process is."""

    def __init__(self, client, alive, killed):
        self._client, self._alive, self._killed = client, alive, killed

    def __getattr__(self, name):
        found = getattr(self._client, name)

        def call(*arguments, **members):
            if not self._alive():
                raise self._killed
            return found(*arguments, **members)

        return call if callable(found) else found


@settings(max_examples=25)
@given(kills=st.lists(st.integers(0, 60), max_size=3), taken=st.booleans(), at_a_time=st.integers(1, 3))
def test_whenever_it_is_killed_no_event_is_sent_twice_or_out_of_order(script, kills, taken, at_a_time):
    """Kill the process at any calls, before the service has taken them or after; resume every time."""
    with tempfile.TemporaryDirectory() as folder, script.opened(Path(folder), users=8) as replay:
        event = replay.event(pairs_at_a_time=at_a_time)
        for kill in kills:
            with killed_at_call(replay, script.KilledError, len(replay.service.calls) + kill, taken=taken):
                replay(event)
        if kills and everything_interrupted(replay, event):
            replay.assert_sent_once_and_in_order(())
            return
        answer = replay(event)
        finished = replay.finished()
        assert answer["done"]
        assert answer["finished_pairs"] == len(finished) == 4 - answer["left_out_pairs"]
        replay.assert_sent_once_and_in_order(finished)


@contextmanager
def killed_at_call(replay, error, limit, *, taken):
    """At this call of the service everything dies: the service's clients, and S3's."""
    dead = []

    def die(number, _operation):
        if dead or number >= limit:
            dead.append(True)
            raise error

    def live(*_):
        return None

    whole = replay.s3
    replay.service.before_call, replay.service.after_call = (live, die) if taken else (die, live)
    replay.s3 = Switch(whole, lambda: not dead, error)
    try:
        with suppress(error, TaskError):  # the latter when earlier kills have left no pair
            yield
    finally:
        replay.s3, replay.service.before_call, replay.service.after_call = whole, live, live


def everything_interrupted(replay, event):
    try:
        replay(event)
    except TaskError as error:
        return "Every one of 4 pairs was interrupted" in str(error)
    return False


def test_two_calls_at_once_do_not_take_up_the_same_pair(replay):
    """While one call is at its first question, another one runs to its end."""
    inner = []

    def second_call(number, _operation):
        if number == 0 and not inner:
            inner.append(None)
            replay.service._lock.release()
            try:
                inner[0] = replay()
            finally:
                replay.service._lock.acquire()

    replay.service.before_call = second_call
    answer = replay(replay.event(pairs_at_a_time=1))
    assert inner[0]["done"]
    assert answer["done"]
    finished = replay.finished()
    replay.assert_sent_once_and_in_order(finished)
