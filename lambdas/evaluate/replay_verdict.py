"""The answer of a replay: do lists follow what a user just did?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.replay import told_events
from lambdas.evaluate.verdict import Outcome, Verdict, outcome_of, verdict_of
from lambdas.reports.estimates import MINIMUM_USERS
from lambdas.reports.numbers import count_text, decimal_text, integer_text, percent_text

if TYPE_CHECKING:
    from lambdas.evaluate.replay import Replay
    from lambdas.reports.estimates import Estimate

# As many pairs as a replay is meant to have; fewer are said plainly.
INTENDED_PAIRS = 50


def decide_replay(replay: Replay) -> Verdict:
    """The verdict: the overlap after all events minus that before any, with its interval over pairs."""
    key = (replay.primary, replay.metric, replay.cutoff)
    pairs = replay.users[key]
    difference = replay.differences[replay.primary, replay.rival, replay.metric, replay.cutoff]
    outcome = outcome_of(difference.absolute, pairs)
    return verdict_of(replay, outcome, _sentence(replay, outcome, pairs))


def _sentence(replay: Replay, outcome: Outcome, pairs: int) -> str:
    on = f"on {count_text(pairs, 'pair')}"
    if pairs < MINIMUM_USERS:
        on += f", too few for a conclusion (at least {MINIMUM_USERS})"
    elif pairs < INTENDED_PAIRS:
        on += f", fewer than the {INTENDED_PAIRS} that a replay is meant to have"
    before, after = replay.steps[0].overlap, replay.steps[-1].overlap
    told = outcome.value.replace("_", " ")
    if after.value is None:
        return f"how much of B's list A's list shares cannot be said {on}: {told}"
    if outcome is Outcome.BETTER:
        count = told_events(tuple(step.events for step in replay.steps))
        step = next(step for step in replay.steps if step.events == (count or None))
        sent = f"{integer_text(count)}" if count else "all"
        way = replay.halfway.value
        half = f"; half of the way after {decimal_text(way)} events" if way is not None else ""
        return (
            f"after {sent} of B's events A's list shares {_shared(step.overlap)} with B's{half}, {on}: {told}"
        )
    return f"after all of B's events A's list shares {_shared(after)} with B's, {_shared(before)} before, {on}: {told}"


def _shared(estimate: Estimate) -> str:
    """`48 % (44 % to 52 %)`."""
    middle = percent_text(estimate.value)
    if estimate.low is None or estimate.high is None:
        return middle
    return f"{middle} ({percent_text(estimate.low)} to {percent_text(estimate.high)})"
