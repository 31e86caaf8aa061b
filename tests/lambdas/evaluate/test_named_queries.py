"""The queries that are named in Athena, word for word, asked of results on this machine by DuckDB.

What they answer is compared with metrics.json, and with the lists themselves, judged here by other means.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from math import log2

import pytest

from lambdas.evaluate import run_date
from lambdas.evaluate.request import EvaluateRequest, Kind
from lambdas.evaluate.tables import write_tables
from lambdas.evaluate.task import results_of, write_report
from lambdas.shared.result_tables import PER_USER, RUNS
from local.sql import open_results
from stacks.queries import named_queries

QUERIES = {query.key: query.sql for query in named_queries()}
SETTINGS = {"cutoffs": [2, 5], "primary_cutoff": 5, "bootstrap_resamples": 200, "overlap_k": 5}
TODAY = datetime.now(UTC)
ITEMS = [f"i{number:02}" for number in range(40)]
# Users by the length of their histories: one group, two at its bounds, and a long one.
HISTORIES = {f"u{number:03}": (5, 9, 10, 30)[number % 4] for number in range(80)}


def line(member, asked, items) -> str:
    return json.dumps({"input": {member: asked}, "output": {"recommendedItems": items}, "error": None})


class Results:
    """Runs that are evaluated one after the other, their tables laid out as a local run leaves them."""

    def __init__(self, run, event, patch):
        self.run, self.event, self.patch = run, event, patch
        self.folder = run.folder / "results"
        self.documents = {}

    def add(self, scenario, run_id, days_ago=0, kind=Kind.USERS, **members):
        """Evaluate the files that are there; returns metrics.json."""
        moment = TODAY - timedelta(days=days_ago)
        self.patch.setattr(run_date, "today", lambda: moment.date().isoformat())
        sources = {name: f"s3://data/{name}" for name in ("catalogue", "user_causes", "causes", "replay")}
        event = {**self.event, **sources, "kind": kind.value, "evaluation": SETTINGS, **members}
        request = EvaluateRequest.parse({**event, "scenario": scenario, "run_id": run_id})
        measured = self.run.measure(kind, **SETTINGS, **self._measuring(members))
        at = run_date.moment_text(moment)
        results = results_of(request, measured, run_date=run_date.today(), evaluated_at=at)
        work = self.run.folder / f"{scenario}-{run_id}"
        write_report(work, results)
        document = json.loads((work / "metrics.json").read_text())
        files = write_tables(work / "tables", document) | {PER_USER: work / "per_user.parquet"}
        for table, path in files.items():
            target = self.folder / table.key(scenario, document["run_date"], run_id)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        self.documents[scenario, run_id] = document
        return document

    @staticmethod
    def _measuring(members):
        if "variants" not in members:
            return {}
        return {
            "reference": members.get("reference_variant"),
            "against_reference": members.get("headline") == "reference",
        }

    def ask(self, query) -> list[dict]:
        with open_results(self.folder) as connection:
            answer = connection.sql(QUERIES.get(query, query))
            return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


@pytest.fixture
def results(run, event, monkeypatch):
    return Results(run, event, monkeypatch)


class Lists:
    """Histories, held-out items and a model's lists of 80 users; all drawn by chance."""

    def __init__(self, run):
        self.chance = random.Random(7)
        weights = [1 / (place + 1) for place in range(len(ITEMS))]
        self.past = {
            user: self.chance.choices(ITEMS, weights, k=length) for user, length in HISTORIES.items()
        }
        self.truth = {user: set(self.chance.choices(ITEMS, k=3)) for user in HISTORIES}
        run.write_train(
            [(user, item, t) for user, items in self.past.items() for t, item in enumerate(items)]
        )
        run.write_holdout([(user, item, 100) for user, items in self.truth.items() for item in sorted(items)])

    def answers(self, *, luck) -> list[str]:
        """A model that puts a held-out item first for this share of the users."""
        self.lists = {
            user: [
                *(sorted(truth)[:1] if self.chance.random() < luck else []),
                *self.chance.sample(ITEMS, 12),
            ]
            for user, truth in self.truth.items()
        }
        return [line("userId", user, items) for user, items in self.lists.items()]

    def ndcg(self, user, items) -> float:
        """NDCG@5 without seen items, by its definition."""
        seen, found = set(self.past[user]), []
        kept = [item for item in items if item not in seen][:5]
        for place, item in enumerate(kept, 1):
            if item in self.truth[user] and item not in kept[: place - 1]:
                found.append(1 / log2(1 + place))
        return sum(found) / sum(1 / log2(1 + place) for place in range(1, min(5, len(self.truth[user])) + 1))

    def popular(self) -> list[str]:
        counts = dict.fromkeys(ITEMS, 0)
        for items in self.past.values():
            for item in items:
                counts[item] += 1
        touched = [item for item in ITEMS if counts[item]]
        return sorted(touched, key=lambda item: (-counts[item], item))

    def both(self, user) -> tuple[float, float]:
        """The model's and the baseline's NDCG@5."""
        return self.ndcg(user, self.lists[user]), self.ndcg(user, self.popular())


