"""Solutions, their versions and recipes: settings, names and refusals."""

import pytest

from emulator import Behaviour

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
V2 = "arn:aws:personalize:::recipe/aws-user-personalization-v2"


def test_a_version_lies_under_its_solution(service):
    version = service.train(service.ready_group())
    solution, _, digits = version["solutionVersionArn"].rpartition("/")
    assert solution == f"{PREFIX}solution/solution"
    assert len(digits) == 8
    assert version["name"] == f"solution/{digits}"
    described = service.personalize.describe_solution(solutionArn=solution)["solution"]
    assert described["latestSolutionVersion"]["solutionVersionArn"] == version["solutionVersionArn"]
    assert described["performAutoTraining"] is True


def test_a_version_name_can_be_used_once(service, refused):
    solution = service.personalize.create_solution(
        name="s", datasetGroupArn=service.create_group(), recipeArn=V2
    )
    arn = solution["solutionArn"]
    service.personalize.create_solution_version(solutionArn=arn, name="first")
    code, _, _ = refused(service.personalize.create_solution_version, solutionArn=arn, name="first")
    assert code == "ResourceAlreadyExistsException"


@pytest.mark.parametrize(
    ("recipe", "code", "said"),
    [
        ("aws-user-personalisation", "ResourceNotFoundException", "aws-user-personalisation does not exist"),
        ("aws-next-best-action", "UnsupportedOperationException", "aws-next-best-action cannot be trained"),
    ],
)
def test_recipes_that_cannot_be_used(service, refused, recipe, code, said):
    arn = f"arn:aws:personalize:::recipe/{recipe}"
    answered, _, message = refused(
        service.personalize.create_solution, name="s", datasetGroupArn=service.create_group(), recipeArn=arn
    )
    assert answered == code
    assert said in message


def test_legacy_recipes_are_trained_unless_a_setting_refuses_them(start, refused):
    request = {"name": "s", "recipeArn": "arn:aws:personalize:::recipe/aws-hrnn"}
    kind, strict = start(), start(behaviour=Behaviour(legacy_recipes=False))
    assert kind.personalize.create_solution(datasetGroupArn=kind.create_group(), **request)["solutionArn"]
    code, _, message = refused(
        strict.personalize.create_solution, datasetGroupArn=strict.create_group(), **request
    )
    assert code == "InvalidInputException"
    assert "aws-user-personalization-v2" in message


@pytest.mark.parametrize(
    ("members", "code", "said"),
    [
        ({}, "InvalidInputException", "recipeArn is required"),
        ({"performAutoML": True}, "UnsupportedOperationException", "performAutoML"),
        ({"recipeArn": V2, "performHPO": True}, "InvalidInputException", "performHPO is not supported"),
        ({"recipeArn": V2, "eventType": "click"}, "InvalidInputException", "EVENT_TYPE"),
    ],
)
def test_solutions_that_cannot_be_made(service, refused, members, code, said):
    group = service.create_group()
    service.create_dataset(group)
    answered, _, message = refused(
        service.personalize.create_solution, name="s", datasetGroupArn=group, **members
    )
    assert answered == code
    assert said in message


def test_everything_wrong_with_a_solutions_settings_is_told_at_once(service, refused):
    group = service.create_group()
    service.create_dataset(group)
    config = {
        "eventValueThreshold": "high",
        "algorithmHyperParameters": {
            "hidden_dimension": "300",
            "depth": "2",
            "recency_mask": "maybe",
            "bptt": "x",
        },
        "featureTransformationParameters": {"max_user_history_length_percentile": "1.5"},
        "autoTrainingConfig": {"schedulingExpression": "rate(31 days)"},
        "trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": ["COLOUR"], "ITEMS": ["X"]}},
    }
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
    code, _, message = refused(
        service.personalize.create_solution,
        name="s",
        datasetGroupArn=group,
        recipeArn=recipe,
        solutionConfig=config,
    )
    assert code == "InvalidInputException"
    for said in (
        "hidden_dimension must be from 32 to 256, not 300",
        "no parameter 'depth'",
        "recency_mask must be one of true, false",
        "bptt must be of type integer",
        "max_user_history_length_percentile must be from 0 to 1",
        "eventValueThreshold must be a number",
        "EVENT_VALUE",
        "from 1 to 30 days",
        "there is no column COLOUR",
        "has no such dataset",
    ):
        assert said in message


def test_recipes_are_paged_and_described(service, refused):
    pages = service.personalize.get_paginator("list_recipes").paginate(PaginationConfig={"PageSize": 4})
    names = [recipe["name"] for page in pages for recipe in page["recipes"]]
    assert len(names) == len(set(names)) == 15
    recipe = service.personalize.describe_recipe(recipeArn=V2)["recipe"]
    assert recipe["recipeType"] == "USER_PERSONALIZATION"
    assert recipe["algorithmArn"] == "arn:aws:personalize:::algorithm/aws-user-personalization-v2"
    unknown = "arn:aws:personalize:::recipe/aws-nothing"
    assert refused(service.personalize.describe_recipe, recipeArn=unknown)[0] == "ResourceNotFoundException"
