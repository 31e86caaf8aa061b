"""Checks a request against the model.

botocore's validator checks required members, types and minima; our own walk what it leaves out: max, pattern, enum, and
booleans given as numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from botocore.validate import ParamValidator

from emulator.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALIDATOR = ParamValidator()
_NUMBERS = ("integer", "long", "float", "double")
_SHOWN_CHARACTERS = 256


def validate(params: dict[str, Any], shape: Any) -> None:
    """Raises InvalidInputError with every violation.

    A member that the model does not know is one, too: the service drops such members silently, but an emulator that
    cannot honour a newer SDK's member must not look as if it did.
    """
    report = _VALIDATOR.validate(params, shape)
    found = [line for line in report.generate_report().splitlines() if line]
    found = found or list(_violations(params, shape, ""))
    if found:
        errors = "error" if len(found) == 1 else "errors"
        raise InvalidInputError(f"{len(found)} validation {errors} detected: {'; '.join(found)}")


def _violations(value: Any, shape: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        for name, member in value.items():
            if member is not None:
                yield from _violations(member, shape.members[name], f"{path}.{name}" if path else name)
    elif kind == "list":
        yield from _length(value, shape, path)
        for index, member in enumerate(value):
            yield from _violations(member, shape.member, f"{path}.{index + 1}.member")
    elif kind == "map":
        yield from _length(value, shape, path)
        for key, member in value.items():
            yield from _violations(key, shape.key, f"{path}.key")
            yield from _violations(member, shape.value, f"{path}.{str(key)[:50]}.value")
    elif kind == "string":
        yield from _string(value, shape, path)
    elif kind in _NUMBERS:
        yield from _number(value, shape, path)


def _string(value: str, shape: Any, path: str) -> Iterator[str]:
    yield from _length(value, shape, path)
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not compiled_pattern(pattern).fullmatch(value):
        yield _constraint(value, path, f"satisfy regular expression pattern: {pattern}")
    allowed = shape.enum
    if allowed and value not in allowed:
        yield _constraint(value, path, f"satisfy enum value set: [{', '.join(allowed)}]")


def _number(value: float, shape: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool):
        yield _constraint(value, path, "be a number")
        return
    highest = shape.metadata.get("max")
    if highest is not None and value > highest:
        yield _constraint(value, path, f"have value less than or equal to {highest}")


def _length(value: Any, shape: Any, path: str) -> Iterator[str]:
    longest = shape.metadata.get("max")
    if longest is not None and len(value) > longest:
        yield _constraint(value, path, f"have length less than or equal to {longest}")


def _constraint(value: Any, path: str, rule: str) -> str:
    shown = str(value)
    shown = shown if len(shown) <= _SHOWN_CHARACTERS else shown[:_SHOWN_CHARACTERS] + "…"
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {rule}"


@lru_cache(maxsize=256)
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """The models' patterns are Java's; Python's `re` has no Unicode categories.

    L, Z and N occur together only, for tags: letters and numbers are Python's word characters, Z the separators.
    """
    separators = " \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
    translated = pattern.replace(r"\p{L}\p{Z}\p{N}", rf"\w{separators}").replace(r"\p{ASCII}", r"[\x00-\x7f]")
    return re.compile(translated)
