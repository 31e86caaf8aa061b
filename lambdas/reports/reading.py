"""Reading a JSON document member by member, so that whatever is wrong with it is said with the member's name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn


class DocumentError(Exception):
    """A document is not what its version promises: names the member and what is there instead."""


@dataclass(frozen=True, slots=True)
class Members:
    """An object of a document. Every reader raises DocumentError for a value of another type."""

    content: Mapping[str, Any] = field(repr=False)
    path: str = ""

    @classmethod
    def parse(cls, text: str | bytes) -> Members:
        """The object that a JSON text holds. NaN and infinities, which JSON lacks, are refused."""
        try:
            content = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise DocumentError(f"it is not JSON ({error})") from error
        if not isinstance(content, dict):
            raise DocumentError(f"it holds no object but {_kind(content)}")
        return cls(content)

    def text(self, name: str) -> str:
        """A string."""
        value = self._value(name)
        return value if isinstance(value, str) else self._wrong(name, "a text")

    def text_or_none(self, name: str) -> str | None:
        """A string; None when the member is null or missing."""
        return None if self.content.get(name) is None else self.text(name)

    def number(self, name: str) -> float | None:
        """A finite number; None for null, which stands for undefined."""
        value = self._value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            self._wrong(name, "a number")
        return float(value)

    def count(self, name: str) -> int:
        """A whole number from 0."""
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self._wrong(name, "a whole number from 0")
        return int(value)

    def members(self, name: str) -> Members:
        """An object."""
        value = self._value(name)
        return Members(value, self._at(name)) if isinstance(value, dict) else self._wrong(name, "an object")

    def members_or_none(self, name: str) -> Members | None:
        """An object; None when the member is null or missing."""
        return None if self.content.get(name) is None else self.members(name)

    def rows(self, name: str) -> Iterator[Members]:
        """A list of objects."""
        value = self._value(name)
        if not isinstance(value, list):
            self._wrong(name, "a list")
        for place, row in enumerate(value):
            if not isinstance(row, dict):
                self._wrong(f"{name}[{place}]", "an object", row)
            yield Members(row, self._at(f"{name}[{place}]"))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._value(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._wrong(name, "a list of texts")
        return tuple(value)

    def _value(self, name: str) -> Any:
        if name not in self.content:
            raise DocumentError(f"{self._at(name)} is missing")
        return self.content[name]

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _wrong(self, name: str, wanted: str, *found: Any) -> NoReturn:
        value = found[0] if found else self.content[name]
        raise DocumentError(f"{self._at(name)} is not {wanted} but {_kind(value)}")


def _kind(value: Any) -> str:
    """What a value is, without its content, which may be long."""
    kinds = {str: "a text", list: "a list", dict: "an object", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), f"the number {value}")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
