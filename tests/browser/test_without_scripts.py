"""Where scripts are off, everything that a picture tells stands there in words."""

from __future__ import annotations

import pytest

from tests.browser.runs import KINDS, PAGES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", KINDS)
def test_verdict_tables_and_descriptions_can_be_read(look, name):
    page = look(PAGES[name], scripts=False).page
    assert page.locator("h1").is_visible()
    tables = page.locator("table")
    assert tables.count()
    assert all(table.locator("tbody tr").count() for table in tables.all())
    pictures = page.locator(".plot").all()
    assert pictures
    for picture in pictures:
        assert picture.locator("svg").count() == 0
        described = picture.locator(".described")
        assert len(described.inner_text()) > 10
        # Details that are closed hide what is in them, and open without a script.
        assert described.is_visible() or picture.locator("xpath=ancestor::details[not(@open)]").count()
    assert not page.locator("form").filter(visible=True).count()
