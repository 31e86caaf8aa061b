"""Checks of a solution's eventsConfig: which events count, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.api.operations.common import Params
    from emulator.recipes.catalogue import Recipe

MOST_EVENT_TYPES = 10


def events_problems(params: Params, recipe: Recipe, columns: Sequence[str]) -> list[str]:
    """Everything that is wrong with it, one sentence each. columns: those of the interactions dataset."""
    config = params.get("solutionConfig") or {}
    given = (config.get("eventsConfig") or {}).get("eventParametersList")
    if given is None:
        return []
    where = "eventsConfig.eventParametersList"
    if not recipe.second_version:
        return [f"eventsConfig is for recipes of the second version only, not for {recipe.name}"]
    found = []
    if not 1 <= len(given) <= MOST_EVENT_TYPES:
        found.append(f"{where} must have from 1 to {MOST_EVENT_TYPES} members, not {len(given)}")
    if "EVENT_TYPE" not in columns:
        found.append("eventsConfig needs an interactions dataset with the column EVENT_TYPE")
    if any("eventValueThreshold" in one for one in given) and "EVENT_VALUE" not in columns:
        found.append(
            f"{where}: eventValueThreshold needs an interactions dataset with the column EVENT_VALUE"
        )
    if any(not one.get("eventType") for one in given):
        found.append(f"{where}: every member must have an eventType")
    weights = [float(one.get("weight", 1.0)) for one in given]
    if not all(0 <= weight <= 1 for weight in weights):
        found.append(f"{where}: a weight must be from 0 to 1")
    elif weights and not any(weights):
        found.append(f"{where}: at least one weight must be above 0")
    if params.get("eventType") or config.get("eventValueThreshold"):
        found.append("eventsConfig cannot be used together with eventType or eventValueThreshold")
    return found
