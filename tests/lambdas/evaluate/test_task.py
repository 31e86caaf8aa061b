from __future__ import annotations

import errno
import hashlib
import json

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.evaluate import fetching, run_date, task
from lambdas.evaluate import handler as entry
from lambdas.evaluate.task import evaluate_run
from lambdas.shared.errors import DataError, TaskError
from lambdas.shared.storage import upload

REGION = "eu-west-1"
TODAY, TOMORROW = "2026-11-24", "2026-11-25"
FILES = ("report.html", "metrics.csv", "per_user.parquet", "metrics.json")
# In the order in which they are published: a run that `runs` knows has its other rows.
TABLE_FILES = ("per_user.parquet", "metrics_csv.csv", "metrics.parquet", "segments.parquet", "runs.parquet")
SERVICE = {"coverage": 0.4893, "precision_at_5": 0.001}
DIAGNOSIS = {"counts": {"rows_read": 240}, "warnings": []}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Sets the UTC date."""

    def set_date(text: str) -> None:
        monkeypatch.setattr(run_date, "today", lambda: text)

    set_date(TODAY)
    return set_date


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


@pytest.fixture
def personalize():
    """A client of the service that knows one solution version's metrics."""
    client = boto3.client("personalize", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        stub.add_response("get_solution_metrics", {"metrics": SERVICE})
        yield client


@pytest.fixture
def uploaded(s3, community):
    """The community's files where the state machine's event says they are, among things to be skipped."""
    prefix = "runs/hrnn/r1/"
    s3.upload_file(str(community.train / "interactions.csv"), "data", f"{prefix}train/interactions/part.csv")
    s3.upload_file(str(community.holdout / "interactions.parquet"), "data", f"{prefix}holdout/part.parquet")
    s3.upload_file(str(community.answers[0]), "data", f"{prefix}recommendations/users.jsonl.out")
    s3.put_object(Bucket="data", Key=f"{prefix}recommendations/_CHECK", Body=b"not json")
    s3.put_object(Bucket="data", Key=f"{prefix}diagnosis.json", Body=json.dumps(DIAGNOSIS).encode())
    return s3


def table_keys(scenario, run_date, run_id) -> list[str]:
    where = f"v2/scenario={scenario}/run_date={run_date}/{run_id}"
    names = (name.partition(".") for name in TABLE_FILES)
    return [f"tables/{table}/{where}.{suffix}" for table, _, suffix in names]


def written(s3, prefix) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket="reports", Prefix=prefix).get("Contents", [])
    names = [entry["Key"] for entry in listed]
    return {
        name.removeprefix(prefix): s3.get_object(Bucket="reports", Key=name)["Body"].read() for name in names
    }


def test_a_run_is_measured_and_reported(uploaded, personalize, make_request):
    summary = evaluate_run(make_request(), uploaded, personalize)
    assert summary["outcome"] == "better"
    assert summary["users"] == 40
    assert summary["report"] == "s3://reports/reports/hrnn/r1/report.html"
    assert summary["metrics"] == "s3://reports/reports/hrnn/r1/metrics.json"
    assert summary["primary"]["metric"] == "ndcg@5"
    assert summary["primary"]["low"] > 0
    assert json.loads(json.dumps(summary)) == summary
    document = json.loads(written(uploaded, "reports/hrnn/r1/")["metrics.json"])
    assert document["verdict"] == summary["verdict"]
    assert document["primary"] == summary["primary"]
    assert document["service_metrics"] == SERVICE


def test_latest_is_the_same_as_the_run(uploaded, personalize, make_request):
    evaluate_run(make_request(), uploaded, personalize)
    own = written(uploaded, "reports/hrnn/r1/")
    assert sorted(own) == sorted(FILES)
    assert written(uploaded, "reports/hrnn/latest/") == own


def test_metrics_json_is_written_last_and_vouches_for_the_rest(uploaded, personalize, make_request):
    keys = []
    uploaded.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: keys.append(params["Key"])
    )
    evaluate_run(make_request(), uploaded, personalize)
    reports = [[f"reports/hrnn/{folder}/{name}" for name in FILES] for folder in ("r1", "latest")]
    assert keys == [*reports[0], *table_keys("hrnn", TODAY, "r1"), *reports[1]]
    own = written(uploaded, "reports/hrnn/r1/")
    vouched = json.loads(own["metrics.json"])["files"]
    assert vouched == {
        name: {"bytes": len(own[name]), "sha256": hashlib.sha256(own[name]).hexdigest()} for name in FILES[:3]
    }


