"""A small service whose lists depend on the events that it was sent, and S3."""

from __future__ import annotations

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from moto import mock_aws

from lambdas.replay_events.conversation import Service
from lambdas.replay_events.request import ReplayRequest
from lambdas.replay_events.task import Surroundings, replay_events

# How long an example takes says nothing about the code on a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

DATA, REPORTS = "data-bucket", "reports-bucket"
NOW = 1_700_000_000.0


class KilledError(BaseException):
    """The process is dead: whatever it still tries fails."""


def refusal(code: str, status: int = 400, operation: str = "PutEvents") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation
    )


@dataclass
class FakeService:
    """Recommends what its users touched last, so that a list follows the events. Remembers what it was sent.

    `before_call(number, operation)` and `after_call(…)` see every call of either endpoint and may raise.
    """

    past: dict[str, list[str]]
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    before_call: Callable[[int, str], None] = lambda _number, _operation: None
    after_call: Callable[[int, str], None] = lambda _number, _operation: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get_recommendations(self, **request: Any) -> dict[str, Any]:
        with self._call("GetRecommendations", request):
            user = request["userId"]
            touched = self.past[user] + [event["itemId"] for event in self.sent[user]]
            newest_first = list(dict.fromkeys(reversed(touched)))
            return {"itemList": [{"itemId": item} for item in newest_first[: request["numResults"]]]}

    def put_events(self, **request: Any) -> None:
        assert 1 <= len(request["eventList"]) <= 10
        with self._call("PutEvents", request):
            self.sent[request["userId"]] += request["eventList"]

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        service = self

        class Call:
            def __enter__(self) -> None:
                service._lock.acquire()
                try:
                    self.number = len(service.calls)
                    service.before_call(self.number, operation)
                    service.calls.append((operation, request))
                except BaseException:
                    service._lock.release()
                    raise

            def __exit__(self, *_: object) -> None:
                try:
                    service.after_call(self.number, operation)
                finally:
                    service._lock.release()

        return Call()


@dataclass
class Replay:
    """The task in a test: its buckets, its service, and calls of it as the state machine makes them."""

    s3: Any
    service: FakeService
    folder: Path
    has_time: Callable[[float], bool] = lambda _seconds: True
    slept: list[float] = field(default_factory=list)
    personalize: Any = None
    now: float = NOW

    def event(self, run_id: str = "r1", **changes: Any) -> dict[str, Any]:
        run = f"s3://{DATA}/runs/put_events/{run_id}"
        return {
            "scenario": "put_events",
            "run_id": run_id,
            "data_bucket": DATA,
            "reports_bucket": REPORTS,
            "pairs": f"{run}/queries/pairs.json",
            "campaign_arn": "campaign",
            "tracking_id": "tracker",
            "counts": [0, 1, 2, 5, 10, 20],
            "settle_seconds": 0,
            "pairs_at_a_time": 2,
            **changes,
        }

    def __call__(self, event: dict[str, Any] | None = None) -> dict[str, Any]:
        service = Service(self.service, self.service, self.has_time, self.slept.append)
        around = Surroundings(self.s3, self.personalize, service, lambda: self.now)
        return replay_events(around, ReplayRequest.of(event or self.event()), self.folder)

    def draw(self, run_id: str = "r1", pairs: int = 4, first: int = 0) -> None:
        """Write the pairs of a run: user 0 is sent the past of user 1, 2 that of 3, and so on from `first`."""
        document = [
            {
                "pair": number + 1,
                "user_a": str(first + 2 * number),
                "user_b": str(first + 2 * number + 1),
                "events": [
                    {"item_id": item, "timestamp": 1_000}
                    for item in self.service.past[str(first + 2 * number + 1)]
                ],
            }
            for number in range(pairs)
        ]
        key = f"runs/put_events/{run_id}/queries/pairs.json"
        self.s3.put_object(Bucket=DATA, Key=key, Body=json.dumps(document).encode())

    def rows(self, run_id: str = "r1") -> list[dict[str, Any]]:
        """What was written of the lists."""
        path = self.folder / "read.parquet"
        self.s3.download_file(DATA, f"runs/put_events/{run_id}/replay/lists.parquet", str(path))
        return pq.read_table(path).to_pylist()

    def pairs(self, run_id: str = "r1") -> list[dict[str, Any]]:
        """The pairs of the plan."""
        body = self.s3.get_object(Bucket=DATA, Key=f"runs/put_events/{run_id}/replay/plan.json")["Body"]
        return json.loads(body.read())["pairs"]

    def finished(self) -> set[int]:
        """Numbers of the pairs whose lists were written."""
        return {row["pair"] for row in self.rows()}

    def assert_lists_of_their_moment(self) -> None:
        """Every list is what the fake answers to a user with A's past and so many of B's events."""
        for row in self.rows():
            past = self.service.past
            taken = past[row["user_a"]] + past[row["user_b"]][: row["events"]]
            assert row["list_a"] == taken[::-1][:25]
            assert row["list_b"] == past[row["user_b"]][::-1][:25]

    def assert_sent_once_and_in_order(self, finished: Collection[int]) -> None:
        """Every A of a finished pair has got exactly B's past, item for item; every other A a beginning of it."""
        for pair in self.pairs():
            expected = [event["item_id"] for event in pair["events"]]
            got = self.service.sent.get(pair["user_a"], [])
            assert [event["itemId"] for event in got] == expected[: len(got)]
            if pair["pair"] in finished:
                assert len(got) == len(expected)
            times = [event["sentAt"] for event in got]
            assert times == sorted(set(times))
            assert len({event["eventId"] for event in got}) == len(got)


def past_of(users: int, events: int) -> dict[str, list[str]]:
    """Users `0`, `1`, … with items of their own, `events` and one more for every user."""
    return {str(user): [f"{user}/{index}" for index in range(events + user)] for user in range(users)}


@contextmanager
def opened(folder: Path, *, users: int, events: int = 21) -> Iterator[Replay]:
    """A replay in an AWS of its own."""
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1", **credentials)
        for bucket in (DATA, REPORTS):
            s3.create_bucket(Bucket=bucket)
        made = Replay(s3, FakeService(past_of(users, events)), folder)
        made.draw()
        yield made


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Replay]:
    with opened(tmp_path, users=16) as made:
        yield made


@pytest.fixture(scope="session")
def script() -> Any:
    """The names of this file."""
    return sys.modules[__name__]
