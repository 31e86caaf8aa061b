"""Links into the AWS console, for messages that people read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from lambdas.shared.locations import S3Location

_HOSTS = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
_HOST = "console.aws.amazon.com"


def has_console() -> bool:
    """Whether this is AWS itself: an endpoint of its own means an emulated one, which has no console."""
    return "AWS_ENDPOINT_URL" not in os.environ


def execution_url(execution_arn: str) -> str:
    """The page of an execution."""
    base, region = _base(execution_arn)
    return f"{base}/states/home?region={region}#/v2/executions/details/{execution_arn}"


def object_url(location: S3Location, execution_arn: str) -> str:
    """The page of an object, from which it can be opened; partition and region are those of the execution."""
    base, region = _base(execution_arn)
    query = urlencode({"region": region, "prefix": location.key}, quote_via=quote, safe="/")
    return f"{base}/s3/object/{location.bucket}?{query}"


def _base(arn: str) -> tuple[str, str]:
    """The console of an ARN's partition and region, and the region."""
    _, partition, _, region, *_ = arn.split(":")
    return f"https://{region}.{_HOSTS.get(partition, _HOST)}", region
