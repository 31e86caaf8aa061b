"""What is known of a request when its conditions are read: values, keys known to be absent, and the rest.

The difference between *absent* and *unknown* decides about safety. AWS defines what a condition means when
its key is absent. A key that this engine has never heard of may well have a value in AWS, so nothing may be
concluded from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class UnknownKeyError(LookupError):
    """The engine does not know whether the request has this condition key, nor its value."""

    def __init__(self, key: str) -> None:
        super().__init__(f"condition key {key} is unknown to the local IAM engine")
        self.key = key


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Condition keys of one request.

    `values` holds the text of every key that is present (several for a multi-valued key such as aws:TagKeys).
    `absent` names keys that are known not to be there; an entry that ends in `/` stands for a family
    (`aws:PrincipalTag/`). All keys are written in lower case, for AWS compares them without regard to case.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of `key`, None when it is absent. Raises UnknownKeyError when nobody can tell."""
        name = key.lower()
        if name in self.values:
            return self.values[name]
        family, separator, _ = name.partition("/")
        if name in self.absent or (separator and f"{family}/" in self.absent):
            return None
        raise UnknownKeyError(key)

    def with_values(self, extra: Mapping[str, tuple[str, ...]]) -> RequestContext:
        """The same request with more known values (keys in any case)."""
        lowered = {key.lower(): value for key, value in extra.items()}
        return RequestContext({**self.values, **lowered}, self.absent)
