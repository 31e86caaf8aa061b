"""Run npm, or a program that npm installed, on the Node.js of the Python environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.jsii import NODE, NPM

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "node_modules" / ".bin"


def environment() -> dict[str, str]:
    """The environment with the bundled Node.js first in the path: npm's own scripts call `node`."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def npm(arguments: Sequence[str]) -> int:
    """Run npm in the repository; returns its exit code."""
    command = [str(NODE), str(NPM), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode  # noqa: S603 (our own node)


if __name__ == "__main__":
    sys.exit(npm(sys.argv[2:] if sys.argv[1:2] == ["npm"] else sys.argv[1:]))
