"""Everything that can be clicked can be reached and worked with the keyboard, and one sees where one is."""

from __future__ import annotations

import itertools

import pytest

from tests.browser.runs import KINDS, PAGES
from tests.browser.viewer import DRAWN

pytestmark = pytest.mark.browser

# What is focused: whether one sees it, and what it is. Marks it as reached.
FOCUSED = """
() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  here.dataset.reached = "";
  // A choice is drawn by its label; the button itself is not to be seen.
  const drawn = here.type === "radio" ? here.closest("label") : here;
  const style = getComputedStyle(drawn);
  const box = drawn.getBoundingClientRect();
  return {
    what: `${here.tagName} ${here.className || here.name || ""} ${here.textContent.trim().slice(0, 40)}`,
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5,
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}
"""
# What should have been reached and was not. Of radio buttons of one name the keyboard reaches the chosen one.
MISSED = """
() => Array.from(document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']"))
  .filter((one) => one.checkVisibility() && !one.disabled && !("reached" in one.dataset))
  .filter((one) => one.type !== "radio" || one.checked)
  .map((one) => one.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("name", KINDS)
def test_tab_reaches_everything_that_can_be_worked(look, name):
    view = look(PAGES[name])
    stops = []
    view.page.keyboard.press("Tab")
    while stop := view.run(FOCUSED):
        stops.append(stop)
        assert len(stops) < 500
        view.page.keyboard.press("Tab")
    assert view.run(MISSED) == []
    assert "skip" in stops[0]["what"]
    assert [stop["what"] for stop in stops if not (stop["seen"] and stop["onScreen"])] == []


def test_the_link_at_the_top_skips_to_the_figures(look):
    view = look(PAGES["users"])
    view.page.keyboard.press("Tab")
    view.page.keyboard.press("Enter")
    target = view.run("() => document.activeElement.getAttribute('href') || location.hash")
    assert view.run("([target]) => document.querySelector(target).getBoundingClientRect().top < 100", target)


def test_details_open_with_the_keyboard(look):
    view = look(PAGES["users"])
    details = view.page.locator("details").first
    was_open = details.get_attribute("open") is not None
    details.locator("summary").focus()
    view.page.keyboard.press("Enter")
    assert (details.get_attribute("open") is not None) != was_open


# What the explorer shows: the sentence, the names of its pictures, and how many bars and points they have.
SHOWN = """
() => ({
  reading: document.getElementById("explorer-reading").textContent,
  pictures: Array.from(document.querySelectorAll("#comparison .plot svg"), (drawn) => drawn.getAttribute("aria-label")),
  marks: document.querySelectorAll("#comparison .plot :is(.bars rect, .points circle)").length,
})
"""


@pytest.mark.parametrize("name", ["users", "variants", "related items"])
def test_the_explorer_is_worked_with_the_arrow_keys(look, name):
    view = look(PAGES[name])
    keyboard, seen = view.page.keyboard, [view.run(SHOWN)]
    names = view.run("() => Array.from(document.forms.explorer.elements, (one) => one.name)")
    controls = dict.fromkeys(filter(None, names))
    assert controls
    for control in controls:
        chosen = view.page.locator(f"select[name={control}], input[name={control}]:checked")
        chosen.focus()
        before = chosen.input_value()
        keyboard.press("ArrowDown")
        if chosen.input_value() == before:  # it was the last choice
            keyboard.press("ArrowUp")
        seen.append(view.run(SHOWN))
    for earlier, later in itertools.pairwise(seen):
        assert later["reading"] != earlier["reading"]
        assert later["pictures"] != earlier["pictures"]
        assert later["marks"]
    assert len(seen[0]["pictures"]) == 2
    assert view.errors == view.messages == []


def test_a_link_into_the_explorer_shows_what_was_chosen(look):
    view = look(PAGES["users"])
    view.page.locator("select[name=metric]").select_option("recall")
    chosen, address = view.run(SHOWN), view.page.url
    assert "Recall" in chosen["reading"]
    view.page.goto("about:blank")
    view.page.goto(address)
    view.page.wait_for_function(DRAWN)
    assert view.run(SHOWN) == chosen


def test_the_table_of_all_runs_is_narrowed_with_the_keyboard(look):
    view = look(PAGES["index"])
    rows = view.page.locator("#runs tbody tr")
    of_all = rows.count()
    view.page.locator("select[name=scenario]").focus()
    view.page.keyboard.press("s")  # sims, by its first letter
    shown = rows.filter(visible=True)
    assert {row.get_attribute("data-scenario") for row in shown.all()} == {"sims"}
    assert view.page.locator("output").inner_text() == f"{shown.count()} of {of_all} shown"
