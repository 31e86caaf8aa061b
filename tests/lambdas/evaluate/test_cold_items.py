from __future__ import annotations

import json
import math

import numpy as np
import pytest

from lambdas.evaluate.cold_items import NotCold
from lambdas.evaluate.lists import ListName
from lambdas.evaluate.request import Kind
from lambdas.evaluate.verdict import Outcome, decide
from lambdas.shared.errors import DataError

SETTINGS = {"cutoffs": [1, 2], "primary_cutoff": 2}
MODEL = ListName("model", "without_seen")


def line(user, items) -> str:
    return json.dumps({"input": {"userId": user}, "output": {"recommendedItems": items}, "error": None})


@pytest.fixture
def cold(run):
    """ann likes war, bob crime; each held-out item was touched by one of them, "old" is warm."""
    run.write_train([("ann", "w", 1), ("ann", "old", 2), ("bob", "c", 1), ("bob", "old", 2)])
    run.write_holdout([("ann", "w9", 9), ("bob", "c9", 9)])
    run.write_answers([line("ann", ["w9", "x9"]), line("bob", ["w9", "c9"])])
    items = {"w": "war", "old": "war", "c": "crime", "w9": "war", "c9": "crime", "x9": None, "y9": "war"}
    run.write_catalogue(
        ITEM_ID=list(items), GENRES=list(items.values()), COLD=[item.endswith("9") for item in items]
    )
    return run


def test_values_by_hand(cold):
    found = cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison

    def value(metric, k):
        return found.values[MODEL, metric, k].value

    assert value("precision", 1) == pytest.approx(1 / 2)
    assert value("precision", 2) == pytest.approx(1 / 2)
    assert value("mrr", 2) == pytest.approx((1 + 1 / 2) / 2)
    assert value("ndcg", 2) == pytest.approx((1 + 1 / math.log2(3)) / 2)
    # Three of the four cold items are shown.
    assert value("coverage", 2) == pytest.approx(3 / 4)


def test_genre_agreement_is_a_metric_with_users_values(cold):
    found = cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison
    # ann: war against war (x9 has no genre). bob: crime and war, half each, against the same two.
    assert found.values[MODEL, "genre_agreement", 2].value == pytest.approx(1)
    # At 1 bob has war alone.
    assert found.values[MODEL, "genre_agreement", 1].value < 1
    assert found.users[MODEL, "genre_agreement", 2] == 2
    assert ("genre_agreement", 2) in found.columns


def test_users_without_a_genre_are_left_out_of_the_agreement(cold):
    cold.write_answers([line("ann", ["x9"]), line("bob", ["c9"])])
    found = cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison
    assert found.users[MODEL, "genre_agreement", 2] == 1
    assert found.users[MODEL, "ndcg", 2] == 2


def test_the_genres_of_all_sides_are_told(cold):
    section = cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison.section
    shares = {row.genre: row for row in section.genres}
    # Histories: ann war only; bob half crime, half war.
    assert (shares["war"].history, shares["crime"].history) == pytest.approx((3 / 4, 1 / 4))
    # Of the cold items with a genre two are war, one is crime.
    assert shares["war"].cold_items == pytest.approx(2 / 3)
    assert shares["war"].recommended["model"] == pytest.approx((1 + 1 / 2) / 2)
    assert [row.genre for row in section.genres] == ["war", "crime"]
    assert (section.candidates, section.candidates_touched, section.candidates_without_genre) == (4, 2, 1)


def test_a_recommended_item_that_is_not_cold_is_counted_and_cannot_hit(cold):
    cold.write_answers([line("ann", ["c", "w9"]), line("bob", ["nobody knows", "c9"])])
    found = cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison
    assert found.section.not_cold == {"model": NotCold(places=2, users=2, share=2 / 4)}
    assert found.values[MODEL, "precision", 2].value == pytest.approx(1 / 2)


def test_the_verdict_compares_with_popular_genres(cold):
    verdict = decide(cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison, "m")
    assert verdict.rival.source == "popular_genres"
    assert "m and popular genres differ by" in verdict.sentence
    assert "in cold-item NDCG@2 on 2 users" in verdict.sentence


def test_without_genres_the_verdict_compares_with_random_items(cold):
    cold.write_catalogue(
        ITEM_ID=["w", "old", "c", "w9", "c9"],
        COLD=[False, False, False, True, True],
        GENRES=["", None, "|", " ", ""],
    )
    found = cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison
    assert [name.source for name in found.baselines] == ["random_held_out"]
    assert found.rival.source == "random_held_out"
    assert "genre_agreement" not in found.metrics
    assert found.section.genres == ()


def test_random_items_score_what_is_to_be_expected(run):
    users = [f"u{n:03}" for n in range(400)]
    run.write_train([(user, "warm", 1) for user in users])
    run.write_holdout([(user, f"i{n}9", 5) for user in users for n in range(3)])
    run.write_answers([line(user, ["i09"]) for user in users])
    items = ["warm", *(f"i{n}9" for n in range(30))]
    run.write_catalogue(ITEM_ID=items, GENRES=["a"] * 31, COLD=[False, *[True] * 30])
    found = run.measure(Kind.COLD_ITEMS, cutoffs=[10], primary_cutoff=10).comparison
    estimate = found.values[ListName("random_held_out", "without_seen"), "precision", 10]
    assert estimate.low < 3 / 30 < estimate.high
    assert estimate.high - estimate.low < 0.03


def test_held_out_items_that_nobody_with_a_past_touched_give_no_verdict(cold):
    cold.write_holdout([("zoe", "w9", 9)])
    verdict = decide(cold.measure(Kind.COLD_ITEMS, **SETTINGS).comparison, "m")
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert (
        verdict.sentence
        == "m cannot be compared with popular genres in cold-item NDCG@2 on 0 users: cannot tell"
    )


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"ITEM_ID": ["w9", "c9"]}, "no column COLD"),
        ({"ITEM_ID": ["w9", "c9"], "COLD": [False, None]}, "marks no item as COLD"),
        (
            {"ITEM_ID": ["w9", "c9", "w"], "COLD": [True, True, True]},
            "1 items are marked COLD and have training",
        ),
        ({"ITEM_ID": ["w9", "c9"], "COLD": [True, False]}, "holds 1 items that the catalogue does not mark"),
    ],
)
def test_a_catalogue_that_contradicts_the_split_is_refused(cold, columns, told):
    cold.write_catalogue(**columns)
    with pytest.raises(DataError, match=told):
        cold.measure(Kind.COLD_ITEMS, **SETTINGS)


def test_the_seed_decides_the_draw(cold):
    def random_precision(seed):
        found = cold.measure(Kind.COLD_ITEMS, seed=seed, **SETTINGS).comparison
        return np.nan_to_num(found.per_user[ListName("random_held_out", "without_seen")]).tolist()

    assert random_precision(1) == random_precision(1)
    assert len({str(random_precision(seed)) for seed in range(8)}) > 1
