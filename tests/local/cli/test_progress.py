from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from rich.console import Console

from local.cli.follower import follow
from local.cli.history import Entered, HistoryReader, StatusSeen, Trouble, readable_cause
from local.cli.renderer import Lines, LiveRenderer, PlainRenderer, elapsed_text, renderer_for


def test_the_reader_tells_steps_and_changes_of_status(script):
    news = list(HistoryReader().read(script.training().events))
    assert [(type(entry), entry.state, getattr(entry, "status", "")) for entry in news] == [
        (Entered, "Create solution version", ""),
        (StatusSeen, "Create solution version", "CREATE PENDING"),
        (Entered, "Wait for solution version", ""),
        (Entered, "Describe solution version", ""),
        (StatusSeen, "Describe solution version", "CREATE IN_PROGRESS"),
        (Entered, "Wait for solution version", ""),
        (Entered, "Describe solution version", ""),
        (Entered, "Wait for solution version", ""),
        (Entered, "Describe solution version", ""),
        (StatusSeen, "Describe solution version", "ACTIVE"),
        (Entered, "Evaluate", ""),
    ]
    assert [entry.poll for entry in news if isinstance(entry, Entered)] == [False, False, *[True] * 5, False]


def test_reading_in_pieces_gives_the_same_news(script):
    events = script.training().events
    reader = HistoryReader()
    in_pieces = [entry for event in events for entry in reader.read([event])]
    assert in_pieces == list(HistoryReader().read(events))
    assert reader.last_id == len(events)


def test_branches_keep_their_own_state(script):
    history = script.History().enter("Left").enter("Right").add("TaskScheduled").add("TaskFailed")
    history.events[3] |= {"previousEventId": 1, "taskFailedEventDetails": {"error": "E", "cause": "c"}}
    *_, trouble = HistoryReader().read(history.events)
    assert (trouble.state, trouble.error, trouble.cause) == ("Left", "E", "c")


def test_a_failure_of_a_lambda_task_shows_its_message_only(script):
    history = script.History().enter("Split data").fail("DataError", "row 7: no timestamp")
    assert list(HistoryReader().read(history.events))[-1] == Trouble(
        script.START + timedelta(seconds=1), "Split data", "DataError", "row 7: no timestamp"
    )


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (None, ""),
        ("plain words", "plain words"),
        ('{"errorMessage": "said so"}', "said so"),
        ('{"other": 1}', '{"other": 1}'),
        ("[1]", "[1]"),
    ],
)
def test_readable_cause(cause, text):
    assert readable_cause(cause) == text


def test_output_that_is_no_answer_of_a_function_is_no_status(script):
    history = script.History().enter("Announce result")
    for output in (None, "cut off {", "[]", '"text"', '{"Payload": null}', json.dumps({"status": "ok"})):
        history.add("TaskSucceeded", taskSucceededEventDetails={"output": output})
    assert [type(entry) for entry in HistoryReader().read(history.events)] == [Entered]


def test_lines_for_a_log(script):
    buffer = io.StringIO()
    with PlainRenderer(Console(file=buffer, width=20)) as renderer:
        for progress in HistoryReader().read(script.training().events):
            renderer.show(progress)
    assert buffer.getvalue().splitlines() == [
        "  0.0 s  Create solution version",
        "  4.0 s  Wait for solution version · CREATE PENDING",
        "  7.0 s  solution version: CREATE IN_PROGRESS",
        " 17.0 s  solution version: ACTIVE",
        " 18.0 s  Evaluate",
    ]


def test_the_current_line_says_what_is_waited_for_and_how_long(script):
    lines = Lines()
    assert lines.current(script.START) == "starting"
    for progress in HistoryReader().read(script.training().events[:6]):
        lines.line(progress)
    now = script.START + timedelta(seconds=71)
    assert lines.current(now) == " 1:10 m  Wait for solution version · CREATE PENDING · 1:06 m"


def test_a_terminal_gets_the_live_renderer_and_markup_in_names_is_text(script):
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=True, width=80)
    renderer = renderer_for(console)
    assert isinstance(renderer, LiveRenderer)
    with renderer:
        renderer.show(Trouble(script.START, "Split [bold]", "E", "[red]x"))
    assert "Split [bold]: E: [red]x" in buffer.getvalue()
    assert isinstance(renderer_for(Console(file=io.StringIO())), PlainRenderer)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "  0.0 s"),
        (-1, "  0.0 s"),
        (59.94, " 59.9 s"),
        (60, " 1:00 m"),
        (3599, "59:59 m"),
        (36_061, "10:01 h"),
    ],
)
def test_elapsed_text_keeps_its_width(seconds, text):
    assert elapsed_text(timedelta(seconds=seconds)) == text


def test_following_ends_with_the_execution_and_shows_all_of_it(script, tmp_path):
    target = script.FakeTarget(tmp_path)
    shown, pauses = [], []
    execution = follow(target, "arn", shown.append, pause=2.5, sleep=pauses.append)
    assert execution.status == "SUCCEEDED"
    assert shown == list(HistoryReader().read(script.training().events))
    assert pauses == [2.5] * (-(-len(target.events) // 4) - 1)
