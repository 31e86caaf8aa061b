from __future__ import annotations

import pytest

from lambdas.shared.naming import resource_name, with_suffix


@pytest.mark.parametrize(
    ("stage", "path", "words"),
    [
        ({"prefix": "My-Co"}, "prefix", "small letters and digits"),
        ({"prefix": "a" * 21}, "prefix", "1 to 20"),
        ({"prefix": "a" * 20, "stage": "b" * 10}, "prefix", "have 30 characters together"),
        ({"stage": "dev-2"}, "stage", "small letters and digits"),
        ({"log_retention_days": 8}, "log_retention_days", "one of these numbers of days: 1, 3, 5, 7"),
        ({"notification_emails": ["a@b.org", "nobody"]}, "notification_emails[1]", "not an e-mail address"),
        ({"tags": {"aws:owner": "x"}}, "tags.aws:owner", "reserved"),
        ({"tags": {"run_id": "x"}}, "tags.run_id", "set by the pipeline"),
        ({"tags": {"AWS:owner": "x"}}, "tags.AWS:owner", "reserved"),
        ({"tags": {"owner": "a;b"}}, "tags.owner", "the value 'a;b' does not match"),
        ({"tags": {"k" * 129: "x"}}, f"tags.{'k' * 129}", "the key has 129 characters; the most is 128"),
        ({"tags": {f"k{n}": "x" for n in range(48)}}, "tags", "has 48 tags"),
        (
            {"functions": {"evaluate": {"timeout_seconds": 901}}},
            "functions.evaluate.timeout_seconds",
            "at most 900",
        ),
        (
            {"functions": {"evaluate": {"ephemeral_storage_mb": 100}}},
            "functions.evaluate.ephemeral_storage_mb",
            "512",
        ),
        ({"functions": {"split": {}}}, "functions.split", "Did you mean 'split_data'?"),
    ],
)
def test_a_broken_rule_is_the_one_problem(stage, path, words, problems):
    ((found_path, message),) = problems(**stage)
    assert found_path == path
    assert words in message


def test_prefix_and_stage_of_29_characters_fit(problems):
    assert problems(prefix="a" * 20, stage="b" * 9) == []


def test_names_of_the_longest_prefix_and_stage_are_not_cut():
    base = resource_name("a" * 20, "b" * 9, "put_events", "interactions")
    assert with_suffix(base, unique="run").startswith(f"{base}-")


def test_tags_of_request_and_stage_count_together(problems):
    tags = [{"tagKey": f"own{n}", "tagValue": "x"} for n in range(3)]
    found = problems({"solution": {"tags": tags}}, tags={f"k{n}": "x" for n in range(45)})
    assert [path for path, _ in found] == ["solution.tags"]
    assert problems({"solution": {"tags": tags}}, tags={f"k{n}": "x" for n in range(44)}) == []


def test_service_tags_are_sorted(settings):
    assert settings(tags={"b": "2", "a": "1"}).service_tags() == [
        {"tagKey": "a", "tagValue": "1"},
        {"tagKey": "b", "tagValue": "2"},
    ]


def test_a_request_cannot_tag_what_the_stage_tags_already(problems):
    tags = [{"tagKey": "owner", "tagValue": "x"}]
    ((path, message),) = problems({"solution": {"tags": tags}}, tags={"owner": "y"})
    assert (path, message) == ("solution.tags[0].tagKey", "'owner' is one of the stage's tags already")
