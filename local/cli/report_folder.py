"""Reports that were copied to this machine, as a store like the bucket they come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lambdas.reports.index.publishing import PAGE_KEY, publish_index
from lambdas.reports.index.stores import StoredFile

REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class FolderStore:
    """The files below `reports/` of a results folder. A file's time and size stand for its content."""

    root: Path

    def files(self) -> list[StoredFile]:
        """Everything that is there, by key."""
        found = []
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                known = path.stat()
                found.append(
                    StoredFile(
                        path.relative_to(self.root).as_posix(),
                        known.st_size,
                        str(known.st_mtime_ns),
                        datetime.fromtimestamp(known.st_mtime, UTC),
                    )
                )
        return found

    def read(self, key: str) -> bytes | None:
        """The content of a file, None when there is none."""
        try:
            return (self.root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, key: str, content: bytes, *, content_type: str) -> None:  # noqa: ARG002 (files have no type)
        """Replace a file as a whole: a browser that reads it meanwhile gets the old one."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(path)


def local_reports(results: Path) -> FolderStore:
    """The reports in a results folder."""
    return FolderStore(results / REPORTS)


def write_local_index(results: Path) -> Path:
    """The page of all runs whose reports are on this machine, beside their folders; returns its place.

    Made from the copies and not copied itself: a bucket's own page links to runs that were never fetched, and knows
    nothing of those of another stage.
    """
    store = local_reports(results)
    publish_index(store)
    return store.root / PAGE_KEY
