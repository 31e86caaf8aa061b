"""Schemas of the datasets that other scenarios than hrnn have."""

from __future__ import annotations

import pytest

from config.checks.columns import schema_findings
from config.data import AvroSchema

ITEM = {"name": "ITEM_ID", "type": "string"}
GENRES = {"name": "GENRES", "type": ["null", "string"], "categorical": True}


def findings(dataset, *fields):
    return list(schema_findings(dataset, AvroSchema.model_validate({"fields": fields}, strict=False)))


def test_items_with_creation_time_category_and_text():
    text = {"name": "PLOT", "type": "string", "textual": True}
    assert findings("items", ITEM, {"name": "CREATION_TIMESTAMP", "type": "long"}, GENRES, text) == []


@pytest.mark.parametrize(
    ("dataset", "fields", "words"),
    [
        ("items", [ITEM], "needs at least one column besides the reserved ones"),
        (
            "items",
            [ITEM, *({"name": f"T{n}", "type": "string", "textual": True} for n in range(2))],
            "more than one",
        ),
        ("users", [{"name": "USER_ID", "type": "string"}], "needs at least one column"),
        ("users", [GENRES], "column USER_ID is missing"),
        (
            "users",
            [{"name": "USER_ID", "type": "string"}, {**GENRES, "categorical": None, "itemName": True}],
            "only the",
        ),
    ],
)
def test_what_the_service_refuses(dataset, fields, words):
    ((_, message),) = findings(dataset, *fields)
    assert words in message
