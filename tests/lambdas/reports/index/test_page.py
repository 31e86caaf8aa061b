"""What the page of all runs says, and that nothing from data becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from lambdas.reports.estimates import Difference, Estimate
from lambdas.reports.index.gathering import gather, run_folders
from lambdas.reports.index.page import index_page, render_index
from lambdas.reports.index.rows import run_row, shown_difference
from lambdas.reports.index.trends import LONGEST_TREND
from lambdas.reports.numbers import DASH
from lambdas.reports.page.render import SCRIPTS

NASTY = '<script>alert("1")</script></script><b>\u202eright-to-left 🎬' + "x" * 500


class Elements(HTMLParser):
    """Elements with their attributes, scripts by their attributes, and the text of the rest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements, self.scripts, self.text, self.open = [], [], [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.open = tag

    def handle_data(self, data):
        if self.open == "script":
            self.scripts.append((self.elements[-1][1], data))
            self.open = ""
        elif data.strip():
            self.text.append(data.strip())

    def attributes(self, tag, name):
        return [attributes.get(name) for each, attributes in self.elements if each == tag]


@pytest.fixture
def entries(store):
    def of_store():
        return gather(store, run_folders(store.files()), {}).entries

    return of_store


def put_run(store, document, *, minute=0.0, **more):
    folder = f"{document['scenario']}/{document['run_id']}"
    store.put(f"{folder}/report.html", "<html>", minute=minute)
    store.put(f"{folder}/metrics.json", document, minute=minute)
    for name, content in more.items():
        store.put(f"{folder}/{name.replace('_', '.')}", content, minute=minute)


def test_a_page_without_runs_says_how_to_begin():
    page = Elements(render_index([]))
    assert "No run yet" in page.text
    assert any("pipelines run hrnn" in text for text in page.text)
    assert page.attributes("table", "class") == []


def test_a_row_has_its_figures_and_links_to_its_pages(store, metrics, entries):
    put_run(store, metrics(), comparison_html="<html>")
    page = render_index(entries())
    links = Elements(page).attributes("a", "href")
    assert links.count("hrnn/r1/report.html") == links.count("hrnn/r1/comparison.html") == 2
    row = run_row(entries()[0])
    assert (row.state, row.told, row.ended) == ("better", "better", "2026-01-31 12:00")
    figures = row.figures
    assert (figures.metric, figures.value, figures.value_interval) == (
        "NDCG@10",
        "0.1500",
        "(0.1400 to 0.1600)",
    )
    assert (figures.against, figures.baseline) == ("popularity without seen", "0.1200")
    assert (figures.lead, figures.lead_kind) == ("+25\u202f%", "above")
    assert (figures.users, figures.users_unit) == ("943", "")
    assert (figures.cost, figures.currency) == ("1.25", "USD")


def test_a_replay_is_told_in_shares_and_pairs(store, metrics, entries):
    document = metrics("put_events", kind="replay", cost=None)
    document["primary"] |= {"metric": "overlap@25", "source": "replay", "baseline": "no_events"}
    document["values"] = []
    put_run(store, document)
    figures = run_row(entries()[0]).figures
    assert (figures.metric, figures.value, figures.against) == ("Overlap@25", "15\u202f%", "before any event")
    assert (figures.users, figures.users_unit) == ("943", "pairs")
    assert (figures.cost, figures.currency) == (DASH, "")


@pytest.mark.parametrize(
    ("total", "told"), [(0, "0.00"), (0.0001, "<\u202f0.01"), (0.005, "0.01"), (1234.5, "1\u202f234.50")]
)
def test_a_little_money_is_not_nothing(store, metrics, entries, total, told):
    put_run(store, metrics(cost={"currency": "EUR", "total": total}))
    assert run_row(entries()[0]).figures.cost == told


@pytest.mark.parametrize(
    ("relative", "absolute", "told"),
    [
        (Estimate(0.25, 0.2, 0.3), Estimate(0.03, 0.02, 0.04), "+25\u202f%"),
        (Estimate(0.25), Estimate(0.03), "+25\u202f%"),
        # The rival scores 0 in some resample: the relative difference has no interval, the absolute one has.
        (Estimate(0.25), Estimate(0.03, 0.02, 0.04), "+0.0300"),
        (Estimate(None), Estimate(0.03, 0.02, 0.04), "+0.0300"),
        (Estimate(None), Estimate(None), DASH),
    ],
)
def test_a_lead_is_relative_where_that_can_be_said(relative, absolute, told):
    shown, text = shown_difference(Difference(absolute, relative))
    assert text(shown.value) == told


def test_failed_unfinished_and_unreadable_runs_say_what_is_the_matter_and_what_to_do(
    store, metrics, failure, entries
):
    store.put("hrnn/bad/failure-bad.json", failure("bad"), minute=3)
    store.put("hrnn/stopped/report.html", "<html>", minute=2)
    store.put("hrnn/broken/metrics.json", "{", minute=1)
    failed, unfinished, unreadable = (run_row(entry) for entry in entries())
    assert failed.words == (
        "Failed at Split data: interactions.csv has no column ITEM_ID",
        "What to do: Correct the data.",
    )
    assert unfinished.words[0].startswith(
        "There is no metrics.json: the run is still at work, or it was stopped."
    )
    assert unreadable.words[0].startswith("metrics.json cannot be read: it is not JSON")
    assert [row.state for row in (failed, unfinished, unreadable)] == ["failed", "unfinished", "unreadable"]
    assert [row.report for row in (failed, unfinished, unreadable)] == ["", "hrnn/stopped/report.html", ""]
    text = Elements(render_index(entries())).text
    assert "What to do: Correct the data." in text
    assert "No run of this scenario has a result yet." in text


def test_earlier_failures_of_a_run_that_succeeded_are_mentioned(store, metrics, failure, entries):
    store.put("hrnn/r1/failure-r1.json", failure())
    put_run(store, metrics(), minute=1)
    assert run_row(entries()[0]).remarks == ("after 1 failed attempt",)


def test_a_run_that_failed_after_its_result_tells_both(store, metrics, failure, entries):
    put_run(store, metrics())
    store.put("hrnn/r1/failure-r1-2.json", failure(), minute=1)
    words = run_row(entries()[0]).words
    assert words[-1] == f"The result of an earlier attempt stands: {metrics()['verdict']}"
    (scenario,) = index_page(entries()).scenarios
    assert (scenario.sentence, scenario.since.state) == (metrics()["verdict"], "failed")


def test_a_scenario_shows_its_latest_verdict_and_what_happened_since(store, metrics, failure, entries):
    put_run(store, metrics(run_id="old", outcome="not_better", verdict="it falls behind"))
    put_run(store, metrics(run_id="new", verdict="it leads"), minute=1)
    assert index_page(entries()).scenarios[0].since is None
    store.put("hrnn/bad/failure-bad.json", failure("bad"), minute=2)
    (scenario,) = index_page(entries()).scenarios
    assert (scenario.sentence, scenario.outcome, scenario.result.run_id) == ("it leads", "better", "new")
    assert (scenario.since.run_id, scenario.since.state) == ("bad", "failed")


def charts_of(page: str) -> dict[str, dict]:
    return {
        attributes["data-for"]: json.loads(text)
        for attributes, text in Elements(page).scripts
        if attributes.get("type") == "application/json"
    }


def test_the_trend_shows_the_model_against_its_rival_with_intervals_oldest_first(
    store, metrics, failure, entries
):
    for number, value in enumerate((0.15, 0.17)):
        document = metrics(run_id=f"r{number}")
        document["values"][0] |= {"value": value, "low": value - 0.01, "high": value + 0.01}
        put_run(store, document, minute=number)
    store.put("hrnn/bad/failure-bad.json", failure("bad"), minute=5)
    charts = charts_of(render_index(entries()))
    assert set(charts) == {"trend-hrnn", "lead-hrnn"}
    model, rival = charts["trend-hrnn"]["series"]
    assert [(one["name"], one["kind"]) for one in (model, rival)] == [
        ("model", "primary"), ("popularity without seen", "rival"),
    ]  # fmt: skip
    assert [(point["value"], point["low"]) for point in model["points"]] == [(0.15, 0.14), (0.17, 0.16)]
    assert [point["time"] for point in rival["points"]] == ["2026-01-31T12:00:00Z", "2026-01-31T12:01:00Z"]
    (mark,) = charts["trend-hrnn"]["failures"]
    assert mark["text"] == "run bad: Failed at Split data: interactions.csv has no column ITEM_ID"
    assert charts["lead-hrnn"]["series"][0]["points"][0]["value"] == 0.25


def test_one_run_is_no_trend(store, metrics, entries):
    put_run(store, metrics())
    page = render_index(entries())
    assert charts_of(page) == {}
    assert "Its trend is drawn from the second run on." in page


def test_runs_with_another_main_metric_or_rival_are_not_in_the_trend_and_that_is_said(
    store, metrics, entries
):
    other = metrics(run_id="other")
    other["primary"] |= {"metric": "map@10"}
    put_run(store, other)
    for number in (1, 2):
        put_run(store, metrics(run_id=f"r{number}"), minute=number)
    page = render_index(entries())
    assert len(charts_of(page)["trend-hrnn"]["series"][0]["points"]) == 2
    assert "1 earlier run with another main metric, list or rival is in the table only." in page


def test_a_long_trend_is_cut_and_that_is_said(store, metrics, entries):
    for number in range(LONGEST_TREND + 5):
        put_run(store, metrics(run_id=f"r{number:03}"), minute=number)
    page = render_index(entries())
    points = charts_of(page)["trend-hrnn"]["series"][0]["points"]
    assert len(points) == LONGEST_TREND
    assert points[-1]["time"] == entries()[0].ended_at
    assert f"Shown are the latest {LONGEST_TREND} of {LONGEST_TREND + 5} runs." in page


def test_undefined_figures_and_outcomes_of_later_versions_are_shown(store, metrics, entries):
    document = metrics(outcome="better_for_some")
    document["primary"] |= dict.fromkeys(("value", "baseline_value", "difference", "low", "high"))
    document["primary"] |= dict.fromkeys(("relative_difference", "relative_low", "relative_high"))
    document["values"] = []
    for number in (1, 2):
        put_run(store, {**document, "run_id": f"r{number}"}, minute=number)
    row = run_row(entries()[0])
    assert (row.told, row.figures.value, row.figures.lead, row.figures.lead_kind) == (
        "better for some", DASH, DASH, "unknown",
    )  # fmt: skip
    assert charts_of(render_index(entries()))["trend-hrnn"]["series"][0]["points"] == []


def test_whatever_is_in_the_data_stays_text(store, metrics, failure, entries):
    put_run(store, metrics(verdict=NASTY, outcome=NASTY, model={"name": NASTY}))
    document = metrics(run_id="r2", verdict=NASTY)
    document["primary"] |= {"baseline": NASTY, "source": NASTY}
    put_run(store, document, minute=1)
    put_run(store, {**document, "run_id": "r3"}, minute=2)
    nasty = dict.fromkeys(("stage", "error", "reason", "advice"), NASTY)
    store.put("hrnn/bad/failure-bad.json", failure("bad", **nasty), minute=3)
    store.put("hrnn/odd/metrics.json", json.dumps({"schema_version": NASTY}), minute=4)
    page = Elements(render_index(entries()))
    # One in the masthead, one in the row of each of the three runs with figures.
    assert [tag for tag, _ in page.elements if tag == "b"] == ["b"] * 4
    written = [text for attributes, text in page.scripts if not attributes]
    assert len(written) == page.attributes("script", "type").count(None) == len(SCRIPTS) + 1
    assert not any("alert" in text for text in written)
    assert any("<script>alert" in text for text in page.text)


def test_words_of_any_length_are_cut(store, failure, entries):
    store.put("hrnn/bad/failure-bad.json", failure("bad", reason="long " * 10_000))
    assert max(map(len, run_row(entries()[0]).words)) < 500


def test_filters_offer_what_occurs_and_wait_for_their_script(store, metrics, failure, entries):
    put_run(store, metrics())
    put_run(store, metrics("sims", "r2", outcome="cannot_tell"), minute=1)
    store.put("hrnn/bad/failure-bad.json", failure("bad"), minute=3)
    page = Elements(render_index(entries()))
    assert dict(page.elements)["form"]["hidden"] is None
    assert page.attributes("option", "value") == ["", None, None, "", "better", "cannot_tell", "failed"]
    rows = [a for tag, a in page.elements if tag == "tr" and "data-state" in a]
    assert [(row["data-scenario"], row["data-state"]) for row in rows] == [
        ("hrnn", "failed"), ("sims", "cannot_tell"), ("hrnn", "better"),
    ]  # fmt: skip


def test_the_policy_names_every_script_of_the_page_and_nothing_else(store, metrics, entries):
    put_run(store, metrics())
    page = render_index(entries())
    policy = next(a["content"] for tag, a in Elements(page).elements if a.get("http-equiv"))
    scripts = [text for attributes, text in Elements(page).scripts if not attributes]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]
    assert re.findall(r"'sha256-[^']+'", policy) == hashes
    assert any("filter" in script for script in scripts)
    assert "default-src 'none'" in policy


def test_the_page_asks_for_nothing_from_elsewhere(store, metrics, entries):
    put_run(store, metrics())
    page = Elements(render_index(entries()))
    assert [tag for tag, _ in page.elements if tag in {"link", "img", "iframe", "object"}] == []
    assert page.attributes("script", "src") == [None] * len(page.attributes("script", "src"))
