"""Find a resource that an earlier call, run or deployment has made, by what its kind is named after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.errors import RequestError
from lambdas.shared.naming import content_key, with_suffix
from lambdas.shared.resources import ArnScope, Naming, ResourceKind, ResourceState, describe, resource_kind

# A run that failed may be resumed: its failed jobs cannot be deleted, and their names stay taken.
MAX_ATTEMPTS = 10
# Versions of one solution that are described to find the run's own; older ones belong to older runs.
MAX_DESCRIBED = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """The resource that a step asks for: `name` is the readable base, `request` the API's own members."""

    kind: ResourceKind
    name: str
    request: Mapping[str, Any]
    run_id: str
    rests_on: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Wanted:
        """Read `{kind, name, run_id, request}`. Raises RequestError when a member is missing.

        `settings`, where it is there, holds members of the request that come from the settings as one object;
        `rests_on` what else the content of a resource depends on, such as the schemas that a solution trains on.
        """
        try:
            request = {**event.get("settings", {}), **event["request"]}
            rests_on = tuple(event.get("rests_on", ()))
            return cls(resource_kind(event["kind"]), event["name"], request, event["run_id"], rests_on)
        except KeyError as error:
            raise RequestError(
                f"the input lacks {error}: it is sent by the state machine of the scenario; "
                "deploy the current version of the application."
            ) from error


def candidate_names(wanted: Wanted) -> Iterator[str]:
    """The names that the resource may have: of a run's own kinds one for each attempt, the first one first."""
    match wanted.kind.naming:
        case Naming.STABLE:
            yield wanted.name
        case Naming.CONTENT:
            # Tags are labels: changing one must not make a new solution, which would be trained anew.
            content = {member: value for member, value in wanted.request.items() if member != "tags"}
            if wanted.rests_on:
                content["rests on"] = list(wanted.rests_on)
            yield with_suffix(wanted.name, unique=content_key(content))
        case Naming.RUN:
            yield with_suffix(wanted.name, unique=wanted.run_id)
            for attempt in range(2, MAX_ATTEMPTS + 1):
                yield with_suffix(wanted.name, unique=f"{wanted.run_id}/{attempt}")


def name_without_hash(name: str) -> str:
    """What the names of all runs and contents of a readable base have in common: they go on with a hash."""
    return with_suffix(name, unique="").rpartition("-")[0]


def find(client: Any, scope: ArnScope, wanted: Wanted, name: str) -> ResourceState | None:
    """The resource of that name, by its ARN where that can be foretold, else by looking through the list."""
    arn = wanted.kind.arn(scope, name, wanted.request)
    if arn is None:
        return _find_listed(client, wanted, name)
    try:
        return describe(client, wanted.kind, arn)
    except client.exceptions.ResourceNotFoundException:
        return None


def summaries(client: Any, kind: ResourceKind, parent: str | None = None) -> Iterator[Mapping[str, Any]]:
    """The service's list of a kind, of one parent or of the whole account and region, page by page.

    A parent that does not exist has an empty list.
    """
    narrowed = {kind.list_parent: parent} if kind.list_parent and parent else {}
    pages = client.get_paginator(kind.list_method).paginate(**narrowed, PaginationConfig={"PageSize": 100})
    try:
        for page in pages:
            yield from page[kind.list_member]
    except client.exceptions.ResourceNotFoundException:
        return


def _find_listed(client: Any, wanted: Wanted, name: str) -> ResourceState | None:
    """Look through the parent's list, newest first. Of solution versions only a description tells the name."""
    kind = wanted.kind
    parent = wanted.request[kind.list_parent or ""]
    found = [
        summary for summary in summaries(client, kind, parent) if summary.get(kind.name_member, name) == name
    ]
    found.sort(key=lambda summary: summary["creationDateTime"], reverse=True)
    for summary in found[:MAX_DESCRIBED]:
        try:
            state = describe(client, kind, summary[kind.arn_member])
        except client.exceptions.ResourceNotFoundException:
            continue  # deleted since the list was made
        if str(state.description.get(kind.name_member, "")).rsplit("/", 1)[-1] == name:
            return state
    return None
