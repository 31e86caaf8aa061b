"""Looking at a page in Chromium: opened from a file, with all that it asked for and complained of written down."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDE, NARROW, NARROWEST = (1200, 800), (360, 640), (320, 640)
DRAWN = "document.documentElement.dataset.charts === 'drawn'"


def find_chromium(environment: Mapping[str, str]) -> str:
    """The path of an installed Chromium. Without one the test is skipped; in CI, which must have one, it fails."""
    for name in NAMES:
        if path := shutil.which(name, path=environment.get("PATH")):
            return path
    missing = f"there is no {', '.join(NAMES)} in the PATH: install one (Debian: apt-get install chromium)"
    if environment.get("CI", "").lower() in ("true", "1"):
        pytest.fail(missing)
    pytest.skip(missing)


@dataclass
class View:
    """An open page: addresses it asked for, and its messages and errors."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def resize(self, size: tuple[int, int]) -> None:
        """Give the page another width and height, and time to draw itself anew."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a function of JavaScript, which is given the arguments as an array."""
        return self.page.evaluate(script, list(arguments))


@dataclass
class Viewer:
    """Opens pages in one browser; a context of each sort is made once."""

    browser: Browser
    site: Path
    contexts: dict[tuple[bool, bool], BrowserContext] = field(default_factory=dict)

    def open(
        self,
        path: str,
        *,
        size: tuple[int, int] = WIDE,
        scheme: str = "light",
        scripts: bool = True,
        guarded: bool = True,
    ) -> View:
        """Open a page of the site and wait until it is drawn. guarded: by its content security policy."""
        page = self._context(scripts, guarded).new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        view = View(page)
        page.goto((self.site / path).as_uri())
        if scripts:
            page.wait_for_function(DRAWN, timeout=10_000)
        return view

    def _context(self, scripts: bool, guarded: bool) -> BrowserContext:
        key = scripts, guarded
        if key not in self.contexts:
            self.contexts[key] = self.browser.new_context(java_script_enabled=scripts, bypass_csp=not guarded)
        return self.contexts[key]
