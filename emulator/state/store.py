"""The table of resources, in SQLite with a write-ahead log: what a call has acknowledged survives a killed process.

(The log is not flushed to the disk at each commit; losing the machine's power may lose the last calls, never the
file's consistency.)
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emulator.errors import StateFolderError, already_exists, not_found
from emulator.state.resources import DELETING, UNSETTLED, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FORMAT = "1"

_TABLES = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS resources (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    parent TEXT NOT NULL, status TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, body TEXT NOT NULL,
    internal TEXT NOT NULL, next_at REAL NOT NULL, settles_at REAL NOT NULL, outcome TEXT, attempts INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS resources_by_kind ON resources (kind, parent);
CREATE INDEX IF NOT EXISTS resources_by_status ON resources (status);
CREATE TABLE IF NOT EXISTS tags (
    arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
);
"""


class Store:
    """Reads and writes resources. Safe for several threads; one transaction at a time."""

    def __init__(self, database: str, account_id: str, region: str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self._connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)
        self._check_owner({"format": FORMAT, "account_id": account_id, "region": region})

    def _check_owner(self, about: dict[str, str]) -> None:
        """An ARN holds account and region, so a folder serves one of each only."""
        with self.transaction():
            kept = {row["key"]: row["value"] for row in self._connection.execute("SELECT * FROM about")}
            for key, value in about.items():
                if kept.get(key, value) != value:
                    raise StateFolderError(
                        f"The state folder was made with {key} {kept[key]}, this emulator has {value}; "
                        "choose another folder."
                    )
                self._connection.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (key, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested blocks join the outer one."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._after_commit.clear()
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")
                actions, self._after_commit = self._after_commit, []
                for action in actions:
                    action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Runs `action` once the transaction at hand is committed, never if it is rolled back."""
        with self.transaction():
            self._after_commit.append(action)

    def insert(self, resource: Resource) -> None:
        """Adds a resource; raises ResourceAlreadyExistsError when its ARN is taken."""
        with self.transaction():
            if self.find(resource.arn) is not None:
                raise already_exists(resource.arn)
            row = _row(resource)
            self._connection.execute(
                f"INSERT INTO resources ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - fixed names
                list(row.values()),
            )

    def update(self, arn: str, **members: Any) -> Resource:
        """Replaces members of a resource and returns it; raises ResourceNotFoundError."""
        with self.transaction():
            changed = self.get(arn).changed(**members)
            row = _row(changed)
            self._connection.execute(
                f"UPDATE resources SET {', '.join(f'{key} = ?' for key in row)} WHERE arn = ?",  # noqa: S608 - fixed names
                [*row.values(), arn],
            )
            return changed

    def remove(self, arn: str) -> None:
        """Deletes a resource and its tags."""
        with self.transaction():
            self._connection.execute("DELETE FROM resources WHERE arn = ?", (arn,))
            self._connection.execute("DELETE FROM tags WHERE arn = ?", (arn,))

    def find(self, arn: str, kind: str | None = None) -> Resource | None:
        """The resource with this ARN (and kind), or None."""
        found = self._select("arn = ?", [arn])
        return found[0] if found and kind in (None, found[0].kind_key) else None

    def get(self, arn: str, kind: str | None = None) -> Resource:
        """The resource with this ARN (and kind); raises ResourceNotFoundError."""
        resource = self.find(arn, kind)
        if resource is None:
            raise not_found(arn)
        return resource

    def of_kind(self, kind: str, parent: str | None = None, statuses: Sequence[str] = ()) -> list[Resource]:
        """Resources of a kind in the order they were created, narrowed by parent and status where given."""
        where, values = "kind = ?", [kind]
        if parent is not None:
            where, values = f"{where} AND parent = ?", [*values, parent]
        if statuses:
            where, values = f"{where} AND status IN ({', '.join('?' * len(statuses))})", [*values, *statuses]
        return self._select(where, values)

    def page(self, kind: str, parent: str | None, after: int, limit: int) -> list[Resource]:
        """At most `limit` resources of a kind that were created after the one with sequence `after`."""
        where, values = "kind = ? AND sequence > ?", [kind, after]
        if parent is not None:
            where, values = f"{where} AND parent = ?", [*values, parent]
        return self._select(where, values, limit)

    def children(self, parent: str) -> list[Resource]:
        """Everything that was made under a resource."""
        return self._select("parent = ?", [parent])

    def unsettled(self) -> list[Resource]:
        """Everything that has a state change ahead of it."""
        return self._select(f"status IN ({', '.join('?' * len(UNSETTLED))})", list(UNSETTLED))

    def count(self, kind: str, parent: str | None = None, statuses: Sequence[str] = ()) -> int:
        """How many resources of a kind there are; deleted ones are not counted while they fade."""
        if statuses:
            return len(self.of_kind(kind, parent, statuses))
        return sum(resource.status not in DELETING for resource in self.of_kind(kind, parent))

    def tags(self, arn: str) -> dict[str, str]:
        """Tags of a resource in the order of their keys."""
        with self._lock:
            rows = self._connection.execute("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", (arn,))
            return {row["key"]: row["value"] for row in rows}

    def put_tags(self, arn: str, tags: dict[str, str]) -> None:
        """Adds tags; a key that is there gets the new value."""
        with self.transaction():
            rows = [(arn, key, value) for key, value in tags.items()]
            self._connection.executemany("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", rows)

    def remove_tags(self, arn: str, keys: Sequence[str]) -> None:
        """Takes tags away; a key that is not there is no error."""
        with self.transaction():
            self._connection.executemany(
                "DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys]
            )

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Runs a statement of a companion table within a transaction."""
        with self.transaction():
            self._connection.execute(statement, values)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query on a companion table."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Closes the file; running transactions of other threads end first."""
        with self._lock:
            self._connection.close()

    def _select(self, where: str, values: Sequence[Any], limit: int = -1) -> list[Resource]:
        with self._lock:
            rows = self._connection.execute(
                f"SELECT * FROM resources WHERE {where} ORDER BY sequence LIMIT ?",  # noqa: S608 - where is ours
                [*values, limit],
            ).fetchall()
        return [_resource(row) for row in rows]


def _row(resource: Resource) -> dict[str, Any]:
    return {
        "arn": resource.arn,
        "kind": resource.kind_key,
        "name": resource.name,
        "parent": resource.parent,
        "status": resource.status,
        "created": resource.created,
        "updated": resource.updated,
        "body": json.dumps(resource.body),
        "internal": json.dumps(resource.internal),
        "next_at": resource.next_at,
        "settles_at": resource.settles_at,
        "outcome": resource.outcome,
        "attempts": resource.attempts,
    }


def _resource(row: sqlite3.Row) -> Resource:
    members = dict(row)
    members["kind_key"] = members.pop("kind")
    members["body"] = json.loads(members["body"])
    members["internal"] = json.loads(members["internal"])
    return Resource(**members)
