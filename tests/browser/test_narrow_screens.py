"""A phone: nothing sticks out, and the verdict is what one sees first."""

from __future__ import annotations

import pytest

from tests.browser.runs import PAGES
from tests.browser.viewer import NARROW, NARROWEST

pytestmark = pytest.mark.browser

# What reaches beyond the screen and is not in a box that scrolls by itself.
STICKING_OUT = """
() => document.documentElement.scrollWidth <= innerWidth ? [] : Array.from(document.body.querySelectorAll("*"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 && !one.closest(".scroll > *, svg *"))
  .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 60)}`)
"""
SCROLLS = "() => document.documentElement.scrollWidth > innerWidth"
LAST_LINE = "() => document.querySelector('h1').getBoundingClientRect().bottom"


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_screen_holds_the_page_and_shows_the_verdict_first(look, name):
    view = look(PAGES[name], size=NARROW)
    assert view.page.locator("h1").inner_text()
    if name != "hostile":  # a verdict with a model's name of five hundred characters is as long as it is
        assert view.run(LAST_LINE) <= NARROW[1]
    for size in (NARROW, NARROWEST):
        view.resize(size)
        assert view.run(STICKING_OUT) == []
        assert not view.run(SCROLLS)
