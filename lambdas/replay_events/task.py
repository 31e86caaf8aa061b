"""The task: replay every pair, a few at a time, and write down the lists.

What makes it sound on the real service, where an event once sent can never be taken back:

- **Known items only.** B's events come from the training data, so every item is known to the model: the service lets
  others have no effect before the next training.
- **Untouched users only.** A is a real user with a past that the model was trained on; a copy made for the run would
  have none, and would stay in the data as a user who never lived. The price is that A is changed for good: see
  `changed_users` for how later runs keep away from A. What stays, and is not hidden: the next training takes the events
  that earlier As were sent for theirs. `pipelines cleanup --all` ends that by deleting the dataset group.
- **Each event once and in order.** See `progress`.
- **Events of one session**, seconds apart and recent, as if A had just done what B did; the item is B's item.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from lambdas.replay_events.changed_users import changed_users, record
from lambdas.replay_events.conversation import (
    NO_ANSWER,
    LostAnswerError,
    OutOfTimeError,
    Service,
    converse,
    trouble_inside,
)
from lambdas.replay_events.plan import Pair, Plan, make_plan, pairs_of
from lambdas.replay_events.progress import Overview, Progress, ProgressStore, Standing
from lambdas.shared.errors import ServiceNotReadyError, TaskError
from lambdas.shared.resources import describe, resource_kind
from lambdas.shared.service import waiting_is_named
from lambdas.shared.storage import S3Client, find_json, list_objects, read_json, upload, write_json

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from lambdas.replay_events.request import ReplayRequest

LISTS = pa.schema(
    [
        pa.field("pair", pa.int32()),
        pa.field("user_a", pa.string()),
        pa.field("user_b", pa.string()),
        pa.field("events", pa.int32()),
        pa.field("list_a", pa.list_(pa.string())),
        pa.field("list_b", pa.list_(pa.string())),
    ]
)
"""A row for every pair and every number of B's events that A had been sent; the largest is all of them."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the task works with. `now` gives Unix seconds; `begin_thread` runs first in every thread."""

    s3: S3Client
    personalize: Any
    service: Service
    now: Callable[[], float]
    begin_thread: Callable[[], object] = lambda: None


def replay_events(around: Surroundings, request: ReplayRequest, folder: Path) -> dict[str, Any]:
    """Go on with the replay until it is done or the time is up; `folder` is an empty local folder.

    Returns the summary that travels through the state machine; `done` false asks to be called again. Raises
    ServiceNotReadyError when the service asks to come back later (what was done is kept), DataError when no pair is
    left, TaskError when there is no time for a single call or no pair came to its end.
    """
    plan = _plan(around, request)
    store = ProgressStore(around.s3, request.pairs_folder)
    overview = store.overview(plan)
    if list_objects(around.s3, request.lists):
        return _summary(request, plan, overview, done=True)
    waiting = overview.numbers(Standing.PAUSED, Standing.UNTOUCHED)
    if waiting:
        crew = _Crew(around, request, store)
        ended = crew.replay([pair for pair in plan.pairs if pair.number in waiting], overview)
        overview = store.overview(plan)
        if not ended:
            return _summary(request, plan, overview, done=False)
    if not overview.numbers(Standing.FINISHED):
        raise TaskError(
            f"Every one of {len(plan.pairs)} pairs was interrupted while its events were on their way (see "
            f"{request.pairs_folder}): give the function more time or fewer pairs at a time, and start a new run."
        )
    _write_lists(around.s3, request, plan, overview, folder)
    return _summary(request, plan, overview, done=True)


def _plan(around: Surroundings, request: ReplayRequest) -> Plan:
    """The plan of the run: made by the first call, the same for all later ones."""
    document = find_json(around.s3, request.plan)
    if document is None:
        changed = changed_users(around.s3, request.locations.report, _dataset_made_at(around, request))
        document = make_plan(pairs_of(read_json(around.s3, request.pairs)), changed).document()
        write_json(around.s3, request.plan, document)
    plan = Plan.of(document)
    if not list_objects(around.s3, request.pairs_folder):
        record(around.s3, request.locations.report, {pair.user_a for pair in plan.pairs}, around.now())
    return plan


