"""The diagnosis in pictures: every share that is known, nothing that is not."""

from __future__ import annotations

from lambdas.evaluate.page.diagnosis import diagnosis_view

WHOLE = {
    "counts": {
        "interactions": 200,
        "train_interactions": 150,
        "holdout_interactions": 40,
        "unused_interactions": 10,
    },
    "repeats": {"share_of_interactions": 0.25, "share_of_holdout": 0.0},
    "future": {
        "new_items": 3,
        "share_of_holdout_with_new_items": 0.125,
        "new_users": 0,
        "share_of_holdout_of_new_users": 0.0,
    },
    "items": {"columns": [{"name": "TITLE", "filled": 1.0}, {"name": "<b>", "filled": 0.5}]},
    "users": {"columns": [{"name": "AGE", "filled": 0.75}]},
}


def pictures(document) -> dict[str, list[tuple[str, float]]]:
    return {
        chart.key: [(row["label"], row["value"]) for row in chart.data["rows"]]
        for chart in diagnosis_view(document).rows
    }


def test_every_share_is_a_bar():
    assert pictures(WHOLE) == {
        "parts": [("trained on (150)", 0.75), ("held out (40)", 0.2), ("neither (10)", 0.05)],
        "repeats": [("of all interactions", 0.25), ("of the held-out ones, before the cut", 0.0)],
        "unseen": [("with new items (3)", 0.125), ("of new users (0)", 0.0)],
        "filled-items": [("TITLE", 1.0), ("<b>", 0.5)],
        "filled-users": [("AGE", 0.75)],
    }


def test_what_a_partial_diagnosis_lacks_is_left_out():
    assert pictures(
        {"repeats": {"share_of_holdout": 0.5}, "future": {"share_of_holdout_with_new_items": 1.0}}
    ) == {
        "repeats": [("of the held-out ones, before the cut", 0.5)],
        "unseen": [("with new items", 1.0)],
    }
    assert pictures({}) == {}
    assert pictures({"counts": {"interactions": 0}, "items": {"columns": []}}) == {}
