"""Synthesize the application for this machine, and not again while nothing that goes in has changed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("config", "stacks", "statemachines", "lambdas")
FINGERPRINT = "fingerprint"


def synthesize(settings: Settings, folder: Path) -> Path:
    """Write the cloud assembly of one stage to `folder`, without Lambda's libraries, and return the folder.

    cdk-nag's checks are left to deployments and tests: they say nothing about a local run.
    """
    fingerprint = _fingerprint(settings)
    marker = folder / FINGERPRINT
    if marker.exists() and marker.read_text() == fingerprint:
        return folder
    # Imported here, since it takes seconds and is not needed when nothing has changed.
    from stacks.application import build  # noqa: PLC0415

    shutil.rmtree(folder, ignore_errors=True)
    build([settings], outdir=folder, libraries=False, checks=False).synth()
    marker.write_text(fingerprint)
    return folder


def _fingerprint(settings: Settings) -> str:
    content = hashlib.sha256(settings.model_dump_json(by_alias=True).encode())
    for path in _sources():
        content.update(str(path.relative_to(ROOT)).encode())
        content.update(path.read_bytes())
    return content.hexdigest()


def _sources() -> Iterator[Path]:
    yield ROOT / "app.py"
    yield ROOT / "requirements.txt"
    for room in SOURCES:
        yield from sorted(
            path
            for path in (ROOT / room).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        )
