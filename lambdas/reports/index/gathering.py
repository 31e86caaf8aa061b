"""From the files below `reports/` to the entries of all runs, reading only what is new.

An entry depends on nothing but the files of its run's folder: their names, sizes, entity tags and times stand for
their contents. `index.json` keeps every entry with a digest of these; an entry whose digest is unchanged is not made
again. So the file is a cache and no more: without it, or with a broken one, everything is read once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.reading import DocumentError, Members
from lambdas.reports.run_folder import RunFile, is_run_file, iso, run_entry
from lambdas.reports.runs import RunEntry, Status, entry_from, newest_first
from lambdas.shared.locations import RUN_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lambdas.reports.index.stores import ReportStore, StoredFile

CACHE_KEY = "index.json"
# To be raised when entries are made otherwise from the same files, or have other members.
CACHE_VERSION = "1"
# As many connections as a client of botocore keeps.
_READERS = 10

_SCENARIO = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COPY = "latest"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of a run's report folder."""

    scenario: str
    run_id: str
    files: tuple[RunFile, ...]

    @property
    def digest(self) -> str:
        """Stands for the contents of all files."""
        told = [[file.name, file.size, file.etag, iso(file.modified)] for file in self.files]
        text = json.dumps([self.scenario, self.run_id, sorted(told)])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All runs at one moment, the newest first, each with the digest of the folder it was made from."""

    kept: Mapping[str, RunEntry]

    @property
    def entries(self) -> list[RunEntry]:
        """The runs."""
        return sorted(self.kept.values(), key=newest_first, reverse=True)

    @property
    def seen(self) -> frozenset[str]:
        """What the entries were made from: two equal ones were made from equal files."""
        return frozenset(self.kept)

    def as_cache(self) -> bytes:
        """index.json. Unreadable runs are left out: a later version may read them."""
        kept = [
            {"seen": digest, "run": entry.as_document()}
            for digest, entry in self.kept.items()
            if entry.status is not Status.UNREADABLE
        ]
        document = {"schema_version": CACHE_VERSION, "runs": kept}
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def run_folders(files: Iterable[StoredFile]) -> list[RunFolder]:
    """The folders of runs among the files below `reports/`.

    They are called <scenario>/<run_id>/ and hold a file by which runs are known. Copies (`latest/`) are no runs, nor
    is anything else that lies there.
    """
    found: dict[tuple[str, str], list[RunFile]] = defaultdict(list)
    for file in files:
        scenario, _, rest = file.key.partition("/")
        run_id, _, name = rest.partition("/")
        if (
            run_id != _COPY
            and _SCENARIO.fullmatch(scenario)
            and RUN_ID.fullmatch(run_id)
            and is_run_file(name)
        ):
            found[scenario, run_id].append(RunFile(name, file.size, file.etag, file.modified))
    return [RunFolder(*key, tuple(members)) for key, members in sorted(found.items())]


def gather(store: ReportStore, folders: Sequence[RunFolder], known: Mapping[str, RunEntry]) -> Gathered:
    """The entries of folders: the known ones by digest, the others read, several at a time."""
    digests = [folder.digest for folder in folders]
    new = [folder for folder, digest in zip(folders, digests, strict=True) if digest not in known]
    with ThreadPoolExecutor(_READERS) as pool:
        made = pool.map(lambda folder: _entry(store, folder), new)
        entries = {folder.digest: entry for folder, entry in zip(new, made, strict=True)}
    return Gathered({digest: entries.get(digest) or known[digest] for digest in digests})


def read_cache(store: ReportStore) -> dict[str, RunEntry]:
    """The entries that index.json keeps; none when it is not there, broken, or of another version."""
    content = store.read(CACHE_KEY)
    if content is None:
        return {}
    try:
        document = Members.parse(content)
        if document.text("schema_version") != CACHE_VERSION:
            return {}
        return {row.text("seen"): entry_from(row.members("run")) for row in document.rows("runs")}
    except DocumentError:
        return {}


def _entry(store: ReportStore, folder: RunFolder) -> RunEntry:
    def read(file: RunFile) -> bytes:
        content = store.read(f"{folder.scenario}/{folder.run_id}/{file.name}")
        if content is None:
            raise DocumentError("it was there a moment ago and is gone")
        return content

    return run_entry(folder.scenario, folder.run_id, folder.files, read)
