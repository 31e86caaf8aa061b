"""The other four scenarios, each from the template to its report, and failed at every state on the way."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from moto.sns.models import sns_backends

from local.functions import FunctionRuntime
from local.functions.outcome import failure

pytestmark = pytest.mark.e2e

SCENARIOS = ("hrnn", "sims", "metadata", "coldstart", "put_events")
USERS, EVENTS, ITEMS = 120, 40, 60
START = 1_600_000_000
GENRES = ("Comedy", "Drama", "Western")
# How many imports, trainings and batch jobs a run needs when nothing is done twice.
NEEDED = {
    "hrnn": (1, 1, 1),
    "sims": (1, 1, 1),
    "metadata": (3, 2, 2),
    "coldstart": (2, 1, 3),
    "put_events": (1, 1, 0),
}


def write(path: Path, header: str, rows: Iterator[tuple[Any, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def interactions() -> Iterator[tuple[str, str, int]]:
    """Every user likes one genre and walks through its items in order from a random place."""
    chance = random.Random(11)
    for user in range(USERS):
        genre, place, moment = user % 3, chance.randrange(ITEMS // 3), START + chance.randrange(10_000)
        for _ in range(EVENTS):
            yield f"u{user:03d}", f"i{genre + 3 * place:03d}", moment
            place, moment = (
                (place + chance.choice((1, 1, 2))) % (ITEMS // 3),
                moment + chance.randrange(60, 6000),
            )


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Callable[[str], dict[str, Path]]:
    """The files of every scenario, with titles that a page must escape."""
    folder = tmp_path_factory.mktemp("scenarios")
    rows = list(interactions())
    keys = "USER_ID,ITEM_ID,TIMESTAMP"
    plain = write(folder / "plain.csv", keys, iter(rows))
    typed = write(folder / "typed.csv", f"{keys},EVENT_TYPE", ((*row, "watch") for row in rows))
    valued = write(
        folder / "valued.csv",
        f"{keys},EVENT_TYPE,EVENT_VALUE",
        ((*row, "watch", 1 + index % 5) for index, row in enumerate(rows)),
    )
    items = write(
        folder / "items.csv",
        "ITEM_ID,TITLE,GENRES",
        ((f"i{item:03d}", f'"<b>Title</b>, {item} 🎬"', GENRES[item % 3]) for item in range(ITEMS)),
    )
    users = write(
        folder / "users.csv",
        "USER_ID,AGE,GENDER,OCCUPATION",
        ((f"u{user:03d}", 20 + user % 3, "F" if user % 2 else "M", "artist") for user in range(USERS + 5)),
    )

    def files(scenario: str) -> dict[str, Path]:
        return {
            "hrnn": {"interactions": plain},
            "sims": {"interactions": plain, "items": items},
            "metadata": {"interactions": valued, "items": items, "users": users},
            "coldstart": {"interactions": plain, "items": items},
            "put_events": {"interactions": typed, "items": items},
        }[scenario]

    return files


@pytest.fixture(scope="module")
def runner(make_runner, raw):
    made = make_runner()
    for scenario in SCENARIOS:
        for dataset, path in raw(scenario).items():
            made.put_raw_data(path, scenario, dataset)
    return made


@dataclass
class Faults:
    """Fails the next call of a function whose event holds these members, once."""

    function: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)
    fired: bool = False

    def order(self, function: str, members: Mapping[str, Any]) -> None:
        self.function, self.members, self.fired = function, members, False

    def strikes(self, function: str, event: Mapping[str, Any]) -> bool:
        if not self.function or self.function not in function or not _holds(event, self.members):
            return False
        self.function, self.fired = "", True
        return True


def _holds(event: Any, members: Any) -> bool:
    if isinstance(members, dict):
        return isinstance(event, dict) and all(
            key in event and _holds(event[key], value) for key, value in members.items()
        )
    return bool(event == members)


def literal_members(value: Any) -> Any:
    """The part of a task's event that is not an expression: by it a state's calls are known."""
    if isinstance(value, dict):
        kept = {key: literal_members(each) for key, each in value.items() if key not in ("tags", "facts")}
        return {key: each for key, each in kept.items() if each not in (None, {}, [])}
    if isinstance(value, str) and not value.startswith("{%"):
        return value
    return None


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    faults, original = Faults(), FunctionRuntime.invoke

    def invoke(self: FunctionRuntime, function: Any, payload: bytes) -> Any:
        if faults.strikes(function.function_name, json.loads(payload)):
            return failure("InjectedError", "failed on purpose")
        return original(self, function, payload)

    patch = pytest.MonkeyPatch()
    patch.setattr(FunctionRuntime, "invoke", invoke)
    yield faults
    patch.undo()


def lambda_states(definition: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, function and literal event of every state that calls a function, inside Maps too."""
    for name, state in definition["States"].items():
        if state["Type"] == "Map":
            yield from lambda_states(state["ItemProcessor"])
        elif state["Type"] == "Task" and state["Resource"].endswith("lambda:invoke"):
            arguments = state["Arguments"]
            yield name, arguments["FunctionName"].split(":")[6], literal_members(arguments["Payload"]) or {}


