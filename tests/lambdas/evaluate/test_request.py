from __future__ import annotations

import pytest

from lambdas.evaluate.request import EvaluateRequest, EvaluationSettings
from lambdas.shared.errors import RequestError


def test_defaults_are_those_of_the_published_tables():
    settings = EvaluationSettings.parse({})
    assert settings.cutoffs == (5, 10, 25)
    assert settings.longest == 25
    assert settings.as_document()["baselines"] == [
        "popularity",
        "popularity_without_seen",
        "recent_popularity",
    ]


def test_the_baseline_of_the_verdict_is_always_computed():
    assert EvaluationSettings.parse({"baselines": ["popularity"]}).baselines == (
        "popularity_without_seen",
        "popularity",
    )


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"cutoffs": []}, "cutoffs"),
        ({"cutoffs": [10, 5]}, "ascending"),
        ({"cutoffs": [0, 5]}, "cutoffs"),
        ({"cutoffs": [5], "primary_cutoff": 10}, "primary_cutoff 10"),
        ({"baselines": ["magic"]}, "magic"),
        ({"primary_metric": "coverage"}, "primary_metric"),
        ({"primary_metric": "popular_share"}, "primary_metric"),
        ({"bootstrap_resamples": 0}, "bootstrap_resamples"),
        ({"confidence": 95}, "confidence"),
        ({"seed": -1}, "seed"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_unusable_settings_are_refused_by_name(members, told):
    with pytest.raises(RequestError, match=told):
        EvaluationSettings.parse(members)


def test_all_problems_are_told_at_once():
    with pytest.raises(RequestError, match=r"cutoffs.*confidence.*seed"):
        EvaluationSettings.parse({"cutoffs": [], "confidence": 2.0, "seed": "x"})


def test_the_event_names_what_is_missing():
    with pytest.raises(RequestError, match="data_bucket, reports_bucket, train, holdout, recommendations"):
        EvaluateRequest.parse({"scenario": "hrnn", "run_id": "r1"})


def test_the_model_is_called_by_its_recipe(make_request):
    assert make_request().model_name == "aws-user-personalization-v2"
    assert make_request(facts={}).model_name == "the model"


def test_diagnosis_and_solution_version_may_be_absent(make_request):
    request = make_request(diagnosis=None, solution_version_arn=None)
    assert request.diagnosis is None
    assert request.solution_version_arn is None
