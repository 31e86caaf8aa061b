"""Calls of a state machine are signed as its role and go to the platform's endpoint.

moto: signs every call with the fixed key "ak", which belongs to nobody, and sends it to localhost on moto's
configured port, whatever port the server listens on.
AWS: assumes the state machine's role (or a task's own Credentials) for every call.
Upstream: assume state_credentials.role_arn in boto_client_for, and take the endpoint from the running server.
"""

import functools
import os
import threading
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.config import Config
from moto.stepfunctions.parser.asl.utils import boto_client

from local.moto_patches.patcher import Credentials, Patcher, RoleCredentials

_MOTO_STEP_FUNCTIONS = "moto.stepfunctions"
# A function may run for 15 minutes, and a state's own timeout is judged by the interpreter.
_READ_TIMEOUT_SECONDS = 60 * 60
_KEPT_CLIENTS = 64
_CONNECTIONS_PER_CLIENT = 50


def install(patcher: Patcher) -> None:
    """Replace boto_client_for wherever moto's interpreter imported it."""
    original = boto_client.boto_client_for
    patcher.replace_function(original, _MOTO_STEP_FUNCTIONS, _client_for(patcher, original))


def _client_for(patcher: Patcher, original: Callable[..., Any]) -> Callable[..., Any]:
    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        settings = patcher.settings
        if settings.endpoint_url is None:
            return original(region=region, service=service, state_credentials=state_credentials)
        credentials: Credentials = RoleCredentials("ak", "sk", "")
        if settings.credentials_for_role is not None and state_credentials is not None:
            credentials = settings.credentials_for_role(state_credentials.role_arn)
        with _making_a_client:
            signed_as = RoleCredentials(
                credentials.access_key_id, credentials.secret_access_key, credentials.session_token
            )
            return _client(settings.endpoint_url, region, service, signed_as)

    return client_for


# Making a client is not thread-safe in botocore; using one is.
_making_a_client = threading.Lock()


@functools.lru_cache(_KEPT_CLIENTS)
def _client(endpoint_url: str, region: str, service: str, credentials: RoleCredentials) -> Any:
    return _session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token or None,
        config=Config(
            # Step Functions leaves validation to the service, and retries are the state machine's.
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            connect_timeout=10,
            read_timeout=_READ_TIMEOUT_SECONDS,
            max_pool_connections=_CONNECTIONS_PER_CLIENT,
        ),
    )


@functools.cache
def _session() -> botocore.session.Session:
    """Return a session that reads no configuration of the person at the machine: no profile, no files."""
    return botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
