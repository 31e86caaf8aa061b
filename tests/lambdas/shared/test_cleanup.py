"""Everything that a scenario has left, deleted in the order that the service allows."""

from __future__ import annotations

import pytest

from emulator import Timing
from lambdas.shared.cleanup import delete_next, leftovers, named_like
from lambdas.shared.resources import KINDS

DELETABLE = [row.kind for row in KINDS.values() if row.rank]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("pp-dev-sims", True), ("pp-dev-sims-x", True), ("pp-dev-sims2", False), ("my-pp-dev-sims", False)],
)
def test_a_scenario_owns_what_begins_with_its_whole_name(text, expected):
    assert named_like("pp-dev-sims", text) is expected


@pytest.fixture
def full(make_personalize):
    """A scenario with one of everything, and a neighbour."""
    aws = make_personalize(Timing.instant())
    version = aws.trained()
    group = aws.scope.arn("dataset-group/pp-dev-put-events")
    aws.control.create_campaign(name="pp-dev-put-events-campaign-12345678", solutionVersionArn=version)
    aws.control.create_event_tracker(name="pp-dev-put-events-tracker", datasetGroupArn=group)
    aws.control.create_filter(
        name="pp-dev-put-events-filter-12345678",
        datasetGroupArn=group,
        filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")',
    )
    aws.group("pp-dev-sims")
    return aws


def test_everything_is_found_and_only_of_this_scenario(full):
    found = leftovers(full.control, "pp-dev-put-events", DELETABLE)
    assert [each.kind.kind for each in found] == [
        "campaign",
        "solution",
        "event_tracker",
        "filter",
        "dataset",
        "schema",
        "dataset_group",
    ]
    assert {each.status for each in found} == {"ACTIVE"}
    assert leftovers(full.control, "pp-dev-sims", ["campaign"]) == []


def test_one_rank_after_the_other_until_nothing_is_left(full):
    left, ranks = leftovers(full.control, "pp-dev-put-events", DELETABLE), []
    while left:
        ranks.append(left[0].kind.rank)
        left = delete_next(full.control, left)
    assert ranks == sorted(set(ranks))
    assert leftovers(full.control, "pp-dev-put-events", DELETABLE) == []
    assert len(leftovers(full.control, "pp-dev-sims", DELETABLE)) == 1


def test_a_walk_that_was_cut_off_is_gone_on_with(full):
    left = leftovers(full.control, "pp-dev-put-events", DELETABLE)
    delete_next(full.control, delete_next(full.control, left))
    again = leftovers(full.control, "pp-dev-put-events", DELETABLE)
    assert [each.kind.kind for each in again] == [each.kind.kind for each in left][2:]
    assert delete_next(full.control, left)[0].kind.kind == "solution"