def live(runner) -> list[str]:
    """Campaigns and trackers that are there, and not on their way out."""
    found = [
        *((each["campaignArn"], each["status"]) for each in runner.personalize.list_campaigns()["campaigns"]),
        *(
            (each["eventTrackerArn"], each["status"])
            for each in runner.personalize.list_event_trackers()["eventTrackers"]
        ),
    ]
    return [arn for arn, status in found if not status.startswith("DELETE")]


def definition_of(runner, scenario: str) -> dict[str, Any]:
    machine = "".join(part.title() for part in scenario.split("_"))
    arn = runner.platform.output(f"{machine}MachineArn")
    return json.loads(runner.sfn.describe_state_machine(stateMachineArn=arn)["definition"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_run_that_fails_at_every_state_ends_failed_each_time_and_then_completes_without_training_twice(
    runner, faults, scenario
):
    before = runner.trained()
    run_id, struck, executions = f"{scenario}-often".replace("_", "-"), [], 0
    for name, function, members in lambda_states(definition_of(runner, scenario)):
        if name == "Record failure" or "after failure" in name:
            continue
        faults.order(function, members)
        executions += 1
        execution = runner.run(f"{run_id}-{executions}", {"run_id": run_id}, scenario)
        if not faults.fired:
            # A loop that was not entered: what it waits for was there at the first look.
            assert name.startswith(("Describe", "Remove campaigns")), name
            continue
        struck.append(name)
        if name == "Update report index":
            # The page of all runs may be late; that costs nobody a result.
            assert (execution.status, execution.error) == ("SUCCEEDED", None)
            assert (
                "could not be updated (InjectedError): failed on purpose" in execution.output["index"]["line"]
            )
            continue
        assert (execution.status, execution.error) == ("FAILED", "InjectedError"), name
        assert "failed on purpose" in execution.cause
        account = runner.report(f"reports/{scenario}/{run_id}/failure-{run_id}-{executions}.json")
        assert account["reason"] == "failed on purpose"
        assert live(runner) == [], name
    faults.order("", {})
    last = runner.run(f"{run_id}-last", {"run_id": run_id}, scenario)
    assert (last.status, last.cause) == ("SUCCEEDED", None)
    assert last.output["run_id"] == run_id
    assert live(runner) == []
    done = tuple(after - earlier for after, earlier in zip(runner.trained(), before, strict=True))
    assert done == NEEDED[scenario]
    assert {"Split data", "Evaluate", "Create solution version", "Update report index"} <= set(struck)


def test_the_page_of_all_runs_shows_every_scenario_and_the_latest_verdict(runner):
    page = runner.page("reports/index.html")
    for scenario in SCENARIOS:
        run_id = f"{scenario}-often".replace("_", "-")
        assert f'href="{scenario}/{run_id}/report.html"' in page
        assert escape(runner.report(f"reports/{scenario}/latest/metrics.json")["verdict"]) in page
    # put_events writes down whose histories it changes: a file that makes no run.
    assert page.count("<tr data-scenario=") == len(SCENARIOS)


def test_a_failure_whose_index_cannot_be_updated_is_announced_all_the_same(runner, faults):
    faults.order("PublishIndex", {"scenario": "hrnn"})
    failed = runner.run("unlisted", {"run_id": "../other"})
    assert faults.fired
    assert (failed.status, failed.error) == ("FAILED", "RequestError")
    assert failed.states[-3:] == ("Update report index after failure", "Announce failure", "Failed")
    (topic,) = sns_backends["123456789012"]["us-east-1"].topics.values()
    _, message, *_ = topic.sent_notifications[-1]
    reason = "The index of all runs could not be updated (InjectedError): failed on purpose"
    assert message == f"{failed.cause}\n{reason}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_report_answers_the_scenarios_question(runner, scenario):
    document = runner.report(f"reports/{scenario}/latest/metrics.json")
    assert document["scenario"] == scenario
    assert document["outcome"] in {"better", "not_better", "cannot_tell"}
    assert document["verdict"].endswith(document["outcome"].replace("_", " "))
    page = runner.page(f"reports/{scenario}/latest/report.html")
    assert "<b>Title</b>" not in page
    if scenario in {"sims", "put_events"}:
        assert "&lt;b&gt;Title&lt;/b&gt;" in page


def test_a_model_of_sequences_wins_where_users_walk_in_order(runner):
    assert runner.report("reports/hrnn/latest/metrics.json")["outcome"] == "better"
    assert runner.report("reports/sims/latest/metrics.json")["outcome"] == "better"


def test_events_draw_one_users_list_towards_the_others(runner):
    document = runner.report("reports/put_events/latest/metrics.json")
    assert document["outcome"] == "better"
    assert document["primary"]["low"] > 0


def test_metadata_is_compared_with_the_same_recipe_without_it(runner):
    document = runner.report("reports/metadata/latest/metrics.json")
    assert document["reference_variant"] == "without_metadata"
    assert document["primary"]["baseline"] == "without_metadata"


def test_every_call_of_all_five_scenarios_was_allowed(runner):
    assert [call for call in runner.platform.authorizer.calls() if call.verdict != "allowed"] == []


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(
    ("action", "stage"), [("states:ListExecutions", "begin"), ("sns:Publish", "Announce result")]
)
def test_states_that_call_no_function_fail_the_run_like_any_other(runner, scenario, action, stage):
    """The last two kinds of states: looking for another run, and publishing."""
    before, run_id = runner.trained(), f"{scenario}-often".replace("_", "-")
    execution = f"{run_id}-{stage.split()[0].lower()}"
    with forbidden(runner.platform, action):
        failed = runner.run(execution, {"run_id": run_id}, scenario)
    assert failed.status == "FAILED"
    assert action in failed.cause
    account = runner.report(f"reports/{scenario}/{run_id}/failure-{execution}.json")
    assert account["stage"] == stage
    assert live(runner) == []
    resumed = runner.run(f"{execution}-mended", {"run_id": run_id}, scenario)
    assert (resumed.status, resumed.cause) == ("SUCCEEDED", None)
    assert runner.trained() == before
    assert live(runner) == []


@contextmanager
def forbidden(platform, action: str) -> Iterator[None]:
    """Take an action out of every role's policies for as long as the block lasts."""
    iam, kept, removed = platform.clients("iam"), [], 0
    for role in iam.list_roles()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            policy = {"RoleName": role["RoleName"], "PolicyName": name}
            document = iam.get_role_policy(**policy)["PolicyDocument"]
            kept.append((policy, json.dumps(document)))
            for statement in document["Statement"]:
                listed = (
                    statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                )
                removed += action in listed
                statement["Action"] = [each for each in listed if each != action] or ["none:None"]
            iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))
    assert removed, f"no policy allows {action}"
    yield
    for policy, document in kept:
        iam.put_role_policy(**policy, PolicyDocument=document)


