"""How far each pair has come, in S3, so that no event is sent twice whatever is killed, repeated or resumed.

Whoever wants to work on a pair first *claims* it, by an object that S3 creates only if it is not there
(`0007-claim-1.json`). At the end the pair is *finished*; when time runs out or the service is busy it is *paused* with
the exact number of events that the service has taken, and the next call claims it anew (`-claim-2`) and goes on there.
A claim without such an end means that the process died while events were on their way: nobody knows how many arrived,
so the pair is left out, which is why more pairs are drawn than a verdict needs.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.service import error_code
from lambdas.shared.storage import JSON_CONTENT_TYPE, S3Client, list_objects, read_json, write_json

if TYPE_CHECKING:
    from lambdas.replay_events.plan import Plan
    from lambdas.shared.locations import S3Location

_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class Standing(Enum):
    """Where a pair stands."""

    UNTOUCHED = "untouched"
    PAUSED = "paused"
    FINISHED = "finished"
    LEFT_OUT = "left out"


@dataclass(slots=True)
class Progress:
    """One pair under way: what is written down of it.

    `claims` counts the times it was taken up. `last_sent_at` is the time, in Unix seconds, that the last of B's events
    carries. `sent` events have been taken by the service; `lists` holds A's list after so many events.
    """

    pair: int
    last_sent_at: int
    claims: int = 1
    sent: int = 0
    list_b: list[str] | None = None
    lists: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overview:
    """Where all pairs of a plan stand, and the records of those that were begun."""

    standing: dict[int, Standing]
    records: dict[int, Progress]

    def numbers(self, *standings: Standing) -> list[int]:
        """Numbers of the pairs that stand so, in the order of the plan."""
        return [number for number, standing in self.standing.items() if standing in standings]


class ProgressStore:
    """The records of a run's pairs below one prefix."""

    def __init__(self, client: S3Client, folder: S3Location) -> None:
        self._client, self._folder = client, folder

    def overview(self, plan: Plan) -> Overview:
        """Read where everything stands."""
        names = [item.location.key.rpartition("/")[2] for item in list_objects(self._client, self._folder)]
        claims = [name.partition("-claim-")[0] for name in names if "-claim-" in name]
        standing: dict[int, Standing] = {}
        records: dict[int, Progress] = {}
        for pair in plan.pairs:
            stem = f"{pair.number:04}"
            if stem not in claims:
                standing[pair.number] = Standing.UNTOUCHED
                continue
            standing[pair.number] = Standing.LEFT_OUT
            if f"{stem}.json" not in names:
                continue
            document = read_json(self._client, self._folder / f"{stem}.json")
            record = _progress(document["progress"])
            if document["standing"] == Standing.FINISHED.value:
                standing[pair.number] = Standing.FINISHED
            elif record.claims == claims.count(stem):
                standing[pair.number] = Standing.PAUSED
            records[pair.number] = record
        return Overview(standing, records)

    def claim(self, progress: Progress) -> bool:
        """Take the pair up; False when another call has it."""
        name = f"{progress.pair:04}-claim-{progress.claims}.json"
        place = self._folder / name
        try:
            self._client.put_object(
                Bucket=place.bucket,
                Key=place.key,
                Body=json.dumps({"last_sent_at": progress.last_sent_at}).encode(),
                ContentType=JSON_CONTENT_TYPE,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error_code(error) in _TAKEN:
                return False
            raise
        return True

    def save(self, progress: Progress, standing: Standing) -> None:
        """Write down that the claimed pair is paused or finished."""
        document = {"standing": standing.value, "progress": asdict(progress)}
        write_json(self._client, self._folder / f"{progress.pair:04}.json", document)


def _progress(document: dict[str, Any]) -> Progress:
    # JSON knows no numbers as keys.
    return Progress(**{**document, "lists": {int(count): ids for count, ids in document["lists"].items()}})
