"""The settings of the four scenarios that compare models, and of the one that replays events."""

from __future__ import annotations

import json

import pytest

from config import SettingsError, parse_settings
from config.models import Settings


def scenario(name: str, **changes):
    document = {"stage": "dev", "scenarios": {name: changes}}
    return dict(parse_settings(json.dumps(document)).scenarios.items())[name]


def problems(name: str, **changes) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        scenario(name, **changes)
    return [problem.path for problem in refused.value.problems]


def test_metadata_is_left_out_column_by_column_and_nothing_else_differs():
    settings = scenario("metadata", solution={"solutionConfig": {"eventValueThreshold": "3"}})
    variants = settings.trained_variants()
    assert list(variants) == ["with_metadata", "without_metadata"]
    without = variants["without_metadata"].solution
    assert without["solutionConfig"] == {
        "eventValueThreshold": "3",
        "trainingDataConfig": {
            "excludedDatasetColumns": {"Items": ["GENRES"], "Users": ["AGE", "GENDER", "OCCUPATION"]}
        },
    }
    assert {**without, "solutionConfig": None} == {
        **variants["with_metadata"].solution,
        "solutionConfig": None,
    }


def test_one_column_at_a_time_adds_a_model_for_each():
    # Six trainings: the history of an execution has room for fewer looks at each.
    patience = {"solution_version": {"seconds": 900}, "batch_inference_job": {"seconds": 600}}
    settings = scenario(
        "metadata", one_column_at_a_time=True, polling=patience, timeout_seconds=10 * 24 * 3600
    )
    names = list(settings.trained_variants())
    assert names[2:] == [
        "only_items_genres",
        "only_users_age",
        "only_users_gender",
        "only_users_occupation",
    ]


def test_exploration_weights_share_one_model():
    variants = scenario("coldstart", exploration_weights=[0.0, 0.5]).trained_variants()
    assert [variants["explore_0"].solution] == [variants["explore_0.5"].solution]
    weight = variants["explore_0.5"].batch_inference["batchInferenceJobConfig"]["itemExplorationConfig"]
    assert weight == {"explorationWeight": "0.5"}


def test_a_recipe_without_exploration_has_one_variant():
    arn = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
    assert list(scenario("coldstart", solution={"recipeArn": arn}).trained_variants()) == ["default"]


def test_a_weight_out_of_range_is_told_of_the_setting():
    assert problems("coldstart", exploration_weights=[0.5, 1.5]) == [
        "scenarios.coldstart.exploration_weights"
    ]


def test_a_search_that_the_service_would_refuse_is_told_of_the_setting():
    ranges = {
        "integerHyperParameterRanges": [{"name": "min_cointeraction_count", "minValue": 0, "maxValue": 99}],
        "continuousHyperParameterRanges": [],
        "categoricalHyperParameterRanges": [],
    }
    search = {"enabled": True, "hpo_config": {"algorithmHyperParameterRanges": ranges}}
    found = problems("sims", search=search)
    assert found
    assert all(path.startswith("scenarios.sims.search.hpo_config") for path in found)


def test_items_are_imported_for_sims_only_when_the_recipe_trains_on_them():
    items = {"items": {}}
    assert scenario("sims", data=items).imported == ("interactions",)
    arn = "arn:aws:personalize:::recipe/aws-similar-items"
    assert scenario("sims", data=items, solution={"recipeArn": arn}).imported == ("interactions", "items")


def test_each_scenario_refuses_recipes_of_another_kind():
    sims = "arn:aws:personalize:::recipe/aws-sims"
    assert problems("metadata", solution={"recipeArn": sims}) == ["scenarios.metadata.solution.recipeArn"]
    user = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
    assert problems("sims", solution={"recipeArn": user}) == ["scenarios.sims.solution.recipeArn"]


def test_every_scenario_is_on_by_default_and_has_its_own_raw_data():
    scenarios = Settings(stage="dev").enabled_scenarios()
    assert list(scenarios) == ["hrnn", "sims", "metadata", "coldstart", "put_events"]
    locations = [each.data.interactions.location for each in scenarios.values()]
    assert locations == [f"raw/{name}/interactions/" for name in scenarios]


@pytest.mark.parametrize(
    ("name", "owner", "said"),
    [
        ("sims", "hrn", "Did you mean 'hrnn'"),
        ("sims", "sims", "itself"),
        ("sims", "put_events", "of its own"),
        ("put_events", "hrnn", "of its own"),
        ("metadata", "hrnn", "different schemas"),
    ],
)
def test_a_dataset_group_that_cannot_be_shared_is_refused(name, owner, said):
    with pytest.raises(SettingsError) as refused:
        scenario(name, dataset_group_of=owner)
    (problem,) = refused.value.problems
    assert problem.path == f"scenarios.{name}.dataset_group_of"
    assert said.lower() in problem.message.lower()


def test_scenarios_with_the_same_columns_can_share():
    assert scenario("sims", dataset_group_of="hrnn").dataset_group_of == "hrnn"
