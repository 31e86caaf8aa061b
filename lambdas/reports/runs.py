"""What is known of a run once it is over, few enough figures to list a thousand of them: a `RunEntry`.

Entries are made from the files of a run's report folder (run_folder.py), and kept as JSON in `reports/index.json`.
Whoever compares runs or lists them starts here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from lambdas.reports.estimates import Difference, Estimate
from lambdas.reports.reading import DocumentError, Members


class Status(StrEnum):
    """How a run stands.

    succeeded: its latest attempt has written a result. failed: its latest attempt ended with an error; a result of an
    earlier attempt may be there all the same. unfinished: files but neither result nor error: at work, or stopped.
    unreadable: its result is there but cannot be read.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNFINISHED = "unfinished"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class MainComparison:
    """The comparison that the verdict is about.

    metric, k: as `ndcg`, 10. source: the variant (`model`, or its name; `replay`). baseline: what it is compared
    with, a baseline or the reference variant. value, baseline_value: means with their intervals. difference: the
    first minus the second, absolute and relative, with intervals.
    """

    metric: str
    k: int
    source: str
    baseline: str
    value: Estimate
    baseline_value: Estimate
    difference: Difference


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost by the settings' unit prices."""

    total: float
    currency: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """What metrics.json says. users: over how many the figures are; in a replay, pairs."""

    outcome: str
    verdict: str
    kind: str
    model: str
    users: int
    primary: MainComparison
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """What failure-<execution>.json says of one attempt. at: when it was written (ISO 8601, UTC)."""

    at: str
    stage: str
    error: str
    reason: str
    advice: str
    execution_arn: str


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run.

    started_at: of the attempt that gave the result (ISO 8601, UTC), None when it is not known.
    ended_at: when the newest of its documents was written (ISO 8601, UTC).
    failures: attempts that failed, the newest first.
    pages: which of report.html and comparison.html are there.
    notes: what is wrong with the folder and what to do about it, sentences.
    """

    scenario: str
    run_id: str
    status: Status
    ended_at: str
    started_at: str | None = None
    result: RunResult | None = None
    failures: tuple[FailedAttempt, ...] = ()
    pages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The run's folder as seen from `reports/`, with a slash at its end."""
        return f"{self.scenario}/{self.run_id}/"

    def as_document(self) -> dict[str, Any]:
        """The entry as plain JSON."""
        return asdict(self)


def newest_first(entry: RunEntry) -> tuple[str, str, str]:
    """Sort key, to be used with reverse=True: runs that ended at the same instant keep one order."""
    return entry.ended_at, entry.scenario, entry.run_id


def entry_from(document: Members) -> RunEntry:
    """An entry from what `as_document` made. Raises DocumentError."""
    result = document.members_or_none("result")
    status = document.text("status")
    if status not in list(Status):
        raise DocumentError(f"there is no status {status!r}")
    return RunEntry(
        scenario=document.text("scenario"),
        run_id=document.text("run_id"),
        status=Status(status),
        ended_at=document.text("ended_at"),
        started_at=document.text_or_none("started_at"),
        result=_result(result) if result else None,
        failures=tuple(_failure(row) for row in document.rows("failures")),
        pages=document.texts("pages"),
        notes=document.texts("notes"),
    )


def _result(document: Members) -> RunResult:
    cost, primary = document.members_or_none("cost"), document.members("primary")
    difference = primary.members("difference")
    return RunResult(
        outcome=document.text("outcome"),
        verdict=document.text("verdict"),
        kind=document.text("kind"),
        model=document.text("model"),
        users=document.count("users"),
        primary=MainComparison(
            metric=primary.text("metric"),
            k=primary.count("k"),
            source=primary.text("source"),
            baseline=primary.text("baseline"),
            value=estimate(primary.members("value")),
            baseline_value=estimate(primary.members("baseline_value")),
            difference=Difference(
                estimate(difference.members("absolute")), estimate(difference.members("relative"))
            ),
        ),
        cost=cost_of(cost) if cost and _is_whole(cost) else None,
    )


def _is_whole(cost: Members) -> bool:
    """Whether every part of the cost is known: a sum that leaves some out is no figure to show without them."""
    if "items" not in cost.content:  # an entry of the index, which keeps whole ones only
        return True
    return all(item.number("amount") is not None for item in cost.rows("items"))


def cost_of(document: Members) -> Cost | None:
    """`total` and `currency` of an object; None when the total is not known."""
    total = document.number("total")
    return None if total is None else Cost(total, document.text("currency"))


def estimate(document: Members, value: str = "value", low: str = "low", high: str = "high") -> Estimate:
    """An estimate from an object's members of these names."""
    return Estimate(document.number(value), document.number(low), document.number(high))


def _failure(document: Members) -> FailedAttempt:
    return FailedAttempt(
        at=document.text("at"),
        stage=document.text("stage"),
        error=document.text("error"),
        reason=document.text("reason"),
        advice=document.text("advice"),
        execution_arn=document.text("execution_arn"),
    )
