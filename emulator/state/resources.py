"""A resource as it is kept: what the API shows of it, what only the emulator knows, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from emulator.state.kinds import KINDS, Kind

CREATE_PENDING = "CREATE PENDING"
CREATE_IN_PROGRESS = "CREATE IN_PROGRESS"
ACTIVE = "ACTIVE"
CREATE_FAILED = "CREATE FAILED"
DELETE_PENDING = "DELETE PENDING"
DELETE_IN_PROGRESS = "DELETE IN_PROGRESS"

CREATING = (CREATE_PENDING, CREATE_IN_PROGRESS)
DELETING = (DELETE_PENDING, DELETE_IN_PROGRESS)
UNSETTLED = CREATING + DELETING


@dataclass(frozen=True)
class Resource:
    """One row of the state.

    parent: ARN of the resource it was made under, "" for the top ones. Times are seconds since the epoch.
    body: members of the API's own shape besides name, ARN, status, dates and failure reason.
    internal: what never leaves the emulator (file names, counters).
    next_at, settles_at: earliest time of the next and of the last state change.
    outcome: None until the job's work is done, then "" for success or the failure reason.
    attempts: how often the work was begun.
    """

    arn: str
    kind_key: str
    name: str
    parent: str
    status: str
    created: float
    updated: float
    body: dict[str, Any]
    internal: dict[str, Any] = field(default_factory=dict)
    next_at: float = 0.0
    settles_at: float = 0.0
    outcome: str | None = None
    attempts: int = 0
    sequence: int = 0

    @property
    def kind(self) -> Kind:
        """The row of the kinds table."""
        return KINDS[self.kind_key]

    @property
    def creating(self) -> bool:
        """True while the resource is neither ACTIVE nor failed nor being deleted."""
        return self.status in CREATING

    def document(self) -> dict[str, Any]:
        """All members the API may show; the serializer keeps those that the shape at hand declares."""
        shown = {
            self.kind.name_member: self.name,
            self.kind.arn_member: self.arn,
            "creationDateTime": self.created,
            "lastUpdatedDateTime": self.updated,
        }
        if self.kind.has_status:
            shown["status"] = self.status
        if self.status == CREATE_FAILED and self.outcome:
            shown["failureReason"] = self.outcome
        return self.body | shown

    def changed(self, **members: Any) -> Resource:
        """A copy with some members replaced."""
        return replace(self, **members)
