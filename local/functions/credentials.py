"""Credentials of roles, from the local server's own STS."""

import threading
import time
from typing import Any

import boto3
from botocore.config import Config

from local.moto_patches.patcher import RoleCredentials

_SESSION_SECONDS = 3600
# Asked for anew before the end, so that no call is signed with what has run out under way.
_RENEW_BEFORE_SECONDS = 900


class AssumedRoles:
    """Assumes roles and keeps their credentials until a quarter of an hour before they run out.

    `AssumedRoles(endpoint_url)(role_arn) -> RoleCredentials`.
    """

    def __init__(self, endpoint_url: str, region: str = "us-east-1", session_name: str = "local") -> None:
        """Talk to the STS at endpoint_url. moto's STS asks for no particular caller."""
        self._session_name = session_name
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, RoleCredentials]] = {}
        self._sts: Any = boto3.session.Session(
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - moto's STS lets anybody in
            region_name=region,
        ).client("sts", endpoint_url=endpoint_url, config=Config(retries={"total_max_attempts": 1}))

    def __call__(self, role_arn: str) -> RoleCredentials:
        """Return credentials of a role. Raises botocore's ClientError if STS refuses."""
        with self._lock:
            renew_at, credentials = self._kept.get(role_arn, (0.0, None))
            if credentials is None or time.monotonic() >= renew_at:
                credentials = self._assume(role_arn)
                self._kept[role_arn] = (
                    time.monotonic() + _SESSION_SECONDS - _RENEW_BEFORE_SECONDS,
                    credentials,
                )
            return credentials

    def _assume(self, role_arn: str) -> RoleCredentials:
        answer = self._sts.assume_role(
            RoleArn=role_arn, RoleSessionName=self._session_name, DurationSeconds=_SESSION_SECONDS
        )["Credentials"]
        return RoleCredentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
