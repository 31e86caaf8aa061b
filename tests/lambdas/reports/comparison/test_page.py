"""The page of a comparison: what stands on it, and that data never becomes markup."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from lambdas.reports.comparison.compare import compare_folders
from lambdas.reports.comparison.page import Links, page_of, render_comparison

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \N{RIGHT-TO-LEFT OVERRIDE}\N{GRINNING FACE}"
VOID = {"meta", "br", "img"}


class Parsed(HTMLParser):
    """Tags with their attributes, texts by tag, ids and links; fails when tags are not balanced."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def said(self, tag: str) -> str:
        return " ".join(text for name, text in self.texts if name == tag)


def scores(users, low=0.5, step=0.0):
    return {name: low + step * place for place, name in enumerate(users(40))}


@pytest.fixture
def compared(make, users):
    """Two runs that differ in everything that a page tells."""

    def build(**later):
        hostile = {"facts": {"solution": {HOSTILE: HOSTILE}}, "verdict": HOSTILE, "model": {"name": HOSTILE}}
        then = make("a", scores(users))
        now = make("b", scores(users, 0.6, 0.001), **{"members": hostile, **later})
        return compare_folders(then, now)

    return build


def test_data_stays_text(compared):
    page = Parsed(render_comparison(compared(), Links("../a/report.html", "report.html")))
    assert page.all("img") == []
    assert all("onerror" not in attributes for _, attributes in page.tags)
    assert "alert(1)" not in page.said("script")
    assert HOSTILE in page.said("td")
    policies = [
        tag["content"] for tag in page.all("meta") if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policies[0]


def test_the_page_answers_first_and_then_tells_settings_data_and_results(compared):
    found = compared()
    page = Parsed(render_comparison(found, Links("../a/report.html", "report.html")))
    assert page.said("h1") == found.sentence
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == ["figures", "settings", "data", "results", "runs", "method"]
    assert [tag["href"] for tag in page.all("a")] == ["#figures", "../a/report.html", "report.html"]
    assert next(tag for tag in page.all("header"))["class"] == "masthead better"


def test_every_chart_has_its_data_and_its_words(compared):
    found = compared()
    page = Parsed(render_comparison(found, Links()))
    plots = [attributes for attributes in page.all("div") if attributes.get("class") == "plot"]
    assert [plot["id"] for plot in plots] == ["hero", "changes", "baseline", "lead"]
    data = {
        attributes["data-for"]: json.loads(text)
        for attributes, (_, text) in zip(
            [tag for tag in page.all("script") if "data-for" in tag],
            [text for text in page.texts if text[0] == "script" and text[1].strip().startswith("{")],
            strict=True,
        )
    }
    hero = {row["label"]: row["value"] for row in data["hero"]["rows"]}
    assert hero == {"then": pytest.approx(0.5), "now": pytest.approx(0.6195)}
    assert "then: 0.5000" in page_of(found, Links()).hero.description
    # 0.6195 is 23.9 % more than 0.5.
    assert data["changes"]["rows"][0]["text"] == "+24\N{NARROW NO-BREAK SPACE}%"


def test_figures_tell_the_difference_the_leads_and_how_much_changed(compared):
    page = page_of(compared(), Links())
    told = {figure.label: figure.value for figure in page.figures}
    assert told == {
        "NDCG@10, since then": "+24\N{NARROW NO-BREAK SPACE}%",
        "lead over popularity without seen, then": "+0.4000",
        "lead over popularity without seen, now": "+0.5195",
        "popularity without seen itself, since then": "0\N{NARROW NO-BREAK SPACE}%",
        "changed in the settings": "2 settings",
        "changed in the data": "nothing",
    }


def test_without_a_common_metric_the_page_has_no_pictures_and_no_results(make, users):
    rows = [
        {
            "source": "model",
            "list": "without_seen",
            "metric": "ndcg",
            "k": 3,
            "value": 1,
            "low": 1,
            "high": 1,
            "users": 40,
        }
    ]
    found = compare_folders(make("a", scores(users)), make("b", scores(users), members={"values": rows}))
    page = Parsed(render_comparison(found, Links()))
    assert "results" not in [attributes.get("id") for attributes in page.all("section")]
    assert "plot" not in [attributes.get("class") for attributes in page.all("div")]
    assert [tag["href"] for tag in page.all("a")] == ["#figures"]


def test_groups_have_a_chart_and_a_table_each(make, users):
    segment = {"users": 40, "value": 0.5, "low": 0.4, "high": 0.6, "rival_value": 0.1}
    segment |= {"difference": 0.4, "difference_low": 0.3, "difference_high": 0.5}
    groups = [
        {"by": "history", "group": "001-009", "label": "1 to 9", **segment},
        {"by": "popularity", "group": "rare", "label": HOSTILE, **segment},
    ]
    members = {"segments": groups}
    found = compare_folders(
        make("a", scores(users), members=members), make("b", scores(users, 0.6), members=members)
    )
    page = Parsed(render_comparison(found, Links()))
    ids = [attributes["id"] for attributes in page.all("div") if attributes.get("class") == "plot"]
    assert ids[-2:] == ["groups-history", "groups-popularity"]
    view = page_of(found, Links())
    assert "each compared with themself" in view.groups[0].note
    assert "as if their users were different" in view.groups[1].note
    ((label, cells),) = view.groups[0].table.rows
    assert label == "1 to 9"
    assert [cell.text for cell in cells] == ["40", "40", "0.5000", "0.5000", "+0.1000", "+0.4000", "+0.4000"]


def test_moments_are_told_as_days(make, users):
    day = 86_400
    found = compare_folders(
        make("a", scores(users), members={"data": {"first_event": 0, "last_event": 10 * day}}),
        make("b", scores(users), members={"data": {"first_event": 0, "last_event": 17 * day}}),
    )
    rows = {head: [cell.text for cell in cells] for head, cells in page_of(found, Links()).counts.rows}
    assert rows["first event"] == ["1970-01-01 00:00", "1970-01-01 00:00", "same", ""]
    assert rows["last event"] == ["1970-01-11 00:00", "1970-01-18 00:00", "+7.0 days", ""]
