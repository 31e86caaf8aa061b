"""The message about a run that succeeded, by kind: the verdict, three figures, where to read on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lambdas.evaluate.message import MAX_SUBJECT, message_of
from lambdas.evaluate.request import EvaluateRequest, Kind
from lambdas.evaluate.task import results_of
from lambdas.shared.locations import S3Location

PAGE = S3Location("reports", "reports/hrnn/r1/report.html")
ARN = "arn:{partition}:states:{region}:123456789012:execution:pp-test-hrnn:r1"
LOCATIONS = ("train", "holdout", "catalogue", "user_causes", "causes", "replay")
USERS = [f"u{number:02}" for number in range(40)]


@pytest.fixture
def measured(run, event):
    """Measures the run's files as a kind and gives the results."""

    def measured(kind=Kind.USERS, *, facts=None, **settings):
        settings = {"cutoffs": [1, 2], "primary_cutoff": 2, "overlap_k": 4, **settings}
        settings["bootstrap_resamples"] = 100
        own = {name: f"s3://data/{name}" for name in LOCATIONS}
        members = {**event, **own, "kind": kind.value, "evaluation": settings, "facts": facts or {}}
        if kind is not Kind.REPLAY and (names := sorted(run.inputs.answers)) != ["model"]:
            members["variants"] = [{"name": name, "recommendations": "s3://data/r/"} for name in names]
        return results_of(EvaluateRequest.parse(members), run.measure(kind, **settings))

    return measured


def recommended(member, asked, items) -> str:
    return json.dumps({"input": {member: asked}, "output": {"recommendedItems": items}, "error": None})


@pytest.fixture
def found(run):
    """Every user's future is item c. Model: all find it first; popularity without seen items: at place 2."""
    run.write_train(
        [(user, item, n) for n, user in enumerate(USERS) for item in ("a", "b")]
        + [("x", "d", 1), ("y", "d", 1), ("z", "c", 2)]
    )
    run.write_holdout([(user, "c", 99) for user in USERS])
    run.write_answers([recommended("userId", user, ["c", "d"]) for user in USERS])
    return run


def lines_of(results, **how) -> list[str]:
    return message_of(results, PAGE, **{"linked": False, **how}).text.split("\n")


def test_the_first_line_is_the_verdict_and_three_figures_follow(found, measured):
    results = measured()
    assert lines_of(results) == [
        results.verdict.sentence.replace("\u202f", " "),
        "- NDCG@2: 1.0000 (1.0000 to 1.0000); popularity without seen 0.6309 (0.6309 to 0.6309)",
        "- users who find something in their first 2: 100 %; with popularity without seen 100 %",
        "- catalogue in someone's first 2: 50 %; with popularity without seen 50 %",
        "Report: s3://reports/reports/hrnn/r1/report.html",
        "Run: r1 of hrnn",
    ]


def test_the_change_since_the_run_before_takes_the_place_of_coverage(found, measured):
    lines = lines_of(measured(), since="since run r0: NDCG@2 +0.1000 (+0.0500 to +0.1500)")
    assert lines[3] == "- since run r0: NDCG@2 +0.1000 (+0.0500 to +0.1500)"
    assert not any("catalogue" in line for line in lines)
    assert len(lines) == 6


def test_where_the_hit_rate_decides_recall_is_told_beside_it(found, measured):
    lines = lines_of(measured(primary_metric="hit_rate", primary_cutoff=1))
    assert (
        lines[1]
        == "- Hit rate@1: 1.0000 (1.0000 to 1.0000); popularity without seen 0.0000 (0.0000 to 0.0000)"
    )
    assert lines[2] == "- Recall@1: 100 %; popularity without seen 0 %"


def test_related_items_are_told_as_such(found, run, measured):
    run.write_user_causes(dict.fromkeys(USERS, "b"))
    run.write_answers([recommended("itemId", "b", ["c", "d"])])
    lines = lines_of(measured(Kind.RELATED_ITEMS))
    assert lines[2] == (
        "- users who find something among the first 2 related items: 100 %; with popularity without seen 100 %"
    )


def test_cold_items_are_told_as_new_ones(run, measured):
    run.write_train([(user, "old", n) for n, user in enumerate(USERS)])
    run.write_holdout([(user, "new1", 99) for user in USERS])
    items = {"old": "war", "new1": "war", "new2": "crime", "new3": "crime"}
    run.write_catalogue(
        ITEM_ID=list(items), GENRES=list(items.values()), COLD=[name != "old" for name in items]
    )
    run.write_answers([recommended("userId", user, ["new2", "new1"]) for user in USERS])
    lines = lines_of(measured(Kind.COLD_ITEMS))
    assert lines[1].startswith("- cold-item NDCG@2: 0.6309 (0.6309 to 0.6309); popular genres 1.0000")
    assert (
        lines[2] == "- users who find a new item they want in their first 2: 100 %; with popular genres 100 %"
    )
    assert lines[3] == "- cold items in someone's first 2: 67 %; with popular genres 67 %"


def test_a_replay_tells_before_and_after_half_of_the_way_and_the_pairs(run, measured):
    target, lists = ["p", "q", "r", "s"], {0: ["x"], 1: ["p"], 5: ["p", "q"], 20: ["p", "q", "r", "s"]}
    run.write_replay(
        (pair, f"a{pair}", f"b{pair}", events, items, target)
        for pair in range(60)
        for events, items in lists.items()
    )
    lines = lines_of(measured(Kind.REPLAY), since="is not told in a replay")
    assert lines[1:4] == [
        "- of B's first 4 items in A's list: 100 % (100 % to 100 %) after all events, 0 % (0 % to 0 %) before any",
        "- half of the way after: 5 (5 to 5) events",
        "- replayed: 60 pairs",
    ]


def test_what_is_undefined_is_a_dash(run, measured):
    run.write_replay([])
    lines = lines_of(measured(Kind.REPLAY))
    assert lines[1:4] == [
        "- of B's first 4 items in A's list: – after all events, – before any",  # noqa: RUF001
        "- half of the way after: – events",  # noqa: RUF001
        "- replayed: 0 pairs",
    ]


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_report_is_linked_in_the_console_of_its_partition(found, measured, partition, region, host):
    results = measured(facts={"execution_arn": ARN.format(partition=partition, region=region)})
    link = f"https://{host}/s3/object/reports?region={region}&prefix=reports/hrnn/r1/report.html"
    assert f"Report: {link}" in lines_of(results, linked=True)
    assert "Report: s3://reports/reports/hrnn/r1/report.html" in lines_of(results, linked=False)


def test_the_subject_is_short_ascii_text(found, measured):
    results = measured()
    assert message_of(results, PAGE, linked=False).subject == "hrnn run r1: better, +58 % in NDCG@2"
    long = replace(results, request=replace(results.request, run_id="r" * 80, scenario="größe"))
    subject = message_of(long, PAGE, linked=False).subject
    assert len(subject) == MAX_SUBJECT
    assert subject.isascii()
    assert subject.startswith("gr??e run rrr")


def test_a_subject_tells_a_loss_with_a_plain_minus(found, run, measured):
    run.write_answers([recommended("userId", user, ["d", "x9"]) for user in USERS])
    assert message_of(measured(), PAGE, linked=False).subject == "hrnn run r1: not better, -100 % in NDCG@2"
