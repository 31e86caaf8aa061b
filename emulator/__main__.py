"""Runs the emulator alone: `python -m emulator --port 4020 --state-dir state --s3-endpoint http://127.0.0.1:5000`."""

from __future__ import annotations

import argparse
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from werkzeug.serving import make_server

from emulator import Behaviour, Emulator, Timing, create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HOST = "127.0.0.1"
VARIABLES = tuple(
    f"AWS_ENDPOINT_URL_{name}" for name in ("PERSONALIZE", "PERSONALIZE_RUNTIME", "PERSONALIZE_EVENTS")
)


def main(arguments: list[str] | None = None) -> None:
    """Serves until it is interrupted or terminated. Listens on this machine only."""
    options = _parser().parse_args(arguments)
    # A shell starts background jobs with SIGINT ignored, and service managers end a process by SIGTERM.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    emulator = Emulator(
        options.state_dir,
        options.account_id,
        options.region,
        s3_client(options.s3_endpoint, options.region),
        Timing.scaled(options.speed) if options.speed else Timing.instant(),
        behaviour=Behaviour(legacy_recipes=not options.no_legacy_recipes),
    )
    try:
        serve(emulator, options.port)
    except KeyboardInterrupt:
        logging.getLogger(__name__).info("Stopping; jobs at work are finished first")
    finally:
        emulator.close()


def serve(emulator: Emulator, port: int) -> None:
    """Prints the address in the form that SDKs read from the environment, and serves."""
    server = make_server(HOST, port, create_app(emulator), threaded=True)
    address = f"http://{HOST}:{server.server_port}"
    print("Set " + " ".join(f"{name}={address}" for name in VARIABLES), flush=True)  # noqa: T201 - the command's answer
    try:
        server.serve_forever()
    finally:
        server.server_close()


def s3_client(endpoint: str | None, region: str) -> Callable[[str | None], Any]:
    """Alone, the emulator reads and writes S3 as whoever started it: roles are named but not assumed."""

    def for_role(_role_arn: str | None) -> Any:
        return boto3.session.Session().client("s3", endpoint_url=endpoint, region_name=region)

    return for_role


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulator", description="Amazon Personalize on this machine."
    )
    parser.add_argument("--port", type=int, default=4020, help="port of 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--state-dir", type=Path, help="folder that keeps the state; a temporary one if left out"
    )
    parser.add_argument("--s3-endpoint", help="URL of the S3 that jobs read and write; AWS's if left out")
    parser.add_argument("--account-id", default="123456789012", help="account in ARNs")
    parser.add_argument("--region", default="us-east-1", help="region in ARNs")
    parser.add_argument(
        "--speed", type=float, help="take as long as AWS, this many times as fast; instant if left out"
    )
    parser.add_argument(
        "--no-legacy-recipes", action="store_true", help="refuse aws-hrnn and its kin, as AWS does"
    )
    return parser


if __name__ == "__main__":
    main()
