"""Describe-or-create, so that a step can be repeated at any time and nothing is made, or trained, twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lambdas.create_resource.difference import differences
from lambdas.shared.errors import ResourceConflictError, ServiceNotReadyError, TaskError
from lambdas.shared.naming import content_key, with_suffix
from lambdas.shared.resources import ArnScope, Naming, ResourceKind, ResourceState, describe
from lambdas.shared.service import error_code

# A run that failed may be resumed: its failed jobs cannot be deleted, and their names stay taken.
MAX_ATTEMPTS = 10
# Versions of one solution that are searched for the run's own; older ones belong to older runs.
MAX_VERSIONS_SEARCHED = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """The resource that a step asks for: `name` is the readable base, `request` the API's own members."""

    kind: ResourceKind
    name: str
    request: Mapping[str, Any]
    run_id: str


@dataclass(frozen=True, slots=True)
class Ensured:
    """A resource that is there now, and whether this call made it."""

    state: ResourceState
    created: bool


def ensure(client: Any, scope: ArnScope, wanted: Wanted) -> Ensured:
    """Find the wanted resource or create it.

    A resource of an earlier run is adopted when it is what the request asks for; a failed job of this run makes way
    for a new attempt. Raises ResourceConflictError when one exists that differs, ServiceNotReadyError when it is
    being deleted, TaskError when every attempt of this run has failed.
    """
    for name in _candidate_names(wanted):
        found = _find(client, scope, wanted, name)
        if found is None:
            return _create(client, scope, wanted, name)
        if found.going_away:
            raise ServiceNotReadyError(f"{found.arn} is being deleted ({found.status}).")
        if not (found.failed and wanted.kind.naming is Naming.RUN):
            return Ensured(_adopted(wanted, found), created=False)
    raise TaskError(
        f"{MAX_ATTEMPTS} attempts of run {wanted.run_id!r} at {wanted.name!r} have failed: "
        "read the failure reasons in the run's report folder and start a new run."
    )


def _candidate_names(wanted: Wanted) -> Iterator[str]:
    match wanted.kind.naming:
        case Naming.STABLE:
            yield wanted.name
        case Naming.CONTENT:
            # Tags are labels: changing one must not make a new solution, which would be trained anew.
            content = {member: value for member, value in wanted.request.items() if member != "tags"}
            yield with_suffix(wanted.name, unique=content_key(content))
        case Naming.RUN:
            yield with_suffix(wanted.name, unique=wanted.run_id)
            for attempt in range(2, MAX_ATTEMPTS + 1):
                yield with_suffix(wanted.name, unique=f"{wanted.run_id}/{attempt}")


def _find(client: Any, scope: ArnScope, wanted: Wanted, name: str) -> ResourceState | None:
    arn = wanted.kind.arn(scope, name, wanted.request)
    if arn is None:
        return _find_version(client, wanted, name)
    try:
        return describe(client, wanted.kind, arn)
    except client.exceptions.ResourceNotFoundException:
        return None


def _find_version(client: Any, wanted: Wanted, name: str) -> ResourceState | None:
    """Look for a solution version by its name, newest first; only a description tells the name."""
    solution_arn = wanted.request["solutionArn"]
    pages = client.get_paginator("list_solution_versions").paginate(
        solutionArn=solution_arn, PaginationConfig={"MaxItems": MAX_VERSIONS_SEARCHED, "PageSize": 100}
    )
    try:
        summaries = [summary for page in pages for summary in page["solutionVersions"]]
    except client.exceptions.ResourceNotFoundException:
        return None
    for summary in sorted(summaries, key=lambda each: each["creationDateTime"], reverse=True):
        state = describe(client, wanted.kind, summary["solutionVersionArn"])
        if str(state.description.get("name", "")).rsplit("/", 1)[-1] == name:
            return state
    return None


def _create(client: Any, scope: ArnScope, wanted: Wanted, name: str) -> Ensured:
    kind = wanted.kind
    try:
        answer = getattr(client, kind.create_method)(**{kind.name_member: name}, **wanted.request)
    except ClientError as error:
        if error_code(error) != "ResourceAlreadyExistsException":
            raise
        # Made by a call whose answer was lost, or by a neighbour a moment ago.
        found = _find(client, scope, wanted, name)
        if found is None:
            raise
        return Ensured(_adopted(wanted, found), created=False)
    return Ensured(describe(client, kind, answer[kind.arn_member]), created=True)


def _adopted(wanted: Wanted, found: ResourceState) -> ResourceState:
    if wanted.kind.naming is Naming.CONTENT:
        return found  # the name holds the hash of the request, so it is what was asked for
    different = differences(wanted.request, found.description)
    if different:
        raise ResourceConflictError(
            f"{found.arn} exists but differs from the settings: {'; '.join(different)}. {_advice(wanted)}"
        )
    return found


def _advice(wanted: Wanted) -> str:
    if wanted.kind.naming is Naming.RUN:
        return f"The settings have changed since run {wanted.run_id!r} began: start a new run instead of resuming it."
    return "Change the settings back, use another prefix or stage, or delete the resource yourself and start again."
