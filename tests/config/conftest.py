"""Settings as a test writes them: the smallest file, with some scenario settings changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config import Settings, SettingsError, parse_settings


def settings_with(scenario: dict[str, Any] | None = None, **stage: Any) -> Settings:
    """Parsed settings; JSON is YAML."""
    return parse_settings(json.dumps({"stage": "dev", "scenarios": {"hrnn": scenario or {}}, **stage}))


def problems_of(scenario: dict[str, Any] | None = None, **stage: Any) -> list[tuple[str, str]]:
    """Path (below the scenario, when it is there) and message of every problem."""
    try:
        settings_with(scenario, **stage)
    except SettingsError as error:
        return [(problem.path.removeprefix("scenarios.hrnn."), problem.message) for problem in error.problems]
    return []


@pytest.fixture
def problems() -> Any:
    return problems_of


@pytest.fixture
def settings() -> Any:
    return settings_with
