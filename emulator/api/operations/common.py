"""What all operations share: creating, describing, listing, and the rules on states and quotas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator.api.operations import tags
from emulator.api.paging import next_token, page_size, position
from emulator.errors import (
    InvalidInputError,
    LimitExceededError,
    ResourceInUseError,
    UnsupportedOperationError,
)
from emulator.recipes.catalogue import RECIPES, USER_SEGMENTATION
from emulator.state.kinds import KINDS
from emulator.state.resources import ACTIVE, CREATE_FAILED, CREATING, DELETING, Resource

if TYPE_CHECKING:
    from emulator.engine import Emulator

BATCH_JOBS = ("batch_inference_job", "batch_segment_job")
Params = dict[str, Any]
Handler = Callable[["Emulator", Params], "dict[str, Any] | None"]


def create(
    emulator: Emulator,
    kind: str,
    params: Params,
    *,
    parent: str = "",
    arn: str | None = None,
    name: str | None = None,
    body: dict[str, Any],
    internal: dict[str, Any] | None = None,
) -> Resource:
    """Adds a resource in its first state, with the request's tags.

    arn and name are made from the request unless given. Members of `body` that are None are left out. A failure that
    was ordered for the name is its outcome from the start: no work is done, and its state changes take it to
    CREATE FAILED.
    """
    name = name or params[KINDS[kind].name_member]
    resource = Resource(
        arn=arn or emulator.arns.of(KINDS[kind].arn_type, name),
        kind_key=kind,
        name=name,
        parent=parent,
        status=ACTIVE,
        created=0.0,
        updated=0.0,
        body={member: value for member, value in body.items() if value is not None},
        internal=internal or {},
        outcome=emulator.faults.failure_of(kind, name),
    )
    created = emulator.lifecycle.create(resource)
    tags.add(emulator, created.arn, params.get("tags") or [])
    return created


def described(kind: str) -> Handler:
    """The Describe operation of a kind."""

    def describe(emulator: Emulator, params: Params) -> dict[str, Any]:
        resource = emulator.store.get(params[KINDS[kind].arn_member], kind)
        return {KINDS[kind].describe_member: resource.document()}

    return describe


def listed(kind: str) -> Handler:
    """The List operation of a kind: in the order of creation, narrowed by the parent if the request names one."""
    row = KINDS[kind]

    def list_resources(emulator: Emulator, params: Params) -> dict[str, Any]:
        parent = params.get(row.list_filter) if row.list_filter else None
        size, after = page_size(params), position(row.list_member, params)
        found = emulator.store.page(kind, parent, after, size + 1)
        answer: dict[str, Any] = {row.list_member: [resource.document() for resource in found[:size]]}
        if len(found) > size:
            answer["nextToken"] = next_token(row.list_member, params, found[size - 1].sequence)
        return answer

    return list_resources


def require_active(resource: Resource) -> Resource:
    """Returns an ACTIVE resource; raises what the service says of one that is not."""
    if resource.status == ACTIVE:
        return resource
    if resource.status == CREATE_FAILED:
        raise InvalidInputError(f"Resource {resource.arn} is in status {CREATE_FAILED} and cannot be used.")
    raise ResourceInUseError(
        f"Resource {resource.arn} is in status {resource.status}; wait until it is ACTIVE."
    )


def require_settled(resource: Resource) -> None:
    """Nothing can be deleted while it is being made, or twice."""
    if resource.status in CREATING + DELETING:
        raise ResourceInUseError(f"Resource {resource.arn} is in status {resource.status}.")


def require_none(resources: list[Resource], doing: str) -> None:
    """Refuses a call because of resources that stand in its way."""
    if resources:
        names = ", ".join(f"{resource.arn} ({resource.status})" for resource in resources[:3])
        raise ResourceInUseError(f"Cannot {doing} while it is in use by: {names}.")


def check_quota(count: int, allowed: int, what: str) -> None:
    """Raises LimitExceededError when one more would be too many, in the words published for campaigns."""
    if count >= allowed:
        raise LimitExceededError(
            f"Cannot create a {what}. More than {allowed} resources in ACTIVE state. "
            "Please delete some and try again."
        )


def check_pending(emulator: Emulator, kind: str, allowed: int) -> None:
    """Raises LimitExceededError, in the service's words, when too many jobs of a kind are under way."""
    if emulator.store.count(kind, statuses=CREATING) >= allowed:
        raise LimitExceededError(f"More than {allowed} resources with PENDING or IN_PROGRESS status.")


def unsupported(params: Params, **reasons: str) -> None:
    """Refuses members that the emulator would have to ignore."""
    for member, reason in reasons.items():
        if params.get(member):
            raise UnsupportedOperationError(f"{member}: {reason}, which this emulator does not have yet.")


def refuse_segments(recipe_arn: str) -> None:
    """Refuses recipes that make user segments only: they recommend no items."""
    recipe = RECIPES[recipe_arn]
    if recipe.recipe_type == USER_SEGMENTATION:
        raise InvalidInputError(
            f"The recipe {recipe.name} makes user segments only; use CreateBatchSegmentJob."
        )
