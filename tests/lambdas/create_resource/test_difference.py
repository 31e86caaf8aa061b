"""What counts as a difference between a request and a resource that is there."""

from __future__ import annotations

from lambdas.create_resource.difference import differences


def test_members_that_only_the_service_shows_do_not_count():
    assert differences({"importMode": "FULL"}, {"importMode": "FULL", "status": "ACTIVE"}) == []


def test_every_difference_is_named_with_its_path_and_both_values():
    found = differences(
        {"dataSource": {"dataLocation": "s3://b/new/"}, "roleArn": "r"},
        {"dataSource": {"dataLocation": "s3://b/old/"}},
    )
    assert found == [
        "dataSource.dataLocation is 's3://b/old/', the settings ask for 's3://b/new/'",
        "roleArn is None, the settings ask for 'r'",
    ]


def test_dataset_types_are_compared_without_regard_to_case():
    assert differences({"datasetType": "Interactions"}, {"datasetType": "INTERACTIONS"}) == []
    assert differences({"datasetType": "Items"}, {"datasetType": "INTERACTIONS"}) != []


def test_tags_do_not_count_because_the_service_does_not_describe_them():
    assert differences({"tags": [{"tagKey": "a", "tagValue": "b"}]}, {}) == []


def test_false_and_zero_are_values_like_any_other():
    assert differences({"performHPO": False}, {"performHPO": False}) == []
    assert differences({"performHPO": False}, {}) != []
