"""The Lambda entry: how long it works, and by which name it asks to be repeated."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lambdas.replay_events import handler as module
from lambdas.shared.errors import ServiceNotReadyError

SUMMARY = {"done": False, "finished_pairs": 3}


@pytest.fixture
def call(replay, monkeypatch):
    """Calls the handler, with `work` in the place of the replay."""
    for name, value in {"AWS_DEFAULT_REGION": "us-east-1", "POWERTOOLS_TRACE_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "personalize", lambda: None)
    context = SimpleNamespace(
        function_name="replay",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:replay",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: 100_000,
    )

    def run(work):
        monkeypatch.setattr(module, "replay_events", work)
        return module.handler(replay.event(), context)

    return run


def test_it_stops_with_time_left_to_write_down_where_it_stands(call):
    seen = []

    def work(around, request, folder):
        seen.extend(around.service.has_time(seconds) for seconds in (0, 60, 71, 100))
        assert folder.is_dir()
        assert request.run_id == "r1"
        around.begin_thread()
        return SUMMARY

    assert call(work) == SUMMARY
    assert seen == [True, True, False, False]


def test_a_busy_service_is_named_as_the_state_machine_retries_it(call, script):
    def work(*_):
        raise script.refusal("ThrottlingException", operation="DescribeDataset")

    with pytest.raises(ServiceNotReadyError, match="DescribeDataset: ThrottlingException"):
        call(work)
