"""What was found in the data, written to the files that the run goes on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.split_data import outputs
from lambdas.split_data.causes import Causes, causes_document
from lambdas.split_data.pairs import draw_pairs
from lambdas.split_data.schema import ITEM_ID, USER_ID
from lambdas.split_data.writing import write_csv, write_ids, write_json, write_parquet, write_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.split_data.entities import Entities
    from lambdas.split_data.measures import Measures
    from lambdas.split_data.outputs import SplitFiles
    from lambdas.split_data.schema import Column
    from lambdas.split_data.settings import PairSettings, QueryKind


@dataclass(frozen=True, slots=True)
class Found:
    """A split that may be used: the interactions with their columns, and what else the scenario has."""

    measures: Measures
    columns: Sequence[Column]
    items: Entities | None
    users: Entities | None
    causes: Causes | None
    queries: QueryKind
    pairs: PairSettings | None


def deliver(found: Found, target: SplitFiles) -> None:
    """Write every file that this split has."""
    events, cut = found.measures.histories, found.measures.split
    write_csv(events.frame, events.order[cut.train], found.columns, target.train)
    write_parquet(events.frame, events.order[cut.held], found.columns, target.holdout)
    if found.items is not None:
        _write_items(found.items, found.measures, target)
    if found.users is not None:
        users = found.users
        write_csv(users.frame, users.rows, users.columns, target.path(outputs.USERS))
    if found.queries == "users":
        write_queries("userId", _query_users(found.measures), target.path(outputs.USER_QUERIES))
    if found.causes is not None:
        _write_causes(found.causes, found.measures, target)
    if found.pairs is not None:
        write_json(draw_pairs(found.measures, found.pairs), target.path(outputs.PAIRS))


def _write_items(items: Entities, measures: Measures, target: SplitFiles) -> None:
    """Write the items to import and the same as a catalogue; both with COLD where items are held out."""
    cold = measures.split.cold
    if cold is not None:
        items = items.with_cold(measures.histories.frame[ITEM_ID].cat.categories[cold])
    write_csv(items.frame, items.rows, items.columns, target.path(outputs.ITEMS))
    catalogue = target.path(outputs.CATALOGUE)
    write_parquet(items.frame, items.rows, items.columns, catalogue, plain_texts=True)


def _write_causes(causes: Causes, measures: Measures, target: SplitFiles) -> None:
    ids = measures.histories.frame[ITEM_ID].cat.categories
    write_queries("itemId", ids[causes.items].tolist(), target.path(outputs.ITEM_QUERIES))
    pairs = {USER_ID: _query_users(measures), ITEM_ID: ids[causes.of_users].tolist()}
    write_ids(pairs, target.path(outputs.USER_CAUSES))
    write_json(causes_document(measures, causes), target.path(outputs.CAUSES))


def _query_users(measures: Measures) -> list[str]:
    users: list[str] = measures.histories.frame[USER_ID].cat.categories[measures.query_users].tolist()
    return users
