"""From a page's content to HTML: one Jinja environment, everything from data escaped, nothing undefined.

A page may run the scripts of this room and nothing else: its content security policy names them by their hashes and
forbids every request, so that a title that came as a script stays a title even if escaping failed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent

# In the order in which they must run.
SCRIPTS = (
    "vendor/d3.min.js",
    "vendor/plot.umd.min.js",
    "words.js",
    "drawing.js",
    "rows.js",
    "planes.js",
    "charts.js",
)


def render(template: str, folder: Path, *, scripts: Sequence[str] = (), **content: object) -> str:
    """A template of `folder` as one self-contained HTML document; it may extend and import those of this room.

    scripts: names of files of this folder that the page runs besides those of every page.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = [_script(name) for name in (*SCRIPTS, *scripts)]
    return environment.get_template(template).render(
        **content, page_scripts=texts, page_policy=_policy(texts)
    )


@cache
def _script(name: str) -> Markup:
    """The text of a script, to stand between script tags as it is."""
    text = (HERE / name).read_text(encoding="utf-8")
    if "</script" in text.lower():
        raise ValueError(f"{name} holds the end of a script element and cannot stand in a page.")
    return Markup(text)  # noqa: S704 (our own files, not data)


def _policy(scripts: list[Markup]) -> str:
    """No request to anywhere, no script but these."""
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src {allowed}"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
