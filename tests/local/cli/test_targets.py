"""The targets against moto's S3, CloudFormation and SSM, and against a scripted Step Functions."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError
from moto import mock_aws

from config import Settings, load_settings
from local.cli.aws_target import aws_target, require_bootstrap, unreachable
from local.cli.deployed_target import DeployedTarget
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.local_target import RUNNING_FILE, announce, find_running
from local.cli.raw_data import upload
from local.cli.target import Outputs

REGION = "us-east-1"
MACHINE = f"arn:aws:states:{REGION}:123456789012:stateMachine:pp-dev-hrnn"
OUTPUTS = {"DataBucket": "data", "ReportsBucket": "reports", "HrnnMachineArn": MACHINE}


def with_one_scenario(settings: Settings) -> Settings:
    """The settings with every scenario but `hrnn` switched off."""
    off = {
        name: block.model_copy(update={"enabled": False})
        for name, block in settings.scenarios.items()
        if name != "hrnn"
    }
    return settings.model_copy(update={"scenarios": settings.scenarios.model_copy(update=off)})


SETTINGS = with_one_scenario(load_settings("dev"))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.Session(region_name=REGION)


class States:
    """Step Functions with names that are taken and a history in pages, newest first."""

    def __init__(self, taken: set[str] = frozenset(), events: int = 0) -> None:
        self.taken, self.events, self.started, self.pages_read = taken, events, [], 0

    def start_execution(self, **request: Any) -> dict[str, Any]:
        if request.get("name") in self.taken:
            raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
        self.started.append(request)
        return {"executionArn": f"{request['stateMachineArn']}:{request.get('name', 'unnamed')}"}

    def get_paginator(self, _name: str) -> States:
        return self

    def paginate(self, **request: Any):
        assert request["reverseOrder"]
        size = request["PaginationConfig"]["PageSize"]
        for newest in range(self.events, 0, -size):
            self.pages_read += 1
            yield {"events": [{"id": number} for number in range(newest, max(newest - size, 0), -1)]}

    def describe_execution(self, **request: str) -> dict[str, Any]:
        if request["executionArn"].endswith(":execution:pp-dev-hrnn:still-running"):
            return {"status": "RUNNING", "startDate": 1}
        return {"status": "FAILED", "startDate": 1, "stopDate": 2, "error": "E", "cause": "c"}

    def get_schedule(self, **request: str) -> dict[str, Any]:
        assert request == {"Name": "pp-dev-hrnn"}
        return {"Target": {"Arn": MACHINE, "Input": '{"by": "schedule"}'}}


def target(states: States, **options: Any) -> DeployedTarget:
    return DeployedTarget(
        lambda _service: states, Outputs.read(OUTPUTS, SETTINGS), Path(), upload=lambda *_: None, **options
    )


def test_a_new_run_is_an_execution_of_its_name():
    states = States()
    assert target(states).start("hrnn", "r1") == f"{MACHINE}:r1"
    assert states.started == [{"stateMachineArn": MACHINE, "name": "r1", "input": '{"run_id": "r1"}'}]


def test_a_resumed_run_takes_the_next_free_name_and_keeps_its_run_id():
    run_id = "r" * 80
    states = States(taken={run_id, f"{'r' * 74}-2"})
    target(states).start("hrnn", run_id)
    (request,) = states.started
    assert request["name"] == f"{'r' * 74}-3"
    assert json.loads(request["input"]) == {"run_id": run_id}


def test_a_run_that_still_goes_on_is_not_started_again():
    states = States(taken={"still-running"})
    assert target(states).start("hrnn", "still-running").endswith(":execution:pp-dev-hrnn:still-running")
    assert states.started == []


def test_other_refusals_are_not_swallowed():
    states = States()
    states.start_execution = lambda **_: (_ for _ in ()).throw(
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "StartExecution")
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        target(states).start("hrnn", "r1")


@pytest.mark.parametrize(("after", "pages"), [(0, 3), (450, 1), (500, 1), (299, 2), (300, 1)])
def test_only_new_events_are_read(after, pages):
    states = States(events=500)
    events = target(states).history("arn", after)
    assert [event["id"] for event in events] == list(range(after + 1, 501))
    assert states.pages_read == pages


def test_a_failed_execution_is_described():
    execution = target(States()).describe("arn:x:r1")
    assert (execution.ended, execution.name, execution.error, execution.output) == (True, "r1", "E", None)


def test_a_schedule_is_fired_with_its_own_input_or_the_platforms_way():
    states = States()
    target(states).fire_schedule("hrnn")
    assert states.started == [{"stateMachineArn": MACHINE, "input": '{"by": "schedule"}'}]
    assert target(states, fire=lambda name: f"fired {name}").fire_schedule("hrnn") == "fired pp-dev-hrnn"


def test_the_report_folder_is_copied(session, tmp_path):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="reports")
    for key in ("r1/metrics.json", "r1/parts/a.csv", "r2/metrics.json"):
        s3.put_object(Bucket="reports", Key=f"reports/hrnn/{key}", Body=key.encode())
    outputs = Outputs.read(OUTPUTS, SETTINGS)
    folder = DeployedTarget(session.client, outputs, tmp_path, upload=lambda *_: None).fetch_report(
        "hrnn", "r1"
    )
    assert folder == tmp_path / "reports" / "hrnn" / "r1"
    found = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}
    assert found == {"metrics.json": "r1/metrics.json", "parts/a.csv": "r1/parts/a.csv"}


def test_the_rows_of_the_run_are_copied_beside_its_report(session, tmp_path):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="reports")
    s3.put_object(Bucket="reports", Key="reports/hrnn/r1/metrics.json", Body=b'{"run_date": "2026-11-24"}')
    folder = "v2/scenario=hrnn/run_date=2026-11-24"
    mine = [f"tables/runs/{folder}/r1.parquet", f"tables/metrics_csv/{folder}/r1.csv"]
    for key in (*mine, f"tables/runs/{folder}/r2.parquet"):
        s3.put_object(Bucket="reports", Key=key, Body=key.encode())
    outputs = Outputs.read(OUTPUTS, SETTINGS)
    DeployedTarget(session.client, outputs, tmp_path, upload=lambda *_: None).fetch_report("hrnn", "r1")
    copied = {str(file.relative_to(tmp_path)) for file in (tmp_path / "tables").rglob("*") if file.is_file()}
    assert copied == set(mine)
    assert (tmp_path / mine[0]).read_text() == mine[0]


def stack(session: boto3.Session, name: str, outputs: dict[str, str]) -> None:
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}},
        "Outputs": {key: {"Value": value} for key, value in outputs.items()},
    }
    session.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))


def test_the_deployed_stage_is_found_by_its_stacks(session, tmp_path):
    stack(session, "pp-dev-storage", {"DataBucket": "data", "ReportsBucket": "reports"})
    with pytest.raises(CommandError, match="stack pp-dev-pipelines is not there: deploy first"):
        aws_target(SETTINGS, tmp_path, lambda *_: None, session)
    stack(session, "pp-dev-pipelines", {"HrnnMachineArn": MACHINE})
    assert aws_target(SETTINGS, tmp_path, lambda *_: None, session) is not None


def test_stacks_without_the_outputs_ask_for_a_deployment(session, tmp_path):
    stack(session, "pp-dev-storage", {"DataBucket": "data", "ReportsBucket": "reports"})
    stack(session, "pp-dev-pipelines", {})
    with pytest.raises(CommandError, match="lack the outputs HrnnMachineArn: deploy them again") as caught:
        aws_target(SETTINGS, tmp_path, lambda *_: None, session)
    assert caught.value.code is ExitCode.ENVIRONMENT


def test_a_region_that_is_not_bootstrapped_is_said_so(session):
    with pytest.raises(CommandError, match="cdk bootstrap") as caught:
        require_bootstrap(session)
    assert caught.value.code is ExitCode.ENVIRONMENT
    session.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="28", Type="String")
    require_bootstrap(session)


def test_missing_credentials_are_told_from_a_missing_network():
    assert "set AWS_PROFILE" in str(unreachable(NoCredentialsError()))
    assert "set AWS_PROFILE" in str(unreachable(NoRegionError()))
    assert "set AWS_PROFILE" not in str(unreachable(EndpointConnectionError(endpoint_url="x")))


def table(folder: Path, name: str = "mine.csv") -> Path:
    file = folder / name
    file.write_text("USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n", encoding="utf-8")
    return file


def keys(s3: Any, bucket: str) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_local_raw_data_replace_what_was_there(session, tmp_path):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="raw/hrnn/interactions/old.csv", Body=b"")
    s3.put_object(Bucket="data", Key="raw/hrnn/other/kept.csv", Body=b"")
    upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path), existing="replace")
    assert keys(s3, "data") == ["raw/hrnn/interactions/mine.csv", "raw/hrnn/other/kept.csv"]


def test_titles_of_other_data_do_not_stay_behind_on_this_machine(session, tmp_path):
    """Items of the data before would lend their titles to items that happen to have the same ids."""
    s3 = session.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="raw/hrnn/items/items.csv", Body=b"")
    upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path), existing="keep")
    assert keys(s3, "data") == ["raw/hrnn/interactions/mine.csv", "raw/hrnn/items/items.csv"]
    upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path), existing="replace")
    assert keys(s3, "data") == ["raw/hrnn/interactions/mine.csv"]


def test_raw_data_on_aws_never_delete_nor_mix(session, tmp_path):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="raw/hrnn/interactions/theirs.csv", Body=b"")
    with pytest.raises(
        CommandError, match=r"holds other files \(raw/hrnn/interactions/theirs.csv and 0 more\)"
    ) as caught:
        upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path), existing="refuse")
    assert caught.value.code is ExitCode.DATA
    assert keys(s3, "data") == ["raw/hrnn/interactions/theirs.csv"]
    s3.delete_object(Bucket="data", Key="raw/hrnn/interactions/theirs.csv")
    upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path), existing="refuse")
    upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path), existing="refuse")
    assert keys(s3, "data") == ["raw/hrnn/interactions/mine.csv"]


def test_a_fired_schedule_keeps_the_data_that_are_there(session, tmp_path):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="data")
    for name in ("first.csv", "second.csv"):
        upload(s3, "data", SETTINGS.scenarios.hrnn, table(tmp_path, name), existing="keep")
    assert keys(s3, "data") == ["raw/hrnn/interactions/first.csv"]


def test_raw_data_in_another_bucket_get_it_made_locally(session, tmp_path):
    file = tmp_path / "other.yaml"
    file.write_text(
        "stage: dev\nscenarios: {hrnn: {data: {interactions: {location: 's3://other-bucket/in/'}}}}",
        encoding="utf-8",
    )
    s3 = session.client("s3")
    upload(s3, "data", load_settings(file).scenarios.hrnn, table(tmp_path), existing="replace")
    assert keys(s3, "other-bucket") == ["in/mine.csv"]


PLATFORM = SimpleNamespace(endpoint_url="http://127.0.0.1:1", output=OUTPUTS.__getitem__)


def answering(_endpoint: str, region: str) -> Any:
    assert region == REGION
    return lambda _service: SimpleNamespace(get_caller_identity=dict)


def silent(_endpoint: str, _region: str) -> Any:
    def no_answer() -> None:
        raise EndpointConnectionError(endpoint_url="x")

    return lambda _service: SimpleNamespace(get_caller_identity=no_answer)


def test_a_running_platform_is_found_while_it_answers(tmp_path):
    assert find_running(SETTINGS, tmp_path, answering) is None
    announce(PLATFORM, SETTINGS, tmp_path)
    found = find_running(SETTINGS, tmp_path, answering)
    assert found is not None
    assert found.endpoint_url == PLATFORM.endpoint_url
    assert found.outputs == Outputs.read(OUTPUTS, SETTINGS)
    assert find_running(SETTINGS, tmp_path, silent) is None


def test_a_platform_with_other_settings_is_not_used(tmp_path):
    announce(PLATFORM, SETTINGS, tmp_path)
    with pytest.raises(CommandError, match="with other settings is running"):
        find_running(load_settings("prod"), tmp_path, answering)


@pytest.mark.parametrize("text", ["{", "[]", '{"pid": 1}'])
def test_an_announcement_of_another_version_is_ignored(text, tmp_path):
    (tmp_path / RUNNING_FILE).write_text(text, encoding="utf-8")
    assert find_running(SETTINGS, tmp_path, answering) is None
