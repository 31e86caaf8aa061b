"""Policy documents as data: statements with every element read, and an error for what is not understood."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_ELEMENTS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
}
_OLDEST_VERSION = "2008-10-17"
ANYONE: Mapping[str, tuple[str, ...]] = {"AWS": ("*",)}

Effect = Literal["Allow", "Deny"]
Kind = Literal["identity", "resource", "trust"]


class PolicySyntaxError(ValueError):
    """A policy document holds something that this engine does not understand, or lacks what it needs."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. A pair like actions / not_actions has one member filled; both empty means not stated."""

    name: str
    effect: Effect
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Mapping[str, tuple[str, ...]] | None = None
    not_principals: Mapping[str, tuple[str, ...]] | None = None
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """A named policy document; the name is for the reader of a verdict."""

    name: str
    version: str
    statements: tuple[Statement, ...]


@lru_cache(maxsize=1024)
def parse_policy(name: str, document: str, kind: Kind) -> Policy:
    """Read a policy document (JSON text). Raises PolicySyntaxError with the policy and statement named.

    `kind` says which elements must stand in it: a policy of a resource names principals, one of an identity
    names none, and the trust policy of a role has no Resource.
    """
    try:
        content = json.loads(document)
    except json.JSONDecodeError as error:
        raise PolicySyntaxError(f"policy {name} is not JSON: {error}") from error
    statements = content.get("Statement", []) if isinstance(content, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise PolicySyntaxError(f"policy {name} has no list of statements.")
    return Policy(
        name=name,
        version=str(content.get("Version", _OLDEST_VERSION)),
        statements=tuple(_statement(name, index, body, kind) for index, body in enumerate(statements)),
    )


def _statement(policy: str, index: int, body: Any, kind: Kind) -> Statement:
    where = f"policy {policy}, statement {index}"
    if not isinstance(body, dict):
        raise PolicySyntaxError(f"{where} is not an object.")
    where = f"{where} ({body['Sid']})" if body.get("Sid") else where
    _check_elements(where, body, kind)
    return Statement(
        name=where,
        effect=body["Effect"],
        actions=_texts(body.get("Action")),
        not_actions=_texts(body.get("NotAction")),
        resources=_texts(body.get("Resource")),
        not_resources=_texts(body.get("NotResource")),
        principals=_principals(where, body.get("Principal")),
        not_principals=_principals(where, body.get("NotPrincipal")),
        conditions=_conditions(where, body.get("Condition", {})),
    )


def _check_elements(where: str, body: dict[str, Any], kind: Kind) -> None:
    unknown = sorted(set(body) - _ELEMENTS)
    if unknown:
        raise PolicySyntaxError(f"{where} has unknown elements: {', '.join(unknown)}.")
    if body.get("Effect") not in {"Allow", "Deny"}:
        raise PolicySyntaxError(f"{where}: Effect must be Allow or Deny, not {body.get('Effect')!r}.")
    wanted = {
        "Action": 1,
        "Principal": 0 if kind == "identity" else 1,
        "Resource": 0 if kind == "trust" else 1,
    }
    for element, number in wanted.items():
        stated = [name for name in (element, f"Not{element}") if name in body]
        if len(stated) != number:
            expected = f"either {element} or Not{element}" if number else f"no {element}"
            raise PolicySyntaxError(f"{where} of a policy of kind {kind} must have {expected}, has {stated}.")


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    members = value if isinstance(value, list) else [value]
    return tuple(_text(member) for member in members)


def _text(value: Any) -> str:
    """JSON's true, 1 and 1.2 may stand where a policy wants text: write them as AWS compares them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _principals(where: str, value: Any) -> Mapping[str, tuple[str, ...]] | None:
    if value is None:
        return None
    if value == "*":
        return ANYONE
    if not isinstance(value, dict):
        raise PolicySyntaxError(f"{where}: Principal must be '*' or an object, not {value!r}.")
    return {kind: _texts(names) for kind, names in value.items()}


def _conditions(where: str, value: Any) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    if not isinstance(value, dict) or not all(isinstance(tests, dict) for tests in value.values()):
        raise PolicySyntaxError(f"{where}: Condition must map operators to objects.")
    return {
        operator: {key: _texts(wanted) for key, wanted in tests.items()} for operator, tests in value.items()
    }
