"""Requests that do not fit the model."""

import json

import botocore.session
import pytest

from emulator.api.validation import compiled_pattern

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/g"
ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.mark.parametrize(
    "request_",
    [
        ("create_dataset_group", {}, 'Missing required parameter in input: "name"'),
        ("create_dataset_group", {"name": 5}, "Invalid type for parameter name"),
        ("create_dataset_group", {"name": ""}, "Invalid length for parameter name"),
        ("create_dataset_group", {"name": "x" * 64}, "Member must have length less than or equal to 63"),
        ("create_dataset_group", {"name": "-x"}, "Member must satisfy regular expression pattern"),
        ("create_dataset_group", {"name": "x\n"}, "Member must satisfy regular expression pattern"),
        (
            "create_dataset_group",
            {"name": "x", "domain": "SHOES"},
            "Member must satisfy enum value set: [ECOMMERCE,",
        ),
        ("list_schemas", {"maxResults": 0}, "Invalid value for parameter maxResults"),
        ("list_schemas", {"maxResults": 101}, "Member must have value less than or equal to 100"),
        ("list_schemas", {"maxResults": True}, "must be a number"),
        ("describe_schema", {"schemaArn": "schema/x"}, "Member must satisfy regular expression pattern"),
    ],
)
def test_what_breaks_the_model_is_invalid_input(service, lenient, refused, request_):
    call, members, said = request_
    # The client sends what it is given; only the server checks.
    code, status, message = refused(getattr(lenient(service), call), **members)
    assert (code, status) == ("InvalidInputException", 400)
    assert said in message


def test_all_violations_are_told_at_once(service, lenient, refused):
    name = "-" * 70
    _, _, message = refused(lenient(service).create_dataset_group, name=name, domain="SHOES", roleArn="r")
    assert message.startswith("4 validation errors detected")


def test_nothing_is_kept_of_a_refused_call(service, lenient, refused):
    tags = [{"tagKey": "aws:x", "tagValue": "y"}]
    code, _, _ = refused(service.personalize.create_dataset_group, name="g", tags=tags)
    assert code == "InvalidInputException"
    assert service.personalize.list_dataset_groups()["datasetGroups"] == []


def test_every_pattern_of_the_models_can_be_matched():
    shapes = [
        shape
        for service in ("personalize", "personalize-runtime", "personalize-events")
        for model in [botocore.session.get_session().get_service_model(service)]
        for shape in map(model.shape_for, model.shape_names)
        if "pattern" in shape.metadata
    ]
    assert len(shapes) == 17
    for shape in shapes:
        compiled_pattern(shape.metadata["pattern"])


@pytest.mark.parametrize(
    ("value", "accepted"),
    [("Zürich 5", True), ("a\u2003b", True), ("a/b:c=d+e-f@g_h.i", True), ("50 %", False)],
)
def test_tags_take_letters_numbers_and_spaces_of_any_script(service, value, accepted):
    tags = [{"tagKey": value, "tagValue": value}]
    try:
        service.personalize.create_dataset_group(name="g", tags=tags)
    except service.personalize.exceptions.InvalidInputException:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([], "list of fields"),
        ([("USER_ID", "string"), ("ITEM_ID", "string")], "missing the required field TIMESTAMP"),
        (
            [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "string")],
            "TIMESTAMP must be of type long",
        ),
        ([("USER_ID", ["null", "string"]), ("ITEM_ID", "string"), ("TIMESTAMP", "long")], "cannot be null"),
        (
            [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"), ("A", "bytes")],
            "Field A: type",
        ),
        (
            [
                ("USER_ID", "string"),
                ("ITEM_ID", "string"),
                ("TIMESTAMP", "long"),
                ("A_B", "int"),
                ("AB", "int"),
            ],
            "the same once underscores are removed",
        ),
        (
            [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long")]
            + [(f"M{n}", "int") for n in range(6)],
            "6 metadata fields",
        ),
    ],
)
def test_schemas_that_break_the_rules(service, refused, fields, said):
    document = {
        "type": "record",
        "name": "Interactions",
        "fields": [{"name": name, "type": kind} for name, kind in fields],
    }
    code, _, message = refused(service.personalize.create_schema, name="s", schema=json.dumps(document))
    assert code == "InvalidInputException"
    assert said in message


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type": "record", "name": "Shoes", "fields": []}', "[" * 10_000]
)
def test_schemas_that_are_none(service, refused, text):
    assert refused(service.personalize.create_schema, name="s", schema=text)[0] == "InvalidInputException"