def _dataset_made_at(around: Surroundings, request: ReplayRequest) -> datetime | None:
    if request.dataset_arn is None:
        return None
    made: datetime = describe(around.personalize, resource_kind("dataset"), request.dataset_arn).description[
        "creationDateTime"
    ]
    return made


class _Crew:
    """Threads that replay pairs. The first one that must stop makes all stop, each before its next call."""

    def __init__(self, around: Surroundings, request: ReplayRequest, store: ProgressStore) -> None:
        self._around, self._request, self._store = around, request, store
        self._stop = threading.Event()
        self._moved = False

    def replay(self, pairs: Sequence[Pair], overview: Overview) -> bool:
        """Replay the pairs; False when time was up before their end."""
        with ThreadPoolExecutor(
            self._request.pairs_at_a_time, initializer=self._around.begin_thread
        ) as threads:
            futures = [threads.submit(self._one, pair, overview.records.get(pair.number)) for pair in pairs]
        # Only now: every pair has written down where it stands.
        for future in futures:
            with waiting_is_named():
                future.result()
        if self._stop.is_set() and not self._moved:
            raise TaskError(
                f"There is no time for a single call: raise the timeout of replay_events well above settle_seconds "
                f"({self._request.settle_seconds:g} s) in the settings, and deploy."
            )
        return not self._stop.is_set()

    def _one(self, pair: Pair, record: Progress | None) -> None:
        if self._stop.is_set() or not self._around.service.has_time(0):
            self._stop.set()
            return
        progress = record or Progress(pair.number, last_sent_at=int(self._around.now()), claims=0)
        progress.claims += 1
        if not self._store.claim(progress):
            return  # another call is at work on it
        before = _moves(progress)
        try:
            converse(self._service(), self._request, pair, progress)
        except OutOfTimeError:
            self._pause(progress)
        except LostAnswerError as error:
            self._stop.set()  # without a record the pair is left out
            raise ServiceNotReadyError(f"The answer of the service was lost: {error}") from error
        except NO_ANSWER as error:
            self._pause(progress)
            raise ServiceNotReadyError(f"The service did not answer: {error}") from error
        except ClientError as error:
            self._pause(progress)
            if trouble_inside(error):
                raise ServiceNotReadyError(f"The service is in trouble: {error}") from error
            raise
        else:
            self._store.save(progress, Standing.FINISHED)
        self._moved = self._moved or _moves(progress) != before

    def _pause(self, progress: Progress) -> None:
        self._stop.set()
        self._store.save(progress, Standing.PAUSED)

    def _service(self) -> Service:
        service = self._around.service

        def has_time(seconds: float) -> bool:
            return not self._stop.is_set() and service.has_time(seconds)

        return Service(service.runtime, service.events, has_time, service.sleep)


def _moves(progress: Progress) -> tuple[int, int, bool]:
    return progress.sent, len(progress.lists), progress.list_b is None


def _write_lists(
    client: S3Client, request: ReplayRequest, plan: Plan, overview: Overview, folder: Path
) -> None:
    rows = [
        {
            "pair": pair.number,
            "user_a": pair.user_a,
            "user_b": pair.user_b,
            "events": events,
            "list_a": ids,
            "list_b": overview.records[pair.number].list_b,
        }
        for pair in plan.pairs
        if overview.standing[pair.number] is Standing.FINISHED
        for events, ids in sorted(overview.records[pair.number].lists.items())
    ]
    path = folder / "lists.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=LISTS), path, compression="zstd")
    upload(client, path, request.lists)


def _summary(request: ReplayRequest, plan: Plan, overview: Overview, *, done: bool) -> dict[str, Any]:
    return {
        "done": done,
        "finished_pairs": len(overview.numbers(Standing.FINISHED)),
        "pairs_planned": len(plan.pairs),
        "left_out_pairs": len(overview.numbers(Standing.LEFT_OUT)),
        "changed_users": plan.changed_users,
        "lists": str(request.lists) if done else None,
    }
