"""One Chromium and one folder of pages for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.published import stage
from tests.browser.runs import publish_runs
from tests.browser.viewer import View, Viewer, find_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed Chromium, headless; nothing is downloaded."""
    path = find_chromium(os.environ)
    with sync_playwright() as playwright:
        # Root may not use the sandbox, and the pages are our own.
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def viewer(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Viewer:
    """The browser before the reports of all runs."""
    work, site = tmp_path_factory.mktemp("stage"), tmp_path_factory.mktemp("site")
    with stage(work) as stocked:
        publish_runs(stocked, work)
        return Viewer(chromium, stocked.reports(site))


@pytest.fixture
def look(viewer: Viewer) -> Iterator[Callable[..., View]]:
    """Opens a page, and closes it after the test."""
    opened: list[View] = []

    def look(path: str, **how: object) -> View:
        opened.append(viewer.open(path, **how))
        return opened[-1]

    yield look
    for view in opened:
        view.page.close()
