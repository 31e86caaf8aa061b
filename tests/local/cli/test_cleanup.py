"""`pipelines cleanup`: what it lists, that it asks, and in which order it deletes."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from rich.console import Console
from werkzeug.serving import make_server

from config import load_settings
from emulator import Emulator, Timing, create_app
from lambdas.shared.resources import KINDS
from local.cli import cleaning
from local.cli.cleaning import CleanupRequest, clean_up
from local.cli.exit_codes import CommandError
from local.cli.wiring import Wiring


@pytest.fixture
def personalize():
    """The service, with a dataset group of `hrnn` and an event tracker in it."""
    emulator = Emulator(
        None, "123456789012", "us-east-1", s3_for_role=lambda _: None, timing=Timing.scaled(200)
    )
    server = make_server("127.0.0.1", 0, create_app(emulator), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client = boto3.client(
        "personalize",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    for name in ("pp-dev-hrnn", "pp-prod-hrnn"):
        group = client.create_dataset_group(name=name)["datasetGroupArn"]
        while client.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"] != "ACTIVE":
            threading.Event().wait(0.02)
        client.create_event_tracker(name=f"{name}-tracker", datasetGroupArn=group)
    yield client
    server.shutdown()
    thread.join()
    emulator.close()


@pytest.fixture
def connected(pipelines, personalize, monkeypatch):
    """The command line, connected to the service; `asked` notes which deployment was wanted."""
    asked: list[bool] = []

    @contextmanager
    def clients(_wiring: Wiring, _settings: Any, *, aws: bool):
        asked.append(aws)
        yield {"personalize": personalize}.__getitem__

    monkeypatch.setattr(Wiring, "clients", clients)
    monkeypatch.setattr(cleaning, "AWS_PAUSE", 0.02)
    monkeypatch.setattr(cleaning, "LOCAL_PAUSE", 0.02)
    pipelines.deployments = asked
    return pipelines


def trackers(client):
    return [each["name"] for each in client.list_event_trackers()["eventTrackers"]]


def groups(client):
    return [each["name"] for each in client.list_dataset_groups()["datasetGroups"]]


def test_it_lists_first_and_deletes_nothing_unasked(connected, personalize):
    assert connected("cleanup", "hrnn", answer="n\n") == 4
    assert "event tracker  pp-dev-hrnn-tracker" in connected.output
    assert "nothing by itself" in connected.output
    assert "Delete this resource?" in connected.output
    assert "Nothing was deleted." in connected.errors
    assert trackers(personalize) == ["pp-dev-hrnn-tracker", "pp-prod-hrnn-tracker"]


def test_only_what_is_live_goes_and_only_of_the_stage(connected, personalize):
    assert connected("cleanup", "hrnn", answer="y\n") == 0
    assert "Gone: event tracker pp-dev-hrnn-tracker" in connected.output
    assert trackers(personalize) == ["pp-prod-hrnn-tracker"]
    assert groups(personalize) == ["pp-dev-hrnn", "pp-prod-hrnn"]
    assert connected.deployments == [False]


def test_everything_goes_in_order_when_asked_for(connected, personalize):
    assert connected("cleanup", "hrnn", "--all", "--yes", "--aws") == 0
    assert connected.output.index("Gone: event tracker") < connected.output.index("Gone: dataset group")
    assert "trains anew" in connected.output
    assert "Delete these" not in connected.output
    assert groups(personalize) == ["pp-prod-hrnn"]
    assert connected.deployments == [True]


def test_when_nothing_is_left_it_says_what_it_looked_for(connected):
    assert connected("cleanup", "hrnn", "--yes") == 0
    assert connected("cleanup", "hrnn") == 0
    assert "Nothing is left of pp-dev-hrnn: no campaigns, no event trackers." in connected.output


def test_an_unknown_scenario_is_named_with_the_known_ones(connected):
    assert connected("cleanup", "hrn") == 2
    assert "there is no scenario 'hrn'" in connected.errors
    assert "hrnn" in connected.errors


def test_every_kind_that_can_be_deleted_has_a_word_about_its_costs():
    assert cleaning.COSTS.keys() == {row.kind for row in KINDS.values() if row.rank}


class Busy:
    """A service that refuses with a reason, a number of times or for ever."""

    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)

    def __init__(self, times: int) -> None:
        self.times = times

    def get_paginator(self, _name: str) -> Any:
        if self.times:
            self.times -= 1
            raise ClientError(
                {"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "ListCampaigns"
            )
        return SimpleNamespace(paginate=lambda **_: [])


def test_it_waits_while_the_service_is_busy_and_says_why_once():
    console, waits = Console(file=io.StringIO(), width=120), []
    request = CleanupRequest("hrnn", everything=False, pause=7.0, confirm=None)
    clean_up(console, Busy(3), load_settings("dev"), request, waits.append)
    assert waits == [7.0] * 3
    assert console.file.getvalue().count("Waiting: ListCampaigns: ThrottlingException: slower") == 1


def test_it_gives_up_some_day_and_says_how_to_go_on():
    console, waits = Console(file=io.StringIO(), width=120), []
    request = CleanupRequest("hrnn", everything=False, pause=10.0, confirm=None)
    with pytest.raises(CommandError, match="slower The same command goes on"):
        clean_up(console, Busy(10_000), load_settings("dev"), request, waits.append)
    assert sum(waits) == 2 * 3600


def test_ctrl_c_says_that_the_rest_is_deleted_by_the_same_command(personalize):
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    request = CleanupRequest("hrnn", everything=True, pause=0.0, confirm=None)
    with pytest.raises(CommandError, match="the same command deletes the rest"):
        clean_up(Console(file=io.StringIO()), personalize, load_settings("dev"), request, interrupt)
    clean_up(Console(file=io.StringIO()), personalize, load_settings("dev"), request, lambda _: None)
    assert groups(personalize) == ["pp-prod-hrnn"]
