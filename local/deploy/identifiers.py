"""Makes the identifiers that moto invents (key ids, subscription ARNs) the same in every process.

moto draws them from one generator, which its API lets a client seed.
"""

from __future__ import annotations

import secrets
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from local.deploy.errors import DeploymentError

if TYPE_CHECKING:
    from local.deploy.names import ResourceIdentity


class MotoIdentifiers:
    """Seeds moto's generator through the endpoint."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url

    def follow_from(self, identity: ResourceIdentity) -> None:
        """The next identifiers depend on the resource alone."""
        self._seed(int(identity.digest()[:16], 16))

    def be_random_again(self) -> None:
        """As before: executions and sessions must never get the same identifiers twice."""
        self._seed(secrets.randbits(64))

    def _seed(self, number: int) -> None:
        request = urllib.request.Request(f"{self._endpoint_url}/moto-api/seed?a={number}", method="POST")  # noqa: S310 our own server
        try:
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 our own server
        except (urllib.error.URLError, OSError) as error:
            raise DeploymentError(
                self._endpoint_url, f"is no moto server that can be deployed to: {error}"
            ) from error
