"""The split of local files: read and check everything, then write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.split_data.causes import Causes, cause_problems, cause_warning, find_causes
from lambdas.split_data.checks import training_problems
from lambdas.split_data.coverage import Coverage, feature_problems
from lambdas.split_data.delivery import Found, deliver
from lambdas.split_data.diagnosis import diagnose
from lambdas.split_data.entities import Entities, RawTable, read_entities
from lambdas.split_data.measures import Measures
from lambdas.split_data.ordering import histories
from lambdas.split_data.pairs import pair_problems, pair_warning
from lambdas.split_data.problems import Notice, Problem, refuse, warning_documents
from lambdas.split_data.reading import read_table
from lambdas.split_data.schema import ITEM_ID, USER_ID
from lambdas.split_data.settings import PairSettings, QuerySettings, SplitSettings
from lambdas.split_data.splitting import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambdas.split_data.files import RawFile
    from lambdas.split_data.outputs import SplitFiles
    from lambdas.split_data.schema import Column


@dataclass(frozen=True, slots=True)
class Extras:
    """What a scenario wants beyond the two parts of the interactions."""

    items: RawTable | None = None
    users: RawTable | None = None
    queries: QuerySettings = field(default_factory=QuerySettings)
    pairs: PairSettings | None = None
    needs_features: bool = False

    @property
    def files(self) -> list[RawFile]:
        """The raw files of items and users."""
        return [file for table in (self.items, self.users) if table for file in table.files]


def split_files(
    files: Sequence[RawFile],
    columns: Sequence[Column],
    settings: SplitSettings,
    target: SplitFiles,
    *,
    subject: str,
    now: int,
    extras: Extras | None = None,
) -> dict[str, Any]:
    """Read, check, split and write local files; returns the diagnosis without what only a run knows.

    Deletes each raw file that lies in the target's folder once all are read, to make room there.
    """
    extras = extras or Extras()
    items, users = (read_entities(table) if table else None for table in (extras.items, extras.users))
    frame = read_table(files, columns, subject)
    _make_room(target, [*files, *extras.files])
    events = histories(frame)
    measures = Measures(events, split(events, settings, items.ids if items else None))
    coverages = _coverages(measures, items, users)
    if extras.needs_features:
        refuse(extras.items.subject if extras.items else subject, [*feature_problems(coverages.get("items"))])
    causes = find_causes(measures, extras.queries.causes) if extras.queries.kind == "items" else None
    refuse(subject, [*training_problems(measures, settings), *_unaskable(measures, causes, extras)])
    diagnosis = diagnose(measures, settings, now, coverages)
    diagnosis["warnings"] += warning_documents(_shortcomings(measures, causes, extras))
    deliver(Found(measures, columns, items, users, causes, extras.queries.kind, extras.pairs), target)
    return diagnosis


def _make_room(target: SplitFiles, files: Sequence[RawFile]) -> None:
    for file in files:
        if target.folder in file.path.parents:
            file.path.unlink()


def _coverages(measures: Measures, items: Entities | None, users: Entities | None) -> dict[str, Coverage]:
    """How each dataset that there is fits the interactions."""
    frame = measures.histories.frame
    found = {}
    if items is not None:
        found["items"] = Coverage.of(items, frame[ITEM_ID].cat.categories, measures.item_events)
    if users is not None:
        found["users"] = Coverage.of(users, frame[USER_ID].cat.categories, measures.user_events)
    return found


def _unaskable(measures: Measures, causes: Causes | None, extras: Extras) -> Iterator[Problem]:
    if causes is not None:
        yield from cause_problems(causes, extras.queries.causes)
    if extras.pairs is not None:
        yield from pair_problems(measures, extras.pairs)


def _shortcomings(measures: Measures, causes: Causes | None, extras: Extras) -> Iterator[Notice]:
    if causes is not None:
        yield cause_warning(causes)
    if extras.pairs is not None:
        yield pair_warning(measures, extras.pairs)