@pytest.fixture
def lists(run):
    return Lists(run)


def replay(run):
    """Pair 1 gains, 2 loses nothing, 3 loses one of five places."""
    target = ["a", "b", "c", "d", "e"]
    before = {1: ["x"], 2: ["a"], 3: ["a", "b"]}
    after = {1: ["a"], 2: ["a"], 3: ["b"]}
    users = {1: ("ann", "bob"), 2: ("ann", "cid"), 3: ("eve", "bob")}
    run.write_replay(
        [
            (number, *users[number], events, items, target)
            for number in users
            for events, items in ((0, before[number]), (3, after[number]))
        ]
    )


def test_latest_is_the_newest_run_of_every_scenario(results, lists, run):
    for scenario, run_id, days in (("hrnn", "b", 9), ("hrnn", "a", 2), ("hrnn", "c", 30), ("sims", "x", 4)):
        run.write_answers(lists.answers(luck=0.5))
        results.add(scenario, run_id, days)
    run.write_answers(lists.answers(luck=0.5))
    results.add("metadata", "too-old", 400)
    rows = results.ask("latest")
    assert [(row["scenario"], row["run_id"]) for row in rows] == [("hrnn", "a"), ("sims", "x")]
    for row in rows:
        document = results.documents[row["scenario"], row["run_id"]]
        primary = document["primary"]
        assert (row["verdict"], row["outcome"]) == (document["verdict"], document["outcome"])
        assert (row["value"], row["baseline_value"]) == (primary["value"], primary["baseline_value"])
        assert (row["relative_low"], row["relative_high"]) == (
            primary["relative_low"],
            primary["relative_high"],
        )
        assert (f"{row['metric']}@{row['k']}", row["users"]) == ("ndcg@5", 80)
        assert row["run_date"] == document["run_date"]


def test_of_runs_at_the_same_instant_one_is_the_latest_and_both_are_in_the_trend(results, lists, run):
    run.write_answers(lists.answers(luck=0.5))
    for run_id in ("same-1", "same_2", "same"):
        results.add("hrnn", run_id)
    assert [row["run_id"] for row in results.ask("latest")] == ["same_2"]
    assert [row["run_id"] for row in results.ask("trend")] == ["same", "same-1", "same_2"]


