"""The service that the task talks to: the emulator, with a clock that the test chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.serving import make_server

from emulator import Emulator, Timing, create_app

ACCOUNT_ID, REGION = "123456789012", "us-east-1"


class NoBuckets:
    """An S3 without buckets: every job that reads it fails."""

    def __getattr__(self, operation: str) -> Callable[..., None]:
        def missing(**_: object) -> None:
            raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no such bucket"}}, operation)

        return missing


@pytest.fixture
def service() -> Iterator[Callable[[Timing], object]]:
    """Start an emulator and return a client of its control plane."""
    with ExitStack() as stack:

        def start(timing: Timing) -> object:
            emulator = Emulator(None, ACCOUNT_ID, REGION, s3_for_role=lambda _: NoBuckets(), timing=timing)
            stack.callback(emulator.close)
            server = make_server("127.0.0.1", 0, create_app(emulator), threaded=True)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return boto3.client(
                "personalize",
                region_name=REGION,
                endpoint_url=f"http://127.0.0.1:{server.server_port}",
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )

        yield start
