"""Starting a run and staying with it until its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from config import Settings
from config.problems import did_you_mean
from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.follower import AWS_PAUSE, LOCAL_PAUSE, follow
from local.cli.outcome import sentence_of, show_ended
from local.cli.renderer import renderer_for
from local.cli.results import REPORT_FILE
from local.cli.runs import RunLog, RunRecord, new_run_id
from local.cli.target import Execution, RunTarget

ALL = "all"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked for. `options` are the words with which the same run is asked for again."""

    scenario: str
    stage: str
    options: str = ""
    data: Path | None = None
    run_id: str | None = None
    new: bool = False
    aws: bool = False

    @property
    def data_name(self) -> str | None:
        """The data as the run log remembers it."""
        return str(self.data.resolve()) if self.data else None

    def command(self, run_id: str) -> str:
        """The command that resumes the run, or follows it when it still goes on."""
        return f"pipelines run {self.scenario} --run-id {run_id}{self.options}"


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a run as the command reports it: what came out in a sentence, and the page, if there is one."""

    code: ExitCode
    page: Path | None
    scenario: str
    sentence: str


def scenarios_asked_for(settings: Settings, scenario: str, run_id: str | None) -> list[str]:
    """The scenario that was named, or `all` that are switched on. A run id belongs to one scenario."""
    if scenario != ALL:
        return [scenario]
    if run_id is not None:
        raise CommandError("--run-id names a run of one scenario: name the scenario, too", ExitCode.USAGE)
    enabled = list(settings.enabled_scenarios())
    if not enabled:
        raise CommandError("every scenario is switched off in the settings", ExitCode.USAGE)
    return enabled


def check_request(settings: Settings, request: RunRequest) -> None:
    """Raises CommandError for what can be known to be wrong before anything is started."""
    scenarios = dict(settings.scenarios.items())
    if request.scenario not in scenarios:
        hint = did_you_mean(request.scenario, scenarios) or f" There are: {', '.join(scenarios)}."
        raise CommandError(f"there is no scenario {request.scenario!r}.{hint}", ExitCode.USAGE)
    if not scenarios[request.scenario].enabled:
        message = f"scenario {request.scenario} is switched off in the settings (scenarios.{request.scenario}.enabled)"
        raise CommandError(message, ExitCode.USAGE)
    if request.data is not None and not request.data.exists():
        raise CommandError(f"{request.data} does not exist: give a file or folder of data", ExitCode.DATA)
    if request.run_id is not None:
        try:
            RunLocations.of(
                scenario=request.scenario, run_id=request.run_id, data_bucket="b", reports_bucket="b"
            )
        except RequestError as error:
            raise CommandError(str(error), ExitCode.USAGE) from error


def choose_run(request: RunRequest, log: RunLog, console: Console) -> str:
    """The run that was named, or the one that was interrupted, or a new one."""
    if request.run_id:
        return request.run_id
    interrupted = None
    if not request.new and not request.aws:
        interrupted = log.interrupted(request.scenario, request.stage, request.data_name)
    if interrupted is None:
        return new_run_id()
    console.print(
        f"Resuming run {interrupted.run_id}, which was interrupted (--new starts afresh).", markup=False
    )
    return interrupted.run_id


def run(console: Console, target: RunTarget, log: RunLog, request: RunRequest) -> Ended:
    """Upload what is to be uploaded, start, follow, report."""
    run_id = choose_run(request, log, console)
    if request.data is not None or not request.aws:
        target.upload(request.scenario, request.data)
    record = log.begin(
        RunRecord(request.scenario, request.stage, run_id, request.data_name, on_aws=request.aws)
    )
    arn = target.start(request.scenario, run_id)
    return stay(console, target, log, request=request, record=record, arn=arn)


def fire(console: Console, target: RunTarget, log: RunLog, request: RunRequest) -> Ended:
    """Start what the schedule starts; the run is named after the execution."""
    if not request.aws:
        target.upload(request.scenario, None, keep=True)
    arn = target.fire_schedule(request.scenario)
    run_id = arn.rsplit(":", 1)[-1]
    record = log.begin(RunRecord(request.scenario, request.stage, run_id, None, on_aws=request.aws))
    return stay(console, target, log, request=request, record=record, arn=arn)


def stay(
    console: Console, target: RunTarget, log: RunLog, *, request: RunRequest, record: RunRecord, arn: str
) -> Ended:
    """Follow the execution to its end. Ctrl-C leaves it, and says how to come back."""
    console.print(
        f"Scenario {record.scenario}, run {record.run_id}, stage {record.stage} "
        f"({'AWS' if request.aws else 'this machine'})",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    command = request.command(record.run_id)
    try:
        with renderer_for(console) as renderer:
            execution = follow(target, arn, renderer.show, pause=AWS_PAUSE if request.aws else LOCAL_PAUSE)
    except KeyboardInterrupt:
        if target.outlives_command:
            message = f"No longer watching, but the run goes on ({arn}). Watch it again: {command}"
        else:
            message = f"Interrupted. Finished steps are kept; resume: {command}"
        raise CommandError(message, ExitCode.INTERRUPTED) from None
    return _end(console, target, log, record=record, execution=execution, command=command)


def _end(
    console: Console, target: RunTarget, log: RunLog, *, record: RunRecord, execution: Execution, command: str
) -> Ended:
    folder = target.fetch_report(record.scenario, record.run_id)
    log.end(record, execution.status)
    code = show_ended(console, execution, folder, command)
    page = folder / REPORT_FILE
    sentence = sentence_of(execution, folder)
    return Ended(code, page if page.is_file() else None, record.scenario, sentence)
