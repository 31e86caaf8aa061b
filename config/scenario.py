"""The settings of one scenario, from the files it reads to the schedule that retrains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from config.base import ServiceRequest, SettingsModel
from config.data import DatasetSettings, InteractionsSettings
from config.evaluation import EvaluationSettings, SplitSettings
from config.polling import PollingSettings
from config.problems import KeyPath
from lambdas.shared.naming import content_key

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization-v2"

IMPORT_DEFAULTS: ServiceRequest = {"importMode": "FULL"}
SOLUTION_DEFAULTS: ServiceRequest = {"recipeArn": DEFAULT_RECIPE, "performAutoTraining": False}
SOLUTION_VERSION_DEFAULTS: ServiceRequest = {"trainingMode": "FULL"}
BATCH_DEFAULTS: ServiceRequest = {"numResults": 500}


def filled_from(defaults: ServiceRequest) -> Callable[[Any], Any]:
    """A validator that adds members the user left out; anything but a mapping is left to pydantic."""

    def fill(value: Any) -> Any:
        return {**defaults, **value} if isinstance(value, dict) else value

    return fill


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several models on the same split: complete requests, without what the pipeline adds."""

    solution: ServiceRequest
    batch_inference: ServiceRequest


class ScheduleSettings(SettingsModel):
    """When EventBridge Scheduler starts the scenario."""

    enabled: bool = Field(default=False, description="Whether the schedule starts runs.")
    expression: str = Field(
        default="cron(0 3 ? * SUN *)",
        description="EventBridge Scheduler expression: `cron(..)`, `rate(..)` or `at(..)`.",
    )
    time_zone: str = Field(default="UTC", description="IANA time zone of the expression.")
    with_auto_training: bool = Field(
        default=False,
        description="Permits a schedule beside `solution.performAutoTraining: true`. Both train, both are "
        "billed.",
    )


class DataSettings(SettingsModel):
    """The raw data of a scenario that needs interactions only."""

    interactions: InteractionsSettings = Field(description="The interactions dataset.")

    def present(self) -> dict[str, DatasetSettings]:
        """The datasets that there are, by name."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: dataset for name, dataset in found.items() if dataset is not None}


class ScenarioSettings(SettingsModel):
    """What every scenario has."""

    enabled: bool = Field(default=True, description="Whether the scenario is deployed.")
    schedule: ScheduleSettings = Field(
        default_factory=ScheduleSettings, description="When it is run without being asked."
    )
    timeout_seconds: int = Field(
        default=5 * 24 * 3600,
        ge=60,
        le=31_536_000,
        description="The longest a run may take; at least the sum of what it may wait for.",
    )
    data: DataSettings = Field(description="The raw data.")
    split: SplitSettings = Field(default_factory=SplitSettings, description="What is held out.")
    dataset_group: ServiceRequest = Field(default_factory=dict, description="Members of CreateDatasetGroup.")
    dataset_import: Annotated[ServiceRequest, BeforeValidator(filled_from(IMPORT_DEFAULTS))] = Field(
        default_factory=lambda: dict(IMPORT_DEFAULTS), description="Members of CreateDatasetImportJob."
    )
    solution: Annotated[ServiceRequest, BeforeValidator(filled_from(SOLUTION_DEFAULTS))] = Field(
        default_factory=lambda: dict(SOLUTION_DEFAULTS),
        description="Members of CreateSolution: the recipe and how it is trained. `performAutoTraining` is "
        "always sent, because the service takes a missing one for true and then trains every week.",
    )
    solution_version: Annotated[ServiceRequest, BeforeValidator(filled_from(SOLUTION_VERSION_DEFAULTS))] = (
        Field(
            default_factory=lambda: dict(SOLUTION_VERSION_DEFAULTS),
            description="Members of CreateSolutionVersion.",
        )
    )
    batch_inference: Annotated[ServiceRequest, BeforeValidator(filled_from(BATCH_DEFAULTS))] = Field(
        default_factory=lambda: dict(BATCH_DEFAULTS),
        description="Members of CreateBatchInferenceJob. The default asks for the longest lists, so that "
        "enough is left when already-seen items are taken out.",
    )
    evaluation: EvaluationSettings = Field(
        default_factory=EvaluationSettings, description="Metrics and baselines."
    )
    polling: PollingSettings = Field(default_factory=PollingSettings, description="Waiting for the service.")

    dataset_group_of: str | None = Field(
        default=None,
        description="Another scenario in whose dataset group this one works; its own when left out. A run replaces "
        "the group's data, so scenarios of one group never run at the same time.",
    )

    @property
    def recipe_arn(self) -> str:
        """The recipe that is trained."""
        return str(self.solution["recipeArn"])

    @property
    def imported(self) -> tuple[str, ...]:
        """The datasets that Personalize is given, in the order of their import."""
        return ("interactions",)

    def times(self, kind: str) -> int:
        """How often a run waits for a kind of resource."""
        if kind in ("dataset", "dataset_import_job"):
            return len(self.imported)
        variants = self.trained_variants().values()
        if kind in ("solution", "solution_version"):
            return max(1, len({content_key(variant.solution) for variant in variants}))
        return max(1, len(variants)) if kind == "batch_inference_job" else 1

    def trained_variants(self) -> dict[str, Variant]:
        """The models that are trained and compared on one split, by name; none for a scenario with one model."""
        return {}

    def origin(self, path: KeyPath) -> KeyPath:
        """The setting from which a member of a variant's request comes, by its path below the scenario."""
        return path
