from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate import cold_baselines
from lambdas.evaluate.catalogue import read_catalogue
from lambdas.evaluate.cold_baselines import GenrePopularity, cold_baseline_lists, random_lists
from lambdas.evaluate.genres import Genres
from lambdas.evaluate.interactions import read_data

TRAIN = [("ann", "w1", 1), ("ann", "w2", 2), ("bob", "w1", 1), ("bob", "w3", 2), ("cid", "w4", 1)]


@pytest.fixture
def told(run):
    """w1 (twice) is war, w2 crime, w3 crime and war, w4 nothing; cold items of every kind."""
    run.write_train(TRAIN)
    run.write_holdout([(user, "both", 9) for user in ("ann", "bob", "cid")])
    genres = {"w1": "war", "w2": "crime", "w3": "crime|war", "w4": ""}
    genres |= {"war1": "war", "war2": "war", "crime1": "crime", "both": "crime|war", "none": None}
    run.write_catalogue(ITEM_ID=list(genres), GENRES=list(genres.values()))
    catalogue = read_catalogue(run.folder / "items.parquet", "GENRES")
    data = read_data(run.train, run.holdout, catalogue.ids)
    cold = [
        place
        for place, item in enumerate(data.items.to_pylist())
        if not item.startswith("w") or len(item) > 2
    ]
    return data, Genres.of(catalogue, data), np.array(cold)


def lists_of(told, name, length=3, seed=7):
    data, genres, cold = told
    ids = data.items.to_pylist()
    found = cold_baseline_lists(name, data, genres, cold, length=length, seed=seed)
    return [[ids[code] if code >= 0 else None for code in row] for row in found.tolist()]


def test_a_genre_is_as_popular_as_its_items_are_on_average(told, monkeypatch):
    monkeypatch.setattr(cold_baselines, "_PRIOR_ITEMS", 0)
    data, genres, _ = told
    found = GenrePopularity.of(data, genres)
    assert genres.names == ("crime", "war")
    # crime: w2 and w3, once each; war: w1 twice and w3 once.
    assert found.weights.tolist() == [2 / 2, 3 / 2]
    # ann has touched one of the two items of each; cid none with a genre, and is treated like everybody.
    assert found.of_users(data, genres, slice(0, 3)).tolist() == [[1 / 2, 1 / 2], [1 / 2, 2 / 2], [1, 3 / 2]]


def test_every_genre_is_given_items_of_average_popularity(told):
    data, genres, _ = told
    average = 5 / 4
    expected = [(2 + 10 * average) / 12, (3 + 10 * average) / 12]
    assert GenrePopularity.of(data, genres).weights == pytest.approx(expected)


def test_popular_genres_are_the_same_for_everybody_and_ordered_by_cosine(told):
    lists = lists_of(told, "popular_genres", 5)
    assert lists[0] == lists[1] == lists[2]
    # Both genres: (14.5 + 15.5) / 12 / sqrt(2) is more than 15.5 / 12; without a genre the score is 0.
    assert (14.5 + 15.5) / math.sqrt(2) > 15.5
    assert lists[0][0] == "both"
    assert set(lists[0][1:3]) == {"war1", "war2"}
    assert lists[0][3:] == ["crime1", "none"]


def test_popular_genres_of_the_user_follow_the_users_history(told, monkeypatch):
    monkeypatch.setattr(cold_baselines, "_PRIOR_ITEMS", 0)
    ann, bob, cid = lists_of(told, "popular_genres_of_user", 4)
    assert set(ann[1:]) == {"crime1", "war1", "war2"}, "both genres alike"
    assert bob[0] == "both"
    assert set(bob[1:3]) == {"war1", "war2"}
    assert cid == lists_of(told, "popular_genres", 4)[0]


def test_ties_do_not_follow_ids(told):
    firsts = {tuple(lists_of(told, "popular_genres", 3, seed)[0][1:]) for seed in range(20)}
    assert firsts == {("war1", "war2"), ("war2", "war1")}
    assert lists_of(told, "popular_genres", 5, 3) == lists_of(told, "popular_genres", 5, 3)


def test_lists_end_with_the_cold_items(told):
    for name in ("random_held_out", "popular_genres", "popular_genres_of_user"):
        for row in lists_of(told, name, 7):
            assert set(row[:5]) == {"war1", "war2", "crime1", "both", "none"}
            assert row[5:] == [None, None]


def test_an_unknown_name_is_refused(told):
    with pytest.raises(KeyError):
        lists_of(told, "magic")


@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 9), st.integers(1, 50))
def test_random_lists_hold_different_candidates(n, length, seed, block):
    candidates = np.arange(100, 100 + n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cold_baselines, "_BLOCK_ENTRIES", block)
        lists = random_lists(candidates, 5, length, np.random.default_rng(seed))
    filled = min(n, length)
    assert (lists[:, filled:] == -1).all()
    for row in lists[:, :filled].tolist():
        assert len(set(row)) == filled
        assert set(row) <= set(candidates.tolist())


@pytest.mark.parametrize("n", [8, 40])
def test_random_lists_are_uniform_and_independent(n):
    # Few candidates are shuffled, many are drawn until they differ: both must be fair at every place.
    lists = random_lists(np.arange(n), 20_000, 3, np.random.default_rng(1))
    for place in range(3):
        counts = np.bincount(lists[:, place], minlength=n)
        expected = 20_000 / n
        assert np.abs(counts - expected).max() < 5 * math.sqrt(expected)
    possible = n * (n - 1) * (n - 2)
    expected = possible * (1 - math.exp(-20_000 / possible))
    assert len(np.unique(lists, axis=0)) == pytest.approx(expected, rel=0.02)
