"""Lambda entry of `replay_events`: to be called until the answer says `done`.

In: `{scenario, run_id, data_bucket, reports_bucket, pairs, campaign_arn, tracking_id}`; `pairs` is the file of pairs
that `split_data` drew. May be left out: `dataset_arn` (the interactions dataset: users who were changed before it was
made count as untouched), `filter_arn`, `counts`, `list_length`, `event_type` (where the pairs have no types),
`settle_seconds` and `pairs_at_a_time`.

Out: `{done, finished_pairs, pairs_planned, left_out_pairs, changed_users, lists}`; `lists` is null until done.
"""

from __future__ import annotations

import os
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from lambdas.replay_events.conversation import Service
from lambdas.replay_events.request import MOST_PAIRS_AT_A_TIME, ReplayRequest
from lambdas.replay_events.task import Surroundings, replay_events
from lambdas.shared.observability import logger, metrics, tracer
from lambdas.shared.service import personalize, waiting_is_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

# What the longest call with its repeats and the writing of the results need.
MARGIN_SECONDS = 30.0
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=5,
    max_pool_connections=MOST_PAIRS_AT_A_TIME,
    retries={"mode": "standard", "max_attempts": 2},
)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Replay pairs for as long as the function may run."""
    request = ReplayRequest.of(event)
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS
    service = Service(
        runtime=_client("personalize-runtime"),
        events=_client("personalize-events"),
        has_time=lambda seconds: time.monotonic() + seconds < end,
        sleep=_pause,
    )
    around = Surroundings(
        s3=boto3.client("s3"),
        personalize=personalize(),
        service=service,
        now=time.time,
        begin_thread=_traced_thread(),
    )
    with tempfile.TemporaryDirectory() as folder, waiting_is_named():
        summary = replay_events(around, request, Path(folder))
    logger.info("events replayed", extra={"run_id": request.run_id, "summary": summary})
    metrics.add_dimension(name="scenario", value=request.scenario)
    metrics.add_metric(name="finished_pairs", unit=MetricUnit.Count, value=summary["finished_pairs"])
    return summary


def _traced_thread() -> Callable[[], None]:
    """What a new thread does first: X-Ray keeps the segment by thread, and the calls of all belong to this one."""
    recorder: Any = tracer.provider
    segment = None if tracer.disabled else recorder.get_trace_entity()

    def begin() -> None:
        if segment is not None:
            recorder.set_trace_entity(segment)

    return begin


def _pause(seconds: float) -> None:
    """Sleep; where the clock of an emulated AWS runs faster, by so much less."""
    time.sleep(seconds / float(os.environ.get("PIPELINES_CLOCK_SPEED", "1")))


@cache
def _client(service: str) -> Any:
    """A client that repeats a call twice at most, so that none outlives the margin."""
    return boto3.client(service, config=_CONFIG)
