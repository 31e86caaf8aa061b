"""Every picture is drawn from its data: as many marks as there are values, inside its place."""

from __future__ import annotations

import pytest

from tests.browser.runs import PAGES
from tests.browser.viewer import NARROWEST, WIDE

pytestmark = pytest.mark.browser

PICTURES = """
() => Array.from(document.querySelectorAll(".plot"), (place) => {
  const data = JSON.parse(document.querySelector(`script[data-for="${CSS.escape(place.id)}"]`).textContent);
  const drawn = place.querySelector("svg");
  if (!drawn) return { key: place.id, drawn: false };
  const frame = drawn.getBoundingClientRect();
  const card = place.closest("figure").getBoundingClientRect();
  const marks = Array.from(drawn.querySelectorAll("rect, circle, path, line, text"));
  // The last label and the first point reach a little over the axis, and must not be cut off there.
  const inside = (box) => box.left >= card.left - 1 && box.right <= card.right + 1 && box.top >= card.top - 1
    && box.bottom <= card.bottom + 1;
  return {
    key: place.id,
    kind: place.dataset.kind,
    data,
    drawn: true,
    cut: getComputedStyle(drawn).overflow !== "visible",
    name: drawn.getAttribute("aria-label"),
    fits: frame.width <= place.getBoundingClientRect().width + 0.5,
    outside: marks.filter((mark) => !inside(mark.getBoundingClientRect())).map((mark) => mark.outerHTML),
    broken: marks.some((mark) => /NaN|undefined|Infinity/.test(mark.outerHTML)),
    bars: drawn.querySelectorAll("rect").length,
    points: drawn.querySelectorAll(".points circle").length,
    lines: drawn.querySelectorAll(".curves path").length,
    whiskers: drawn.querySelectorAll(".whisker line").length,
  };
})
"""


def defined(rows: list[dict[str, object]]) -> int:
    return sum(row["value"] is not None for row in rows)


def expected(picture: dict[str, object]) -> dict[str, int]:
    """How many marks there must be, by the data."""
    data = picture["data"]
    match picture["kind"]:
        case "bars":
            bounded = sum(row["low"] is not None and row["high"] is not None for row in data["rows"])
            return {"bars": defined(data["rows"]), "whiskers": 3 * bounded}
        case "points":
            return {"points": defined(data["rows"])}
        case "columns":
            return {"bars": len(data["rows"])}
        case "dots":
            return {"points": sum(defined(row["dots"]) for row in data["rows"])}
        case "curve" | "trend":
            points = [point for series in data["series"] for point in series["points"]]
            return {"points": defined(points), "lines": len(data["series"])}
    raise AssertionError(f"unknown kind {picture['kind']}")


@pytest.mark.parametrize("name", PAGES)
def test_every_value_has_its_mark(look, name):
    view = look(PAGES[name])
    pictures = view.run(PICTURES)
    assert pictures
    for size in (WIDE, NARROWEST):
        view.resize(size)
        for picture in view.run(PICTURES):
            assert picture["drawn"], picture["key"]
            wanted = expected(picture)
            assert {mark: picture[mark] for mark in wanted} == wanted, picture["key"]
            assert not picture["broken"], picture["key"]
            assert not picture["cut"], picture["key"]
            assert picture["fits"], picture["key"]
            assert picture["outside"] == [], (picture["key"], size)
            assert picture["name"].strip(": ")
    assert view.errors == view.messages == []
