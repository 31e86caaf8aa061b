"""From a page's content to HTML: one Jinja environment, everything from data escaped, nothing undefined."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from lambdas.evaluate.page.content import Page

TEMPLATES = Path(__file__).parent.parent / "templates"


def render(page: Page) -> str:
    """The report as one self-contained HTML document."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(page=page)
