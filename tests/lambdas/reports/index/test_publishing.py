"""Runs that end at the same time do not lose each other's entry, in whatever order their publishers take turns."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import boto3
import pytest
from moto import mock_aws

from lambdas.reports.index import publishing
from lambdas.reports.index.publishing import TURNS, publish_index
from lambdas.reports.index.stores import BucketStore, StoredFile
from lambdas.shared.errors import ServiceNotReadyError, TaskError


class Scheduler:
    """Lets one of several threads take its next step at a time, in the order of a schedule.

    Where the schedule has come to its end, the first thread that is left goes on. `choices` are the threads that
    could have taken each step.
    """

    def __init__(self, schedule: Sequence[int], threads: int) -> None:
        self.schedule, self.choices, self.taken = schedule, [], []
        self.alive = set(range(threads))
        self.waiting: set[int] = set()
        self.turn: int | None = None
        self.changed = threading.Condition()

    def step(self, me: int) -> None:
        """Wait for a turn; what the thread does until its next step belongs to it."""
        with self.changed:
            self.waiting.add(me)
            self._next()
            self.changed.wait_for(lambda: self.turn == me)
            self.turn = None
            self.waiting.discard(me)

    def end(self, me: int) -> None:
        with self.changed:
            self.alive.discard(me)
            self._next()

    def _next(self) -> None:
        """When all threads that are left stand before a step, give one of them the turn."""
        if self.turn is not None or self.waiting != self.alive or not self.alive:
            return
        place = len(self.taken)
        wanted = self.schedule[place] if place < len(self.schedule) else min(self.alive)
        self.turn = wanted if wanted in self.alive else min(self.alive)
        self.choices.append(sorted(self.alive))
        self.taken.append(self.turn)
        self.changed.notify_all()


@dataclass
class Publisher:
    """A run that ends: it writes its result and publishes. Every call of the store is a step."""

    store: object
    scheduler: Scheduler
    me: int
    document: dict
    looks_again: bool = True
    seen: list[StoredFile] = field(default_factory=list)
    failed: Exception | None = None

    def run(self) -> None:
        try:
            self.scheduler.step(self.me)
            self.store.put(f"hrnn/r{self.me}/metrics.json", self.document)
            publish_index(self)
        except Exception as error:  # noqa: BLE001 (a thread's errors are the test's)
            self.failed = error
        finally:
            self.scheduler.end(self.me)

    def files(self) -> list[StoredFile]:
        self.scheduler.step(self.me)
        if self.looks_again or not self.seen:
            self.seen = self.store.files()
        return self.seen

    def read(self, key: str) -> bytes | None:
        # Results do not change: only the cache can be another one at another time.
        if key == "index.json":
            self.scheduler.step(self.me)
        return self.store.read(key)

    def write(self, key: str, content: bytes, *, content_type: str) -> None:
        self.scheduler.step(self.me)
        self.store.write(key, content, content_type=content_type)


@pytest.fixture
def take_turns(make_store, metrics, monkeypatch):
    """Run publishers by a schedule; returns the scheduler and the run ids on the page at the end."""
    monkeypatch.setattr(
        publishing, "render_index", lambda entries: " ".join(sorted(entry.run_id for entry in entries))
    )

    def play(schedule: Sequence[int], publishers: int, *, looks_again: bool = True) -> tuple[Scheduler, str]:
        scheduler, store = Scheduler(schedule, publishers), make_store()
        taking = [
            Publisher(store, scheduler, me, metrics(run_id=f"r{me}"), looks_again) for me in range(publishers)
        ]
        threads = [threading.Thread(target=publisher.run) for publisher in taking]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert [publisher.failed for publisher in taking] == [None] * publishers
        return scheduler, store.text("index.html")

    return play


def every_order(play, **how: bool) -> Iterator[str]:
    """What is on the page after each of all orders in which two publishers can take their steps."""
    ahead: list[list[int]] = [[]]
    while ahead:
        schedule = ahead.pop()
        scheduler, page = play(schedule, 2, **how)
        for place in range(len(schedule), len(scheduler.taken)):
            others = [each for each in scheduler.choices[place] if each != scheduler.taken[place]]
            ahead.extend([*scheduler.taken[:place], other] for other in others)
        yield page


def test_two_runs_are_both_on_the_page_in_whatever_order_their_publishers_take_turns(take_turns):
    pages = list(every_order(take_turns))
    assert len(pages) > 1000
    assert set(pages) == {"r0 r1"}


def test_without_looking_again_some_orders_would_lose_a_run(take_turns):
    """The proof that the test above could fail."""
    assert set(every_order(take_turns, looks_again=False)) == {"r0", "r1", "r0 r1"}


def test_three_runs_are_all_on_the_page_in_random_orders(take_turns):
    chance = random.Random(8)
    for _ in range(200):
        _, page = take_turns([chance.randrange(3) for _ in range(60)], 3)
        assert page == "r0 r1 r2"


def test_publishing_gives_up_when_other_reports_change_every_time(store, metrics):
    def write(key: str, content: bytes, *, content_type: str) -> None:
        run_id = f"r{len(store.contents)}"
        store.put(f"hrnn/{run_id}/metrics.json", metrics(run_id=run_id))

    store.write = write
    with pytest.raises(ServiceNotReadyError, match=f"written {TURNS} times"):
        publish_index(store)


def test_a_change_while_the_page_is_made_is_on_it_in_the_end(store, metrics):
    written, write = [], store.write

    def first_write_comes_late(key: str, content: bytes, *, content_type: str) -> None:
        if not written:
            store.put("sims/late/metrics.json", metrics("sims", "late"))
        written.append(key)
        write(key, content, content_type=content_type)

    store.write = first_write_comes_late
    store.put("hrnn/r1/metrics.json", metrics())
    published = publish_index(store)
    assert published.turns == 2
    assert written == ["index.json", "index.html"] * 2
    assert {entry.run_id for entry in published.gathered.entries} == {"r1", "late"}


def test_what_is_no_run_does_not_make_it_begin_again(store, metrics):
    write = store.write

    def beside(key: str, content: bytes, *, content_type: str) -> None:
        store.put("hrnn/latest/metrics.json", metrics())
        store.put("hrnn/notes.txt", "x")
        write(key, content, content_type=content_type)

    store.write = beside
    assert publish_index(store).turns == 1


@pytest.fixture
def bucket(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="reports-bucket")
        yield BucketStore(client, "reports-bucket")


def test_the_page_is_written_into_the_bucket_and_opens_in_browsers(bucket, metrics):
    bucket.write("hrnn/r1/metrics.json", str(metrics()).encode(), content_type="application/json")
    bucket.client.put_object(Bucket="reports-bucket", Key="elsewhere/hrnn/r2/metrics.json", Body=b"{}")
    published = publish_index(bucket)
    assert [entry.run_id for entry in published.gathered.entries] == ["r1"]
    listed = bucket.client.list_objects_v2(Bucket="reports-bucket", Prefix="reports/index")["Contents"]
    assert [entry["Key"] for entry in listed] == ["reports/index.html", "reports/index.json"]
    head = bucket.client.head_object(Bucket="reports-bucket", Key="reports/index.html")
    assert head["ContentType"] == "text/html; charset=utf-8"
    assert publish_index(bucket).gathered == published.gathered


def test_access_that_is_denied_ends_with_the_location_and_what_to_allow(bucket):
    from botocore.stub import Stubber

    with Stubber(bucket.client) as stub:
        stub.add_client_error("get_object", "AccessDenied", "no", 403)
        with pytest.raises(TaskError, match=r"s3://reports-bucket/reports/index\.json: access denied"):
            publish_index(bucket)
