"""Both colour schemes: the page follows the reader's setting, and text in pictures can be read in either."""

from __future__ import annotations

import pytest

from tests.browser.runs import KINDS, PAGES

pytestmark = pytest.mark.browser

# WCAG 2.1's contrast of every text in pictures against the nearest background behind it; axe looks at HTML only.
CONTRASTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const luminance = ([red, green, blue]) => {
    const linear = (c) => (c / 255 <= 0.04045 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [red, green, blue].map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let place = element; place; place = place.parentElement) {
      const found = channels(getComputedStyle(place).backgroundColor);
      if (found[3] === 255) return luminance(found);
    }
    throw new Error("the page has no background");
  };
  return Array.from(document.querySelectorAll(".plot svg text"), (text) => {
    const [mine, ground] = [luminance(channels(getComputedStyle(text).fill)), behind(text.closest(".plot"))];
    return { text: text.textContent, contrast: (Math.max(mine, ground) + 0.05) / (Math.min(mine, ground) + 0.05) };
  });
}
"""
GROUND = """
() => getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)
"""


@pytest.mark.parametrize("name", KINDS)
def test_the_page_follows_the_readers_scheme(look, name):
    view = look(PAGES[name])
    assert min(view.run(GROUND)) > 200
    light = view.run(CONTRASTS)
    view.page.emulate_media(color_scheme="dark")
    assert max(view.run(GROUND)) < 80
    dark = view.run(CONTRASTS)
    assert light
    assert [text["text"] for text in light] == [text["text"] for text in dark]
    assert [text for text in (*light, *dark) if text["contrast"] < 4.5] == []
