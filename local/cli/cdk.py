"""The CDK's own command line, run on the Node.js of the Python environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.jsii import NODE
from local.cli.exit_codes import CommandError, ExitCode
from local.node import ROOT, environment

CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
OUTPUT_FOLDER = ROOT / "cdk.out"


class Cdk:
    """Commands on the stacks of one stage; `stage` is a stage's name or the path of a settings file."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def synth(self) -> Path:
        """Write the templates, which needs neither Node packages nor AWS. Returns their folder."""
        variables = {"CDK_OUTDIR": str(OUTPUT_FOLDER), "CDK_CONTEXT_JSON": json.dumps({"stage": self._stage})}
        code = _run([sys.executable, str(ROOT / "app.py")], variables)
        if code:
            raise CommandError(
                f"the synthesis failed (exit code {code}); its message stands above", ExitCode.USAGE
            )
        return OUTPUT_FOLDER

    def diff(self) -> None:
        """Show what a deployment would change."""
        self._cdk("diff", "--no-change-set")

    def deploy(self) -> None:
        """Deploy both stacks, without asking again."""
        self._cdk("deploy", "--all", "--require-approval", "never")

    def destroy(self) -> None:
        """Delete both stacks, without asking again."""
        self._cdk("destroy", "--all", "--force")

    def _cdk(self, command: str, *options: str) -> None:
        if not CDK.is_file():
            raise CommandError(
                "the CDK command line is not installed: run `make tools`", ExitCode.ENVIRONMENT
            )
        app = f'"{sys.executable}" "{ROOT / "app.py"}"'
        arguments = [
            str(NODE),
            str(CDK),
            command,
            "--app",
            app,
            "--context",
            f"stage={self._stage}",
            *options,
        ]
        code = _run(arguments, {})
        if code:
            message = f"cdk {command} ended with exit code {code}; its message stands above"
            raise CommandError(message, ExitCode.ENVIRONMENT)


def _run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run in the repository, with the terminal of this process; returns the exit code."""
    surroundings = {**os.environ, **environment(), **variables}
    return subprocess.run(command, cwd=ROOT, env=surroundings, check=False).returncode  # noqa: S603 (our own programs)
