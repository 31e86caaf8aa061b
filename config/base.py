"""What all settings models have in common, and the types that several of them use."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

ServiceRequest: TypeAlias = dict[str, Any]
"""A request of Amazon Personalize in the service's own camelCase, passed through untouched. Read only."""


class SettingsModel(BaseModel):
    """A frozen group of settings: an unknown key is an error, and text is never taken for a number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_by_name=True
    )
