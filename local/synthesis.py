"""Synthesize the application for this machine, and not again while nothing that goes in has changed.

In a process of its own: it keeps one core busy for some seconds, in which the server and the emulator are loaded on
the other. `python -m local.synthesis SETTINGS FOLDER` is that process.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "stacks", "statemachines", "lambdas")
FINGERPRINT = "fingerprint"


def assembly_folder(root: Path) -> Path:
    """Where a platform that keeps its things below `root` has its cloud assembly."""
    return root.resolve() / "cdk.out"


class SynthesisError(Exception):
    """The CDK app could not be synthesized; the message is what it printed."""


@dataclass(slots=True)
class Synthesis:
    """A synthesis at work, or one that is not needed."""

    folder: Path
    process: subprocess.Popen[str] | None
    fingerprint: str

    @classmethod
    def begin(cls, settings: Settings, folder: Path) -> Synthesis:
        """Start synthesizing one stage into `folder`, without Lambda's libraries and cdk-nag's checks.

        Both are for deployments and tests; the template is the same without them.
        """
        fingerprint = _fingerprint(settings)
        marker = folder / FINGERPRINT
        if marker.exists() and marker.read_text() == fingerprint:
            return cls(folder, None, fingerprint)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        document = settings.model_dump_json(by_alias=True, exclude_none=True)
        process = subprocess.Popen(  # noqa: S603 (this interpreter, this module)
            [sys.executable, "-m", "local.synthesis", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if process.stdin is not None:
            process.stdin.write(document)
            process.stdin.close()
        return cls(folder, process, fingerprint)

    def finish(self) -> Path:
        """Wait for the end and return the folder with the cloud assembly. Raises SynthesisError."""
        if self.process is not None:
            printed = self.process.stdout.read() if self.process.stdout else ""
            if self.process.wait() != 0:
                raise SynthesisError(f"the application cannot be synthesized:\n{printed}")
            (self.folder / FINGERPRINT).write_text(self.fingerprint)
        return self.folder

    def abandon(self) -> None:
        """End the process, if it is still at work."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _fingerprint(settings: Settings) -> str:
    content = hashlib.sha256(settings.model_dump_json(by_alias=True).encode())
    for path in _sources():
        content.update(str(path.relative_to(ROOT)).encode())
        content.update(path.read_bytes())
    return content.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (ROOT / "app.py", ROOT / "requirements.txt")
    for room in ROOMS:
        files = (path for path in (ROOT / room).rglob("*") if path.is_file())
        yield from sorted(path for path in files if "__pycache__" not in path.parts)


def _synthesize(document: str, folder: Path) -> None:
    from config.load import parse_settings  # noqa: PLC0415  (loaded in the process of its own only)
    from stacks.application import build  # noqa: PLC0415

    build([parse_settings(document)], outdir=folder, libraries=False, checks=False).synth()


if __name__ == "__main__":
    _synthesize(sys.stdin.read(), Path(sys.argv[1]))
