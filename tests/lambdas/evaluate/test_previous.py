"""Which run comes before, the comparison with it, and that nothing wrong with it ends a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import jsonschema
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from lambdas.evaluate import previous
from lambdas.evaluate.earlier_runs import find_earlier
from lambdas.evaluate.request import EvaluateRequest
from lambdas.evaluate.settings import Kind
from lambdas.evaluate.task import evaluate_run, results_of, write_report
from lambdas.reports.comparison.compare import compare_folders
from lambdas.shared.locations import RunLocations

from .conftest import record

REGION = "eu-west-1"
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SCHEMA = json.loads((Path(previous.__file__).parent / "metrics.schema.json").read_text())


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        for bucket in ("data", "reports"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def locations(run_id):
    return RunLocations.of(scenario="hrnn", run_id=run_id, data_bucket="data", reports_bucket="reports")


def written(key, moment):
    """Make S3 say that an object was written then."""
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["reports"].keys[key].last_modified = moment.replace(
        tzinfo=None
    )


def text_of(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def put(s3, community, make_request):
    """Puts the metrics.json of a run: of which moment, and when it was written last."""
    measured = community.measure(Kind.USERS, cutoffs=[2, 5], primary_cutoff=5)
    results = results_of(make_request(), measured)
    write_report(community.folder / "report", results)
    document = json.loads((community.folder / "report" / "metrics.json").read_text())

    def write(run_id, evaluated, *, again=None, body=None, **members):
        told = document | {"run_id": run_id, "evaluated_at": text_of(evaluated)} | members
        key = f"reports/hrnn/{run_id}/metrics.json"
        s3.put_object(Bucket="reports", Key=key, Body=json.dumps(told).encode() if body is None else body)
        written(key, again or evaluated)

    return write


def found(s3, run_id="me", now=MONDAY + timedelta(days=30)):
    search = find_earlier(s3, locations(run_id), now)
    return search.earlier.run.run_id if search.earlier else None, search


def test_the_first_run_of_a_scenario_has_none_before(s3, put):
    put("latest", MONDAY)
    assert found(s3)[0] is None
    assert found(s3)[1].notes == ()
    assert found(s3)[1].evaluated_at == MONDAY + timedelta(days=30)


def test_the_newest_run_is_the_one_before(s3, put):
    put("zz", MONDAY)
    put("aa", MONDAY + timedelta(days=1))
    put("latest", MONDAY + timedelta(days=1))
    s3.put_object(Bucket="reports", Key="reports/hrnn/failed/failure-1.json", Body=b"{}")
    s3.put_object(Bucket="reports", Key="reports/hrnn2/other/metrics.json", Body=b"{}")
    assert found(s3)[0] == "aa"


def test_a_run_that_was_evaluated_again_keeps_its_place(s3, put):
    put("first", MONDAY, again=MONDAY + timedelta(days=20))
    put("second", MONDAY + timedelta(days=7))
    put("third", MONDAY + timedelta(days=5))
    assert found(s3)[0] == "second"


def test_runs_of_the_same_instant_have_one_order(s3, put):
    put("b", MONDAY)
    put("a", MONDAY)
    assert found(s3)[0] == "b"


def test_version_1_tells_no_moment_and_is_placed_by_when_it_was_written(s3, put):
    put("old", MONDAY, schema_version="1.1", evaluated_at=None)
    put("older", MONDAY - timedelta(days=1))
    assert found(s3)[0] == "old"


def test_evaluated_again_a_run_is_compared_with_the_same_one(s3, put):
    put("before", MONDAY)
    put("me", MONDAY + timedelta(days=1), again=MONDAY + timedelta(days=9), previous=None)
    put("after", MONDAY + timedelta(days=2))
    run_id, search = found(s3)
    assert run_id == "before"
    assert search.evaluated_at == MONDAY + timedelta(days=1)


def test_the_run_that_was_compared_with_is_taken_again_though_it_was_evaluated_since(s3, put):
    put("earlier", MONDAY - timedelta(days=7))
    put("before", MONDAY, again=MONDAY + timedelta(days=3))
    put("me", MONDAY + timedelta(days=1), previous={"run_id": "before"})
    assert found(s3)[0] == "before"


@pytest.mark.parametrize("recorded", [{"run_id": "gone"}, {"run_id": 7}, {}, "x", {"run_id": "me"}])
def test_a_recorded_run_that_is_not_there_is_looked_for_afresh(s3, put, recorded):
    put("before", MONDAY)
    put("me", MONDAY + timedelta(days=1), previous=recorded)
    assert found(s3)[0] == "before"


@pytest.mark.parametrize("evaluated_at", ["yesterday", 7, None, "2026-11-24"])
def test_a_moment_that_is_none_is_that_of_the_file(s3, put, evaluated_at):
    put("before", MONDAY)
    put("me", MONDAY + timedelta(days=1), evaluated_at=evaluated_at)
    run_id, search = found(s3)
    assert run_id == "before"
    assert search.evaluated_at.tzinfo is not None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "Run broken was passed over: metrics.json of run broken cannot be used: it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"schema_version": "9.0"}', "it has version 9.0"),
        (None, "Run broken was passed over: metrics.json of run broken is that of run copied."),
    ],
)
def test_a_broken_run_is_passed_over_and_told(s3, put, body, told):
    put("whole", MONDAY)
    if body is None:
        put("broken", MONDAY + timedelta(days=1))
        content = json.loads(
            s3.get_object(Bucket="reports", Key="reports/hrnn/broken/metrics.json")["Body"].read()
        )
        body = json.dumps(content | {"run_id": "copied"}).encode()
    put("broken", MONDAY + timedelta(days=1), body=body)
    run_id, search = found(s3)
    assert run_id == "whole"
    (note,) = search.notes
    assert told in note


@pytest.fixture
def run_it(s3, community, make_request):
    """Evaluates the community as a run; `answers` replaces what the model said."""

    def evaluate(run_id, answers=None, **members):
        if answers is not None:
            community.write_answers(answers)
        prefix = f"runs/hrnn/{run_id}/"
        for path, key in (
            (community.train / "interactions.csv", "train/interactions/part.csv"),
            (community.holdout / "interactions.parquet", "holdout/part.parquet"),
            (community.answers[0], "recommendations/users.jsonl.out"),
        ):
            s3.upload_file(str(path), "data", f"{prefix}{key}")
        request = make_request(
            run_id=run_id,
            train=f"s3://data/{prefix}train/interactions/",
            holdout=f"s3://data/{prefix}holdout/",
            recommendations=f"s3://data/{prefix}recommendations/",
            diagnosis=None,
            solution_version_arn=None,
            **members,
        )
        return evaluate_run(request, s3, None)

    return evaluate


def report(s3, run_id) -> dict[str, bytes]:
    prefix = f"reports/hrnn/{run_id}/"
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="reports", Prefix=prefix).get("Contents", [])]
    return {key.removeprefix(prefix): s3.get_object(Bucket="reports", Key=key)["Body"].read() for key in keys}


def better():
    """Both held-out items in front."""
    return [
        record(f"u{user:02}", [f"i{5 + (user + 1) % 10}", f"i{5 + (user + 2) % 10}", "i0"])
        for user in range(40)
    ]


def test_the_first_run_has_no_comparison(s3, run_it):
    run_it("r1")
    files = report(s3, "r1")
    assert "comparison.html" not in files
    assert json.loads(files["metrics.json"])["previous"] is None
    assert b'id="since-last-run"' not in files["report.html"]


def test_the_second_run_is_compared_with_the_first(s3, run_it):
    run_it("r1")
    summary = run_it("r2", better(), facts={"split": {"fraction": 0.2}})
    files = report(s3, "r2")
    document = json.loads(files["metrics.json"])
    jsonschema.validate(document, SCHEMA)
    told = document["previous"]
    assert (told["run_id"], told["outcome"], told["paired"], told["users"]) == ("r1", "better", True, 40)
    assert told["sentence"].endswith("since run r1, on 40 users of both runs: better")
    assert "split.fraction" in told["settings_changed"]
    page = files["report.html"].decode()
    assert 'id="since-last-run"' in page
    assert told["sentence"] in page
    assert told["sentence"].replace("\N{NARROW NO-BREAK SPACE}", " ") in summary["message"]
    assert 'href="../r1/report.html"' in files["comparison.html"].decode()
    assert document["files"]["comparison.html"]["bytes"] == len(files["comparison.html"])
    assert report(s3, "latest") == files


def test_the_command_line_finds_the_same_in_the_files(s3, run_it, tmp_path):
    run_it("r1")
    run_it("r2", better())
    for run_id in ("r1", "r2"):
        (tmp_path / run_id).mkdir()
        for name, content in report(s3, run_id).items():
            (tmp_path / run_id / name).write_bytes(content)
    told = json.loads(report(s3, "r2")["metrics.json"])["previous"]
    assert compare_folders(tmp_path / "r1", tmp_path / "r2").as_document() == told


def test_evaluated_again_a_run_gives_the_same_bytes_whatever_came_since(s3, run_it):
    run_it("r1")
    run_it("r2", better())
    before = report(s3, "r2")
    run_it("r3")
    run_it("r2", better())
    assert report(s3, "r2") == before


def test_a_run_before_without_users_values_is_compared_all_the_same(s3, run_it):
    run_it("r1")
    s3.delete_object(Bucket="reports", Key="reports/hrnn/r1/per_user.parquet")
    run_it("r2", better())
    told = json.loads(report(s3, "r2")["metrics.json"])["previous"]
    assert (told["paired"], told["outcome"]) == (False, "better")
    assert b"there is no such object" in report(s3, "r2")["comparison.html"]


def test_no_earlier_run_can_be_read(s3, run_it):
    s3.put_object(Bucket="reports", Key="reports/hrnn/r0/metrics.json", Body=b"<b>not json</b>")
    run_it("r1")
    files = report(s3, "r1")
    assert json.loads(files["metrics.json"])["previous"] is None
    assert "comparison.html" not in files
    assert b"Run r0 was passed over" in files["report.html"]


def test_a_bucket_that_may_not_be_listed_is_told_and_ends_nothing(s3, run_it, monkeypatch):
    def refused(*_):
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, "ListObjectsV2")

    monkeypatch.setattr("lambdas.evaluate.earlier_runs.list_objects", refused)
    run_it("r1")
    assert b"Earlier runs cannot be looked for" in report(s3, "r1")["report.html"]


def test_a_replay_is_compared_pair_by_pair(s3, run, event):
    """Lists of four: after all events the second run has one item more in common with B's."""

    def rows(shared):
        target = ["a", "b", "c", "d"]
        for pair in range(40):
            yield pair, f"A{pair}", f"B{pair}", 0, ["w", "x", "y", "z"], target
            yield pair, f"A{pair}", f"B{pair}", 5, target[:shared] + ["w", "x", "y", "z"][shared:], target

    for run_id, shared in (("r1", 2), ("r2", 3)):
        s3.upload_file(
            str(run.write_replay(rows(shared))), "data", f"runs/hrnn/{run_id}/replay/lists.parquet"
        )
        members = {
            **event,
            "kind": "replay",
            "run_id": run_id,
            **dict.fromkeys(("solution_version_arn", "diagnosis", "train", "holdout", "recommendations")),
        }
        members |= {"replay": f"s3://data/runs/hrnn/{run_id}/replay/", "evaluation": {"overlap_k": 4}}
        evaluate_run(EvaluateRequest.parse(members), s3, None)
    told = json.loads(report(s3, "r2")["metrics.json"])["previous"]
    assert (told["metric"], told["k"], told["outcome"], told["users"]) == ("overlap", 4, "better", 40)
    assert told["difference"] == pytest.approx(0.25)
    assert told["paired"]
