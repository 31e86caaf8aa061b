"""Every rule once broken and once kept: the scenario settings, the path of the one problem, words of its message."""

from __future__ import annotations

import pytest

V2 = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
V1 = "arn:aws:personalize:::recipe/aws-user-personalization"
POPULARITY = "arn:aws:personalize:::recipe/aws-popularity-count"
HRNN = "arn:aws:personalize:::recipe/aws-hrnn"
BASE = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]
TYPE = {"name": "EVENT_TYPE", "type": "string"}
VALUE = {"name": "EVENT_VALUE", "type": ["float", "null"]}
RANGES = "solution.solutionConfig.hpoConfig.algorithmHyperParameterRanges"


def columns(*more, base=BASE, **schema):
    return {"data": {"interactions": {"schema": {"fields": [*base, *more], **schema}}}}


def solution(recipe=V2, **members):
    config = members.pop("config", None)
    return {"solution": {"recipeArn": recipe, **members, **({"solutionConfig": config} if config else {})}}


def search(recipe=V1, *, integer=(), continuous=(), categorical=(), **resources):
    ranges = {
        "integerHyperParameterRanges": list(integer),
        "continuousHyperParameterRanges": list(continuous),
        "categoricalHyperParameterRanges": list(categorical),
    }
    config = {"hpoConfig": {"algorithmHyperParameterRanges": ranges, "hpoResourceConfig": resources}}
    return solution(recipe, performHPO=True, config=config)


def ranged(name, low, high):
    return {"name": name, "minValue": low, "maxValue": high}


