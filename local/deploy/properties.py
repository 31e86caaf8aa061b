"""A resource's properties, read so that what nobody reads is known.

CloudFormation would apply every property of a template. A local deployment that leaves one out behaves unlike
AWS without a word. So handlers read properties through `Block`, which remembers what was read, and the deployer
refuses a resource of which something was left unread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.deploy.errors import DeploymentError

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A property that the deployer knows and leaves out on purpose."""

    path: str
    reason: str


class Block:
    """A mapping of properties (already resolved) that records what is read, also in the blocks below it."""

    def __init__(
        self, value: Any, where: str, path: str = "", ignored: list[NotApplied] | None = None
    ) -> None:
        self._where = where
        self._path = path
        self._unread: dict[str, Any] = {}
        self._blocks: list[Block] = []
        self.ignored: list[NotApplied] = [] if ignored is None else ignored
        if not isinstance(value, Mapping):
            raise self.error("", f"must be an object, not {value!r}")
        self._unread.update(value)
        self._value = dict(value)

    def error(self, key: str, problem: str) -> DeploymentError:
        """An error about a property of this block (or the block itself, with an empty key)."""
        return DeploymentError(f"{self._where} {self._below(key)}".rstrip(), problem)

    def __contains__(self, key: str) -> bool:
        """Whether the property is there; does not count as reading it."""
        return key in self._value

    def optional(self, key: str) -> Any:
        """A scalar or list of scalars, None when absent. A nested object must be read as a block or document."""
        value = self._unread.pop(key, self._value.get(key))
        members = value if isinstance(value, list) else [value]
        if any(isinstance(member, Mapping | list) for member in members):
            raise self.error(key, "is an object where a plain value was expected")
        return value

    def required(self, key: str) -> Any:
        """As `optional`; raises DeploymentError when the property is absent."""
        if key not in self._value:
            raise self.error(key, "is missing")
        return self.optional(key)

    def block(self, key: str) -> Block | None:
        """A nested object whose own properties are to be read; None when absent."""
        if key not in self._value:
            return None
        return self._nested(self._unread.pop(key, self._value[key]), key)

    def blocks(self, key: str) -> Iterator[Block]:
        """A list of nested objects; empty when absent."""
        value = self._unread.pop(key, self._value.get(key, []))
        if not isinstance(value, list):
            raise self.error(key, f"must be a list, not {value!r}")
        for index, member in enumerate(value):
            yield self._nested(member, f"{key}[{index}]")

    def document(self, key: str) -> Any:
        """A whole value of any depth, for what the API takes as one piece or botocore checks member by member."""
        return self._unread.pop(key, self._value.get(key))

    def ignore(self, key: str, reason: str) -> None:
        """Leave a property out on purpose; the reason goes into the report of the deployment."""
        if key in self._value:
            self._unread.pop(key, None)
            self.ignored.append(NotApplied(self._below(key), reason))

    def given(self, names: Mapping[str, str]) -> dict[str, Any]:
        """API parameters from plain properties: `{property: parameter}`, only those that are there."""
        return {names[key]: self.optional(key) for key in names if key in self}

    def unread(self) -> list[str]:
        """Paths of properties that nobody has read."""
        own = [self._below(key) for key in self._unread]
        return own + [path for block in self._blocks for path in block.unread()]

    def _below(self, key: str) -> str:
        return f"{self._path}.{key}".strip(".")

    def _nested(self, value: Any, key: str) -> Block:
        block = Block(value, self._where, self._below(key), self.ignored)
        self._blocks.append(block)
        return block


def api_tags(block: Block, key: str = "Tags") -> list[dict[str, str]]:
    """CloudFormation's list of tags as most APIs take it."""
    return [
        {"Key": str(tag.required("Key")), "Value": str(tag.required("Value"))} for tag in block.blocks(key)
    ]
