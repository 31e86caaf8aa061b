"""Settings, data and documents of a comparison, and its arithmetic without users."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lambdas.reports.comparison.compare import compare_folders
from lambdas.reports.comparison.differences import independent_difference
from lambdas.reports.estimates import Estimate


def facts(**members):
    return {
        "recipe_arn": "arn:aws:personalize:::recipe/aws-hrnn",
        "solution": {
            "recipeArn": "arn:aws:personalize:::recipe/aws-hrnn",
            "solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "43"}},
        },
        "execution_arn": "arn:aws:states:eu-west-1:123456789012:execution:pp-dev-hrnn:a",
        "started_at": "2026-11-24T07:41:06.123Z",
        "stages": [{"stage": "Split data", "seconds": 1.5}],
        **members,
    }


def scores(users):
    return dict.fromkeys(users(40), 0.5)


def test_settings_are_compared_by_their_path(make, users):
    later = facts(
        solution={
            "recipeArn": "arn:aws:personalize:::recipe/aws-hrnn",
            "solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "128", "bptt": 32}},
        },
        split={"method": "per_user", "fraction": 0.1},
        execution_arn="arn:aws:states:eu-west-1:123456789012:execution:pp-dev-hrnn:b",
        started_at="2026-12-24T07:41:06.123Z",
        stages=[],
    )
    settings = {"confidence": 0.95, "bootstrap_resamples": 400, "seed": 7, "cutoffs": [5, 10]}
    found = compare_folders(
        make("a", scores(users), members={"facts": facts()}),
        make("b", scores(users), members={"facts": later, "settings": settings}),
    )
    assert [(change.path, change.then, change.now) for change in found.settings] == [
        ("solution.solutionConfig.algorithmHyperParameters.hidden_dimension", "43", "128"),
        ("solution.solutionConfig.algorithmHyperParameters.bptt", "not set", "32"),
        ("split.method", "not set", "per_user"),
        ("split.fraction", "not set", "0.1"),
        ("evaluation.cutoffs", "10", "5, 10"),
    ]


def test_a_recipe_is_told_once_and_variants_by_their_names(make, users):
    recipe = "arn:aws:personalize:::recipe/aws-sims"
    later = facts(recipe_arn=recipe, solution={"recipeArn": recipe})
    job = {"batch_inference_job_arn": "arn:aws:personalize:eu-west-1:123456789012:batch-inference-job/b"}
    variants = [
        {"name": "tuned", "solution_version_arn": "arn:b", "facts": {"solution": {"performHPO": True}, **job}}
    ]
    found = compare_folders(
        make("a", scores(users), members={"facts": facts()}),
        make("b", scores(users), members={"facts": later, "variants": variants}),
    )
    assert [change.path for change in found.settings] == [
        "solution.recipeArn",
        "variants.tuned.solution.performHPO",
        "solution.solutionConfig.algorithmHyperParameters.hidden_dimension",
    ]
    assert found.settings[1].now == "true"


def test_odd_settings_are_told_as_they_are(make, users):
    deep: dict = {"end": 1}
    for _ in range(40):
        deep = {"in": deep}
    odd = {"<b>&": ["<script>", None, 1.5], "list": [{"a": 1}, [2]], "deep": deep, "none": None, "empty": {}}
    found = compare_folders(
        make("a", scores(users), members={"facts": {}}), make("b", scores(users), members={"facts": odd})
    )
    told = {change.path: change.now for change in found.settings}
    assert told["<b>&"] == "<script>, null, 1.5"
    assert (told["list[0].a"], told["list[1]"]) == ("1", "2")
    assert told["none"] == "not set"
    assert "empty" not in told
    assert told[".".join(["deep", *["in"] * 11])].startswith('{"in": ')


def test_counts_are_compared_in_numbers_and_relative(make, users):
    data = {
        "train_interactions": 1100,
        "train_users": 40,
        "last_event": 86_400 * 8,
        "popular_head_share": 0.2,
    }
    found = compare_folders(
        make(
            "a",
            scores(users),
            members={"data": {"train_interactions": 1000, "train_users": 40, "last_event": 86_400}},
        ),
        make("b", scores(users), members={"data": data}),
    )
    by_name = {count.name: count for count in found.counts}
    interactions = by_name["data.train_interactions"]
    assert (interactions.change, interactions.relative) == (100, pytest.approx(0.1))
    assert by_name["data.last_event"].relative is None
    assert "data.popular_head_share" not in by_name
    assert [count.name for count in found.changed_counts] == ["data.train_interactions", "data.last_event"]


def test_a_count_that_only_one_run_tells_has_not_changed(make, users):
    found = compare_folders(
        make("a", scores(users), members={"data": None}),
        make("b", scores(users), members={"data": {"train_users": 4}}),
    )
    (count,) = (count for count in found.counts if count.name == "data.train_users")
    assert (count.then, count.now, count.change, count.changed) == (None, 4, None, False)


def test_the_document_is_what_the_message_and_sql_people_get(make, users):
    names = users(40)
    later = {name: 0.6 + 0.001 * place for place, name in enumerate(names)}
    found = compare_folders(
        make("a", dict.fromkeys(names, 0.5)),
        make("b", later, members={"facts": {"split": {"fraction": 0.2}}}),
    )
    document = found.as_document()
    assert document.pop("sentence") == found.sentence
    assert document.pop("low") < document.pop("difference") < document.pop("high")
    assert document.pop("relative_low") < document.pop("relative_difference") < document.pop("relative_high")
    assert document == {
        "run_id": "a",
        "outcome": "better",
        "metric": "ndcg",
        "k": 10,
        "value": 0.5,
        "paired": True,
        "users": 40,
        "settings_changed": ["split.fraction", "solution.recipeArn"],
        "data_changed": [],
    }


def test_independent_intervals_are_added_as_squares():
    """By hand: 0.03 and 0.04 make 0.05, on the side on which they lie."""
    found = independent_difference(Estimate(0.5, 0.46, 0.53), Estimate(0.6, 0.56, 0.63))
    assert found.absolute.value == pytest.approx(0.1)
    assert found.absolute.low == pytest.approx(0.1 - 0.05)
    assert found.absolute.high == pytest.approx(0.1 + 0.05)
    assert found.relative == Estimate(pytest.approx(0.2))


def test_independent_intervals_cover_as_often_as_they_say():
    """Means of 50 skewed values then and 80 now, with normal intervals of their own: 95 % of 2,000 cover the truth."""
    generator = np.random.default_rng(1)
    half = 1.96
    covered = 0
    for _ in range(2000):
        then, now = generator.exponential(0.3, 50), generator.exponential(0.5, 80)
        estimates = []
        for values in (then, now):
            error = half * values.std(ddof=1) / math.sqrt(len(values))
            estimates.append(Estimate(values.mean(), values.mean() - error, values.mean() + error))
        found = independent_difference(*estimates).absolute
        covered += found.low <= 0.2 <= found.high
    assert covered / 2000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("then", "now", "value"),
    [
        (Estimate(None), Estimate(0.5, 0.4, 0.6), None),
        (Estimate(0.5, 0.4, 0.6), Estimate(None), None),
        (Estimate(0.5), Estimate(0.75, 0.7, 0.8), 0.25),
    ],
)
def test_independent_differences_without_values_or_intervals(then, now, value):
    found = independent_difference(then, now)
    assert found.absolute == Estimate(value)


def test_nothing_is_relative_to_nothing():
    assert independent_difference(Estimate(0.0, 0.0, 0.0), Estimate(0.5, 0.4, 0.6)).relative == Estimate(None)
