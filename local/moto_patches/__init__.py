"""Corrections to moto 5.2.5, applied while the process runs, that make it behave as AWS does for this product.

One module per correction. Each says what moto does, what AWS does and how upstream could take the change, and
each has its own regression test. `apply_patches` installs all of them; called again it only changes the settings.
"""

import threading
from types import ModuleType

import moto

from local.moto_patches import (
    s3_secure_transport,
    sfn_choice,
    sfn_context,
    sfn_describe,
    sfn_errors,
    sfn_history,
    sfn_jsonata,
    sfn_output_scope,
    sfn_parser,
    sfn_role_credentials,
    sfn_sdk_tasks,
    sfn_start,
    sfn_stop,
    sfn_time,
)
from local.moto_patches.patcher import Credentials, Patcher, PatchSettings, RoleCredentials

__all__ = [
    "SUPPORTED_MOTO",
    "Credentials",
    "PatchSettings",
    "RoleCredentials",
    "UnsupportedMotoError",
    "apply_patches",
    "remove_patches",
]

SUPPORTED_MOTO = "5.2.5"

_PATCHES: tuple[ModuleType, ...] = (
    sfn_parser,
    sfn_jsonata,
    sfn_output_scope,
    sfn_choice,
    sfn_context,
    sfn_describe,
    sfn_errors,
    sfn_sdk_tasks,
    sfn_role_credentials,
    sfn_time,
    sfn_start,
    sfn_stop,
    sfn_history,
    s3_secure_transport,
)

# moto's classes are global to the process, so what was done to them is recorded once for the process too.
_lock = threading.Lock()
_applied: list[Patcher] = []


class UnsupportedMotoError(RuntimeError):
    """The installed moto is not the version that these patches were written against."""


def apply_patches(settings: PatchSettings | None = None) -> None:
    """Install every patch; when they are installed already, only take over the new settings.

    Raises UnsupportedMotoError, before anything is changed, if moto is another version than SUPPORTED_MOTO.
    """
    settings = settings or PatchSettings()
    if moto.__version__ != SUPPORTED_MOTO:
        raise UnsupportedMotoError(
            f"moto {moto.__version__} is installed, but local/moto_patches replaces private functions of moto "
            f"{SUPPORTED_MOTO}: install moto=={SUPPORTED_MOTO}, or go through every module of "
            "local/moto_patches against the new source and raise SUPPORTED_MOTO."
        )
    with _lock:
        if _applied:
            _applied[0].settings = settings
            return
        patcher = Patcher(settings)
        for module in _PATCHES:
            module.install(patcher)
        _applied.append(patcher)


def remove_patches() -> None:
    """Put moto's own functions back. Executions that are running keep what they started with."""
    with _lock:
        while _applied:
            _applied.pop().undo()
