"""The blocks of the event: their defaults, and what is refused."""

from __future__ import annotations

import pytest

from lambdas.shared.errors import RequestError
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.settings import (
    CauseSettings,
    PairSettings,
    QuerySettings,
    SplitSettings,
    pair_settings,
    query_settings,
    split_settings,
)

COLD = {"method": "cold_items", "fraction": 0.1}


def test_what_is_left_out_has_its_default():
    assert split_settings(COLD) == SplitSettings("cold_items", 0.1, 0.5, 7, "future", None)
    assert query_settings(None) == QuerySettings("users", CauseSettings((), 5, 5, 5))
    assert pair_settings(None) is None
    assert pair_settings({"count": 100}) == PairSettings(100, 7, 20)


def test_everything_can_be_said():
    whole = {**COLD, "cold_share": 0.25, "seed": 3, "truth": "all_time", "max_users": 9}
    assert split_settings(whole) == SplitSettings("cold_items", 0.1, 0.25, 3, "all_time", 9)
    causes = {"named": ["50", "1", "50"], "popular": 1, "middling": 2, "rare": 0}
    assert query_settings({"kind": "items", "causes": causes}) == QuerySettings(
        "items", CauseSettings(("50", "1"), 1, 2, 0)
    )
    assert pair_settings({"count": 2, "seed": 1, "events": 4}) == PairSettings(2, 1, 4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cold_share": 0}, "cold_share is 0: take a number between 0 and 1"),
        ({"cold_share": True}, "cold_share is True"),
        ({"truth": "past"}, "truth 'past' is unknown: take one of future, all_time"),
        ({"seed": 1.5}, r"seed is 1\.5: take a whole number\."),
        ({"max_users": 0}, "max_users is 0: take a whole number of 1 or more"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(change, words):
    with pytest.raises(RequestError, match=words):
        split_settings({**COLD, **change})


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"kind": "moods"}, "kind of queries 'moods' is unknown"),
        ({"kind": "items", "causes": {"rare": -1}}, "number of rare causes is -1"),
    ],
)
def test_queries_that_make_no_sense_are_refused(block, words):
    with pytest.raises(RequestError, match=words):
        query_settings(block)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"count": 0}, "number of pairs is 0"),
        ({"count": 1, "events": 0}, "number of events of a pair is 0"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(block, words):
    with pytest.raises(RequestError, match=words):
        pair_settings(block)


def test_a_column_called_cold_is_refused_only_where_the_split_adds_one(event):
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "COLD", "type": "string"}]
    items = {"location": "s3://b/k/", "schema": {"fields": fields}}
    assert SplitRequest.of({**event, "items": items}).items is not None
    with pytest.raises(RequestError, match="has a column COLD"):
        SplitRequest.of({**event, "items": items, "split": COLD})
