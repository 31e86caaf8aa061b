"""Physical names where the template gives none: CloudFormation's form, but the same in every process.

CloudFormation appends random characters. Here they are a hash of what identifies the resource, for buckets
outlive the process that made them and must be found again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_SUFFIX_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class ResourceIdentity:
    """What makes a resource the same one in the next process."""

    account_id: str
    region: str
    stack: str
    logical_id: str

    def digest(self) -> str:
        """Sixty-four hexadecimal characters that only this resource has."""
        text = f"{self.account_id}/{self.region}/{self.stack}/{self.logical_id}"
        return hashlib.sha256(text.encode()).hexdigest()

    def physical_name(self, limit: int, *, with_stack: bool = True, lower: bool = False) -> str:
        """`stack-logicalid-suffix`, cut before the suffix to at most `limit` characters."""
        stem = f"{self.stack}-{self.logical_id}" if with_stack else self.logical_id
        suffix = self.digest()[:_SUFFIX_CHARACTERS]
        name = f"{stem[: limit - len(suffix) - 1].rstrip('-')}-{suffix}"
        return name.lower() if lower else name
