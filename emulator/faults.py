"""Failures on demand, for tests: a resource that will fail, a call that will be refused. They live in memory only."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from emulator.api.models import service_models
from emulator.errors import ServiceError
from emulator.state.kinds import KINDS


@dataclass
class _Fault:
    """subject: a resource kind or an operation. prefix: how a resource's name begins. left: strikes to come."""

    subject: str
    prefix: str
    reason: str
    left: int
    error: type[ServiceError] | None = None


@dataclass
class Faults:
    """What shall go wrong next; each fault strikes so many times and is gone."""

    _faults: list[_Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def fail_next(self, kind: str, name_prefix: str, reason: str, times: int = 1) -> None:
        """See Emulator.fail_next."""
        if kind not in KINDS or not KINDS[kind].has_status:
            able = ", ".join(key for key, row in KINDS.items() if row.has_status)
            raise ValueError(f"{kind!r} is no kind of resource that can fail; those are {able}")
        if not reason:
            raise ValueError("A failure needs a reason")
        self._add(_Fault(kind, name_prefix, reason, times))

    def refuse_next(self, operation: str, code: str, message: str, times: int = 1) -> None:
        """See Emulator.refuse_next."""
        if operation not in {known.name for known in service_models().operations}:
            raise ValueError(f"{operation!r} is no operation of the service")
        errors = {error.code: error for error in _subclasses(ServiceError)}
        if code not in errors:
            raise ValueError(
                f"{code!r} is not an error of the service; those are {', '.join(sorted(errors))}"
            )
        self._add(_Fault(operation, "", message, times, errors[code]))

    def failure_of(self, kind: str, name: str) -> str | None:
        """The reason why a new resource shall fail, or None. Counts as a strike."""
        fault = self._strike(kind, name)
        return None if fault is None else fault.reason

    def refusal_of(self, operation: str) -> ServiceError | None:
        """The error that a call shall be refused with, or None. Counts as a strike."""
        fault = self._strike(operation, "")
        return None if fault is None or fault.error is None else fault.error(fault.reason)

    def clear(self) -> None:
        """Forgets all faults that have not struck."""
        with self._lock:
            self._faults.clear()

    def _add(self, fault: _Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def _strike(self, subject: str, name: str) -> _Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.subject == subject and name.startswith(fault.prefix):
                    fault.left -= 1
                    self._faults = [kept for kept in self._faults if kept.left > 0]
                    return fault
        return None


def _subclasses(error: type[ServiceError]) -> list[type[ServiceError]]:
    return [error, *(below for child in error.__subclasses__() for below in _subclasses(child))]
