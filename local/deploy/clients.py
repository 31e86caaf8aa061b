"""Clients of the local endpoint: as the administrator, or as a role."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore.config import Config

from local.iam import ADMINISTRATOR_ACCESS_KEY_ID, ADMINISTRATOR_SECRET_ACCESS_KEY, RoleCredentials

ADMINISTRATOR = RoleCredentials(ADMINISTRATOR_ACCESS_KEY_ID, ADMINISTRATOR_SECRET_ACCESS_KEY, "")


@dataclass(slots=True)
class Clients:
    """Makes one client per service and keeps it. Not for use from several threads."""

    endpoint_url: str
    region: str
    credentials: RoleCredentials = ADMINISTRATOR
    _kept: dict[str, Any] = field(default_factory=dict)
    _session: botocore.session.Session | None = None

    def __call__(self, service: str) -> Any:
        """The client of a service, by boto3's name of it (`stepfunctions`)."""
        if service not in self._kept:
            self._kept[service] = self._make(service)
        return self._kept[service]

    def acting_as(self, credentials: RoleCredentials) -> Clients:
        """Clients of the same endpoint that act as somebody else."""
        return Clients(self.endpoint_url, self.region, credentials)

    def _make(self, service: str) -> Any:
        if self._session is None:
            self._session = _session_without_configuration()
        return self._session.create_client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
            aws_session_token=self.credentials.session_token or None,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def _session_without_configuration() -> botocore.session.Session:
    """No profile or file of the person at the machine has a say in where a deployment goes."""
    return botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
