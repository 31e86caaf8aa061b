"""State machines as this product writes them, run through the API."""

import re

import pytest
from botocore.exceptions import ClientError

from tests.local.host_fixtures.host import pass_state


def test_input_and_context_reach_an_output(host):
    done = host.run(
        pass_state(
            {
                "n": "{% $states.input.n %}",
                "run": "{% $states.context.Execution.Name %}",
                "id": "{% $states.context.Execution.Id %}",
                "started": "{% $states.context.Execution.StartTime %}",
                "entered": "{% $states.context.State.EnteredTime %}",
                "state": "{% $states.context.State.Name %}",
                "machine": "{% $states.context.StateMachine.Id %}",
                "age": "{% $millis() - $toMillis($states.context.Execution.StartTime) %}",
            }
        ),
        {"n": 1},
        name="run-1",
    )
    output = done["output"]
    assert (output["n"], output["run"], output["state"]) == (1, "run-1", "P")
    assert output["id"] == done["executionArn"]
    assert output["machine"] == done["stateMachineArn"]
    for moment in (output["started"], output["entered"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
    assert 0 <= output["age"] < 60_000


def test_variables_keep_any_json_value_for_later_states(host):
    value = {"quote": 'a "b" \\ c', "null": None, "list": [1, "x", {}], "text": "{% not evaluated %}"}
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"kept": "{% $states.input %}"}, "Next": "B"},
            "B": {
                "Type": "Pass",
                "Assign": {"word": "{% $kept.quote %}"},
                "Output": {"other": "thing"},
                "Next": "C",
            },
            "C": {"Type": "Pass", "Output": {"kept": "{% $kept %}", "word": "{% $word %}"}, "End": True},
        },
    }
    done = host.run(definition, value)
    assert done["output"] == {"kept": value, "word": value["quote"]}


def test_output_does_not_see_what_the_same_state_assigns(host):
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": 1}, "Next": "B"},
            "B": {
                "Type": "Pass",
                "Assign": {"x": "{% $x + 1 %}", "y": "{% $x + 10 %}"},
                "Output": "{% [$x, $y] %}",
                "Next": "C",
            },
            "C": {
                "Type": "Pass",
                "Output": {"seen": "{% $states.input %}", "now": "{% [$x, $y] %}"},
                "End": True,
            },
        },
    }
    assert host.run(definition)["output"] == {"seen": [1, 1], "now": [2, 11]}


@pytest.mark.parametrize("value", ["text", None, 1, [], {"a": None}])
def test_the_output_of_an_execution_is_json(host, value):
    assert host.run(pass_state("{% $states.input.v %}"), {"v": value})["output"] == value


@pytest.mark.parametrize(
    "literal",
    [
        'a "q" b',
        "line\nbreak\ttab \\ back",
        "ünï 日本 😀",
        {'k "q"': "{}", "Next": None, "😀": [1, 2.5, True, {}], "empty": []},
    ],
)
def test_literals_of_a_definition_are_kept(host, literal):
    assert host.run(pass_state({"it": literal}))["output"] == {"it": literal}


def test_state_names_and_expressions_may_hold_any_character(host):
    states = {
        'Ü "q" 😀': {"Type": "Pass", "Output": "{% 'ä\" 😀' & $states.context.State.Name %}", "End": True}
    }
    done = host.run({"StartAt": 'Ü "q" 😀', "States": states})
    assert done["output"] == 'ä" 😀Ü "q" 😀'
    assert host.events(done["executionArn"])[1]["stateEnteredEventDetails"]["name"] == 'Ü "q" 😀'


def test_an_undefined_value_fails_with_a_query_evaluation_error(host):
    done = host.run(pass_state("{% $states.input.missing %}"))
    assert (done["status"], done["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert "$states.input.missing" in done["cause"]
    assert "returned nothing (undefined)" in done["cause"]
    assert "EvaluationFailed" in [event["type"] for event in host.events(done["executionArn"])]


def test_choice_conditions_choose_and_carry_assignments(host):
    def classify(n):
        return host.run(
            {
                "StartAt": "C",
                "States": {
                    "C": {
                        "Type": "Choice",
                        "Choices": [
                            {
                                "Condition": "{% $states.input.n > 10 %}",
                                "Assign": {"size": "large"},
                                "Next": "End",
                            },
                            {
                                "Condition": "{% $states.input.n > 5 and $not($states.input.n = 7) %}",
                                "Assign": {"size": "middle"},
                                "Output": {"seen": "{% $states.input.n %}"},
                                "Next": "End",
                            },
                        ],
                        "Default": "End",
                        "Assign": {"size": "small"},
                    },
                    "End": {"Type": "Pass", "Output": "{% [$size, $states.input] %}", "End": True},
                },
            },
            {"n": n},
        )["output"]

    assert classify(11) == ["large", {"n": 11}]
    assert classify(6) == ["middle", {"seen": 6}]
    assert classify(7) == ["small", {"n": 7}]


def test_a_choice_without_a_match_fails_with_its_own_error(host):
    done = host.run(
        {
            "StartAt": "C",
            "States": {
                "C": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "End"}]},
                "End": {"Type": "Succeed"},
            },
        }
    )
    assert (done["status"], done["error"]) == ("FAILED", "States.NoChoiceMatched")


def test_fail_evaluates_error_and_cause(host):
    done = host.run(
        {
            "StartAt": "F",
            "States": {
                "F": {
                    "Type": "Fail",
                    "Error": "{% $states.input.kind %}",
                    "Cause": "{% 'because of ' & $states.input.why %}",
                }
            },
        },
        {"kind": "TrainingFailed", "why": "too few users"},
    )
    assert (done["status"], done["error"], done["cause"]) == (
        "FAILED",
        "TrainingFailed",
        "because of too few users",
    )


def test_map_runs_over_items_with_a_selector(host):
    definition = {
        "StartAt": "M",
        "States": {
            "M": {
                "Type": "Map",
                "Items": "{% $states.input.cutoffs %}",
                "ItemSelector": {
                    "index": "{% $states.context.Map.Item.Index %}",
                    "at": "{% $states.context.Map.Item.Value %}",
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "P",
                    "States": {
                        "P": {
                            "Type": "Pass",
                            "Output": "{% $states.input.index & ':' & $states.input.at %}",
                            "End": True,
                        }
                    },
                },
                "End": True,
            }
        },
    }
    assert host.run(definition, {"cutoffs": [5, 10]})["output"] == ["0:5", "1:10"]


def test_parallel_branches_read_outer_variables_and_give_their_outputs(host):
    def branch(name):
        states = {name: {"Type": "Pass", "Output": f"{{% $outer & '{name}' %}}", "End": True}}
        return {"StartAt": name, "States": states}

    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"outer": "o-"}, "Next": "P"},
            "P": {
                "Type": "Parallel",
                "Branches": [branch("x"), branch("y")],
                "Output": "{% $join($states.result, ',') %}",
                "End": True,
            },
        },
    }
    assert host.run(definition)["output"] == "o-x,o-y"


def test_a_definition_that_mixes_languages_does_not_spoil_the_next_ones(host):
    mixed = {"StartAt": "A", "States": {"A": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}}
    with pytest.raises(ClientError) as refused:
        host.machine(mixed)
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    json_path = {
        "QueryLanguage": "JSONPath",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "InputPath": "$.a", "End": True}},
    }
    assert host.run(json_path, {"a": 5})["output"] == 5
