"""The explorer: a view for every choice, each what the measured values say, and no choice where there is none."""

from __future__ import annotations

import itertools

import pytest

from lambdas.evaluate.lists import ListName
from lambdas.evaluate.page.explorer import explorer
from lambdas.evaluate.settings import Kind

VALUES, DIFFERENCES = "explorer-values", "explorer-differences"


@pytest.fixture
def measured(community):
    return community.evaluate(cutoffs=[2, 5], primary_cutoff=5)


def choices(found, names):
    options = {control.name: [option.value for option in control.options] for control in found.controls}
    return {"/".join(values) for values in itertools.product(*(options[name] for name in names))}


def test_every_choice_has_its_views(measured):
    found = explorer(measured)
    assert [control.name for control in found.controls] == ["metric", "k", "list"]
    pictures = found.views["pictures"]
    assert set(pictures) == {found.values.key, found.differences.key} == {VALUES, DIFFERENCES}
    for part in (*pictures.values(), found.views["reading"]):
        assert set(part["views"]) == choices(found, part["controls"])
    assert len(found.views["reading"]["views"]) == 9 * 2 * 2


def test_the_first_view_is_that_of_the_verdict(measured):
    found = explorer(measured)
    chosen = "/".join(
        option.value for control in found.controls for option in control.options if option.chosen
    )
    assert chosen == "ndcg/5/without_seen"
    for chart in (found.values, found.differences):
        view = found.views["pictures"][chart.key]["views"][chosen]
        assert view == {"title": chart.title, "description": chart.description, "data": chart.data}
    assert found.views["reading"]["views"][chosen] == found.reading


def test_views_hold_what_was_measured(measured):
    views = explorer(measured).views["pictures"]
    model = ListName("model", "as_returned")
    rows = {row["label"]: row for row in views[VALUES]["views"]["recall/2/as_returned"]["data"]["rows"]}
    assert len(rows) == len(measured.lists) == 5
    assert rows["model as returned"]["value"] == pytest.approx(
        measured.values[model, "recall", 2].value, rel=1e-5
    )
    assert rows["model as returned"]["kind"] == "primary"
    assert rows["model without seen"]["kind"] == "second"
    assert rows["popularity without seen"]["kind"] == "rival"
    # One of two held-out items stands in the first two places of every list; i0 and i1 are nobody's.
    assert (rows["model as returned"]["value"], rows["popularity"]["value"]) == (0.5, 0.0)


def test_differences_are_absolute_where_a_list_scores_nothing(measured):
    view = explorer(measured).views["pictures"][DIFFERENCES]["views"]["recall/2/as_returned"]
    assert view["title"] == "Lead in Recall@2, model as returned"
    assert (view["data"]["axis"], view["data"]["format"]) == ("difference in Recall@2", "value")
    first = view["data"]["rows"][0]
    assert (first["label"], first["value"], first["kind"], first["text"]) == (
        "over popularity",
        0.5,
        "above",
        "+0.5000",
    )


def test_metrics_that_judge_nothing_have_no_good_side(measured):
    found = explorer(measured)
    view = found.views["pictures"][DIFFERENCES]["views"]["popular_share/5/without_seen"]
    assert view["title"].startswith("Difference in Popular share@5")
    assert {row["kind"] for row in view["data"]["rows"]} == {"data"}
    groups = {option.value: option.group for option in found.controls[0].options}
    assert groups["ndcg"] == "more is better"
    assert groups["coverage"] == groups["popular_share"] == "neither more nor less is better"
    coverage = found.views["pictures"][VALUES]["views"]["coverage/5/without_seen"]
    assert coverage["data"]["axis"] == "Coverage@5, of all lists together"


def test_the_reading_tells_the_question_the_value_and_whom_it_is_ahead_of(measured):
    readings = explorer(measured).views["reading"]["views"]
    # Without seen items popularity offers i10 and i11 (or the next): 6 hits of 10 users' 20 held-out items. The latest
    # tenth is of users 16 to 39, in whose histories i11 and i12 are first of the most frequent: 4 hits of 20.
    assert readings["recall/2/as_returned"] == (
        "How much of what the user did next was recommended? Recall@2, model as returned: 0.5000 (0.5000 to 0.5000); "
        "ahead of popularity (+0.5000), popularity without seen (+0.2000) and recent popularity (+0.3000)."
    )
    assert "compared without an interval with popularity" in readings["coverage/2/as_returned"]


@pytest.fixture
def variants(community):
    """Three variants that answer alike, the third but for the first item."""
    lines = community.answers[0].read_text().splitlines()
    for name in ("plain", "tuned"):
        community.write_variant(name, lines)
    community.write_variant("worse", [line.replace('["i0"', '["x"') for line in lines])
    return community.measure(Kind.USERS, reference="plain", cutoffs=[2, 5], primary_cutoff=5).comparison


def test_variants_can_be_chosen_and_stand_together(variants):
    found = explorer(variants)
    assert [control.name for control in found.controls] == ["metric", "k", "list", "variant"]
    assert found.views["pictures"][VALUES]["controls"] == ["metric", "k", "list"]
    views = found.views["pictures"][DIFFERENCES]["views"]
    over_reference = "over plain (without seen)"
    assert over_reference not in [row["label"] for row in views["ndcg/5/without_seen/plain"]["data"]["rows"]]
    (row,) = (
        row for row in views["ndcg/5/without_seen/tuned"]["data"]["rows"] if row["label"] == over_reference
    )
    assert (row["value"], row["kind"]) == (0.0, "across")
    values = found.views["pictures"][VALUES]["views"]["ndcg/5/as_returned"]["data"]["rows"]
    assert [row["label"] for row in values[:3]] == ["plain", "tuned", "worse"]
    assert [row["kind"] for row in values[:3]] == ["primary", "second", "second"]


def test_a_replay_lets_choose_the_metric_alone(run):
    lists = {0: ["x"], 5: ["p", "q"]}
    run.write_replay(
        (pair, f"a{pair}", f"b{pair}", events, items, ["p", "q"])
        for pair in range(40)
        for events, items in lists.items()
    )
    replay = run.measure(Kind.REPLAY, overlap_k=2).comparison
    found = explorer(replay, "pair")
    assert [control.name for control in found.controls] == ["metric"]
    assert set(found.views["reading"]["views"]) == {"overlap", "rbo"}
    assert found.values.data["axis"] == "Overlap@2, mean over 40 pairs"
    assert [row["value"] for row in found.values.data["rows"]] == [1.0, 0.0]


def test_with_nobody_to_evaluate_there_is_nothing_but_dashes(run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    found = explorer(run.evaluate(cutoffs=[5], primary_cutoff=5))
    assert [control.name for control in found.controls] == ["metric", "list"]
    assert {row["text"] for row in found.values.data["rows"]} == {"\u2013"}
    assert "NDCG@5, model without seen: \u2013; compared without an interval with" in found.reading
