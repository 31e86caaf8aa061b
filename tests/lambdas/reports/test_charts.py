"""Charts as data: the shapes that their builders tell, and every number in words."""

from __future__ import annotations

import json

import pytest

from lambdas.reports.charts import (
    Row,
    column_chart,
    difference_chart,
    duration_chart,
    interval_text,
    lift_chart,
    share_chart,
    side,
    value_chart,
)
from lambdas.reports.estimates import UNDEFINED, Estimate
from lambdas.reports.numbers import percent_text, signed_percent, value_text
from lambdas.reports.plots import (
    Moment,
    curve_chart,
    dot_chart,
    even_axis,
    linear_axis,
    tick_value,
    trend_chart,
)

ABOVE, BELOW, ACROSS = Estimate(0.5, 0.25, 0.75), Estimate(-0.5, -0.75, -0.25), Estimate(0.1, -0.1, 0.3)


def test_a_bar_has_its_numbers_its_words_and_its_role():
    chart = value_chart("k", "NDCG", "NDCG, mean", [Row("ours", "primary", Estimate(0.18, 0.17, 0.19))])
    assert (chart.key, chart.kind, chart.title, chart.legend) == ("k", "bars", "NDCG", ())
    assert chart.data == {
        "axis": "NDCG, mean",
        "format": "value",
        "rows": [
            {
                "label": "ours",
                "kind": "primary",
                "value": 0.18,
                "low": 0.17,
                "high": 0.19,
                "text": "0.1800",
                "interval": "(0.1700 to 0.1900)",
            }
        ],
    }
    assert chart.description == "ours: 0.1800 (0.1700 to 0.1900)."


def test_what_is_undefined_keeps_its_row_and_says_so():
    chart = share_chart("k", "t", "a", [Row("none", "data", UNDEFINED), Row("half", "data", Estimate(0.5))])
    none, half = chart.data["rows"]
    assert (none["value"], none["low"], none["high"], none["text"], none["interval"]) == (
        None,
        None,
        None,
        "\u2013",
        "",
    )
    assert (half["text"], chart.data["format"]) == ("50\u202f%", "percent")
    assert chart.description == "none: \u2013; half: 50\u202f%."


def test_pictures_hold_six_digits_and_words_what_is_told():
    (row,) = value_chart("k", "t", "a", [Row("x", "data", Estimate(1 / 3, 1e-9 / 3, 12345678.9))]).data[
        "rows"
    ]
    assert (row["value"], row["low"], row["high"]) == (0.333333, 3.33333e-10, 12345700.0)
    assert row["text"] == "0.3333"


@pytest.mark.parametrize(
    ("estimate", "where"),
    [
        (ABOVE, "above"),
        (BELOW, "below"),
        (ACROSS, "across"),
        (Estimate(0.5), "unknown"),
        (Estimate(0.5, 0.0, 1.0), "across"),
        (Estimate(-0.5, -1.0, 0.0), "across"),
        (UNDEFINED, "unknown"),
    ],
)
def test_the_side_of_zero_is_that_of_the_whole_interval(estimate, where):
    assert side(estimate) == where


def test_differences_have_the_role_of_their_side_or_that_of_data():
    rows = [Row(name, "", e) for name, e in (("a", ABOVE), ("b", BELOW), ("c", ACROSS), ("d", UNDEFINED))]
    for build, words in ((lift_chart, "+50\u202f%"), (difference_chart, "+0.5000")):
        judged = build("k", "t", "a", rows)
        assert judged.kind == "points"
        assert [row["kind"] for row in judged.data["rows"]] == ["above", "below", "across", "unknown"]
        assert judged.data["rows"][0]["text"] == words
        described = build("k", "t", "a", rows, more_is_better=False)
        assert [row["kind"] for row in described.data["rows"]] == ["data"] * 4


def test_durations_are_told_in_their_units_and_drawn_in_seconds():
    chart = duration_chart("k", "t", "duration", [("split", 1.25), ("train", 3725.0)])
    assert chart.data["format"] == "seconds"
    assert [(row["value"], row["text"]) for row in chart.data["rows"]] == [
        (1.25, "1.2\u202fs"),
        (3725.0, "1\u202fh 2\u202fmin"),
    ]


def test_intervals_are_told_only_where_there_are_any():
    assert interval_text(Estimate(0.5, 0.25, 0.75), percent_text) == "(25\u202f% to 75\u202f%)"
    assert interval_text(Estimate(0.5), percent_text) == ""


