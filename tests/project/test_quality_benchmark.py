"""The comparison of recipes with other recommenders: its protocols, its formulas, and the command on made-up data."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from benchmarks import recipes_at_scale
from benchmarks.made_up import Size
from benchmarks.quality import for_cold_items, live
from benchmarks.quality.asking import LENGTH, Questions
from benchmarks.quality.judged import MRR, P10, codes_of, for_users, judged, with_truth
from benchmarks.quality.markdown import interval
from benchmarks.quality.peers import PEERS, ease, train_ease
from benchmarks.quality.recipe_models import train_recipe
from benchmarks.quality.splits import PER_USER, cut, read_tables, write_tables
from lambdas.reports.estimates import Estimate
from lambdas.split_data import outputs
from local.datasets import load_dataset

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """3,000 interactions with 80 items of two genres; each user prefers one of them."""
    folder = tmp_path_factory.mktemp("made-up")
    random = np.random.default_rng(11)
    users = np.repeat(np.arange(60), random.integers(40, 70, 60))[:3000]
    items = (2 * random.integers(0, 40, len(users)) + (users + (random.random(len(users)) < 0.2)) % 2) % 80
    table = pd.DataFrame(
        {
            "USER_ID": [f"u{user:02d}" for user in users],
            "ITEM_ID": [f"i{item:02d}" for item in items],
            "TIMESTAMP": 1_600_000_000 + random.permutation(len(users)) * 60,
        }
    )
    table.sample(frac=1, random_state=1).to_csv(folder / "interactions.csv", index=False)
    genres = [("Drama|Crime", "Comedy")[item % 2] for item in range(80)]
    catalogue = {"ITEM_ID": [f"i{n:02d}" for n in range(80)], "TITLE": [f"Number {n}" for n in range(80)]}
    pd.DataFrame({**catalogue, "GENRES": genres}).to_csv(folder / "items.csv", index=False)
    ages = {"USER_ID": [f"u{n:02d}" for n in range(60)], "AGE": list(range(20, 80))}
    pd.DataFrame(ages).to_csv(folder / "users.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def one(folder, tmp_path_factory):
    return cut(load_dataset(folder), PER_USER, tmp_path_factory.mktemp("cut") / "split")


def test_the_last_tenth_of_every_user_is_held_out(folder, one):
    table = pd.read_csv(folder / "interactions.csv").sort_values(["USER_ID", "TIMESTAMP", "ITEM_ID"])
    ranks = table.groupby("USER_ID")["TIMESTAMP"].rank(pct=True, method="first")
    keys = ["USER_ID", "ITEM_ID", "TIMESTAMP"]
    assert one.held.select(keys).to_pylist() == table[ranks > 0.9][keys].to_dict("records")
    assert one.tables.interactions.select(keys).to_pylist() == table[ranks <= 0.9][keys].to_dict("records")


def test_questions_are_about_the_users_last_item_their_history_and_their_future(folder, one):
    table = pd.read_csv(folder / "interactions.csv").sort_values(["USER_ID", "TIMESTAMP"])
    user = one.data.users[3].as_py()
    items = table[table["USER_ID"] == user]["ITEM_ID"].tolist()
    kept = int(np.floor(len(items) * 0.9 + 1e-9))
    assert one.causes[user] == items[kept - 1]
    assert sorted(one.seen()[3]) == sorted(set(items[:kept]))
    assert one.future()[3] == items[kept:]


def test_tables_and_questions_travel_unchanged(one, tmp_path):
    tables = read_tables(write_tables(one.tables, tmp_path))
    assert tables.interactions.equals(one.tables.interactions)
    assert tables.users is not None
    assert tables.users.equals(one.tables.users)
    asked = Questions(["a", "b"], ["x", ""], [["1"], []], [[], ["2", "3"]], only=["4"])
    asked.write(tmp_path / "q.questions")
    assert Questions.read(tmp_path / "q.questions") == asked


def test_ease_of_two_items_by_hand():
    # XᵀX = [[2, 1], [1, 1]]; with λ = 1 its inverse is [[2, -1], [-1, 3]] / 5.
    weights = ease(sparse.csr_matrix(np.array([[1, 1], [1, 0]], np.float32)), 1.0)
    np.testing.assert_allclose(weights, [[0, 1 / 3], [1 / 2, 0]], rtol=1e-6)


def test_ease_recommends_what_the_weights_say_and_nothing_removed(one):
    model = train_ease(one.tables, 0)
    users = one.data.users.to_pylist()
    lists = model.lists(Questions(users, removed=one.seen()))
    known = model.known
    matrix = known.user_items().toarray()
    scores = matrix @ ease(known.user_items(), 1000.0)
    for user, seen, items in zip(users, one.seen(), lists, strict=True):
        assert len(items) == min(LENGTH, len(known.item_codes) - len(seen))
        assert not set(seen) & set(items)
        row = scores[known.user_codes[user]]
        values = [row[known.item_codes[item]] for item in items]
        assert values == sorted(values, reverse=True)
        left = [row[code] for item, code in known.item_codes.items() if item not in {*items, *seen}]
        assert not left or max(left) <= values[-1] + 1e-6


def test_recipes_obey_what_is_removed_and_what_alone_may_be_recommended(one):
    model = train_recipe("aws-hrnn", one.tables, 0)
    user = one.data.users[0].as_py()
    free = model.lists(Questions([user]))[0]
    without = model.lists(Questions([user], removed=[free[:2]]))[0]
    assert without[:5] == free[2:7]
    only = sorted(free[5:9])
    assert sorted(model.lists(Questions([user], removed=[[only[0]]], only=only))[0]) == only[1:]


def test_lists_are_judged_by_the_items_that_count(one):
    data = for_users(one.data, [one.data.users[2].as_py(), one.data.users[0].as_py()])
    truth = one.future()
    truths = with_truth(one.data, [[items[0]] for items in truth])
    small = for_users(truths, data.users.to_pylist())
    lists = {"hit": [["nobody knows", truth[2][0]], [truth[0][0]]], "miss": [[], ["nobody knows"]]}
    found = judged({name: codes_of(each, small) for name, each in lists.items()}, small)
    assert found.estimate("hit", MRR).value == pytest.approx((1 / 2 + 1) / 2)
    assert found.estimate("hit", P10).value == pytest.approx(0.1)
    assert found.difference("hit", "miss", MRR).absolute.value == pytest.approx(0.75)
    assert found.better("hit", "miss", MRR) == (1.0, 0.0)
    assert small.seen.sizes.tolist() == [one.data.seen.sizes[2], one.data.seen.sizes[0]]


def test_events_that_come_live_are_the_first_half_of_the_future(one, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "RECIPES", ("aws-popularity-count",))
    found = live.measure_live(one, tmp_path)
    futures = dict(zip(one.data.users.to_pylist(), one.future(), strict=True))
    able = {user: items for user, items in futures.items() if len(items) >= 2}
    assert found.users == len(able) > 20
    before = read_tables(tmp_path / "before").interactions.num_rows
    after = read_tables(tmp_path / "after").interactions
    added = after.slice(before).to_pylist()
    early = {user: [row["ITEM_ID"] for row in added if row["USER_ID"] == user] for user in able}
    assert early == {user: items[: len(items) // 2] for user, items in able.items()}
    assert len(added) == sum(map(len, early.values()))
    # Popularity follows no event: only training anew can change its lists.
    values = found.judged["aws-popularity-count"].values
    np.testing.assert_array_equal(values[live.STALE], values[live.FOLDED])


def test_cold_items_are_judged_over_the_seeds_beside_all_baselines(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(for_cold_items, "SEEDS", range(2))
    monkeypatch.setattr(for_cold_items, "RECIPES", ("aws-hrnn-coldstart",))
    results = for_cold_items.measure_cold_items(load_dataset(folder), tmp_path)
    assert results.genres
    assert [len(seeds) for seeds in results.judged.values()] == [2, 2]
    for seeds in results.judged.values():
        assert set(seeds[0].values) == {
            "random held-out items",
            "popular genres",
            "popular genres of the user",
            for_cold_items.MOST_POPULAR_GENRES,
            "aws-hrnn-coldstart",
        }
        # Users keep to their genre, so whoever knows it beats chance.
        assert (
            seeds[0].means["aws-hrnn-coldstart", MRR].mean > seeds[0].means["random held-out items", MRR].mean
        )
    trained = set(read_tables(tmp_path / "0").interactions["ITEM_ID"].to_pylist())
    other = set(read_tables(tmp_path / "1").interactions["ITEM_ID"].to_pylist())
    assert 30 <= len(trained) <= 45
    assert trained != other


def test_genres_are_summed_over_an_items_genres(one):
    genres = for_cold_items.Genres.of(
        for_cold_items.read_catalogue(one.files.path(outputs.CATALOGUE), "GENRES"), one.data
    )
    counts = one.data.counts
    items = one.data.items.to_pylist()
    drama = sum(int(count) for count, item in zip(counts, items, strict=False) if int(item[1:]) % 2 == 0)
    comedy = int(counts.sum()) - drama
    best = for_cold_items.by_summed_popularity(genres, counts, np.arange(len(items)))
    # Drama|Crime counts twice what drama alone does.
    wanted = 0 if 2 * drama > comedy else 1
    assert {int(items[code][1:]) % 2 for code in best} == {wanted}


def test_figures_are_printed_with_their_intervals():
    assert interval(Estimate(0.25, 0.2, 0.3)) == ".2500 [.2000, .3000]"
    assert interval(Estimate(-0.05, -0.1, 0.01), signed=True) == "-.0500 [-.1000, +.0100]"
    assert interval(Estimate(None)) == "n/a"


def test_the_command_prints_tables_and_names_what_is_left_out(folder, one):
    command = [
        sys.executable,
        "-m",
        "benchmarks.quality",
        "--data",
        str(folder),
        "--no-peers",
        "--only",
        "items",
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "| aws-sims |" in ended.stdout
    assert f"{one.data.n_users} users of whom {one.data.n_users} are judged" in ended.stdout
    command[-1] = "users"
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "| aws-user-personalization-v2 |" in ended.stdout
    assert "published" not in ended.stdout
    left_out = next(line for line in ended.stdout.splitlines() if line.startswith("Left out"))
    assert all(peer.label in left_out for peer in PEERS.values())


def test_costs_at_scale_are_measured_on_data_that_is_made(tmp_path):
    recipes_at_scale.make_data(Size(rows=3_000, users=60, items=40, answers=0), tmp_path)
    found = recipes_at_scale.cost(tmp_path, "aws-hrnn-metadata", metadata=True)
    assert 0 < found.coding < found.training
    assert found.peak >= found.table > 0
    assert 0 < found.request_p50 <= found.request_p99
    assert found.disk > 10_000
    assert str(replace(found, training=12.34)).startswith("| aws-hrnn-metadata, metadata | 12.3 |")
