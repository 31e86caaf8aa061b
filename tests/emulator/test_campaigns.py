"""Campaigns: updates that take effect when they are done, following the newest version, order of deletion."""

import time

import pytest

from emulator import Timing

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"


def campaign_of(service, version, name="c", **members):
    return service.personalize.create_campaign(name=name, solutionVersionArn=version, **members)[
        "campaignArn"
    ]


def described(service, arn):
    return service.personalize.describe_campaign(campaignArn=arn)["campaign"]


def again(service, solution):
    arn = service.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    return service.settled("solution_version", solutionVersionArn=arn)["solutionVersionArn"]


def test_an_update_shows_beside_the_campaign_and_then_in_it(service):
    version = service.train(service.ready_group(), "aws-popularity-count")
    second = again(service, version["solutionArn"])
    arn = campaign_of(service, version["solutionVersionArn"])
    assert "latestCampaignUpdate" not in described(service, arn)
    service.personalize.update_campaign(campaignArn=arn, solutionVersionArn=second, minProvisionedTPS=3)
    shown = described(service, arn)
    assert (shown["status"], shown["solutionVersionArn"], shown["minProvisionedTPS"]) == ("ACTIVE", second, 3)
    assert shown["latestCampaignUpdate"]["status"] == "ACTIVE"
    assert shown["latestCampaignUpdate"]["solutionVersionArn"] == second


def test_the_old_version_serves_while_an_update_is_under_way(start, csv, refused):
    service = start()
    group = service.ready_group()
    version = service.train(group, "aws-popularity-count")
    arn = campaign_of(service, version["solutionVersionArn"])
    ask = {"campaignArn": arn, "userId": "u", "numResults": 1}
    before = service.runtime.get_recommendations(**ask)["itemList"]
    rows = csv() + "".join(f"new{n},i059,{1_700_000_000 + n}\n" for n in range(500))
    service.s3.put("s3://data/more.csv", rows)
    service.import_data(f"{PREFIX}dataset/group/INTERACTIONS", "s3://data/more.csv", name="more")
    second = again(service, version["solutionArn"])
    service.emulator.lifecycle._timing = Timing.scaled(500)
    service.personalize.update_campaign(campaignArn=arn, solutionVersionArn=second)
    shown = described(service, arn)
    assert (shown["status"], shown["solutionVersionArn"]) == ("ACTIVE", version["solutionVersionArn"])
    assert shown["latestCampaignUpdate"]["status"] in ("CREATE PENDING", "CREATE IN_PROGRESS")
    assert service.runtime.get_recommendations(**ask)["itemList"] == before
    assert refused(service.personalize.update_campaign, campaignArn=arn)[0] == "ResourceInUseException"
    assert refused(service.personalize.delete_campaign, campaignArn=arn)[0] == "ResourceInUseException"
    deadline = time.monotonic() + 30
    while described(service, arn)["solutionVersionArn"] != second and time.monotonic() < deadline:
        time.sleep(0.01)
    assert service.runtime.get_recommendations(**ask)["itemList"] == [{"itemId": "i059"}]


def test_an_update_that_fails_leaves_the_old_settings_in_force(service):
    version = service.train(service.ready_group(), "aws-popularity-count")
    arn = campaign_of(service, version["solutionVersionArn"])
    service.emulator.fail_next("campaign_update", "c", "No capacity.")
    service.personalize.update_campaign(campaignArn=arn, minProvisionedTPS=9)
    shown = described(service, arn)
    assert (shown["status"], shown["minProvisionedTPS"]) == ("ACTIVE", 1)
    assert shown["latestCampaignUpdate"]["status"] == "CREATE FAILED"
    assert shown["latestCampaignUpdate"]["failureReason"] == "No capacity."


def test_a_campaign_may_follow_the_newest_version(service, csv, refused):
    group = service.ready_group()
    version = service.train(group, "aws-popularity-count")
    latest = f"{version['solutionArn']}/$LATEST"
    create = service.personalize.create_campaign
    assert refused(create, name="c", solutionVersionArn=latest)[0] == "InvalidInputException"
    arn = campaign_of(service, latest, campaignConfig={"syncWithLatestSolutionVersion": True})
    assert described(service, arn)["solutionVersionArn"] == latest
    rows = csv() + "".join(f"new{n},i059,{1_700_000_000 + n}\n" for n in range(500))
    service.s3.put("s3://data/more.csv", rows)
    service.import_data(f"{PREFIX}dataset/group/INTERACTIONS", "s3://data/more.csv", name="more")
    ask = {"campaignArn": arn, "userId": "u", "numResults": 1}
    assert service.runtime.get_recommendations(**ask)["itemList"] != [{"itemId": "i059"}]
    again(service, version["solutionArn"])
    assert service.runtime.get_recommendations(**ask)["itemList"] == [{"itemId": "i059"}]


def test_a_group_has_five_campaigns(service, refused):
    version = service.train(service.ready_group(), "aws-popularity-count")["solutionVersionArn"]
    for number in range(5):
        campaign_of(service, version, f"c{number}")
    code, _, message = refused(service.personalize.create_campaign, name="c5", solutionVersionArn=version)
    assert code == "LimitExceededException"
    assert message == (
        "Cannot create a campaign. More than 5 resources in ACTIVE state. Please delete some and try again."
    )
    service.personalize.delete_campaign(campaignArn=f"{PREFIX}campaign/c0")
    campaign_of(service, version, "c5")


@pytest.mark.parametrize(
    ("recipe", "members", "said"),
    [
        ("aws-sims", {"userId": "u001"}, "itemId is required"),
        ("aws-popularity-count", {"itemId": "i001"}, "userId is required"),
    ],
)
def test_a_recipe_asks_for_what_it_needs(service, refused, recipe, members, said):
    arn = campaign_of(service, service.train(service.ready_group(), recipe)["solutionVersionArn"])
    code, status, message = refused(service.runtime.get_recommendations, campaignArn=arn, **members)
    assert (code, status) == ("InvalidInputException", 400)
    assert said in message


def test_recipes_for_users_ignore_an_item_that_is_named(service):
    arn = campaign_of(service, service.train(service.ready_group())["solutionVersionArn"])
    ask = service.runtime.get_recommendations
    items = [ask(campaignArn=arn, userId="u001", **named)["itemList"] for named in ({}, {"itemId": "i040"})]
    assert items[0] == items[1]


def test_campaigns_are_deleted_after_a_while_and_block_until_then(start, refused):
    service = start()
    version = service.train(service.ready_group(), "aws-popularity-count")
    arn = campaign_of(service, version["solutionVersionArn"])
    service.emulator.lifecycle._timing = Timing.scaled(100)
    service.personalize.delete_campaign(campaignArn=arn)
    assert described(service, arn)["status"] in ("DELETE PENDING", "DELETE IN_PROGRESS")
    assert refused(service.personalize.delete_campaign, campaignArn=arn)[0] == "ResourceInUseException"
    assert (
        refused(service.personalize.delete_solution, solutionArn=version["solutionArn"])[0]
        == "ResourceInUseException"
    )
    ask = service.runtime.get_recommendations
    assert refused(ask, campaignArn=arn, userId="u001")[0] in (
        "ResourceInUseException",
        "ResourceNotFoundException",
    )
    deadline = time.monotonic() + 30
    while service.personalize.list_campaigns()["campaigns"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert refused(service.personalize.describe_campaign, campaignArn=arn)[0] == "ResourceNotFoundException"
    service.personalize.delete_solution(solutionArn=version["solutionArn"])
