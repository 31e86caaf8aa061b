"""Rules about a run as a whole: how long it may take, and that the lists are long enough to be measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.checks.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.checks.rule import Finding, Subject

EVENTS_PER_POLL = 9
"""Events of one turn of Wait → describe → Choice: 2 of the wait, 5 of the Lambda task, 2 of the choice."""

EVENT_BUDGET = 20_000
"""Step Functions ends an execution at 25,000 events; the rest is for the other states and for retries."""

MAX_BATCH_RESULTS = 500

_LOCATION = re.compile(r"(?:s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/)?(?P<key>.*)", re.DOTALL)
_OWN_PREFIXES = ("runs/", "reports/")
MAX_LOCATION = 256
BUCKET_PLACEHOLDER = "s3://" + "b" * 63 + "/"


def _poll_pauses(subject: Subject) -> Iterator[Finding]:
    for kind, poll in subject.scenario.polling.items():
        if poll.seconds > poll.timeout_seconds:
            yield (
                ("polling", kind, "seconds"),
                f"the first look would come after the timeout of {poll.timeout_seconds} s",
            )


def _history(subject: Subject) -> Iterator[Finding]:
    scenario = subject.scenario
    polls = {kind: poll.max_polls * scenario.times(kind) for kind, poll in scenario.polling.items()}
    events = sum(polls.values()) * EVENTS_PER_POLL
    if events > EVENT_BUDGET:
        worst = max(polls, key=lambda kind: polls[kind])
        yield (
            ("polling",),
            (
                f"up to {sum(polls.values()):,} looks make {events:,} events in the history of an execution, most "
                f"of them from {worst}: look less often, to stay below {EVENT_BUDGET:,} (the limit is 25,000)"
            ),
        )


def shortest_timeout(subject: Subject) -> int:
    """Seconds that a run may need when everything takes as long as it may."""
    scenario = subject.scenario
    waits = sum(poll.timeout_seconds * scenario.times(kind) for kind, poll in scenario.polling.items())
    functions = subject.settings.functions
    creations = len(subject.scenario.polling.items()) + 1  # the schema is created too, but needs no wait
    tasks = functions.split_data.timeout_seconds + functions.evaluate.timeout_seconds
    return waits + tasks + creations * functions.create_resource.timeout_seconds


def _timeout(subject: Subject) -> Iterator[Finding]:
    least = shortest_timeout(subject)
    if subject.scenario.timeout_seconds < least:
        yield (
            ("timeout_seconds",),
            (
                f"{subject.scenario.timeout_seconds:,} s is less than the steps of a run may take together, "
                f"{least:,} s: raise it, or lower the timeouts under polling"
            ),
        )


def _results(subject: Subject) -> Iterator[Finding]:
    wanted = subject.scenario.batch_inference["numResults"]
    path = ("batch_inference", "numResults")
    longest = max(subject.scenario.evaluation.cutoffs)
    if not 1 <= wanted <= MAX_BATCH_RESULTS:
        yield path, f"is {wanted}; the service gives 1 to {MAX_BATCH_RESULTS}"
    elif wanted < longest:
        yield path, f"is {wanted}, but evaluation.cutoffs asks for lists of {longest}"


def _cutoffs(subject: Subject) -> Iterator[Finding]:
    evaluation = subject.scenario.evaluation
    cutoffs = evaluation.cutoffs
    if list(cutoffs) != sorted(set(cutoffs)) or not 1 <= cutoffs[0] <= cutoffs[-1] <= MAX_BATCH_RESULTS:
        yield (
            ("evaluation", "cutoffs"),
            f"{list(cutoffs)}: write each length once, rising, from 1 to {MAX_BATCH_RESULTS}",
        )
    if evaluation.primary_cutoff not in cutoffs:
        yield (
            ("evaluation", "primary_cutoff"),
            f"{evaluation.primary_cutoff} is not one of evaluation.cutoffs {list(cutoffs)}",
        )


def _baselines(subject: Subject) -> Iterator[Finding]:
    baselines = subject.scenario.evaluation.baselines
    if len(set(baselines)) < len(baselines):
        yield ("evaluation", "baselines"), f"{list(baselines)}: write each baseline once"


def location_problem(location: str) -> str | None:
    """What is wrong with the location of raw data, None when nothing is."""
    match = _LOCATION.fullmatch(location)
    key = match["key"] if match else location
    full = location if match and match["bucket"] else BUCKET_PLACEHOLDER + location
    if "://" in key:
        return "write a key prefix in the data bucket, or s3://bucket/prefix/"
    if key.startswith("/") or not location.endswith("/"):
        return (
            "a prefix has no slash at its beginning and one at its end, or it would match its neighbours too"
        )
    if len(full) > MAX_LOCATION:
        return f"too long: with its bucket {len(full)} characters, the service takes {MAX_LOCATION}"
    if match and not match["bucket"] and key.startswith(_OWN_PREFIXES):
        return f"{key.split('/')[0]}/ is where runs are written: keep raw data apart, for example below raw/"
    return None


def _locations(subject: Subject) -> Iterator[Finding]:
    for dataset, settings in subject.scenario.data.present().items():
        if problem := location_problem(settings.location):
            yield ("data", dataset, "location"), f"{settings.location!r}: {problem}"


RUN_RULES = (
    Rule(_poll_pauses, ("polling",)),
    Rule(_history, ("polling",)),
    Rule(_timeout, ("polling", "timeout_seconds")),
    Rule(_results, ("batch_inference.numResults", "evaluation.cutoffs")),
    Rule(_cutoffs, ("evaluation.cutoffs", "evaluation.primary_cutoff")),
    Rule(_baselines, ("evaluation.baselines",)),
    Rule(_locations, ("data",)),
)
