"""Rules about schedules: the syntax of EventBridge Scheduler, and time zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from config.checks.rule import Rule
from config.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.checks.rule import Finding, Subject

_EXPRESSION = re.compile(r"(cron|rate|at)\((.*)\)")
_RATE = re.compile(r"([1-9]\d*) (minute|minutes|hour|hours|day|days)")
_TIME_ZONE_SHAPE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")


@dataclass(frozen=True, slots=True)
class _CronField:
    """One of the six fields: its range, the names it takes for numbers, and its special signs."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    day: bool = False  # takes ?, L, and one of W and #

    def problem(self, text: str) -> str | None:
        """What is wrong with the field, None when nothing is."""
        if text == "*" or (self.day and text == "?"):
            return None
        bad = next((part for part in text.split(",") if not self._part_fits(part)), None)
        if bad is None:
            return None
        return f"{bad!r} in the field {self.name} (it takes {self.low}-{self.high}{self._names_hint()})"

    def _names_hint(self) -> str:
        return f" or {self.names[0]}-{self.names[-1]}" if self.names else ""

    def _part_fits(self, part: str) -> bool:
        if self.day and self._special_day_fits(part):
            return True
        span, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        if span == "*":
            return bool(slash)
        ends = [self._number(end) for end in span.split("-")]
        if None in ends or len(ends) > 2:
            return False
        return len(ends) == 1 or bool(self.names) or ends[0] <= ends[1]  # type: ignore[operator]  # None is out

    def _number(self, text: str) -> int | None:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.low
        return int(text) if text.isdecimal() and self.low <= int(text) <= self.high else None

    def _special_day_fits(self, part: str) -> bool:
        """`L` and `15W` of a month's days; `6L` and `2#1` of a week's days."""
        if part in ("L", "LW"):
            return True
        if self.names:
            day, _, week = part.partition("#")
            return self._number(part.removesuffix("L") if not week else day) is not None and (
                part.endswith("L") if not week else week in ("1", "2", "3", "4", "5")
            )
        return part.endswith("W") and self._number(part[:-1]) is not None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_CRON_FIELDS = (
    _CronField("minutes", 0, 59),
    _CronField("hours", 0, 23),
    _CronField("day of month", 1, 31, day=True),
    _CronField("month", 1, 12, _MONTHS),
    _CronField("day of week", 1, 7, _DAYS, day=True),
    _CronField("year", 1970, 2199),
)


def expression_problem(expression: str) -> str | None:
    """What is wrong with an expression of EventBridge Scheduler, None when nothing is."""
    match = _EXPRESSION.fullmatch(expression)
    if not match:
        return "write cron(..), rate(..) or at(..), for example cron(0 3 ? * SUN *)"
    kind, body = match.groups()
    if kind == "cron":
        return _cron_problem(body)
    if kind == "rate":
        return None if _RATE.fullmatch(body) else "write a number and minutes, hours or days: rate(7 days)"
    try:
        datetime.strptime(body, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007  (the time zone is a setting of its own)
    except ValueError:
        return "write a date and time: at(2030-12-31T23:00:00)"
    return None


def _cron_problem(body: str) -> str | None:
    parts = body.split()
    if len(parts) != len(_CRON_FIELDS):
        names = ", ".join(field.name for field in _CRON_FIELDS)
        return f"cron has six fields ({names}), not {len(parts)}"
    for field, part in zip(_CRON_FIELDS, parts, strict=True):
        if problem := field.problem(part):
            return problem
    if (parts[2] == "?") == (parts[4] == "?"):
        return "exactly one of day of month and day of week must be `?`"
    return None


def time_zone_problem(name: str) -> str | None:
    """What is wrong with the name of a time zone. Without a time zone database only its shape is checked."""
    known = available_timezones()
    if known and name not in known:
        return f"{name!r} is not an IANA time zone.{did_you_mean(name, known)}"
    return None if known or _TIME_ZONE_SHAPE.fullmatch(name) else f"{name!r} is not an IANA time zone"


def _expression(subject: Subject) -> Iterator[Finding]:
    expression = subject.scenario.schedule.expression
    if problem := expression_problem(expression):
        yield ("schedule", "expression"), f"{expression!r}: {problem}"


def _time_zone(subject: Subject) -> Iterator[Finding]:
    if problem := time_zone_problem(subject.scenario.schedule.time_zone):
        yield ("schedule", "time_zone"), problem


SCHEDULE_RULES = (
    Rule(_expression, ("schedule.expression",)),
    Rule(_time_zone, ("schedule.time_zone",)),
)
