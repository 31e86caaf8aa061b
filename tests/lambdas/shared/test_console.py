"""Links into the console."""

from __future__ import annotations

from lambdas.shared.console import has_console, object_url
from lambdas.shared.locations import S3Location

ARN = "arn:aws:states:eu-west-1:123456789012:execution:m:r1"


def test_what_an_address_cannot_hold_is_escaped_and_folders_stay_readable():
    assert object_url(S3Location("b", "reports/a run/ü&b.html"), ARN) == (
        "https://eu-west-1.console.aws.amazon.com/s3/object/b?region=eu-west-1&prefix=reports/a%20run/%C3%BC%26b.html"
    )


def test_an_endpoint_of_its_own_has_no_console(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert has_console()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert not has_console()
