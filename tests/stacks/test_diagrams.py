"""The pictures of the state machines."""

from __future__ import annotations

from pathlib import Path

from stacks.diagrams import document
from statemachines.diagram import flowchart

PAGE = Path(__file__).resolve().parents[2] / "docs" / "state-machines.md"

DEFINITION = {
    "StartAt": "Look",
    "States": {
        "Look": {"Type": "Task", "Next": "Fine?"},
        "Fine?": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $done %}", "Next": "Done"},
                {"Condition": "{% $failure != null %}", "Next": "Record failure"},
            ],
            "Default": "Look",
        },
        "Done": {"Type": "Succeed"},
        "Record failure": {"Type": "Task", "Next": "Failed"},
        "Failed": {"Type": "Fail"},
    },
}


def test_every_state_and_arrow_is_drawn_and_the_failure_path_is_dashed():
    assert flowchart(DEFINITION).splitlines() == [
        "flowchart TD",
        'sLook["Look"]',
        'sFine{"Fine?"}',
        'sDone((("Done")))',
        'sRecordFailure["Record failure"]',
        'sFailed((("Failed")))',
        "sLook --> sFine",
        "sFine -- yes --> sDone",
        "sFine -- failed --> sRecordFailure",
        "sFine -- no --> sLook",
        "sRecordFailure --> sFailed",
        "classDef failure stroke-dasharray: 4 3",
        "class sRecordFailure,sFailed failure",
    ]


def test_the_page_shows_the_machines_as_they_are():
    assert PAGE.read_text() == document(), "run `python -m stacks.diagrams > docs/state-machines.md`"
