"""The whole task against moto's S3."""

from __future__ import annotations

import json
import random
from types import SimpleNamespace

import pandas as pd
import pytest

from lambdas.shared.errors import DataError, RequestError, TaskError
from lambdas.split_data import handler as entry
from lambdas.split_data import sources, task
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.task import split_data

BUCKET = "data-bucket"
PREFIX = "raw/hrnn/interactions/"
RUN = "runs/hrnn/r1/"
NOW = 1_700_000_000


def put(s3, lines, name="events.csv", prefix=PREFIX) -> None:
    s3.put_object(Bucket=BUCKET, Key=prefix + name, Body="\n".join(lines).encode() + b"\n")


def read(s3, key) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def keys(s3) -> set[str]:
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="runs/").get("Contents", [])
    return {entry["Key"] for entry in found}


@pytest.fixture
def run(s3, event, tmp_path):
    """Runs the task on a changed event, in a new folder each time."""
    counter = iter(range(100))

    def call(**changes):
        folder = tmp_path / f"work-{next(counter)}"
        folder.mkdir()
        return split_data(s3, SplitRequest.of({**event, **changes}), folder, NOW)

    return call


def test_a_split_leaves_its_files_and_tells_where_they_are(s3, run, lively):
    put(s3, lively)
    summary = run()
    assert summary == {
        "train": f"s3://{BUCKET}/{RUN}train/interactions/",
        "holdout": f"s3://{BUCKET}/{RUN}holdout/",
        "queries": f"s3://{BUCKET}/{RUN}queries/",
        "recommendations": f"s3://{BUCKET}/{RUN}recommendations/",
        "diagnosis": f"s3://{BUCKET}/{RUN}diagnosis.json",
        "train_interactions": 1080,
        "holdout_interactions": 120,
        "users": 40,
        "items": len({line.split(",")[1] for line in lively[1:]}),
        "query_users": 40,
        **dict.fromkeys(("items_train", "users_train", "catalogue", "user_causes", "causes", "pairs")),
        "cold_items": None,
        "data_fingerprint": summary["data_fingerprint"],
    }
    assert len(summary["data_fingerprint"]) == 64
    assert keys(s3) == {
        f"{RUN}train/interactions/interactions.csv",
        f"{RUN}holdout/interactions.parquet",
        f"{RUN}queries/users.jsonl",
        f"{RUN}diagnosis.json",
    }


def test_the_parts_together_are_the_data(s3, run, lively, tmp_path):
    put(s3, lively)
    run()
    train = read(s3, f"{RUN}train/interactions/interactions.csv").decode().splitlines()
    (tmp_path / "holdout.parquet").write_bytes(read(s3, f"{RUN}holdout/interactions.parquet"))
    holdout = pd.read_parquet(tmp_path / "holdout.parquet")
    rest = [f"{user},{item},{time}" for user, item, time in holdout.itertuples(index=False)]
    assert train[0] == lively[0]
    assert sorted(train[1:] + rest) == sorted(lively[1:])
    users = [
        json.loads(line)["userId"] for line in read(s3, f"{RUN}queries/users.jsonl").decode().splitlines()
    ]
    assert users == sorted(set(holdout["USER_ID"]))


def test_files_and_row_order_do_not_change_a_byte(s3, run, lively):
    put(s3, lively)
    run()
    once = [read(s3, key) for key in sorted(keys(s3)) if not key.endswith("diagnosis.json")]
    s3.delete_object(Bucket=BUCKET, Key=f"{PREFIX}events.csv")
    rows = lively[1:]
    random.Random(7).shuffle(rows)
    for number in range(3):
        put(s3, [lively[0], *rows[number::3]], f"part-{number}.csv")
    s3.delete_object(Bucket=BUCKET, Key=f"{RUN}diagnosis.json")
    run()
    assert [read(s3, key) for key in sorted(keys(s3)) if not key.endswith("diagnosis.json")] == once


def test_only_data_on_the_first_level_is_read(s3, run, lively):
    put(s3, lively)
    put(s3, ["no", "csv"], "_SUCCESS")
    put(s3, ["no", "csv"], ".DS_Store")
    put(s3, ["no", "csv"], "older/events.csv")
    put(s3, ["no", "csv"], "x.csv", prefix="raw/hrnn/interactions-2/")
    assert run()["train_interactions"] == 1080


def test_a_single_object_can_be_named(s3, run, event, lively):
    put(s3, lively, "events.csv")
    put(s3, ["no", "csv"], "events.csv.bak")
    location = f"s3://{BUCKET}/{PREFIX}events.csv"
    summary = run(interactions={**event["interactions"], "location": location})
    assert summary["train_interactions"] == 1080


