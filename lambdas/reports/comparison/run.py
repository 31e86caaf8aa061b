"""A run as its metrics.json tells it, of versions 1 and 2, checked and turned into values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.reports.estimates import Difference, Estimate
from lambdas.reports.reading import DocumentError, Members
from lambdas.reports.run_folder import METRICS_FILE
from lambdas.reports.runs import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

USERS_FILE = "per_user.parquet"

_VERSIONS = ("1", "2")
# What files of version 1.0, which knew one model and one kind, leave out.
_ONLY_MODEL = "model"
_FIRST_KIND = "users"

ListKey = tuple[str, str]
"""Source (a variant's or baseline's name) and treatment (`as_returned`, `without_seen`)."""
MetricKey = tuple[str, int]
"""Metric and cut-off."""


class UnreadableRunError(Exception):
    """The files of a run cannot be used: says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Value:
    """A figure of a list and over how many users it is."""

    estimate: Estimate
    users: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of users or items: what they are grouped by, which group, and its figures. lead: over the rival."""

    by: str
    group: str
    label: str
    users: int
    value: Estimate
    lead: Estimate


@dataclass(frozen=True, slots=True)
class Run:
    """Everything of a run that comparisons need.

    primary, metric, k: the list that the verdict is about, and by what it is judged.
    values: of every list. leads: of the primary list over every other that it was compared with.
    variants: names and facts. versions: ARNs of the solution versions.
    counts: of users and data by the names of metrics.json, `users.evaluated` or `data.train_interactions`.
    users_file: size and SHA-256 that the users' values must have; None where the document does not tell.
    evaluated_at: when the run was first evaluated (ISO 8601, UTC); None in version 1.
    """

    scenario: str
    run_id: str
    version: str
    kind: str
    model: str
    outcome: str
    verdict: str
    primary: ListKey
    metric: str
    k: int
    confidence: float
    resamples: int
    seed: int
    values: Mapping[ListKey, Mapping[MetricKey, Value]]
    leads: Mapping[str, Mapping[MetricKey, Difference]]
    settings: Mapping[str, Any]
    facts: Mapping[str, Any]
    variants: tuple[tuple[str, Mapping[str, Any]], ...]
    versions: tuple[str, ...]
    counts: Mapping[str, float]
    segments: tuple[Segment, ...] = ()
    users_file: tuple[int, str] | None = None
    evaluated_at: str | None = None

    @property
    def started(self) -> str | None:
        """When its execution started (ISO 8601, UTC), if the state machine told it."""
        started = self.facts.get("started_at")
        return started if isinstance(started, str) else None

    @property
    def primary_values(self) -> Mapping[MetricKey, Value]:
        """The figures of the list that the verdict is about."""
        return self.values.get(self.primary, {})

    def list_of(self, source: str) -> ListKey | None:
        """The list of a source that can stand beside the primary list: of the same treatment, or its only one."""
        keys = [key for key in self.values if key[0] == source]
        return next((key for key in keys if key[1] == self.primary[1]), keys[0] if keys else None)


def read_run(folder: Path) -> Run:
    """The run whose report lies in a folder. Raises UnreadableRunError."""
    file = folder / METRICS_FILE
    try:
        return parse_run(file.read_bytes(), str(file))
    except FileNotFoundError:
        raise UnreadableRunError(
            f"{folder} holds no {METRICS_FILE}: the run did not reach its end."
        ) from None
    except OSError as error:
        raise UnreadableRunError(f"{file} cannot be read: {error}.") from error


def parse_run(text: str | bytes, where: str) -> Run:
    """The run that a metrics.json tells of. where: what errors call it. Raises UnreadableRunError."""
    try:
        return _run(Members.parse(text))
    except DocumentError as error:
        raise UnreadableRunError(f"{where} cannot be used: {error}. Evaluate the run again.") from error


def _run(document: Members) -> Run:
    version = document.text("schema_version")
    if version.split(".", maxsplit=1)[0] not in _VERSIONS:
        raise DocumentError(f"it has version {version}, and versions 1 and 2 are known")
    primary, settings = document.members("primary"), document.members("settings")
    metric, _, k = primary.text("metric").rpartition("@")
    if not k.isdecimal():
        raise DocumentError(f"primary.metric {primary.text('metric')!r} has no cut-off")
    first = (primary.text_or_none("source") or _ONLY_MODEL, primary.text("list"))
    users = document.members_or_none("users") or Members({})
    return Run(
        scenario=document.text("scenario"),
        run_id=document.text("run_id"),
        version=version,
        kind=document.text_or_none("kind") or _FIRST_KIND,
        model=document.members("model").text("name"),
        outcome=document.text("outcome"),
        verdict=document.text("verdict"),
        primary=first,
        metric=metric,
        k=int(k),
        confidence=_confidence(settings),
        resamples=settings.count("bootstrap_resamples"),
        seed=settings.count("seed"),
        values=_values(document),
        leads=_leads(document, first),
        settings=settings.content,
        facts=_content(document, "facts"),
        variants=tuple((row.text("name"), _content(row, "facts")) for row in _rows(document, "variants")),
        versions=tuple(dict.fromkeys(_versions(document))),
        counts=dict(_counts(users.content, "users")) | dict(_counts(_content(document, "data"), "data")),
        segments=tuple(_segment(row) for row in _rows(document, "segments")),
        users_file=_users_file(document),
        evaluated_at=document.text_or_none("evaluated_at"),
    )


def _confidence(settings: Members) -> float:
    confidence = settings.number("confidence")
    if confidence is None or not 0 < confidence < 1:
        raise DocumentError(f"settings.confidence {confidence} does not lie between 0 and 1")
    return confidence


def _values(document: Members) -> Mapping[ListKey, Mapping[MetricKey, Value]]:
    values: dict[ListKey, dict[MetricKey, Value]] = {}
    for row in document.rows("values"):
        of_list = values.setdefault((row.text("source"), row.text("list")), {})
        of_list[row.text("metric"), row.count("k")] = Value(estimate(row), row.count("users"))
    return values


def _leads(document: Members, primary: ListKey) -> Mapping[str, Mapping[MetricKey, Difference]]:
    leads: dict[str, dict[MetricKey, Difference]] = {}
    for row in document.rows("differences"):
        if (row.text_or_none("source") or _ONLY_MODEL, row.text("list")) == primary:
            of_baseline = leads.setdefault(row.text("baseline"), {})
            of_baseline[row.text("metric"), row.count("k")] = Difference(
                estimate(row, "difference"),
                estimate(row, "relative_difference", "relative_low", "relative_high"),
            )
    return leads


def _versions(document: Members) -> Iterator[str]:
    for row in (document.members("model"), *_rows(document, "variants")):
        arn = row.text_or_none("solution_version_arn")
        if arn:
            yield arn


def _segment(row: Members) -> Segment:
    return Segment(
        by=row.text("by"),
        group=row.text("group"),
        label=row.text("label"),
        users=row.count("users"),
        value=estimate(row),
        lead=estimate(row, "difference", "difference_low", "difference_high"),
    )


def _counts(members: Mapping[str, Any], name: str) -> Iterator[tuple[str, float]]:
    for key, value in members.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            yield f"{name}.{key}", float(value)


def _users_file(document: Members) -> tuple[int, str] | None:
    files = document.members_or_none("files")
    entry = files.members_or_none(USERS_FILE) if files else None
    return (entry.count("bytes"), entry.text("sha256")) if entry else None


def _content(document: Members, name: str) -> Mapping[str, Any]:
    """An object as it is; empty when the member is null or missing."""
    found = document.members_or_none(name)
    return found.content if found else {}


def _rows(document: Members, name: str) -> Iterator[Members]:
    """The rows of a member that may be null or missing."""
    return document.rows(name) if document.content.get(name) is not None else iter(())