BROKEN = {
    "recipe misspelled": (solution(V1 + "-v3"), "solution.recipeArn", f"Did you mean '{V2}'?"),
    "recipe by bare name": (
        solution("aws-user-personalization-v2"),
        "solution.recipeArn",
        f"Did you mean '{V2}'?",
    ),
    "recipe not text": (solution(5), "solution.recipeArn", "must be the ARN of a recipe, not 5"),
    "recipe of a domain": (
        solution("arn:aws:personalize:::recipe/aws-vod-top-picks"),
        "solution.recipeArn",
        "belongs to domain dataset groups",
    ),
    "recipe is legacy": (solution(HRNN), "solution.recipeArn", f"no longer trains aws-hrnn: use {V2}"),
    "recipe of another kind": (
        solution("arn:aws:personalize:::recipe/aws-sims"),
        "solution.recipeArn",
        "is of type RELATED_ITEMS; scenario hrnn needs USER_PERSONALIZATION",
    ),
    "automl": (solution(performAutoML=True), "solution.performAutoML", "leave it out"),
    "automl config": (
        solution(config={"autoMLConfig": {"metricName": "x"}}),
        "solution.solutionConfig.autoMLConfig",
        "no effect without performAutoML",
    ),
    "events config of v1": (
        {
            **columns(TYPE),
            **solution(V1, config={"eventsConfig": {"eventParametersList": [{"eventType": "a"}]}}),
        },
        "solution.solutionConfig.eventsConfig",
        "aws-user-personalization has none",
    ),
    "objective of v2": (
        solution(config={"optimizationObjective": {"itemAttribute": "PRICE"}}),
        "solution.solutionConfig.optimizationObjective",
        "has none; only the first versions",
    ),
    "objective without items": (
        solution(V1, config={"optimizationObjective": {"itemAttribute": "PRICE"}}),
        "solution.solutionConfig.optimizationObjective",
        "needs a column of the items dataset",
    ),
    "incremental update": (
        solution(performIncrementalUpdate=True),
        "solution.performIncrementalUpdate",
        "only aws-semantic-similarity",
    ),
    "update training of v2": (
        {"solution_version": {"trainingMode": "UPDATE"}},
        "solution_version.trainingMode",
        "can only be trained FULL",
    ),
    "autotrain": (
        {"solution_version": {"trainingMode": "AUTOTRAIN"}},
        "solution_version.trainingMode",
        "take FULL",
    ),
    "trained twice": (
        {"schedule": {"enabled": True}, **solution(performAutoTraining=True)},
        "solution.performAutoTraining",
        "both billed",
    ),
    "auto training config alone": (
        solution(config={"autoTrainingConfig": {"schedulingExpression": "rate(7 days)"}}),
        "solution.solutionConfig.autoTrainingConfig",
        "no effect without `performAutoTraining: true`",
    ),
    "exploration of v2": (
        {
            "batch_inference": {
                "batchInferenceJobConfig": {"itemExplorationConfig": {"explorationWeight": "0.3"}}
            }
        },
        "batch_inference.batchInferenceJobConfig.itemExplorationConfig",
        "only aws-user-personalization can be told how",
    ),
    "exploration out of range": (
        {
            **solution(V1),
            "batch_inference": {
                "batchInferenceJobConfig": {"itemExplorationConfig": {"explorationWeight": "1.3"}}
            },
        },
        "batch_inference.batchInferenceJobConfig.itemExplorationConfig.explorationWeight",
        "1.3 is out of range: 0 to 1",
    ),
    "ranking influence": (
        {"batch_inference": {"batchInferenceJobConfig": {"rankingInfluence": {"FRESHNESS": 0.5}}}},
        "batch_inference.batchInferenceJobConfig.rankingInfluence",
        "only aws-semantic-similarity",
    ),
    "themes": (
        {"batch_inference": {"batchInferenceJobMode": "THEME_GENERATION"}},
        "batch_inference.batchInferenceJobMode",
        "only aws-similar-items",
    ),
    "domain": ({"dataset_group": {"domain": "ECOMMERCE"}}, "dataset_group.domain", "has no domain"),
    "incremental import": (
        {"dataset_import": {"importMode": "INCREMENTAL"}},
        "dataset_import.importMode",
        "take FULL",
    ),
    "unknown hyperparameter": (
        solution(V1, config={"algorithmHyperParameters": {"hiden_dimension": "50"}}),
        "solution.solutionConfig.algorithmHyperParameters.hiden_dimension",
        "Did you mean 'hidden_dimension'?",
    ),
    "hyperparameter of no recipe": (
        solution(POPULARITY, config={"algorithmHyperParameters": {"bptt": "2"}}),
        "solution.solutionConfig.algorithmHyperParameters.bptt",
        "aws-popularity-count has no such parameters",
    ),
    "hyperparameter too large": (
        solution(V1, config={"algorithmHyperParameters": {"bptt": "33"}}),
        "solution.solutionConfig.algorithmHyperParameters.bptt",
        "33 is out of range: 2 to 32",
    ),
    "hyperparameter not a number": (
        solution(V1, config={"algorithmHyperParameters": {"bptt": "3.5"}}),
        "solution.solutionConfig.algorithmHyperParameters.bptt",
        "'3.5' is not a whole number",
    ),
    "hyperparameter not a truth value": (
        solution(config={"algorithmHyperParameters": {"apply_recency_bias": "yes"}}),
        "solution.solutionConfig.algorithmHyperParameters.apply_recency_bias",
        "neither true nor false",
    ),
    "percentile is not a number": (
        solution(
            V1, config={"featureTransformationParameters": {"min_user_history_length_percentile": "nan"}}
        ),
        "solution.solutionConfig.featureTransformationParameters.min_user_history_length_percentile",
        "nan is out of range",
    ),
    "search of v2": (search(V2), "solution.performHPO", "no hyperparameter that a search can vary"),
    "search without ranges": (
        solution(V1, performHPO=True),
        "solution.solutionConfig.hpoConfig",
        "needs the ranges to search",
    ),
    "ranges without search": (
        solution(V1, config={"hpoConfig": {}}),
        "solution.solutionConfig.hpoConfig",
        "no effect without `performHPO: true`",
    ),
    "range too wide": (
        search(integer=[ranged("hidden_dimension", 16, 256)]),
        f"{RANGES}.integerHyperParameterRanges[0].minValue",
        "16 is out of range: 32 to 256",
    ),
    "range upside down": (
        search(integer=[ranged("hidden_dimension", 200, 100)]),
        f"{RANGES}.integerHyperParameterRanges[0]",
        "minValue 200 is above maxValue 100",
    ),
    "range in the wrong list": (
        search(continuous=[ranged("bptt", 2, 8)]),
        f"{RANGES}.continuousHyperParameterRanges[0]",
        "belongs in integerHyperParameterRanges",
    ),
    "range of an unknown name": (
        search(integer=[ranged("bpt", 2, 8)]),
        f"{RANGES}.integerHyperParameterRanges[0].name",
        "Did you mean 'bptt'?",
    ),
    "range without end": (
        search(integer=[{"name": "bptt", "minValue": 2}]),
        f"{RANGES}.integerHyperParameterRanges[0].maxValue",
        "is missing",
    ),
    "category without sense": (
        search(categorical=[{"name": "recency_mask", "values": ["true", "maybe"]}]),
        f"{RANGES}.categoricalHyperParameterRanges[0].values[1]",
        "neither true nor false",
    ),
    "search too large": (
        search(integer=[ranged("bptt", 2, 8)], maxNumberOfTrainingJobs="41"),
        "solution.solutionConfig.hpoConfig.hpoResourceConfig.maxNumberOfTrainingJobs",
        "41 is out of range: 1 to 40",
    ),
    "required column": (
        columns(base=BASE[:2]),
        "data.interactions.schema.fields",
        "column TIMESTAMP is missing",
    ),
    "required column of another type": (
        columns(base=[*BASE[:2], {"name": "TIMESTAMP", "type": "int"}]),
        "data.interactions.schema.fields[2].type",
        "TIMESTAMP is of type long in every dataset, not int",
    ),
    "required column may be empty": (
        columns(base=[{"name": "USER_ID", "type": ["null", "string"]}, *BASE[1:]]),
        "data.interactions.schema.fields[0].type",
        "must have a value in every row",
    ),
    "event type may be empty": (
        columns({"name": "EVENT_TYPE", "type": ["null", "string"]}),
        "data.interactions.schema.fields[3].type",
        "must have a value in every row",
    ),
    "event type is categorical": (
        columns({**TYPE, "categorical": True}),
        "data.interactions.schema.fields[3].categorical",
        "reserved column and is never marked",
    ),
    "column twice": (
        columns(TYPE, TYPE),
        "data.interactions.schema.fields[4].name",
        "EVENT_TYPE is there twice",
    ),
    "names equal without underscores": (
        columns({"name": "DEVICE_A", "type": "int"}, {"name": "DEVICEA", "type": "int"}),
        "data.interactions.schema.fields[4].name",
        "DEVICEA and DEVICE_A are the same name",
    ),
    "name with a hyphen": (
        columns({"name": "A-B", "type": "int"}),
        "data.interactions.schema.fields[3].name",
        "'A-B'",
    ),
    "two types": (
        columns({"name": "A", "type": ["int", "string"]}),
        "data.interactions.schema.fields[3].type",
        'one type, or one type and "null"',
    ),
    "no type but null": (
        columns({"name": "A", "type": "null"}),
        "data.interactions.schema.fields[3].type",
        'one type, or one type and "null"',
    ),
    "categorical number": (
        columns({"name": "A", "type": "int", "categorical": True}),
        "data.interactions.schema.fields[3].categorical",
        "only a string column can be categorical",
    ),
    "textual interaction": (
        columns({"name": "A", "type": "string", "textual": True}),
        "data.interactions.schema.fields[3].textual",
        "only the items dataset",
    ),
    "six metadata columns": (
        columns(*({"name": f"M{n}", "type": "int"} for n in range(6))),
        "data.interactions.schema.fields",
        "6 columns besides the reserved ones; the service takes 5",
    ),
    "record name": (columns(name="Items"), "data.interactions.schema.name", "is called 'Interactions'"),
    "event type without column": (
        solution(eventType="click"),
        "solution.eventType",
        "needs a column EVENT_TYPE",
    ),
    "threshold without column": (
        solution(config={"eventValueThreshold": "3"}),
        "solution.solutionConfig.eventValueThreshold",
        "needs a column EVENT_VALUE",
    ),
    "threshold not a number": (
        {**columns(VALUE), **solution(config={"eventValueThreshold": "three"})},
        "solution.solutionConfig.eventValueThreshold",
        "'three' is not a number",
    ),
    "event weight without column": (
        solution(config={"eventsConfig": {"eventParametersList": [{"eventType": "click"}]}}),
        "solution.solutionConfig.eventsConfig.eventParametersList[0]",
        "needs a column EVENT_TYPE",
    ),
    "event weight twice": (
        {
            **columns(TYPE),
            **solution(
                config={"eventsConfig": {"eventParametersList": [{"eventType": "a"}, {"eventType": "a"}]}}
            ),
        },
        "solution.solutionConfig.eventsConfig.eventParametersList[1].eventType",
        "'a' is there twice",
    ),
    "excluded column unknown": (
        solution(config={"trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["DEVICE"]}}}),
        "solution.solutionConfig.trainingDataConfig.excludedDatasetColumns.Interactions[0]",
        "'DEVICE' is not a column",
    ),
    "excluded column indispensable": (
        solution(config={"trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["USER_ID"]}}}),
        "solution.solutionConfig.trainingDataConfig.excludedDatasetColumns.Interactions[0]",
        "USER_ID cannot be excluded",
    ),
    "excluded column of no dataset": (
        solution(config={"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["GENRES"]}}}),
        "solution.solutionConfig.trainingDataConfig.excludedDatasetColumns.Items",
        "has no such dataset",
    ),
    "cron": ({"schedule": {"expression": "cron(0 3 * * SUN)"}}, "schedule.expression", "cron has six fields"),
    "time zone": ({"schedule": {"time_zone": "Europe/Berln"}}, "schedule.time_zone", "'Europe/Berlin'"),
    "list too short": (
        {"batch_inference": {"numResults": 10}},
        "batch_inference.numResults",
        "evaluation.cutoffs asks for lists of 25",
    ),
    "list too long": (
        {"batch_inference": {"numResults": 501}},
        "batch_inference.numResults",
        "gives 1 to 500",
    ),
    "cutoffs not rising": (
        {"evaluation": {"cutoffs": [10, 5]}},
        "evaluation.cutoffs",
        "write each length once, rising",
    ),
    "baseline twice": (
        {"evaluation": {"baselines": ["popularity", "popularity"]}},
        "evaluation.baselines",
        "write each baseline once",
    ),
    "pause after timeout": (
        {"polling": {"solution": {"seconds": 60, "timeout_seconds": 30}}},
        "polling.solution.seconds",
        "after the timeout of 30 s",
    ),
    # 24 h every 30 s: 2,880 looks; 3 x 45, 180 and 240 beside it: 3,435 looks x 9 events.
    "too many polls": (
        {"polling": {"solution_version": {"seconds": 30}}},
        "polling",
        "3,435 looks make 30,915 events",
    ),
    # polling 128,700 s, split and evaluation 1,800 s, seven creations of 60 s.
    "run too short": ({"timeout_seconds": 130_919}, "timeout_seconds", "may take together, 130,920 s"),
    "location without slash": (
        {"data": {"interactions": {"location": "raw/hrnn"}}},
        "data.interactions.location",
        "a prefix has no slash at its beginning and one at its end",
    ),
    "location among the runs": (
        {"data": {"interactions": {"location": "runs/hrnn/"}}},
        "data.interactions.location",
        "keep raw data apart",
    ),
    "location elsewhere": (
        {"data": {"interactions": {"location": "https://example.com/a/"}}},
        "data.interactions.location",
        "write a key prefix in the data bucket, or s3://bucket/prefix/",
    ),
    "request tag reserved": (
        {"solution": {"tags": [{"tagKey": "aws:x", "tagValue": "1"}]}},
        "solution.tags[0].tagKey",
        "reserved",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_the_one_problem(case, problems):
    scenario, path, words = BROKEN[case]
    ((found_path, message),) = problems(scenario)
    assert found_path == path
    assert words in message


KEPT = {
    "popularity": solution(POPULARITY),
    "v1 with all its options": {
        **columns(TYPE, VALUE),
        **search(
            integer=[ranged("hidden_dimension", 32, 256), ranged("bptt", 2, 32)],
            categorical=[{"name": "recency_mask", "values": ["True", "False"]}],
            maxNumberOfTrainingJobs="40",
            maxParallelTrainingJobs="10",
        ),
        "solution_version": {"trainingMode": "UPDATE"},
        "batch_inference": {
            "batchInferenceJobConfig": {
                "itemExplorationConfig": {"explorationWeight": "0.3", "explorationItemAgeCutOff": "30"}
            }
        },
    },
    "events of v2": {
        **columns(TYPE, VALUE),
        **solution(
            config={
                "eventsConfig": {
                    "eventParametersList": [{"eventType": "a", "eventValueThreshold": 3.5, "weight": 1}]
                }
            }
        ),
    },
    "event selection": {
        **columns(TYPE, VALUE),
        **solution(eventType="click", config={"eventValueThreshold": "3.5"}),
    },
    "double training accepted": {
        "schedule": {"enabled": True, "with_auto_training": True},
        **solution(
            performAutoTraining=True, config={"autoTrainingConfig": {"schedulingExpression": "rate(7 days)"}}
        ),
    },
    "excluded event value": {
        **columns(VALUE),
        **solution(
            config={"trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["EVENT_VALUE"]}}}
        ),
    },
    "five metadata columns": columns(*({"name": f"M{n}", "type": "int"} for n in range(5)), TYPE, VALUE),
    "data in another bucket": {"data": {"interactions": {"location": "s3://other-bucket/events/"}}},
    "a whole bucket": {"data": {"interactions": {"location": "s3://other-bucket/"}}},
    "longest list": {"batch_inference": {"numResults": 500}, "evaluation": {"cutoffs": [5, 10, 500]}},
    "just long enough": {"timeout_seconds": 130_920},
}


@pytest.mark.parametrize("case", KEPT)
def test_a_kept_rule_is_no_problem(case, problems):
    assert problems(KEPT[case]) == []


def test_a_legacy_recipe_is_accepted_where_it_is_allowed(problems):
    assert problems(solution(HRNN), allow_legacy_recipes=True) == []


def test_a_rule_is_silent_about_what_is_known_to_be_wrong(problems):
    """The misspelled recipe may have the parameter: only the recipe is reported."""
    found = problems(solution(V1 + "x", config={"algorithmHyperParameters": {"bptt": "900"}}))
    assert [path for path, _ in found] == ["solution.recipeArn"]
