from __future__ import annotations

import csv
import json

import pytest

from lambdas.evaluate.exploration import exploration_weights
from lambdas.evaluate.lists import ListName, model_lists
from lambdas.evaluate.request import Kind, Variant
from lambdas.evaluate.tables import write_metrics_csv
from lambdas.evaluate.verdict import Outcome, decide

SETTINGS = {"cutoffs": [2, 5], "primary_cutoff": 5}
WITH, WITHOUT = "with_metadata", "without_metadata"


@pytest.fixture
def compared(community):
    """`with_metadata` is the community's model; `without_metadata` finds nothing for every second user."""
    lines = community.answers[0].read_text().splitlines()
    community.write_variant(WITH, lines)
    community.write_variant(
        WITHOUT,
        [
            json.dumps({**json.loads(line), "output": {"recommendedItems": ["i0"]}}) if number % 2 else line
            for number, line in enumerate(lines)
        ],
    )
    return community


def measured(run, **members):
    return run.measure(Kind.USERS, **SETTINGS, **members).comparison


def test_every_variant_has_its_two_lists_and_the_baselines_stand_once(compared):
    found = measured(compared)
    assert found.variants == (WITH, WITHOUT)
    assert found.lists[:4] == (*model_lists(WITH), *model_lists(WITHOUT))
    assert len(found.baselines) == 3
    assert len(found.lists) == 7


def test_a_variant_scores_what_it_scores_alone(compared):
    alone = compared.evaluate(**SETTINGS)
    together = measured(compared)
    for treatment in ("without_seen", "as_returned"):
        key = (ListName(WITH, treatment), "ndcg", 5)
        assert together.values[key] == alone.values[ListName("model", treatment), "ndcg", 5]
    rival = ListName("popularity_without_seen", "without_seen")
    first, own = ListName(WITH, "without_seen"), ListName("model", "without_seen")
    difference = together.differences[first, rival, "ndcg", 5]
    assert difference == alone.differences[own, rival, "ndcg", 5]


def test_differences_to_the_reference_are_paired_by_user(compared):
    found = measured(compared, reference=WITHOUT)
    one, other = ListName(WITH, "without_seen"), ListName(WITHOUT, "without_seen")
    difference = found.differences[one, other, "precision", 2].absolute
    # Half of the users lose one of two places.
    assert difference.value == pytest.approx(
        found.values[one, "precision", 2].value - found.values[other, "precision", 2].value
    )
    gains = found.per_user[one] - found.per_user[other]
    assert difference.value == pytest.approx(gains[:, found.columns.index(("precision", 2))].mean())
    # The reference is compared with the baselines, but not with itself; treatments are not mixed.
    assert (other, other, "precision", 2) not in found.differences
    assert (one, ListName(WITHOUT, "as_returned"), "precision", 2) not in found.differences
    assert {name.source for name in found.others(other)} == {name.source for name in found.baselines}


def test_without_a_reference_variants_are_compared_with_baselines_only(compared):
    assert all(other.is_baseline for _, other, _, _ in measured(compared).differences)


def test_the_headline_can_be_what_a_variant_adds(compared):
    verdict = decide(measured(compared, reference=WITHOUT, against_reference=True), "m")
    assert verdict.outcome is Outcome.BETTER
    assert verdict.rival == ListName(WITHOUT, "without_seen")
    assert verdict.as_document()["source"] == WITH
    assert verdict.as_document()["baseline"] == WITHOUT
    assert verdict.sentence.startswith("metadata adds 100\u202f% (")
    assert verdict.sentence.endswith(" in NDCG@5 on 40 users: better")


def test_variants_that_are_alike_cannot_be_told_apart(community):
    lines = community.answers[0].read_text().splitlines()
    for name in (WITH, WITHOUT):
        community.write_variant(name, lines)
    verdict = decide(measured(community, reference=WITHOUT, against_reference=True), "m")
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert (
        verdict.sentence == "metadata adds 0\u202f% (0\u202f% to 0\u202f%) in NDCG@5 on 40 users: cannot tell"
    )


def test_a_variant_that_costs_is_not_better(compared):
    found = compared.measure(Kind.USERS, **SETTINGS)
    answers = found.comparison.answers
    assert list(answers) == [WITH, WITHOUT]
    for name, lines in ((WITH, WITHOUT), (WITHOUT, WITH)):
        source = compared.folder / f"recommendations-{lines}" / "part.jsonl.out"
        source.rename(compared.folder / f"{name}.kept")
    for name in (WITH, WITHOUT):
        compared.write_variant(name, (compared.folder / f"{name}.kept").read_text().splitlines())
    verdict = decide(measured(compared, reference=WITHOUT, against_reference=True), "m")
    assert verdict.outcome is Outcome.NOT_BETTER
    assert verdict.sentence.startswith("metadata costs 50\u202f% (")


def test_names_that_are_not_with_and_without_are_both_told(community):
    lines = community.answers[0].read_text().splitlines()
    for name in ("default", "hpo"):
        community.write_variant(name, lines)
    verdict = decide(measured(community, reference="hpo", against_reference=True), "m")
    assert verdict.sentence.startswith("default adds 0\u202f% (0\u202f% to 0\u202f%) over hpo in NDCG@5")


def test_rows_carry_the_variant(compared, make_request, tmp_path):
    found = measured(compared, reference=WITHOUT)
    write_metrics_csv(tmp_path / "m.csv", make_request(), found)
    with (tmp_path / "m.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["source"] for row in rows if row["kind"] == "difference"} == {WITH, WITHOUT}
    assert {row["source"] for row in rows if row["baseline"] == WITHOUT} == {WITH}
    keys = [
        tuple(row[name] for name in ("kind", "source", "list", "baseline", "metric", "k")) for row in rows
    ]
    assert len(set(keys)) == len(keys)


def test_a_variant_without_an_answer_for_somebody_is_counted_by_itself(compared):
    lines = (compared.folder / f"recommendations-{WITHOUT}" / "part.jsonl.out").read_text().splitlines()
    compared.write_variant(WITHOUT, lines[3:])
    found = measured(compared)
    assert {name: answers.unanswered for name, answers in found.answers.items()} == {WITH: 0, WITHOUT: 3}


@pytest.mark.parametrize(
    ("name", "facts", "weight"),
    [
        (
            "v",
            {"batch": {"batchInferenceJobConfig": {"itemExplorationConfig": {"explorationWeight": "0.3"}}}},
            0.3,
        ),
        ("explore_0.9", {"exploration_weight": 0}, 0.0),
        ("explore_0.9", {"explorationWeight": "much"}, 0.9),
        ("explore_1", {}, 1.0),
        ("explore_more", {}, None),
        ("default", {"explorationWeight": "nan"}, None),
    ],
)
def test_exploration_weights_are_found_in_facts_or_names(name, facts, weight):
    found = exploration_weights([Variant(name, None, None, facts)])
    assert found.get(name) == weight
