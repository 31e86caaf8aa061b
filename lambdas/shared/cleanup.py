"""Delete resources of the service, one or many, in the order that it allows.

Deletions take time and nothing here waits: every function does what can be done now and says what is left, so that a
state machine or a command line waits and calls again. To be interrupted is harmless: the next call looks afresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.shared.errors import RequestError
from lambdas.shared.lookup import summaries
from lambdas.shared.resources import KINDS, ResourceKind, describe

GONE = "GONE"
"""Our word for a resource that is not there: the service has none."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """How far the deletion of one resource has come. `status` is the service's word, or GONE."""

    arn: str
    status: str

    @property
    def gone(self) -> bool:
        """Whether it is not there any more."""
        return self.status == GONE


@dataclass(frozen=True, slots=True)
class Leftover:
    """A resource that is there. `status` is the service's word; schemas, which have none, are ACTIVE."""

    kind: ResourceKind
    name: str
    arn: str
    status: str
    created: Any


def delete(client: Any, kind: ResourceKind, arn: str) -> Deletion:
    """Begin to delete a resource, unless it is on its way out or gone.

    One that is still being made cannot be deleted yet: it is left as it is, to be asked for again. Raises RequestError
    for a kind that has no delete call, and the client's ResourceInUseException while something uses the resource.
    """
    if kind.delete_method is None:
        raise RequestError(f"a {kind.kind} cannot be deleted: it goes with its parent.")
    missing = client.exceptions.ResourceNotFoundException
    try:
        state = describe(client, kind, arn)
        if state.going_away or not (state.active or state.failed):
            return Deletion(arn, state.status)
        getattr(client, kind.delete_method)(**{kind.arn_member: arn})
        return Deletion(arn, describe(client, kind, arn).status)
    except missing:
        return Deletion(arn, GONE)


def named_like(name: str, text: str) -> bool:
    """Whether a resource's name is `name`, or `name` and more after a hyphen."""
    return re.fullmatch(rf"{re.escape(name)}(-.*)?", text) is not None


def leftovers(client: Any, name: str, kinds: Iterable[str]) -> list[Leftover]:
    """Everything of the kinds that is named like `name` (`pp-dev-hrnn`), in the order of deletion, oldest first."""
    found = [
        Leftover(
            kind,
            summary[kind.name_member],
            summary[kind.arn_member],
            summary.get("status", "ACTIVE"),
            summary["creationDateTime"],
        )
        for kind in map(KINDS.__getitem__, kinds)
        for summary in summaries(client, kind)
        if named_like(name, summary[kind.name_member])
    ]
    return sorted(found, key=lambda each: (each.kind.rank or 0, each.created))


def delete_next(client: Any, left: Sequence[Leftover]) -> list[Leftover]:
    """Begin to delete everything of the first rank that is left; returns what is still there, with its status.

    Raises what `delete` raises; what was begun before goes on.
    """
    first = min((each.kind.rank or 0 for each in left), default=0)
    still: list[Leftover] = []
    for each in left:
        if each.kind.rank != first:
            still.append(each)
            continue
        deletion = delete(client, each.kind, each.arn)
        if not deletion.gone:
            still.append(Leftover(each.kind, each.name, each.arn, deletion.status, each.created))
    return still
