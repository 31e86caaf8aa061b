from __future__ import annotations

import errno
import hashlib
import json

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.evaluate import fetching
from lambdas.evaluate import handler as entry
from lambdas.evaluate.task import evaluate_run
from lambdas.shared.errors import DataError, TaskError

REGION = "eu-west-1"
FILES = ("report.html", "metrics.csv", "per_user.parquet", "metrics.json")
SERVICE = {"coverage": 0.4893, "precision_at_5": 0.001}
DIAGNOSIS = {"counts": {"rows_read": 240}, "warnings": []}


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
    assert keys == [f"reports/hrnn/{folder}/{name}" for folder in ("r1", "latest") for name in FILES]
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
