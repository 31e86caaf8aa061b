"""Which users earlier runs have changed, so that they are not measured again as if they were untouched.

Events that were sent stay in the dataset group: a FULL import keeps them, the next training learns from them, and
there is no call that takes back one user's. A user who has once been an A is therefore never drawn again, neither as
A nor as B, as long as the dataset lives. Each run writes its As down before it sends the first event: in the reports
bucket, because the objects below `runs/` expire.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.shared.locations import S3Location
from lambdas.shared.storage import S3Client, list_objects, read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Collection

FILE = "replayed_users.json"


def changed_users(client: S3Client, report: S3Location, since: datetime | None) -> set[str]:
    """Users that other runs of the scenario have sent events to.

    `report` is the run's own report folder, beside which those of the others lie. `since` is when the dataset was
    made: what was sent before went with the dataset that was there before. None counts everything.
    """
    scenario = S3Location(report.bucket, report.key.rstrip("/").rpartition("/")[0] + "/")
    users: set[str] = set()
    for item in list_objects(client, scenario):
        if not item.location.key.endswith(f"/{FILE}") or item.location.key.startswith(report.key):
            continue
        document = read_json(client, item.location)
        if since is None or datetime.fromisoformat(document["recorded_at"]) >= since:
            users.update(document["users"])
    return users


def record(client: S3Client, report: S3Location, users: Collection[str], now: float) -> None:
    """Write down whom this run is going to change. `now` is in Unix seconds."""
    document: dict[str, Any] = {
        "schema_version": "1.0",
        "recorded_at": datetime.fromtimestamp(now, UTC).isoformat(),
        "users": sorted(users),
    }
    write_json(client, report / FILE, document)
