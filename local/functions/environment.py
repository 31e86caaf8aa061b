"""The environment variables of a function's process, as Lambda sets them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.moto_patches.patcher import Credentials

# Of the machine's own environment only what Python and its libraries need to start at all. Not HOME: nothing of
# the person's own configuration may reach a function.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class FunctionConfiguration:
    """What a function is told of itself. memory_mb is told only, not enforced."""

    name: str
    handler: str
    runtime: str
    version: str
    memory_mb: int
    variables: tuple[tuple[str, str], ...]


def function_environment(
    configuration: FunctionConfiguration, code: Path, temporary: Path, endpoint_url: str, region: str
) -> dict[str, str]:
    """Return the variables of a function's process except its credentials and Runtime API address.

    `temporary` is what /tmp is on Lambda: the folder of temporary files, which processes of a function share.
    The template's own variables come first, so that they cannot replace what Lambda reserves.
    """
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **inherited,
        **dict(configuration.variables),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": configuration.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": configuration.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{configuration.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{configuration.name}",
        "LAMBDA_TASK_ROOT": str(code),
        "_HANDLER": configuration.handler,
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "TMPDIR": str(temporary),
        # The code, and after it this interpreter's site-packages, which stand in for the layers.
        "PYTHONPATH": str(code),
        # Nothing of the person's own AWS set-up.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def credential_variables(credentials: Credentials) -> Mapping[str, str]:
    """Return the three variables of a role's credentials."""
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }
