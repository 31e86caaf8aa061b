"""The one function that makes names of Personalize resources.

A name must be unique per account and region and at most 63 characters long, so it carries the stage, and a hash
where several of a kind live side by side. No clock and no randomness: the same work gets the same name, which is
what makes a rerun find what an earlier run left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

MAX_LENGTH = 63
_DIGEST_LENGTH = 8


def resource_name(prefix: str, stage: str, *parts: str) -> str:
    """Join the parts by hyphens; too long a name is cut, and what was cut goes into a hash at its end.

    Returns at most 63 characters that fit Personalize's pattern when the parts do.
    """
    name = "-".join([prefix, stage, *parts]).replace("_", "-")
    if len(name) <= MAX_LENGTH:
        return name
    # The whole name is hashed, so that two long names that differ late stay different.
    return with_suffix(name, unique=name)


def with_suffix(name: str, *, unique: str) -> str:
    """A finished name made distinct by the hash of `unique`, still at most 63 characters."""
    tail = f"-{digest(unique)}"
    return name[: MAX_LENGTH - len(tail)].rstrip("-") + tail


def digest(text: str) -> str:
    """Eight hexadecimal characters of SHA-256: 2**32 values for names that already share their readable part."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def content_key(document: Mapping[str, Any]) -> str:
    """A text that is equal for equal JSON documents, whatever the order of their keys."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
