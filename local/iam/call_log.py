"""The record of judged calls: a JSON line per permission asked for, and distinct rows with counts."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Verdict = Literal["allowed", "denied"]


@dataclass(frozen=True, slots=True, order=True)
class RecordedCall:
    """A permission that was asked for. `verdict` is what AWS would say, also when record mode let it pass.

    `role` is the ARN of the calling role, or the service principal where a service asks for itself (to assume
    a role, or for the word of a bucket policy).
    """

    role: str
    action: str
    resource: str
    verdict: Verdict
    reason: str
    count: int = 1


class CallLog:
    """Thread-safe; writes each call to the file at once, so that a killed process loses nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._counts: Counter[RecordedCall] = Counter()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, call: RecordedCall) -> None:
        """Record one call."""
        with self._lock:
            self._counts[call] += 1
            if self._path is not None:
                line = {name: value for name, value in asdict(call).items() if name != "count"}
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")

    def distinct(self) -> list[RecordedCall]:
        """Every distinct call with how often it was made, sorted."""
        with self._lock:
            rows = dict(self._counts)
        return sorted(
            RecordedCall(call.role, call.action, call.resource, call.verdict, call.reason, number)
            for call, number in rows.items()
        )
