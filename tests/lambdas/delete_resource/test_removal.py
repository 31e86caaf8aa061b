"""Deleting against the emulator: what can be done now is done, and the answer says what is left."""

from __future__ import annotations

import time

import pytest

from emulator import Timing
from lambdas.create_resource.ensure import ensure
from lambdas.delete_resource.removal import remove, summary
from lambdas.shared.errors import RequestError, ServiceNotReadyError
from lambdas.shared.lookup import Wanted
from lambdas.shared.resources import KINDS
from lambdas.shared.service import waiting_is_named


@pytest.fixture
def aws(make_personalize):
    return make_personalize(Timing.instant())


@pytest.fixture
def campaign(aws):
    """Makes the campaign of a run as create_resource does."""
    version = aws.trained()

    def make(run_id: str) -> str:
        wanted = Wanted(
            KINDS["campaign"], "pp-dev-put-events-campaign", {"solutionVersionArn": version}, run_id
        )
        return ensure(aws.control, aws.scope, wanted).state.arn

    return make


def delete(aws, kind, **event):
    return summary(remove(aws.control, aws.scope, {"kind": kind, **event}))


def of_run(run_id, **more):
    return {"name": "pp-dev-put-events-campaign", "run_id": run_id, "request": {}, **more}


def campaigns(aws):
    return {each["campaignArn"] for each in aws.control.list_campaigns()["campaigns"]}


def test_what_is_not_there_is_gone(aws):
    arn = aws.scope.arn("campaign/none")
    assert delete(aws, "campaign", arn=arn) == {"arn": arn, "gone": True, "status": "GONE", "left": 0}
    assert delete(aws, "campaign", **of_run("r1")) == {"arn": None, "gone": True, "status": "GONE", "left": 0}


def test_only_the_runs_own_campaign_is_deleted(aws, campaign):
    own, other = campaign("r1"), campaign("r2")
    assert delete(aws, "campaign", **of_run("r1")) == {"arn": own, "gone": True, "status": "GONE", "left": 0}
    assert campaigns(aws) == {other}


def test_what_other_runs_have_left_is_deleted_and_the_runs_own_stays(aws, campaign):
    own, *_ = campaign("r1"), campaign("r2"), campaign("r3")
    assert delete(aws, "campaign", **of_run("r1", runs="others"))["gone"]
    assert campaigns(aws) == {own}
    assert delete(aws, "campaign", **of_run("r9", runs="all"))["gone"]
    assert campaigns(aws) == set()


def test_names_that_only_begin_alike_are_left_alone(aws, campaign):
    version = aws.control.describe_campaign(campaignArn=campaign("r1"))["campaign"]["solutionVersionArn"]
    for name in ("pp-dev-put-events-campaign-of-mine", "pp-dev-put-events-campaigns-12345678"):
        aws.control.create_campaign(name=name, solutionVersionArn=version)
    assert delete(aws, "campaign", **of_run("r2", runs="all"))["gone"]
    assert len(campaigns(aws)) == 2


def test_the_tracker_is_found_by_its_group_and_name(aws):
    group = aws.group()
    foreign = {"name": "theirs", "run_id": "r1", "request": {"datasetGroupArn": group}}
    mine = {**foreign, "name": "pp-dev-put-events-tracker"}
    arn = aws.control.create_event_tracker(name=mine["name"], datasetGroupArn=group)["eventTrackerArn"]
    assert delete(aws, "event_tracker", **foreign) == {"arn": None, "gone": True, "status": "GONE", "left": 0}
    assert delete(aws, "event_tracker", **mine) == {"arn": arn, "gone": True, "status": "GONE", "left": 0}
    assert aws.control.list_event_trackers(datasetGroupArn=group)["eventTrackers"] == []


def test_a_tracker_of_a_group_that_is_gone_is_gone(aws):
    request = {"datasetGroupArn": aws.scope.arn("dataset-group/none")}
    assert delete(aws, "event_tracker", name="t", run_id="r", request=request)["gone"]


def test_a_filter_is_found_by_its_content(aws):
    aws.trained()
    request = {
        "datasetGroupArn": aws.scope.arn("dataset-group/pp-dev-put-events"),
        "filterExpression": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")',
    }
    made = ensure(aws.control, aws.scope, Wanted(KINDS["filter"], "pp-dev-put-events-f", request, "r1"))
    gone = delete(aws, "filter", name="pp-dev-put-events-f", run_id="r2", request=request)
    assert (gone["arn"], gone["gone"]) == (made.state.arn, True)


def test_a_deletion_is_begun_once_and_waited_for(make_personalize):
    aws = make_personalize(Timing.scaled(20))
    arn = aws.group()
    seen = [delete(aws, "dataset_group", arn=arn)]
    while not seen[-1]["gone"]:
        time.sleep(0.02)
        seen.append(delete(aws, "dataset_group", arn=arn))
    assert seen[0] == {"arn": arn, "gone": False, "status": "DELETE PENDING", "left": 1}
    assert {each["status"] for each in seen} <= {"DELETE PENDING", "DELETE IN_PROGRESS", "GONE"}


def test_what_is_still_being_made_is_deleted_when_it_is_there(make_personalize):
    aws = make_personalize(Timing.scaled(30))
    arn = aws.control.create_dataset_group(name="g")["datasetGroupArn"]
    first = delete(aws, "dataset_group", arn=arn)
    assert (first["gone"], first["status"]) == (False, "CREATE PENDING")
    for _ in range(1_000):
        if delete(aws, "dataset_group", arn=arn)["gone"]:
            return
        time.sleep(0.02)
    raise AssertionError("the group is never gone")


def test_something_that_is_in_use_is_to_be_asked_for_again(aws):
    aws.trained()
    with pytest.raises(ServiceNotReadyError, match="ResourceInUseException"), waiting_is_named():
        delete(aws, "dataset_group", arn=aws.scope.arn("dataset-group/pp-dev-put-events"))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"kind": "solution_version", "arn": "a"}, "goes with its parent"),
        ({"kind": "nothing", "arn": "a"}, "unknown resource kind"),
        ({"kind": "campaign"}, "the input lacks"),
        ({"kind": "campaign", **of_run("r", runs="some")}, "runs is 'some'"),
    ],
)
def test_a_wrong_event_is_told_in_words(aws, event, message):
    with pytest.raises(RequestError, match=message):
        remove(aws.control, aws.scope, event)
