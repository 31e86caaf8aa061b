"""Writing the page of all runs so that runs that end at the same time do not lose each other.

Nothing is read, changed and written back: the page is made anew from the files that are there. What could still go
wrong is an old page over a new one: publisher P lists, then run q ends and its publisher Q lists and writes, then P
writes what it saw, without q. Therefore each publisher lists once more *after* it has written, and begins again when
the listing is not the one that it rendered.

Why the last page is then complete: let W be the last write of all, by P. P listed after W, and did not write again,
so that listing equalled the one W was made from: W holds every run whose files were there when P listed, after W. A
run whose files came later has a publisher that lists later still, and its write would have come after W, which was
the last. This needs each run to be published after its files are written, and listings that show what was written
before (S3's are strongly consistent).

Other runs may end while P is at work, each making it begin again; after some turns it gives up with an error that
says so, and the state machine tries again later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.index.gathering import CACHE_KEY, Gathered, gather, read_cache, run_folders
from lambdas.reports.index.page import render_index
from lambdas.shared.errors import ServiceNotReadyError

if TYPE_CHECKING:
    from lambdas.reports.index.stores import ReportStore

PAGE_KEY = "index.html"
TURNS = 10


@dataclass(frozen=True, slots=True)
class Published:
    """What the page holds, and how often it was written until nothing had changed meanwhile."""

    gathered: Gathered
    turns: int


def publish_index(store: ReportStore) -> Published:
    """Write `index.json` and `index.html`. Raises ServiceNotReadyError when runs keep ending meanwhile."""
    known = read_cache(store)
    folders = run_folders(store.files())
    for turn in range(1, TURNS + 1):
        gathered = gather(store, folders, known)
        store.write(CACHE_KEY, gathered.as_cache(), content_type="application/json")
        page = render_index(gathered.entries).encode()
        store.write(PAGE_KEY, page, content_type="text/html; charset=utf-8")
        folders, known = run_folders(store.files()), dict(gathered.kept)
        if frozenset(folder.digest for folder in folders) == gathered.seen:
            return Published(gathered, turn)
    raise ServiceNotReadyError(
        f"The index of all runs was written {TURNS} times, and each time other reports had changed meanwhile. "
        "Try again when fewer runs end at a time; the next run brings the index up to date, too."
    )
