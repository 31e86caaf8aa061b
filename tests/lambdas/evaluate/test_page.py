from __future__ import annotations

import json
import re

import pytest

from lambdas.evaluate.metrics import METRICS
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.render import render_run
from lambdas.evaluate.page.wording import EXPLANATIONS
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.verdict import decide

NASTY = "<script>alert(1)</script>\"'&"

DIAGNOSIS = {
    "split": {"method": "global_time", "fraction": 0.1, "cut": 1_600_000_000},
    "counts": {"rows_read": 123456, "duplicates": 3, "users": 40},
    "time": {
        "first": 1_500_000_000,
        "last": 1_620_000_000,
        "histogram": [
            {"from": 1_500_000_000, "to": 1_560_000_000, "interactions": 10},
            {"from": 1_560_000_000, "to": 1_620_000_000, "interactions": 40},
        ],
    },
    "history": {"histogram": [{"from": 1, "to": 1, "users": 0}, {"from": 2, "to": 3, "users": 7}]},
    "long_tail": {"top_items": [{"share_of_items": 0.01, "items": 2, "share_of_interactions": 0.25}]},
    "repeats": {"share_of_interactions": 0.02},
    "warnings": [{"code": "few_users", "count": 40, "message": f"only 40 users {NASTY}"}],
}


@pytest.fixture
def page(community, make_request, parsed):
    """The page of the community's run, with members of the event, service metrics and diagnosis replaced."""

    def page(*, service=None, diagnosis=None, run=community, **members):
        request = make_request(**members)
        evaluation = run.evaluate(**request.settings.as_document())
        figures = {"model": service} if service is not None else {}
        results = RunResults(request, evaluation, decide(evaluation, request.model_name), figures, diagnosis)
        return parsed(render_run(page_of(results)))

    return page


def words(document) -> str:
    return re.sub(r"[ \n]+", " ", " ".join(document.text))  # no-break spaces stay


def test_sections_come_in_the_order_of_a_reader(page):
    text, _ = page(service={"coverage": 0.5}, diagnosis=DIAGNOSIS)
    found = re.findall(r'<section id="([\w-]+)"', text)
    assert found == [
        "figures",
        "comparison",
        "for-whom",
        "examples",
        "data",
        "service",
        "method",
        "run",
    ]
    assert text.index("<h1>") < text.index('id="figures"')


def test_the_verdict_is_the_headline(page):
    text, document = page()
    assert "aws-user-personalization-v2 beats popularity by" in words(document)
    assert document.count("h1") == 1
    assert 'class="masthead better"' in text


def test_nothing_is_fetched_from_anywhere(page):
    text, document = page(service={"coverage": 0.5}, diagnosis=DIAGNOSIS)
    for tag in ("link", "img", "iframe", "object", "image", "use"):
        assert document.count(tag) == 0, tag
    assert all(target.startswith("#") for target in document.attributes("href"))
    assert document.attributes("src") == []
    for script in document.running_scripts():
        text = text.replace(script, "")  # d3 names the namespaces of SVG
    assert not re.search(r"https?:|url\(|@import", text)


def test_everything_from_data_is_escaped(page):
    text, document = page(
        service={NASTY: 0.5},
        diagnosis=DIAGNOSIS,
        scenario=NASTY,
        facts={
            "recipe_arn": f"arn:aws:personalize:::recipe{NASTY}",
            NASTY: {NASTY: NASTY},
            "stages": [{"stage": NASTY, "seconds": 1}],
        },
    )
    assert "<script>alert" not in text
    assert words(document).count("alert(1)") >= 5


def test_nothing_from_data_breaks_out_of_a_script_an_attribute_or_a_text(page):
    hostile = "</script><script>alert(1)</script><!--<script>\" onclick='alert(1)' <b>bold</b>"
    columns = {"columns": [{"name": hostile, "filled": 0.5}]}
    text, document = page(
        diagnosis={**DIAGNOSIS, "items": columns},
        scenario=hostile,
        facts={"stages": [{"stage": hostile, "seconds": 1}]},
    )
    assert "<script>alert" not in text
    assert document.attributes("onclick") == []
    assert document.data_of("filled-items")["rows"][0]["label"] == hostile
    assert document.data_of("stages")["rows"][0]["label"] == hostile
    assert f"{hostile}: 1.0\u202fs." in words(document)


def test_pictures_have_names_descriptions_and_axis_titles(page):
    _, document = page(diagnosis=DIAGNOSIS)
    identifiers = document.attributes("id")
    assert len(identifiers) == len(set(identifiers))
    pictures = [a["id"] for tag, a in document.elements if tag == "div" and a.get("class") == "plot"]
    assert {"hero", "explorer-values", "explorer-differences", "events-over-time"} <= set(pictures)
    assert document.count("figure") == document.count("figcaption") == len(pictures)
    data = {key: document.data_of(key) for key in pictures}
    assert data["hero"]["axis"] == "NDCG@5, mean over 40 users"
    assert data["events-over-time"]["x"] == "date (UTC)"
    assert all(one.get("axis") or one.get("x") or one.get("y") for one in data.values())
    assert "NDCG@5, mean" not in words(document)  # axis titles are drawn
    assert "model without seen: 0" in words(document)  # what pictures tell stands there in words


def test_tables_have_captions_and_scoped_heads(page):
    _, document = page(service={"coverage": 0.5})
    assert document.count("caption") == document.count("table") >= 7
    heads = [attributes for tag, attributes in document.elements if tag == "th"]
    assert {attributes["scope"] for attributes in heads} == {"col", "row"}


