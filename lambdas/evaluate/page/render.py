"""The page of a run as HTML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.reports.page.render import render

if TYPE_CHECKING:
    from lambdas.evaluate.page.content import Page

TEMPLATES = Path(__file__).parent.parent / "templates"


def render_run(page: Page) -> str:
    """The report as one self-contained HTML document."""
    return render("report.html.j2", TEMPLATES, scripts=("explorer.js",), page=page)