def test_objects_have_types_that_browsers_open(uploaded, personalize, make_request):
    evaluate_run(make_request(), uploaded, personalize)
    head = uploaded.head_object(Bucket="reports", Key="reports/hrnn/r1/report.html")
    assert head["ContentType"] == "text/html; charset=utf-8"


def test_the_same_run_again_gives_the_same_bytes(uploaded, make_request):
    request = make_request(solution_version_arn=None)
    evaluate_run(request, uploaded, None)
    first = written(uploaded, "reports/hrnn/r1/")
    evaluate_run(request, uploaded, None)
    assert written(uploaded, "reports/hrnn/r1/") == first


def test_the_tables_hold_the_bytes_of_the_report(uploaded, personalize, make_request):
    evaluate_run(make_request(), uploaded, personalize)
    own, tables = written(uploaded, "reports/hrnn/r1/"), written(uploaded, "tables/")
    assert sorted(f"tables/{key}" for key in tables) == sorted(table_keys("hrnn", TODAY, "r1"))
    folder = f"v2/scenario=hrnn/run_date={TODAY}"
    assert tables[f"per_user/{folder}/r1.parquet"] == own["per_user.parquet"]
    assert tables[f"metrics_csv/{folder}/r1.csv"] == own["metrics.csv"]
    assert json.loads(own["metrics.json"])["run_date"] == TODAY


def test_a_run_that_is_evaluated_again_replaces_its_rows(uploaded, clock, make_request):
    request = make_request(solution_version_arn=None)
    evaluate_run(request, uploaded, None)
    first = written(uploaded, "tables/")
    clock(TOMORROW)
    again = make_request(solution_version_arn=None, facts={"started_at": "2026-11-25T00:00:01Z"})
    evaluate_run(again, uploaded, None)
    second = written(uploaded, "tables/")
    runs = f"runs/v2/scenario=hrnn/run_date={TODAY}/r1.parquet"
    assert set(second) == set(first)
    assert second[runs] != first[runs]
    assert json.loads(written(uploaded, "reports/hrnn/r1/")["metrics.json"])["run_date"] == TODAY


def test_a_run_of_a_version_without_dates_is_dated_today(uploaded, clock, make_request):
    old = json.dumps({"schema_version": "1.1", "run_id": "r1"})
    uploaded.put_object(Bucket="reports", Key="reports/hrnn/r1/metrics.json", Body=old)
    clock(TOMORROW)
    evaluate_run(make_request(solution_version_arn=None), uploaded, None)
    assert all(f"run_date={TOMORROW}/" in key for key in written(uploaded, "tables/"))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "not valid JSON"),
        (b'{"run_date": "24.11.2026"}', "run_date '24.11.2026', which is no date like 2026-11-24"),
        (b'{"run_date": 20261124}', "which is no date"),
    ],
)
def test_a_result_without_a_readable_date_is_named_and_nothing_is_written(uploaded, make_request, body, told):
    uploaded.put_object(Bucket="reports", Key="reports/hrnn/r1/metrics.json", Body=body)
    with pytest.raises(DataError, match=rf"s3://reports/reports/hrnn/r1/metrics\.json .*{told}"):
        evaluate_run(make_request(solution_version_arn=None), uploaded, None)
    assert written(uploaded, "tables/") == {}


def test_runs_that_end_at_the_same_instant_have_files_of_their_own(uploaded, make_request):
    ids = ["20261124-053655", "20261124-053655-1", "20261124_053655", "0", "x" * 80]
    for run_id in ids:
        evaluate_run(make_request(solution_version_arn=None, run_id=run_id), uploaded, None)
    runs = written(uploaded, f"tables/runs/v2/scenario=hrnn/run_date={TODAY}/")
    assert sorted(runs) == sorted(f"{run_id}.parquet" for run_id in ids)


