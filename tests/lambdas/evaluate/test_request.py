from __future__ import annotations

import pytest

from lambdas.evaluate.request import EvaluateRequest, EvaluationSettings, Kind
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
    assert request.variants[0].solution_version_arn is None


VARIANTS = [
    {"name": name, "recommendations": f"s3://data/{name}/"} for name in ("with_metadata", "without_metadata")
]


def test_a_single_unnamed_variant_is_the_model(make_request):
    request = make_request()
    assert request.design.variants == ("model",)
    assert str(request.variants[0].recommendations) == "s3://data/runs/hrnn/r1/recommendations/"


def test_variants_are_named_and_the_first_is_the_models_name(make_request):
    facts = {"recipe_arn": "arn:aws:personalize:::recipe/other"}
    variants = [{**VARIANTS[0], "facts": facts}, VARIANTS[1]]
    request = make_request(variants=variants, reference_variant="without_metadata", headline="reference")
    assert request.design.variants == ("with_metadata", "without_metadata")
    assert request.design.against_reference
    assert request.model_name == "other (with_metadata)"


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"variants": [{**VARIANTS[0], "name": "popularity"}]}, "baseline's name"),
        ({"variants": [{**VARIANTS[0], "name": "a/b"}]}, "needs a name of letters"),
        ({"variants": [{"recommendations": "s3://data/x/", "name": ""}]}, "needs a name of letters"),
        ({"variants": [{"name": "a"}]}, "'a' lacks recommendations"),
        ({"variants": [VARIANTS[0], VARIANTS[0]]}, "need different names"),
        ({"variants": VARIANTS, "reference_variant": "gone"}, "'gone' is none of the variants"),
        ({"variants": VARIANTS, "headline": "loud"}, "'loud' must be baseline or reference"),
        ({"variants": VARIANTS, "headline": "reference"}, "needs a reference_variant"),
        (
            {"variants": VARIANTS, "headline": "reference", "reference_variant": "with_metadata"},
            "not the first variant",
        ),
        ({"kind": "magic"}, "kind 'magic' is not known"),
        ({"kind": "related_items"}, "lacks user_causes, causes"),
        ({"kind": "cold_items"}, "lacks catalogue"),
        ({"kind": "replay"}, "lacks replay"),
        ({"kind": "replay", "replay": "s3://data/l", "variants": VARIANTS}, "a replay has one variant"),
        (
            {"kind": "cold_items", "catalogue": "s3://data/c", "evaluation": {"baselines": ["popularity"]}},
            "cold_items",
        ),
    ],
)
def test_unusable_events_are_refused_by_member(make_request, members, told):
    with pytest.raises(RequestError, match=told):
        make_request(**members)


def test_every_kind_has_its_baselines():
    assert EvaluationSettings.parse({}, Kind.COLD_ITEMS).baseline_names == (
        "random_held_out",
        "popular_genres",
        "popular_genres_of_user",
    )
    assert EvaluationSettings.parse(
        {"baselines": ["popular_genres_of_user"]}, Kind.COLD_ITEMS
    ).baseline_names == (
        "popular_genres",
        "random_held_out",
        "popular_genres_of_user",
    )
    assert EvaluationSettings.parse({"baselines": ["popularity"]}, Kind.REPLAY).baseline_names == ()


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"genre_column": ""}, "genre_column"),
        ({"overlap_k": 0}, "overlap_k"),
        ({"rbo_p": 1.0}, "rbo_p"),
        ({"examples": -1}, "examples -1 must be a whole number from 0 to 10"),
        ({"examples": 11}, "examples 11"),
        ({"examples": True}, "examples True"),
    ],
)
def test_unusable_settings_of_lists_are_refused_by_name(members, told):
    with pytest.raises(RequestError, match=told):
        EvaluationSettings.parse(members)


def test_settings_can_be_read_back():
    settings = EvaluationSettings.parse({"overlap_k": 10, "rbo_p": 0.8, "examples": 0}, Kind.REPLAY)
    assert EvaluationSettings.parse(settings.as_document(), Kind.REPLAY) == settings