def test_the_trend_tells_every_run_and_when_it_left_the_interval_of_the_one_before(results, lists, run):
    for place, luck in enumerate((0.1, 0.9, 0.2)):
        run.write_answers(lists.answers(luck=luck))
        results.add("hrnn", f"r{place}", 30 - place)
    rows = results.ask("trend")
    documents = [results.documents["hrnn", f"r{place}"] for place in range(3)]
    values = [document["primary"]["value"] for document in documents]
    assert [row["value"] for row in rows] == values
    assert rows[0]["change"] is None
    assert [row["change"] for row in rows[1:]] == pytest.approx(
        [values[1] - values[0], values[2] - values[1]]
    )
    assert [row["above_earlier_interval"] for row in rows] == [None, True, False]
    assert [row["below_earlier_interval"] for row in rows] == [None, False, True]


def test_the_worst_segments_come_first(results, lists, run):
    run.write_answers(lists.answers(luck=0.9))
    results.add("hrnn", "old", 3)
    run.write_answers(lists.answers(luck=0.3))
    document = results.add("hrnn", "new", 1)
    rows = results.ask("worst_segments")
    expected = sorted(
        (segment for segment in document["segments"] if segment["users"] >= 10),
        key=lambda segment: segment["difference"],
    )
    assert len(expected) >= 4
    assert [(row["grouped_by"], row["group_label"]) for row in rows] == [
        (segment["by"], segment["label"]) for segment in expected
    ]
    for row, segment in zip(rows, expected, strict=True):
        assert row["run_id"] == "new"
        assert (row["users"], row["difference"]) == (segment["users"], segment["difference"])
        assert (row["value"], row["baseline_value"]) == (segment["value"], segment["rival_value"])
        assert row["surely_behind"] is (segment["difference_high"] < 0)
        assert row["metric"] == ("ndcg" if segment["by"] == "history" else "recall")


def test_lift_by_history_counts_who_gains_and_who_loses(results, lists, run):
    run.write_answers(lists.answers(luck=0.4))
    results.add("hrnn", "r1")
    rows = results.ask("lift_by_history")
    groups = {"001-009": (5, 9), "010-019": (10,), "020-049": (30,)}
    assert [row["history_group"] for row in rows] == list(groups)
    for row in rows:
        mine = [
            lists.both(user) for user, length in HISTORIES.items() if length in groups[row["history_group"]]
        ]
        model, baseline = (sum(scores) / len(mine) for scores in zip(*mine, strict=True))
        assert row["users"] == len(mine)
        assert (row["model"], row["baseline"]) == pytest.approx((model, baseline), abs=1e-6)
        assert row["difference"] == pytest.approx(model - baseline, abs=1e-6)
        assert row["lift"] == pytest.approx(model / baseline - 1, abs=1e-4)
        assert row["gain"] == sum(one > other + 1e-6 for one, other in mine)
        assert row["lose"] == sum(one < other - 1e-6 for one, other in mine)


def test_users_who_lose_most_come_first(results, lists, run):
    run.write_answers(lists.answers(luck=0.4))
    results.add("hrnn", "r1")
    rows = results.ask("users_who_lose")
    scores = {user: lists.both(user) for user in HISTORIES}
    losses = sorted(
        (model - baseline, user) for user, (model, baseline) in scores.items() if model < baseline
    )
    assert len(losses) > 10
    assert [row["difference"] for row in rows] == pytest.approx([loss for loss, _ in losses[:10]], abs=1e-6)
    for place, row in enumerate(rows, 1):
        assert row["place"] == place
        assert (row["model"], row["baseline"]) == pytest.approx(scores[row["user_id"]], abs=1e-6)
        assert row["train_interactions"] == HISTORIES[row["user_id"]]
        assert row["held_out_items"] == len(lists.truth[row["user_id"]])
        assert row["other_user_id"] is None


def test_pairs_of_a_replay_that_come_less_near_are_users_who_lose(results, run):
    replay(run)
    document = results.add("put_events", "r1", kind=Kind.REPLAY)
    (row,) = results.ask("users_who_lose")
    assert (row["user_id"], row["other_user_id"], row["metric"], row["k"]) == ("eve", "bob", "overlap", 5)
    assert (row["model"], row["baseline"]) == pytest.approx((1 / 5, 2 / 5))
    (latest,) = results.ask("latest")
    assert (latest["value"], latest["users"]) == (document["primary"]["value"], 3)
    assert results.ask("lift_by_history") == results.ask("worst_segments") == []


