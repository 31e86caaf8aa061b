"""Every kind of evaluation as the state machine calls it: files in S3, an event, files in S3."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import jsonschema
import pytest
from moto import mock_aws

import lambdas.evaluate
from lambdas.evaluate.request import EvaluateRequest
from lambdas.evaluate.task import evaluate_run
from lambdas.shared.errors import DataError

SCHEMA = json.loads((Path(lambdas.evaluate.__file__).parent / "metrics.schema.json").read_text())
SETTINGS = {"cutoffs": [1, 2], "primary_cutoff": 2, "bootstrap_resamples": 100}


class Service:
    """Counts what is asked for."""

    def __init__(self):
        self.asked = []

    def get_solution_metrics(self, solutionVersionArn):  # noqa: N803 (the service's name)
        self.asked.append(solutionVersionArn)
        return {"metrics": {"coverage": 0.5}}


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        for bucket in ("data", "reports"):
            client.create_bucket(Bucket=bucket)
        yield client


@pytest.fixture
def evaluate(s3, run):
    """Uploads the run's files, evaluates the event, returns summary, metrics.json and what the service was asked."""

    def evaluate(scenario, **members):
        prefix = f"runs/{scenario}/r1/"
        for path in sorted(path for path in run.folder.rglob("*") if path.is_file()):
            s3.upload_file(str(path), "data", f"{prefix}{path.relative_to(run.folder)}")
        base = f"s3://data/{prefix}"
        event = {
            "scenario": scenario,
            "run_id": "r1",
            "data_bucket": "data",
            "reports_bucket": "reports",
            "train": f"{base}train/",
            "holdout": f"{base}holdout/",
            "evaluation": SETTINGS,
            "facts": {},
            **{
                key: value.replace("BASE/", base) if isinstance(value, str) else value
                for key, value in members.items()
            },
        }
        if "variants" in event:
            event["variants"] = [
                {**variant, "recommendations": f"{base}recommendations-{variant['name']}/"}
                for variant in event["variants"]
            ]
        service = Service()
        summary = evaluate_run(EvaluateRequest.parse(event), s3, service)
        body = s3.get_object(Bucket="reports", Key=f"reports/{scenario}/latest/metrics.json")["Body"].read()
        document = json.loads(body)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        assert summary["verdict"] == document["verdict"]
        assert set(document["files"]) == {"report.html", "metrics.csv", "per_user.parquet"}
        return summary, document, service.asked

    return evaluate


def line(member, asked, items) -> str:
    return json.dumps({"input": {member: asked}, "output": {"recommendedItems": items}, "error": None})


def test_variants_of_one_solution_version_ask_the_service_once(evaluate, run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "b", 9), ("bob", "a", 9)])
    for name in ("explore_0.0", "explore_0.5"):
        run.write_variant(name, [line("userId", "ann", ["b"]), line("userId", "bob", ["a"])])
    variants = [{"name": name, "solution_version_arn": "arn:one"} for name in ("explore_0.0", "explore_0.5")]
    summary, document, asked = evaluate("metadata", variants=variants)
    assert asked == ["arn:one"]
    assert summary["primary"]["source"] == "explore_0.0"
    assert [entry["service_metrics"] for entry in document["variants"]] == [{"coverage": 0.5}] * 2


def test_related_items_end_to_end(evaluate, run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "b", 9), ("bob", "c", 9)])
    run.write_answers([line("itemId", "a", ["b", "c"]), line("itemId", "b", ["a"])])
    run.write_user_causes({"ann": "a", "bob": "b"})
    cause = {"item_id": "a", "group": "popular", "train_interactions": 1}
    (run.folder / "causes.json").write_text(json.dumps({"causes": [cause]}))
    summary, document, asked = evaluate(
        "sims",
        kind="related_items",
        recommendations="BASE/recommendations/",
        user_causes="BASE/user_causes.parquet",
        causes="BASE/causes.json",
    )
    assert summary["users"] == 2
    assert document["scenario_section"]["variants"][0]["examples"][0]["cause"]["item_id"] == "a"
    assert asked == []


def test_cold_items_end_to_end(evaluate, run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "c", 9), ("bob", "c", 9)])
    run.write_answers([line("userId", "ann", ["c"]), line("userId", "bob", ["c"])])
    run.write_catalogue(ITEM_ID=["a", "b", "c"], GENRES=["x", "x|y", "y"], COLD=[False, False, True])
    summary, document, _ = evaluate(
        "coldstart",
        kind="cold_items",
        recommendations="BASE/recommendations/",
        catalogue="BASE/items.parquet",
    )
    assert summary["primary"]["baseline"] == "popular_genres"
    assert document["scenario_section"]["cold_items"] == 1


def test_a_replay_end_to_end(evaluate, run):
    run.write_replay([(1, "a", "b", 0, ["x"], ["y"]), (1, "a", "b", 4, ["y"], ["y"])])
    summary, document, asked = evaluate(
        "put_events",
        kind="replay",
        replay="BASE/lists.parquet",
        train=None,
        holdout=None,
        solution_version_arn="arn:campaign's",
    )
    assert summary["users"] == 1
    assert summary["primary"]["metric"] == "overlap@25"
    assert summary["primary"]["value"] == pytest.approx(1 / 25)
    assert document["settings"]["baselines"] == []
    assert asked == ["arn:campaign's"]


def test_a_missing_catalogue_is_named(evaluate, run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("ann", "c", 9)])
    run.write_answers([line("userId", "ann", ["c"])])
    with pytest.raises(DataError, match=r"s3://data/runs/coldstart/r1/items\.parquet"):
        evaluate(
            "coldstart",
            kind="cold_items",
            recommendations="BASE/recommendations/",
            catalogue="BASE/items.parquet",
        )
