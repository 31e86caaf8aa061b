"""Wildcards of policy elements: `*` and `?`, and how a pattern that is an ARN meets an ARN.

A policy variable may bring text that holds a star (`${*}` exists for that). Such characters are literal, so
`literal()` writes them with two private-use characters that only this module reads.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LITERAL_STAR = "\ue000"
_LITERAL_QUESTION = "\ue001"
_ARN_FIELDS = 6


def literal(text: str) -> str:
    """`text` as part of a pattern in which its own `*` and `?` match only themselves."""
    return text.replace("*", _LITERAL_STAR).replace("?", _LITERAL_QUESTION)


def plain(pattern: str) -> str:
    """The text that a pattern spells when nothing in it is a wildcard."""
    return pattern.replace(_LITERAL_STAR, "*").replace(_LITERAL_QUESTION, "?")


@lru_cache(maxsize=8192)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    pieces = {"*": ".*", "?": ".", _LITERAL_STAR: re.escape("*"), _LITERAL_QUESTION: re.escape("?")}
    expression = "".join(pieces.get(character, re.escape(character)) for character in pattern)
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole of `value` matches: `*` is any run of characters, `?` is exactly one."""
    return _compiled(pattern, ignore_case).fullmatch(value) is not None


def arn_like(pattern: str, value: str) -> bool:
    """ArnLike and ArnEquals: each of the six fields is matched by itself, with wildcards.

    A wildcard does not cross a colon of the first five fields; text that is no ARN matches nothing.
    """
    wanted, given = pattern.split(":", _ARN_FIELDS - 1), value.split(":", _ARN_FIELDS - 1)
    if len(wanted) != _ARN_FIELDS or len(given) != _ARN_FIELDS:
        return False
    return all(matches(field, text) for field, text in zip(wanted, given, strict=True))


def resource_matches(pattern: str, resource: str) -> bool:
    """The Resource element: `*` is everything, and an ARN with fewer fields is filled up with `*`.

    A request whose action has no resource type asks for `*`, which only the pattern `*` allows.
    """
    if pattern == "*":
        return True
    missing = _ARN_FIELDS - 1 - pattern.count(":")
    return arn_like(pattern + ":*" * max(missing, 0), resource)
