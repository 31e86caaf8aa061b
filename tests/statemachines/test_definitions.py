"""Properties of the state machines: valid, bounded, and with one way to fail."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from config import load_settings
from config.jsii import NODE
from local.node import PROGRAMS

POLLED = (
    "dataset group",
    "interactions dataset",
    "interactions import",
    "solution",
    "solution version",
    "batch inference",
)
INDEX_STATES = {
    "Update report index": "Announce result",
    "Update report index after failure": "Announce failure",
}
MAX_HISTORY = 25_000
# Entered and exited of Wait and Choice, and the five events of a Lambda task that succeeds at once.
EVENTS_PER_POLL = 2 + 2 + 5 + 2


@pytest.fixture(scope="module")
def definition(assembly) -> dict[str, Any]:
    return assembly.definitions()["pp-dev-hrnn"]


def tasks(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, state) for name, state in definition["States"].items() if state["Type"] == "Task")


def successors(state: dict[str, Any]) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    for branch in (*state.get("Choices", []), *state.get("Catch", [])):
        yield branch["Next"]


def test_asl_validator_finds_nothing(assembly, tmp_path):
    definitions = assembly.definitions()
    assert definitions
    for name, definition in definitions.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(definition))
        checked = subprocess.run(
            [NODE, PROGRAMS / "asl-validator", "--json-path", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_asl_validator_would_find_a_state_that_leads_nowhere(definition, tmp_path):
    broken = json.loads(json.dumps(definition))
    broken["States"]["Begin run"]["Next"] = "Nowhere"
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken))
    checked = subprocess.run(
        [NODE, PROGRAMS / "asl-validator", "--json-path", path], capture_output=True, text=True, check=False
    )
    assert checked.returncode != 0


def test_every_state_can_be_reached_and_leads_on_or_ends(definition):
    states, reached, ahead = definition["States"], set(), [definition["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(successors(states[name]))
    assert reached == set(states)
    for name, state in states.items():
        assert state["Type"] in {"Succeed", "Fail"} or list(successors(state)), name


def test_there_is_one_way_to_succeed_and_one_way_to_fail(definition):
    ends = {
        kind: [n for n, s in definition["States"].items() if s["Type"] == kind]
        for kind in ("Succeed", "Fail")
    }
    assert ends == {"Succeed": ["Done"], "Fail": ["Failed"]}
    assert not [name for name, state in definition["States"].items() if state.get("End")]


def test_every_task_before_the_failure_path_leads_every_error_to_it(definition):
    for name, task in tasks(definition):
        catch = task["Catch"]
        assert catch[-1]["ErrorEquals"] == ["States.ALL"], name
        if name not in {"Record failure", "Announce failure", *INDEX_STATES}:
            assert catch[-1]["Next"] == "Record failure", name
            assert set(catch[-1]["Assign"]["failure"]) == {"stage", "error", "cause"}, name


def test_the_failure_path_ends_failed_even_when_it_fails_itself(definition):
    states = definition["States"]
    assert states["Record failure"]["Next"] == "Update report index after failure"
    assert states["Record failure"]["Catch"][0]["Next"] == "Update report index after failure"
    assert states["Announce failure"]["Next"] == "Failed"
    assert states["Announce failure"]["Catch"][0]["Next"] == "Failed"


def test_every_machine_updates_the_index_at_both_ends_and_goes_on_when_it_cannot(assembly):
    for name, definition in assembly.definitions().items():
        states = definition["States"]
        assert states["Evaluate done"]["Next"] == "Update report index", name
        for index, then in INDEX_STATES.items():
            state = states[index]
            assert state["Next"] == then, name
            (catch,) = state["Catch"]
            assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], then), name
            # The message is made of this variable: it must be there on either way.
            assert set(catch["Assign"]) == set(state["Assign"]) == {"index"}, name
            assert "$index.line" in states[then]["Arguments"]["Message"], name


def test_lambda_tasks_are_tried_again_with_jitter_when_lambda_or_the_service_asks_for_it(definition):
    called = [(name, task) for name, task in tasks(definition) if task["Resource"].endswith("lambda:invoke")]
    assert len(called) > 10
    for name, task in called:
        assert all(retry["JitterStrategy"] == "FULL" for retry in task["Retry"]), name
        errors = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
        assert "Lambda.TooManyRequestsException" in errors, name
        assert ("ServiceNotReadyError" in errors) is (name != "Record failure"), name
        # A failed training must never be repeated by a retry: only waiting and Lambda's own trouble are.
        assert not errors & {"States.ALL", "States.TaskFailed", "States.Timeout"}, name


@pytest.mark.parametrize("title", POLLED)
def test_polling_waits_then_describes_then_decides(definition, title):
    states = definition["States"]
    decide = states[f"{title} ready?"]
    assert states[f"Create {title}"]["Next"] == f"{title} ready?"
    assert [choice["Next"] for choice in decide["Choices"]] == [f"{title} active", "Record failure"]
    assert decide["Default"] == f"Wait for {title}"
    assert states[f"Wait for {title}"]["Next"] == f"Describe {title}"
    assert states[f"Describe {title}"]["Next"] == f"{title} ready?"
    assert "timeout in the settings" in states[f"Describe {title}"]["Assign"]["failure"]


def test_the_longest_run_stays_below_the_limit_of_history_events():
    polling = load_settings("dev").scenarios.hrnn.polling
    assert sum(poll.max_polls for _, poll in polling.items()) * EVENTS_PER_POLL < MAX_HISTORY


def test_the_machine_has_a_timeout_and_speaks_jsonata_throughout(definition):
    assert definition["TimeoutSeconds"] > 0
    assert definition["QueryLanguage"] == "JSONata"
    text = json.dumps(definition)
    assert not re.search(r'"[A-Za-z]+\.\$":', text)
    for field in ("InputPath", "ResultPath", "OutputPath", "Parameters", "ResultSelector"):
        assert f'"{field}"' not in text


def test_automatic_training_is_always_stated(definition):
    request = definition["States"]["Create solution"]["Arguments"]["Payload"]["request"]
    assert request["performAutoTraining"] is False


def test_the_held_out_future_is_never_imported(definition):
    request = definition["States"]["Create interactions import"]["Arguments"]["Payload"]["request"]
    assert request["dataSource"] == {"dataLocation": "{% $split.train %}"}
    assert "holdout" not in json.dumps(request)


def test_items_that_are_not_imported_may_be_missing_and_only_tell_titles(assembly):
    definitions = assembly.definitions()
    required = {
        scenario: {
            name: dataset["required"]
            for name, dataset in definitions[f"pp-dev-{scenario}"]["States"]["Split data"]["Arguments"][
                "Payload"
            ].items()
            if isinstance(dataset, dict) and "schema" in dataset
        }
        for scenario in ("hrnn", "sims", "coldstart", "put-events")
    }
    assert required == {
        "hrnn": {"interactions": True, "items": False},
        "sims": {"interactions": True, "items": False},
        "coldstart": {"interactions": True, "items": True},
        "put-events": {"interactions": True, "items": False},
    }
    assert not [name for name in definitions["pp-dev-hrnn"]["States"] if "items" in name]


def test_evaluation_is_told_prices_titles_and_what_is_billed(assembly):
    definitions = assembly.definitions()
    hrnn, put_events = (
        definitions[f"pp-dev-{scenario}"]["States"]["Evaluate"]["Arguments"]["Payload"]
        for scenario in ("hrnn", "put-events")
    )
    assert hrnn["prices"]["currency"] == "USD"
    assert hrnn["prices"]["training_per_hour"] == 0.24
    assert hrnn["catalogue"] == "{% $split.catalogue %}"
    assert hrnn["evaluation"]["examples"] == 3
    assert hrnn["facts"]["imported"] == ["interactions"]
    assert "campaign" not in hrnn["facts"]
    assert put_events["facts"]["campaign"] == {"minProvisionedTPS": 1}


def test_an_execution_that_is_refused_undoes_nothing(assembly):
    """What the failure path of put_events deletes belongs, at that moment, to the execution that goes on."""
    states = assembly.definitions()["pp-dev-put-events"]["States"]
    assert states["Look for a run at work"]["Catch"][0]["Next"] == "Record failure"
    assert states["Alone?"]["Choices"][0]["Next"] == "Record failure"
    assert states["Split data"]["Catch"][0]["Next"] == "Begin to delete campaign after failure"
