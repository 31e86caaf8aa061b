"""Moves resources through their states, and runs the work of jobs on threads of its own.

Everything it needs to know is in the store: a resource whose status is unsettled has a change ahead. So a start
after a kill is nothing special: the unsettled rows are found and taken up again, and work whose outcome was recorded
is not done again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.errors import JobFailedError
from emulator.state.resources import (
    ACTIVE,
    CREATE_FAILED,
    CREATE_IN_PROGRESS,
    CREATE_PENDING,
    CREATING,
    DELETE_IN_PROGRESS,
    DELETE_PENDING,
    Resource,
)

if TYPE_CHECKING:
    from emulator.state.store import Store
    from emulator.state.timing import Timing

LOGGER = logging.getLogger(__name__)
RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class WorkResult:
    """What a finished job adds to its own row; recorded in one transaction with the fact that it is finished."""

    body: dict[str, Any] = field(default_factory=dict)
    internal: dict[str, Any] = field(default_factory=dict)


Work = Callable[[Resource], WorkResult]


class Lifecycle:
    """One scheduling thread and `workers` working threads over a store.

    works: for each kind that has work, the function that does it; it raises JobFailedError to fail the resource.
    removed: called after a resource is gone, to take its children and files along.
    """

    def __init__(
        self,
        store: Store,
        timing: Timing,
        works: dict[str, Work],
        removed: Callable[[Resource], None],
        workers: int,
    ) -> None:
        self._store, self._timing, self._works, self._removed = store, timing, works, removed
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._woken = True
        self._stopping = False
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="personalize-job")
        self._thread = threading.Thread(target=self._run, name="personalize-lifecycle", daemon=True)
        self._thread.start()

    def create(self, resource: Resource) -> Resource:
        """Adds a resource in its first state. Call within a transaction, and `wake` after it.

        One that comes with an outcome gets no work done: it only goes through its states.
        """
        now = time.time()
        pending, total = self._timing.creation(resource.kind_key)
        settled = not resource.kind.has_status or (total == 0 and not resource.kind.has_work)
        final = CREATE_FAILED if resource.outcome else ACTIVE
        resource = resource.changed(
            created=now,
            updated=now,
            status=final if settled else CREATE_PENDING,
            next_at=now + pending,
            settles_at=now + total,
        )
        self._store.insert(resource)
        return resource

    def delete(self, resource: Resource) -> None:
        """Begins a deletion; with instant timing, or for a kind without states, it is over at once."""
        now = time.time()
        pending, total = self._timing.deletion(resource.kind_key)
        if total == 0 or not resource.kind.has_status:
            self._remove(resource)
            return
        self._store.update(
            resource.arn, status=DELETE_PENDING, updated=now, next_at=now + pending, settles_at=now + total
        )

    def wake(self) -> None:
        """Tells the scheduling thread to look at the store again."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """Stops scheduling and waits for the jobs that are at work; what has not begun stays for the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                self._woken = False
            wait = self._advance_all()
            with self._changed:
                if not self._woken and not self._stopping:
                    self._changed.wait(wait)

    def _advance_all(self) -> float | None:
        """Makes all changes that are due; returns the seconds until the next one, None if only a wake tells."""
        try:
            due = [self._advance(resource.arn) for resource in self._store.unsettled()]
        except Exception:
            LOGGER.exception("The emulator could not change the state of its resources; it tries again")
            return RETRY_SECONDS
        waits = [at - time.time() for at in due if at is not None]
        return max(0.0, min(waits)) if waits else None

    def _advance(self, arn: str) -> float | None:
        """Makes the change that is due, if any; returns when the next one is, None if a worker will say.

        The row is read again within the transaction: a worker may have recorded an outcome meanwhile, and to act
        on the old row would do finished work twice.
        """
        with self._store.transaction():
            resource = self._store.find(arn)
            return None if resource is None else self._advance_row(resource)

    def _advance_row(self, resource: Resource) -> float | None:
        now = time.time()
        if now < resource.next_at:
            return resource.next_at
        if resource.status == DELETE_PENDING:
            self._store.update(
                resource.arn, status=DELETE_IN_PROGRESS, updated=now, next_at=resource.settles_at
            )
            return resource.settles_at
        if resource.status == DELETE_IN_PROGRESS:
            self._remove(resource)
            return None
        if resource.kind.has_work and resource.outcome is None:
            self._submit(resource)
            return None
        if resource.status == CREATE_PENDING:
            self._store.update(
                resource.arn, status=CREATE_IN_PROGRESS, updated=now, next_at=resource.settles_at
            )
            return resource.settles_at
        self._settle(resource)
        return None

    def _submit(self, resource: Resource) -> None:
        if resource.arn not in self._running:
            self._running.add(resource.arn)
            self._pool.submit(self._work, resource.arn).add_done_callback(_log_defect)

    def _work(self, arn: str) -> None:
        """Runs on a worker: begin, do the work, record its outcome."""
        try:
            with self._store.transaction():
                resource = self._store.get(arn)
                resource = self._store.update(
                    arn, status=CREATE_IN_PROGRESS, updated=time.time(), attempts=resource.attempts + 1
                )
            try:
                result, outcome = self._works[resource.kind_key](resource), ""
            except JobFailedError as failure:
                result, outcome = WorkResult(), str(failure)
            except Exception:
                LOGGER.exception("Unexpected error in the work of %s", arn)
                result, outcome = WorkResult(), "Internal error of the emulator; its log holds the traceback."
            self._record(resource, result, outcome)
        finally:
            self._running.discard(arn)
            self.wake()

    def _record(self, resource: Resource, result: WorkResult, outcome: str) -> None:
        with self._store.transaction():
            recorded = self._store.update(
                resource.arn,
                body=resource.body | result.body,
                internal=resource.internal | result.internal,
                outcome=outcome,
                next_at=resource.settles_at,
            )
            if time.time() >= resource.settles_at:
                self._settle(recorded)

    def _settle(self, resource: Resource) -> None:
        if resource.status in CREATING:
            status = CREATE_FAILED if resource.outcome else ACTIVE
            self._store.update(resource.arn, status=status, updated=time.time())

    def _remove(self, resource: Resource) -> None:
        with self._store.transaction():
            self._store.remove(resource.arn)
            self._removed(resource)


def _log_defect(future: Future[None]) -> None:
    """A worker's own bookkeeping failed: that is a defect, and must be seen."""
    if not future.cancelled() and future.exception() is not None:
        LOGGER.error("A worker of the emulator failed", exc_info=future.exception())
