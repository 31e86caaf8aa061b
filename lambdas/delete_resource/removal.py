"""Which resources a deletion is about, and how far it has come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from lambdas.shared.cleanup import GONE, Deletion, delete
from lambdas.shared.errors import RequestError
from lambdas.shared.lookup import Wanted, candidate_names, find, name_without_hash, summaries
from lambdas.shared.resources import ArnScope, Naming, ResourceKind, resource_kind

Runs = Literal["this", "others", "all"]


def remove(client: Any, scope: ArnScope, event: Mapping[str, Any]) -> list[Deletion]:
    """Begin, or go on with, the deletion that the event asks for: see `handler` for its members.

    Returns a line for each resource that was found; none when there is nothing. Raises RequestError when the event is
    not what it must be or the kind cannot be deleted.
    """
    kind = resource_kind(str(event.get("kind")))
    if kind.delete_method is None:
        raise RequestError(f"a {kind.kind} cannot be deleted: it goes with its parent.")
    arns = [event["arn"]] if event.get("arn") else _arns(client, scope, Wanted.of(event), _runs(event))
    return [delete(client, kind, arn) for arn in arns]


def summary(deletions: list[Deletion]) -> dict[str, Any]:
    """The answer of the task: the resource that is waited for, or the last one when all are gone."""
    left = [each for each in deletions if not each.gone]
    last = left[-1:] or deletions[-1:]
    return {
        "arn": last[0].arn if last else None,
        "gone": not left,
        "status": last[0].status if last else GONE,
        "left": len(left),
    }


def _runs(event: Mapping[str, Any]) -> Runs:
    runs: Runs = event.get("runs", "this")
    if runs not in get_args(Runs):
        raise RequestError(f"runs is {runs!r}: take one of {', '.join(get_args(Runs))}.")
    return runs


def _arns(client: Any, scope: ArnScope, wanted: Wanted, runs: Runs) -> list[str]:
    if wanted.kind.naming is Naming.RUN:
        return _arns_of_runs(client, wanted, runs)
    (name,) = candidate_names(wanted)
    found = find(client, scope, wanted, name)
    return [found.arn] if found else []


def _arns_of_runs(client: Any, wanted: Wanted, runs: Runs) -> list[str]:
    """All attempts of the run, or of other runs: one look through the list instead of a call for every name."""
    kind = wanted.kind
    own = set(candidate_names(wanted))
    any_run = re.compile(re.escape(name_without_hash(wanted.name)) + "-[0-9a-f]{8}")
    return [
        each[kind.arn_member]
        for each in summaries(client, kind)
        if any_run.fullmatch(each[kind.name_member]) and _asked_for(each, kind, own, runs)
    ]


def _asked_for(each: Mapping[str, Any], kind: ResourceKind, own: set[str], runs: Runs) -> bool:
    return runs == "all" or (each[kind.name_member] in own) == (runs == "this")