def test_every_interval_of_a_picture_holds_its_value(page):
    _, document = page(diagnosis=DIAGNOSIS)
    rows = document.data_of("explorer-values")["rows"] + document.data_of("explorer-differences")["rows"]
    assert len(rows) == 5 + 3
    for row in rows:
        assert row["low"] <= row["value"] <= row["high"]


def test_the_explorer_has_a_control_and_a_view_for_everything(page):
    _, document = page()
    fields = [a for tag, a in document.elements if tag in {"input", "select"}]
    assert [field["name"] for field in fields] == ["metric", "k", "k", "list", "list"]
    chosen = [a["value"] for tag, a in document.elements if "checked" in a or "selected" in a]
    assert chosen == ["ndcg", "5", "without_seen"]
    (views,) = (json.loads(text) for a, text in document.scripts if a.get("id") == "explorer-data")
    assert "/".join(chosen) in views["reading"]["views"]
    forms = [attributes for tag, attributes in document.elements if tag == "form"]
    assert "hidden" in forms[0]  # without its script it could not be worked


def test_every_link_of_the_contents_leads_to_a_section(page):
    _, document = page(diagnosis=DIAGNOSIS)
    sections = [attributes["id"] for tag, attributes in document.elements if tag == "section"]
    targets = [target for target in document.attributes("href") if target != "#figures"]
    assert [f"#{section}" for section in sections if section != "figures"] == targets


def test_the_lead_over_every_baseline_is_a_key_figure_the_verdicts_first(page):
    _, document = page()
    shown = words(document)
    found = re.findall(r"NDCG@5 over ([a-z ]+?)(: the verdict)? [+\u2212]", shown)
    assert found == [
        ("popularity without seen", ": the verdict"),
        ("popularity", ""),
        ("recent popularity", ""),
    ]


def test_the_cut_stands_in_the_histogram_where_its_time_lies(page):
    _, document = page(diagnosis=DIAGNOSIS)
    marker = document.data_of("events-over-time")["marker"]
    # 100 of 120 million seconds, over two columns.
    assert marker == {"at": 1.667, "text": "cut 2020-09-13"}


@pytest.mark.parametrize("cut", [1_400_000_000, 1_700_000_000])
def test_a_cut_outside_of_the_histogram_is_not_drawn(page, cut):
    _, document = page(diagnosis={**DIAGNOSIS, "split": {"cut": cut}})
    assert document.data_of("events-over-time")["marker"] is None


def test_light_dark_narrow_and_printed(page):
    text, _ = page()
    for rule in ("prefers-color-scheme: dark", "max-width: 760px", "@media print", "width=device-width"):
        assert rule in text


def test_the_diagnosis_is_drawn(page):
    _, document = page(diagnosis=DIAGNOSIS)
    shown = words(document)
    assert document.data_of("events-over-time")["marker"]["text"] == "cut 2020-09-13"
    for piece in ("123\u202f456", "2017-07-14", "2\u20133", "25\u202f%", "only 40 users"):
        assert piece in shown, piece


@pytest.mark.parametrize("diagnosis", [None, {}, {"counts": {"rows_read": 1}, "unheard_of": [1]}])
def test_a_missing_or_partial_diagnosis_still_gives_a_page(page, diagnosis):
    _, document = page(diagnosis=diagnosis)
    assert "The data" in words(document)


def test_without_stages_service_or_facts_there_is_a_page(page):
    _, document = page(facts={}, solution_version_arn=None)
    shown = words(document)
    assert "the service was not asked" in shown
    assert "the model beats popularity" in shown


def test_stages_are_told_with_their_sum(page):
    _, document = page()
    assert "Where the time went: 1\u202fmin 2\u202fs" in words(document)


def test_the_service_stands_beside_the_nearest_of_ours(page):
    _, document = page(service={"precision_at_5": 0.1234, "hits_at_1_percent": 19.7648})
    shown = words(document)
    assert "Precision@5, model as returned" in shown
    assert "0.1234" in shown
    assert "19.7648" in shown


def test_oddities_are_told_at_the_top(page, community):
    lines = community.answers[0].read_text().splitlines()
    failed = '{"input":{"userId":"u00"},"output":{"recommendedItems":[]},"error":"User error: <no>"}'
    repeated = lines[1].replace('["i0"', '["i0","i0"')
    community.write_answers([failed, repeated, *lines[2:], lines[2]])
    _, document = page()
    shown = words(document)
    assert "1 user of 40 got no recommendations" in shown
    assert "The batch job says: User error: <no>" in shown
    assert "repeat an item" in shown
    assert "repeat a user" in shown


def test_a_baseline_that_wins_is_shown_as_such(page, community):
    lines = community.answers[0].read_text().splitlines()
    community.write_answers(line.replace('["i0",', '["i0","x1","x2","x3","x4","x5",') for line in lines)
    text, document = page()
    assert 'class="masthead not-better"' in text
    assert "falls behind popularity" in words(document)


def test_a_run_with_nobody_to_evaluate_has_a_page(page, run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    text, document = page(run=run)
    assert 'class="masthead cannot-tell"' in text
    assert "nan" not in re.findall(r'"([^"]*)"', text)
    assert "\u2013" in words(document)


def test_every_metric_is_explained():
    assert [item.metric for item in EXPLANATIONS] == list(METRICS)
