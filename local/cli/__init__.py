"""The command `pipelines`: check, run, watch, deploy."""

from __future__ import annotations


def main() -> None:
    """Run the command line. Imported late, so that `pipelines --help` loads no AWS SDK it does not need."""
    from local.cli.app import app  # noqa: PLC0415
    from local.cli.wiring import Wiring  # noqa: PLC0415

    app(obj=Wiring())