def test_tables_that_cannot_be_written_leave_latest_as_it_was(uploaded, make_request, monkeypatch):
    def refuse(s3, path, location, **more):
        if location.key.startswith("tables/"):
            raise TaskError(f"Cannot write {location}")
        upload(s3, path, location, **more)

    monkeypatch.setattr(task, "upload", refuse)
    with pytest.raises(TaskError, match=r"s3://reports/tables/per_user/v2/scenario=hrnn/run_date="):
        evaluate_run(make_request(solution_version_arn=None), uploaded, None)
    assert written(uploaded, "reports/hrnn/latest/") == {}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("train/interactions/part.csv", r"\.csv file below s3://data/runs/hrnn/r1/train/interactions/"),
        ("holdout/part.parquet", r"\.parquet file below"),
        ("recommendations/users.jsonl.out", r"\.out file below"),
        ("diagnosis.json", r"diagnosis\.json"),
    ],
)
def test_a_missing_input_is_named_and_nothing_is_written(uploaded, personalize, make_request, key, told):
    uploaded.delete_object(Bucket="data", Key=f"runs/hrnn/r1/{key}")
    with pytest.raises(DataError, match=told):
        evaluate_run(make_request(), uploaded, personalize)
    assert written(uploaded, "reports/") == {}


def test_unusable_output_writes_nothing(uploaded, personalize, make_request):
    uploaded.put_object(
        Bucket="data",
        Key="runs/hrnn/r1/recommendations/zz.jsonl.out",
        Body=b'{"input":{"userId":"u01"}}\nnot json\n',
    )
    with pytest.raises(DataError, match=r"zz\.jsonl\.out, line 2"):
        evaluate_run(make_request(), uploaded, personalize)
    assert written(uploaded, "reports/") == {}


def test_full_temporary_storage_says_which_setting_to_raise(uploaded, personalize, make_request, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "download", full)
    with pytest.raises(TaskError, match="ephemeral_storage_mb"):
        evaluate_run(make_request(), uploaded, personalize)


@pytest.mark.parametrize("emulated", [False, True])
def test_a_run_with_prices_has_an_estimate_of_its_cost(uploaded, make_request, monkeypatch, emulated):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    prices = {"currency": "USD", "training_per_hour": 0.5, "batch_per_thousand": 0.1}
    request = make_request(prices=prices, facts={"imported": ["interactions"]})
    client = boto3.client("personalize", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    trained = {"recipeArn": "arn:aws:personalize:::recipe/aws-sims", "trainingHours": 2.0}
    with Stubber(client) as stub:
        stub.add_response("get_solution_metrics", {"metrics": SERVICE})
        stub.add_response("describe_solution_version", {"solutionVersion": trained})
        if emulated:
            monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        evaluate_run(request, uploaded, client)
        stub.assert_no_pending_responses()
    own = written(uploaded, "reports/hrnn/r1/")
    cost = json.loads(own["metrics.json"])["cost"]
    assert cost["charged"] is not emulated
    size = uploaded.head_object(Bucket="data", Key="runs/hrnn/r1/train/interactions/part.csv")[
        "ContentLength"
    ]
    assert [(item["name"], item["quantity"], item["amount"]) for item in cost["items"]] == [
        ("data imported", size / 10**9, None),
        ("training", 2.0, 1.0),
        ("batch recommendations", 0.04, pytest.approx(0.004)),
    ]
    assert cost["total"] == pytest.approx(1.004)
    assert ("nothing was charged on this machine" in own["report.html"].decode()) is emulated


class Context:
    """What the logger reads of Lambda's context."""

    function_name = "evaluate"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:evaluate"
    aws_request_id = "1"


def test_the_handler_answers_the_state_machine_and_emits_metrics(
    uploaded, personalize, event, monkeypatch, capsys
):
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "evaluate")
    monkeypatch.setattr(entry, "personalize", lambda: personalize)
    entry._s3.cache_clear()
    answer = entry.handler(event, Context())
    entry._s3.cache_clear()
    assert answer["outcome"] == "better"
    (emitted,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert emitted["scenario"] == "hrnn"
    assert emitted["PrimaryValue"] == [answer["primary"]["value"]]
    assert emitted["PrimaryDifference"] == [answer["primary"]["difference"]]
    assert emitted["BetterThanBaseline"] == [1]
    assert emitted["EvaluatedUsers"] == [40]