def test_the_diagnosis_says_what_was_split(s3, run, lively):
    put(s3, [*lively, lively[1]])
    summary = run()
    diagnosis = json.loads(read(s3, f"{RUN}diagnosis.json"))
    assert diagnosis["schema_version"] == 1
    assert (diagnosis["scenario"], diagnosis["run_id"]) == ("hrnn", "r1")
    assert diagnosis["data_fingerprint"] == summary["data_fingerprint"]
    assert diagnosis["source"]["location"] == f"s3://{BUCKET}/{PREFIX}"
    assert diagnosis["split"] == {"method": "per_user", "fraction": 0.1, "cut": None}
    assert diagnosis["counts"]["duplicates"] == 1
    assert next(warning["code"] for warning in diagnosis["warnings"]) == "duplicates"


def test_the_same_run_again_returns_what_is_there_without_work(s3, run, lively, monkeypatch):
    put(s3, lively)
    first = run()
    monkeypatch.setattr(task, "split_files", lambda *_, **__: pytest.fail("split again"))
    assert run() == first


def test_a_run_whose_data_changed_is_refused(s3, run, lively):
    put(s3, lively)
    run()
    put(s3, lively[:-1])
    with pytest.raises(DataError, match=r"Run 'r1' was split from other data.*start a new run"):
        run()


@pytest.mark.parametrize(
    "split", [{"method": "per_user", "fraction": 0.2}, {"method": "global_time", "fraction": 0.1}]
)
def test_a_run_whose_settings_changed_is_refused(s3, run, lively, split):
    put(s3, lively)
    run()
    with pytest.raises(DataError, match="start a new run"):
        run(split=split)


def test_a_split_that_was_broken_off_is_done_again(s3, run, lively, monkeypatch):
    put(s3, lively)

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(task, "write_json", die)
        with pytest.raises(KeyboardInterrupt):
            run()
    # All is there but the seal.
    assert f"{RUN}diagnosis.json" not in keys(s3)
    s3.put_object(Bucket=BUCKET, Key=f"{RUN}train/interactions/interactions.csv", Body=b"half")
    assert run()["train_interactions"] == 1080
    assert read(s3, f"{RUN}train/interactions/interactions.csv").count(b"\n") == 1081


def test_data_that_are_refused_leave_nothing_behind(s3, run, lively):
    put(s3, lively[:1000])
    with pytest.raises(DataError, match=f"The interactions at s3://{BUCKET}/{PREFIX} cannot be used"):
        run()
    assert keys(s3) == set()


def test_a_prefix_without_files_is_named_with_what_to_do(run):
    with pytest.raises(
        DataError, match=rf"s3://{BUCKET}/{PREFIX}: there is no file\. Copy the interactions there"
    ):
        run()


def test_a_prefix_without_its_slash_is_explained(s3, run, event, lively):
    put(s3, lively)
    location = f"s3://{BUCKET}/{PREFIX.removesuffix('/')}"
    with pytest.raises(DataError, match="end the location in /"):
        run(interactions={**event["interactions"], "location": location})


def test_a_bucket_that_does_not_exist_is_named(run, event):
    with pytest.raises(DataError, match="the bucket 'nowhere' does not exist"):
        run(interactions={**event["interactions"], "location": "s3://nowhere/raw/"})


def test_data_larger_than_the_temporary_storage_are_refused_with_the_setting(s3, run, lively, monkeypatch):
    put(s3, lively)
    monkeypatch.setattr(sources.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(TaskError, match="ephemeral_storage_mb"):
        run()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"split": {"method": "by_moon", "fraction": 0.1}}, "split method 'by_moon' is unknown"),
        ({"split": {"method": "per_user", "fraction": 1.5}}, "fraction is 1.5"),
        ({"split": {"method": "per_user"}}, "lacks 'fraction'"),
        ({"run_id": "no/slash"}, "run id 'no/slash' cannot be used"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(event, changes, words):
    with pytest.raises(RequestError, match=words):
        SplitRequest.of({**event, **changes})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (
            {"name": "TIMESTAMP", "type": "string"},
            "must have the field TIMESTAMP of type long, and has string",
        ),
        ({"name": "RATING", "type": "map"}, "'RATING' of the interactions' schema has the type 'map'"),
        ({"name": "RATING", "type": ["null"]}, "'RATING' of the interactions' schema"),
    ],
)
def test_a_schema_that_cannot_be_read_is_refused(event, field, words):
    fields = [*event["interactions"]["schema"]["fields"], field]
    with pytest.raises(RequestError, match=words):
        SplitRequest.of({**event, "interactions": {"location": "s3://b/k/", "schema": {"fields": fields}}})


def test_the_handler_runs_the_task_and_logs_no_row(s3, event, lively, capsys):
    put(s3, lively)
    context = SimpleNamespace(
        function_name="split_data",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:us-east-1:0:function:split_data",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: 1000,
    )
    assert entry.handler(event, context)["query_users"] == 40
    printed = capsys.readouterr().out
    assert '"train_interactions":[1080.0]' in printed.replace(" ", "")
    assert "u00" not in printed