def test_what_a_stopped_execution_leaves_is_removed_by_the_next_run(make_runner, raw):
    runner = make_runner(speed=500.0)
    for dataset, path in raw("put_events").items():
        runner.put_raw_data(path, "put_events", dataset)
    arn = runner.start("stopped", {}, "put_events")
    wait_for(runner, arn, "Replay events")
    runner.sfn.stop_execution(executionArn=arn, error="Stopped", cause="by hand")
    assert any(":campaign/" in each for each in live(runner))
    finished = runner.run("next", {}, "put_events")
    assert (finished.status, finished.cause) == ("SUCCEEDED", None)
    assert live(runner) == []


def test_an_execution_that_is_refused_leaves_the_running_ones_campaign_and_tracker_alone(make_runner, raw):
    runner = make_runner(speed=500.0)
    for dataset, path in raw("put_events").items():
        runner.put_raw_data(path, "put_events", dataset)
    first = runner.start("one", {}, "put_events")
    wait_for(runner, first, "Replay events")
    assert len(live(runner)) == 2
    # The same run, started once more: the worst case, since campaigns are found by the run.
    refused = runner.run("one-again", {"run_id": "one"}, "put_events")
    assert (refused.status, refused.error) == ("FAILED", "AnotherRunAtWork")
    finished = runner.wait(first)
    assert (finished.status, finished.cause) == ("SUCCEEDED", None)
    assert live(runner) == []


def wait_for(runner, execution_arn: str, state: str) -> None:
    deadline = time.monotonic() + 60
    while state not in runner.states(execution_arn):
        assert time.monotonic() < deadline, runner.states(execution_arn)
        time.sleep(0.05)


def test_items_without_a_usable_feature_end_the_run_with_that_sentence(make_runner, raw, tmp_path):
    runner = make_runner()
    for scenario in ("metadata", "coldstart"):
        for dataset, path in raw(scenario).items():
            runner.put_raw_data(path, scenario, dataset)
        bare = write(
            tmp_path / "items.csv",
            "ITEM_ID,TITLE,GENRES",
            ((f"i{item:03d}", "t", "") for item in range(ITEMS)),
        )
        runner.put_raw_data(bare, scenario, "items")
        failed = runner.run(f"{scenario}-bare", {}, scenario)
        assert (failed.status, failed.error) == ("FAILED", "DataError")
        assert "GENRES" in failed.cause
    assert runner.trained() == (0, 0, 0)


def test_two_scenarios_can_share_a_dataset_group_and_then_take_turns(make_runner, settings_with, raw):
    runner = make_runner(settings_with({"dataset_group_of": "hrnn"}, "sims"), speed=500.0)
    for scenario in ("hrnn", "sims"):
        for dataset, path in raw(scenario).items():
            runner.put_raw_data(path, scenario, dataset)
    first = runner.start("turn-1")
    wait_for(runner, first, "Create solution version")
    refused = runner.run("turn-2", {}, "sims")
    assert (refused.status, refused.error) == ("FAILED", "AnotherRunAtWork")
    assert "turn-1" in refused.cause
    assert runner.wait(first).status == "SUCCEEDED"
    second = runner.run("turn-3", {}, "sims")
    assert (second.status, second.cause) == ("SUCCEEDED", None)
    assert runner.count("list_dataset_groups", "datasetGroups") == 1
    assert runner.trained() == (2, 2, 2)
