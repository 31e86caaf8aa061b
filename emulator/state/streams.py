"""What came record by record: events, items and users, beside the bulk data of their datasets.

They lie in the same SQLite file as the resources, so an acknowledged record survives a killed process, and a FULL
import leaves them alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.state.store import Store

_TABLES = (
    """CREATE TABLE IF NOT EXISTS events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, dataset TEXT NOT NULL, user TEXT, session TEXT NOT NULL,
        item TEXT NOT NULL, sent INTEGER NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS events_by_arrival ON events (dataset, sequence)",
    "CREATE INDEX IF NOT EXISTS events_by_user ON events (dataset, user, sequence)",
    "CREATE INDEX IF NOT EXISTS events_by_session ON events (dataset, session, sequence)",
    """CREATE TABLE IF NOT EXISTS records (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, dataset TEXT NOT NULL, entity TEXT NOT NULL, body TEXT NOT NULL,
        UNIQUE (dataset, entity))""",
)


@dataclass(frozen=True)
class Event:
    """One streamed interaction. user is None while the session is anonymous; row: the schema's columns and values."""

    session: str
    user: str | None
    item: str
    sent: int
    row: dict[str, Any]
    sequence: int = 0


class Streams:
    """Reads and writes streamed records of datasets, which are named by their ARN."""

    def __init__(self, store: Store) -> None:
        self._store = store
        for statement in _TABLES:
            store.execute(statement)

    def add_events(self, dataset: str, events: Sequence[Event]) -> None:
        """All of them or, if one cannot be kept, none."""
        with self._store.transaction():
            for event in events:
                self._store.execute(
                    "INSERT INTO events (dataset, user, session, item, sent, body) VALUES (?, ?, ?, ?, ?, ?)",
                    (dataset, event.user, event.session, event.item, event.sent, json.dumps(event.row)),
                )

    def events_of(self, dataset: str, who: str, after: int = 0) -> list[Event]:
        """Events of a user, or of an anonymous session with this id, that came after a sequence number.

        Ordered by the time they were sent, then by arrival.
        """
        if not _storable(who):
            return []
        rows = self._store.rows(
            "SELECT * FROM events WHERE dataset = ? AND user = ? AND sequence > ? UNION ALL "
            "SELECT * FROM events WHERE dataset = ? AND session = ? AND user IS NULL AND sequence > ? "
            "ORDER BY sent, sequence",
            (dataset, who, after, dataset, who, after),
        )
        return [_event(row) for row in rows]

    def all_events(self, dataset: str, after: int = 0) -> list[Event]:
        """Every event of a dataset that came after a sequence number, in the order of arrival."""
        rows = self._store.rows(
            "SELECT * FROM events WHERE dataset = ? AND sequence > ? ORDER BY sequence", (dataset, after)
        )
        return [_event(row) for row in rows]

    def last_event(self, dataset: str) -> int:
        """Sequence number of the newest event, 0 without any."""
        (row,) = self._store.rows(
            "SELECT coalesce(max(sequence), 0) AS last FROM events WHERE dataset = ?", (dataset,)
        )
        return int(row["last"])

    def put_record(self, dataset: str, entity: str, row: dict[str, Any]) -> None:
        """Adds an item or a user, or replaces the one that was streamed before."""
        self._store.execute(
            "INSERT OR REPLACE INTO records (dataset, entity, body) VALUES (?, ?, ?)",
            (dataset, entity, json.dumps(row)),
        )

    def records(self, dataset: str) -> list[dict[str, Any]]:
        """Rows of the streamed items or users, in the order of their arrival."""
        rows = self._store.rows("SELECT body FROM records WHERE dataset = ? ORDER BY sequence", (dataset,))
        return [json.loads(row["body"]) for row in rows]

    def last_record(self, dataset: str) -> int:
        """Sequence number of the newest record, 0 without any."""
        (row,) = self._store.rows(
            "SELECT coalesce(max(sequence), 0) AS last FROM records WHERE dataset = ?", (dataset,)
        )
        return int(row["last"])

    def forget(self, dataset: str) -> None:
        """Deletes everything that was streamed into a dataset."""
        self._store.execute("DELETE FROM events WHERE dataset = ?", (dataset,))
        self._store.execute("DELETE FROM records WHERE dataset = ?", (dataset,))


def _storable(text: str) -> bool:
    """Half a surrogate pair is no character: nothing with such an id can have been kept."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _event(row: Any) -> Event:
    return Event(
        row["session"], row["user"], row["item"], row["sent"], json.loads(row["body"]), row["sequence"]
    )