def test_what_a_variant_adds_is_told_against_the_reference(results, lists, run):
    for name, luck in (("with_metadata", 0.8), ("without_metadata", 0.2)):
        run.write_variant(name, lists.answers(luck=luck))
    variants = [
        {"name": name, "recommendations": "s3://data/r/"} for name in ("with_metadata", "without_metadata")
    ]
    document = results.add(
        "metadata", "r1", variants=variants, reference_variant="without_metadata", headline="reference"
    )
    (row,) = results.ask("latest")
    assert (row["baseline"], row["baseline_value"]) == (
        "without_metadata",
        document["primary"]["baseline_value"],
    )
    groups = results.ask("lift_by_history")
    weighted = sum(group["users"] * group["difference"] for group in groups) / 80
    assert weighted == pytest.approx(document["primary"]["difference"], abs=1e-6)


def test_every_metric_has_its_value_its_baseline_and_the_difference(results, lists, run):
    run.write_answers(lists.answers(luck=0.5))
    document = results.add("hrnn", "r1")
    rows = {(row["metric"], row["k"]): row for row in results.ask("every_metric")}
    values = {
        (row["source"], row["list"], row["metric"], row["k"]): row["value"] for row in document["values"]
    }
    assert set(rows) == {(metric, k) for _, _, metric, k in values}
    differences = {
        (row["metric"], row["k"]): row
        for row in document["differences"]
        if (row["list"], row["baseline"]) == ("without_seen", "popularity_without_seen")
    }
    for key, row in rows.items():
        assert row["value"] == values["model", "without_seen", *key]
        assert row["baseline_value"] == values["popularity_without_seen", "without_seen", *key]
        assert row["difference"] == differences[key]["difference"]
        assert (row["difference_low"], row["difference_high"]) == (
            differences[key]["low"],
            differences[key]["high"],
        )


def test_undefined_figures_stay_null(results, run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    results.add("hrnn", "nobody")
    (row,) = results.ask("latest")
    assert (row["value"], row["low"], row["relative_difference"], row["users"]) == (None, None, None, 0)
    assert {entry["value"] for entry in results.ask("every_metric") if entry["metric"] == "ndcg"} == {None}
    assert results.ask("users_who_lose") == results.ask("lift_by_history") == []


@pytest.mark.parametrize("query", QUERIES)
def test_without_any_run_there_are_no_rows(results, query):
    assert results.ask(query) == []


def test_tables_are_typed_and_carry_their_partition(results, lists, run):
    run.write_answers(lists.answers(luck=0.5))
    document = results.add("hrnn", "r1", 1)
    (row,) = results.ask("select * from runs")
    assert [*row] == [*(column.name for column in RUNS.columns), "scenario", "run_date"]
    assert (row["scenario"], row["run_date"]) == ("hrnn", document["run_date"])
    assert isinstance(row["run_date"], str)
    assert isinstance(row["evaluated_at"], datetime)
    (count,) = results.ask("select count(*) as n, count(distinct user_id) as users from per_user")
    assert count == {"n": 5 * 2 * 80, "users": 80}


def test_a_column_that_is_newer_than_a_file_is_null(results, lists, run):
    import pyarrow.parquet

    run.write_answers(lists.answers(luck=0.5))
    document = results.add("hrnn", "r1")
    path = results.folder / RUNS.key("hrnn", document["run_date"], "r1")
    older = pyarrow.parquet.read_table(path).drop_columns(["currency"])
    pyarrow.parquet.write_table(older, path)
    assert results.ask("select currency, outcome from runs") == [
        {"currency": None, "outcome": document["outcome"]}
    ]
