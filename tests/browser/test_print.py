"""On paper: everything is open, nothing is there to be clicked, and nothing is cut off at the right."""

from __future__ import annotations

import pytest

from tests.browser.runs import KINDS, PAGES

pytestmark = pytest.mark.browser

# A4 between margins of 10 mm, in CSS pixels.
PAPER = (718, 1047)
# Browsers shrink a page until its widest box fits the paper; what is shrunk more than this is too small to read.
SHRUNK = 1.4
REMEMBER = """
() => addEventListener("beforeprint", () => {
  window.closed = document.querySelectorAll("details:not([open])").length;
})
"""
CLOSED = "() => document.querySelectorAll('details:not([open])').length"
WIDEST = """
() => Math.max(...Array.from(document.querySelectorAll("main *, .masthead *"))
  .filter((one) => one.checkVisibility() && !one.closest(".unseen"))
  .map((one) => one.getBoundingClientRect().right))
"""
CHARTS = """
() => Array.from(document.querySelectorAll("figure"), (figure) => figure.getBoundingClientRect().right)
"""


@pytest.mark.parametrize("name", KINDS)
def test_printing_opens_everything_and_closes_it_again(look, name):
    view = look(PAGES[name])
    closed = view.run(CLOSED)
    view.run(REMEMBER)
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    assert view.page.pdf(format="A4", margin=margin).startswith(b"%PDF-")
    assert view.run("() => window.closed") == 0
    assert view.run(CLOSED) == closed


@pytest.mark.parametrize("name", KINDS)
def test_paper_holds_the_page_and_nothing_to_be_clicked(look, name):
    view = look(PAGES[name], size=PAPER)
    view.page.emulate_media(media="print")
    view.run("() => dispatchEvent(new Event('beforeprint'))")
    assert max(view.run(CHARTS)) <= PAPER[0]
    assert view.run(WIDEST) <= SHRUNK * PAPER[0]
    for control in ("form", "button", "select", "input", ".skip"):
        assert view.page.locator(control).filter(visible=True).count() == 0, control
