"""Describe-or-create, so that a step can be repeated at any time and nothing is made, or trained, twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lambdas.create_resource.difference import differences
from lambdas.create_resource.updating import up_to_date, update
from lambdas.shared.errors import ResourceConflictError, ServiceNotReadyError, TaskError
from lambdas.shared.lookup import MAX_ATTEMPTS, Wanted, candidate_names, find, summaries
from lambdas.shared.resources import ArnScope, Naming, ResourceState, describe
from lambdas.shared.service import error_code


@dataclass(frozen=True, slots=True)
class Ensured:
    """A resource that is there now, and whether this call made it."""

    state: ResourceState
    created: bool


def ensure(client: Any, scope: ArnScope, wanted: Wanted) -> Ensured:
    """Find the wanted resource or create it.

    A resource of an earlier run is adopted when it is what the request asks for; a job of this run that failed, or
    whose data another run has replaced since, makes way for a new attempt. Raises ResourceConflictError when one
    exists that differs and cannot be updated, ServiceNotReadyError when it is being deleted, TaskError when every
    attempt of this run has failed.
    """
    for name in candidate_names(wanted):
        found = find(client, scope, wanted, name)
        if found is None:
            _refuse_second(client, wanted, name)
            return _create(client, scope, wanted, name)
        if found.going_away:
            raise ServiceNotReadyError(f"{found.arn} is being deleted ({found.status}).")
        if not (wanted.kind.naming is Naming.RUN and (found.failed or _superseded(client, wanted, found))):
            return Ensured(_adopted(client, wanted, found), created=False)
    raise TaskError(
        f"{MAX_ATTEMPTS} attempts of run {wanted.run_id!r} at {wanted.name!r} have failed: "
        "read the failure reasons in the run's report folder and start a new run."
    )


def _superseded(client: Any, wanted: Wanted, found: ResourceState) -> bool:
    """Whether a later import has replaced the data of this one: a resumed run would train on another run's past."""
    kind = wanted.kind
    if not kind.replaces_data:
        return False
    begun = found.description["creationDateTime"]
    return any(
        other["creationDateTime"] > begun and not str(other["status"]).endswith("FAILED")
        for other in summaries(client, kind, wanted.request[kind.list_parent or ""])
        if other[kind.arn_member] != found.arn
    )


def _refuse_second(client: Any, wanted: Wanted, name: str) -> None:
    """The service's own error would name neither the resource that is in the way nor what to do about it."""
    kind = wanted.kind
    if not kind.one_per_parent:
        return
    parent = wanted.request[kind.list_parent or ""]
    for other in summaries(client, kind, parent):
        if str(other["status"]).startswith("DELETE"):
            raise ServiceNotReadyError(f"{other[kind.arn_member]} is being deleted ({other['status']}).")
        raise ResourceConflictError(
            f"{parent} already has {other[kind.arn_member]}, named {other[kind.name_member]!r}, and the service "
            f"allows one {kind.kind.replace('_', ' ')} a dataset group: it was not made by this scenario, which "
            f"would name it {name!r}. Delete it, or give the scenario a dataset group of its own."
        )


def _create(client: Any, scope: ArnScope, wanted: Wanted, name: str) -> Ensured:
    kind = wanted.kind
    try:
        answer = getattr(client, kind.create_method)(**{kind.name_member: name}, **wanted.request)
    except ClientError as error:
        if error_code(error) != "ResourceAlreadyExistsException":
            raise
        # Made by a call whose answer was lost, or by a neighbour a moment ago.
        found = find(client, scope, wanted, name)
        if found is None:
            raise
        return Ensured(_adopted(client, wanted, found), created=False)
    return Ensured(describe(client, kind, answer[kind.arn_member]), created=True)


def _adopted(client: Any, wanted: Wanted, found: ResourceState) -> ResourceState:
    if wanted.kind.naming is Naming.CONTENT:
        return found  # the name holds the hash of the request, so it is what was asked for
    different = differences(wanted.request, found.description)
    if not different:
        return up_to_date(wanted, found)
    updated = update(client, wanted, found)
    if updated is None:
        raise ResourceConflictError(
            f"{found.arn} exists but differs from the settings: {'; '.join(different)}. {_advice(wanted)}"
        )
    return updated


def _advice(wanted: Wanted) -> str:
    if wanted.kind.naming is Naming.RUN:
        return f"The settings have changed since run {wanted.run_id!r} began: start a new run instead of resuming it."
    return "Change the settings back, use another prefix or stage, or delete the resource yourself and start again."