def test_a_histogram_has_labels_at_its_ends_or_where_it_is_told():
    titles = ("Histories", "length", "users")
    plain = column_chart("k", titles, [3, 12000], ["1: 3", "2: 12000"], ("1", "2"))
    assert plain.data["stops"] == [{"at": 0, "label": "1"}, {"at": 2, "label": "2"}]
    assert plain.data["rows"] == [{"height": 3, "text": "1: 3"}, {"height": 12000, "text": "2: 12000"}]
    assert plain.description == "2 bars from 1 to 2; the highest is 12\u202f000."
    stops = [(0.5, "1"), (1.5, "2")]
    assert column_chart("k", titles, [3, 4], ["", ""], ("1", "2"), stops=stops).data["stops"] == [
        {"at": 0.5, "label": "1"},
        {"at": 1.5, "label": "2"},
    ]


def test_a_histogram_without_columns_can_be_described():
    assert column_chart("k", ("t", "x", "y"), [], [], ("a", "b")).description == (
        "0 bars from a to b; the highest is 0."
    )


def test_a_line_across_a_histogram_leaves_the_chart_it_was_made_of_alone():
    plain = column_chart("k", ("t", "x", "y"), [1, 2], ["", ""], ("a", "b"))
    assert plain.marked(1.5, "cut").data["marker"] == {"at": 1.5, "text": "cut"}
    assert plain.data["marker"] is None


def test_a_curve_leaves_out_what_is_undefined_and_tells_its_level_lines():
    chart = curve_chart(
        "k",
        "t",
        linear_axis("weight", [0.0, 0.3, 1.0], tick_value),
        {("ours", "primary"): [Estimate(0.2, 0.1, 0.3), UNDEFINED, Estimate(0.1)]},
        value_text,
        rules=[("theirs", Estimate(0.05)), ("unknown", UNDEFINED)],
    )
    (series,) = chart.data["series"]
    assert [(point["at"], point["label"], point["text"]) for point in series["points"]] == [
        (0.0, "0", "0.2000 (0.1000 to 0.3000)"),
        (1.0, "1", "0.1000"),
    ]
    assert chart.data["stops"] == [
        {"at": at, "label": text} for at, text in ((0.0, "0"), (0.3, "0.3"), (1.0, "1"))
    ]
    assert chart.data["rules"] == [{"value": 0.05, "text": "theirs 0.0500"}]
    assert (chart.data["format"], chart.legend) == ("value", (("ours", "primary"),))
    assert chart.description == (
        "By weight. ours: at 0 0.2000 (0.1000 to 0.3000), at 1 0.1000; level line: theirs 0.0500."
    )


def test_stops_of_an_even_axis_are_one_apart_whatever_they_stand_for():
    assert even_axis("events", ["0", "1", "20"]).stops == ((0.0, "0"), (1.0, "1"), (2.0, "20"))


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.3, "0.3"), (1.0, "1"), (100, "100"), (-0.25, "-0.25")]
)
def test_ticks_have_no_needless_digits(value, text):
    assert tick_value(value) == text


def test_a_row_of_dots_has_all_values_in_words_and_a_dot_for_each_that_is_defined():
    chart = dot_chart(
        "k",
        ("Genres", "share"),
        [("theirs", "rival"), ("ours", "primary")],
        [("war", (0.5, None))],
        percent_text,
    )
    (row,) = chart.data["rows"]
    assert row["text"] == "50\u202f% · \u2013"
    assert row["dots"] == [{"kind": "rival", "value": 0.5, "text": "theirs 50\u202f%"}]
    assert chart.legend == (("theirs", "rival"), ("ours", "primary"))


def test_a_trend_tells_where_it_begins_and_ends_and_what_failed():
    moments = [
        Moment("2026-01-05T04:00:00Z", "run a", Estimate(0.9, 0.8, 1.0)),
        Moment("2026-01-12T04:00:00Z", "run b", UNDEFINED),
        Moment("2026-01-19T04:00:00Z", "run c", Estimate(0.5)),
    ]
    chart = trend_chart(
        "k",
        ("Trend", "lead"),
        {("ours", "primary"): moments, ("theirs", "rival"): []},
        signed_percent,
        shares=True,
        failures=[("2026-01-12T05:00:00Z", "run d: no data")],
    )
    ours, theirs = chart.data["series"]
    assert [point["label"] for point in ours["points"]] == ["run a", "run c"]
    assert theirs["points"] == []
    assert chart.data["failures"] == [{"time": "2026-01-12T05:00:00Z", "text": "run d: no data"}]
    assert (chart.data["y"], chart.data["format"]) == ("lead", "percent")
    assert chart.description == (
        "ours: 2 figures, from +90\u202f% (+80\u202f% to +100\u202f%) (run a) to +50\u202f% (run c); "
        "theirs: no figure; 1 without a figure."
    )


def test_data_of_a_chart_are_json():
    chart = lift_chart("k", "t", "a", [Row("</script>\u2028", "", UNDEFINED), Row("x", "", ABOVE)])
    assert json.loads(json.dumps(chart.data, allow_nan=False)) == chart.data
