"""The five scenarios: what each adds to the settings that all have."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.base import ServiceRequest, SettingsModel
from config.data import (
    AVRO_NAMES,
    COLUMNS,
    LOCATION,
    AvroField,
    AvroSchema,
    InteractionsSettings,
    ItemsSettings,
    UsersSettings,
    interactions_schema,
)
from config.evaluation import (
    CauseSettings,
    ColdEvaluationSettings,
    ColdSplitSettings,
    ReplayEvaluationSettings,
    ReplaySettings,
)
from config.polling import CampaignPollingSettings, FilteredPollingSettings
from config.problems import KeyPath
from config.scenario import DataSettings, ScenarioSettings, Variant, filled_from

SIMS: ServiceRequest = {"recipeArn": "arn:aws:personalize:::recipe/aws-sims", "performAutoTraining": False}
EXPLORING: ServiceRequest = {
    "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
    "performAutoTraining": False,
}
COLD_COLUMN = "COLD"
"""Column of the items that the pipeline adds: a plain string, which training does not use and a filter can."""


class HrnnInteractionsSettings(InteractionsSettings):
    """The interactions of the `hrnn` scenario."""

    location: str = Field(default="raw/hrnn/interactions/", description=LOCATION)


class HrnnItemsSettings(ItemsSettings):
    """The items of the `hrnn` scenario."""

    location: str = Field(default="raw/hrnn/items/", description=LOCATION)


class HrnnDataSettings(DataSettings):
    """The raw data of the `hrnn` scenario."""

    interactions: HrnnInteractionsSettings = Field(
        default_factory=HrnnInteractionsSettings, description="The interactions dataset."
    )
    items: HrnnItemsSettings | None = Field(
        default=None,
        description="The items, when titles are to be shown. They are not imported, and a run goes on without titles "
        "where there is no file.",
    )


class HrnnSettings(ScenarioSettings):
    """Does a user model beat popularity on this data?"""

    data: HrnnDataSettings = Field(default_factory=HrnnDataSettings, description="The raw data.")


class SimsInteractionsSettings(InteractionsSettings):
    """The interactions of the `sims` scenario."""

    location: str = Field(default="raw/sims/interactions/", description=LOCATION)


class SimsItemsSettings(ItemsSettings):
    """The items of the `sims` scenario."""

    location: str = Field(default="raw/sims/items/", description=LOCATION)


class SimsDataSettings(DataSettings):
    """The raw data of the `sims` scenario."""

    interactions: SimsInteractionsSettings = Field(
        default_factory=SimsInteractionsSettings, description="The interactions dataset."
    )
    items: SimsItemsSettings | None = Field(
        default=None,
        description="The items, when titles are to be shown, or when aws-similar-items is to train on them.",
    )


class SearchSettings(SettingsModel):
    """A second model whose hyperparameters the service searches for."""

    enabled: bool = Field(
        default=False, description="Whether it is trained too. The search costs many trainings."
    )
    hpo_config: ServiceRequest = Field(
        default_factory=lambda: {
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "8", "maxParallelTrainingJobs": "4"},
            "algorithmHyperParameterRanges": {
                "integerHyperParameterRanges": [
                    {"name": "min_cointeraction_count", "minValue": 0, "maxValue": 10}
                ],
                "continuousHyperParameterRanges": [
                    {"name": "popularity_discount_factor", "minValue": 0.0, "maxValue": 1.0}
                ],
                "categoricalHyperParameterRanges": [],
            },
        },
        description="`solutionConfig.hpoConfig` of CreateSolution.",
    )


class SimsSettings(ScenarioSettings):
    """Which items go with this item, and does that predict what comes next?"""

    data: SimsDataSettings = Field(default_factory=SimsDataSettings, description="The raw data.")
    solution: Annotated[ServiceRequest, BeforeValidator(filled_from(SIMS))] = Field(
        default_factory=lambda: dict(SIMS), description="Members of CreateSolution."
    )
    causes: CauseSettings = Field(
        default_factory=CauseSettings, description="The items whose neighbours the report shows."
    )
    search: SearchSettings = Field(
        default_factory=SearchSettings, description="A variant with searched hyperparameters."
    )

    @property
    def imported(self) -> tuple[str, ...]:
        """aws-similar-items trains on the items, aws-sims does not."""
        trains_on_items = self.recipe_arn.endswith("/aws-similar-items") and self.data.items
        return ("interactions", "items") if trains_on_items else ("interactions",)

    def trained_variants(self) -> dict[str, Variant]:
        """The model as configured, and the searched one."""
        variants = {"default": Variant(self.solution, self.batch_inference)}
        if self.search.enabled:
            config = {**self.solution.get("solutionConfig", {}), "hpoConfig": self.search.hpo_config}
            searched = {**self.solution, "performHPO": True, "solutionConfig": config}
            variants["searched"] = Variant(searched, self.batch_inference)
        return variants

    def origin(self, path: KeyPath) -> KeyPath:
        """The searched model's ranges come from `search`."""
        head = ("solution", "solutionConfig", "hpoConfig")
        return ("search", "hpo_config", *path[3:]) if path[:3] == head else path


def _schema(*columns: AvroField) -> AvroSchema:
    """The required columns of interactions, and more."""
    return AvroSchema(fields=(*interactions_schema().fields, *columns))


EVENT_TYPE = AvroField(name="EVENT_TYPE", type=("string",))
EVENT_VALUE = AvroField(name="EVENT_VALUE", type=("float",))


class MetadataInteractionsSettings(InteractionsSettings):
    """The interactions of the `metadata` scenario: with what happened and how much it was worth."""

    location: str = Field(default="raw/metadata/interactions/", description=LOCATION)
    avro_schema: AvroSchema = Field(
        alias="schema",
        default_factory=lambda: _schema(EVENT_TYPE, EVENT_VALUE),
        description=COLUMNS,
    )


class MetadataItemsSettings(ItemsSettings):
    """The items of the `metadata` scenario."""

    location: str = Field(default="raw/metadata/items/", description=LOCATION)


class MetadataUsersSettings(UsersSettings):
    """The users of the `metadata` scenario."""

    location: str = Field(default="raw/metadata/users/", description=LOCATION)


class MetadataDataSettings(DataSettings):
    """The raw data of the `metadata` scenario."""

    interactions: MetadataInteractionsSettings = Field(
        default_factory=MetadataInteractionsSettings, description="The interactions dataset."
    )
    items: MetadataItemsSettings = Field(
        default_factory=MetadataItemsSettings, description="The items: what they are."
    )
    users: MetadataUsersSettings = Field(
        default_factory=MetadataUsersSettings, description="The users: who they are."
    )


class MetadataSettings(ScenarioSettings):
    """What do user, item and event metadata add?"""

    data: MetadataDataSettings = Field(default_factory=MetadataDataSettings, description="The raw data.")
    one_column_at_a_time: bool = Field(
        default=False, description="Also train a model for each metadata column alone. One training each."
    )

    @property
    def imported(self) -> tuple[str, ...]:
        """All three datasets; the model without metadata excludes their columns in training."""
        return ("interactions", "items", "users")

    def metadata_columns(self) -> list[tuple[str, str]]:
        """(dataset, column) of everything that training can do without, as the service spells datasets."""
        return [
            (AVRO_NAMES[dataset], field.name)
            for dataset, settings in self.data.present().items()
            for field in settings.avro_schema.fields
            if field.trains
        ]

    def trained_variants(self) -> dict[str, Variant]:
        """With all metadata, without any, and on demand with one column each."""
        columns = self.metadata_columns()
        variants = {
            "with_metadata": Variant(self.solution, self.batch_inference),
            "without_metadata": Variant(self._without(columns), self.batch_inference),
        }
        if self.one_column_at_a_time:
            for dataset, name in columns:
                others = [column for column in columns if column != (dataset, name)]
                variants[f"only_{dataset}_{name}".lower()] = Variant(
                    self._without(others), self.batch_inference
                )
        return variants

    def _without(self, columns: list[tuple[str, str]]) -> ServiceRequest:
        excluded: dict[str, list[str]] = {}
        for dataset, column in columns:
            excluded.setdefault(dataset, []).append(column)
        config = self.solution.get("solutionConfig", {})
        training = {"excludedDatasetColumns": excluded}
        return {**self.solution, "solutionConfig": {**config, "trainingDataConfig": training}}


class ColdstartInteractionsSettings(InteractionsSettings):
    """The interactions of the `coldstart` scenario."""

    location: str = Field(default="raw/coldstart/interactions/", description=LOCATION)


class ColdstartItemsSettings(ItemsSettings):
    """The items of the `coldstart` scenario."""

    location: str = Field(default="raw/coldstart/items/", description=LOCATION)


class ColdstartDataSettings(DataSettings):
    """The raw data of the `coldstart` scenario."""

    interactions: ColdstartInteractionsSettings = Field(
        default_factory=ColdstartInteractionsSettings, description="The interactions dataset."
    )
    items: ColdstartItemsSettings = Field(
        default_factory=ColdstartItemsSettings,
        description="The items: all that is known of one that nobody has touched.",
    )


class ColdstartSettings(ScenarioSettings):
    """Can items that nobody has touched be shown to the right people?"""

    data: ColdstartDataSettings = Field(default_factory=ColdstartDataSettings, description="The raw data.")
    split: ColdSplitSettings = Field(default_factory=ColdSplitSettings, description="What is held out.")
    solution: Annotated[ServiceRequest, BeforeValidator(filled_from(EXPLORING))] = Field(
        default_factory=lambda: dict(EXPLORING), description="Members of CreateSolution."
    )
    evaluation: ColdEvaluationSettings = Field(
        default_factory=ColdEvaluationSettings, description="Metrics and baselines."
    )
    polling: FilteredPollingSettings = Field(
        default_factory=FilteredPollingSettings, description="Waiting for the service."
    )
    exploration_weights: tuple[float, ...] = Field(
        default=(0.0, 0.3, 1.0),
        max_length=10,
        description="Exploration weights that are compared, by one batch job each, where the recipe has them.",
    )

    @property
    def imported(self) -> tuple[str, ...]:
        """The items tell what is known of those that nobody has touched."""
        return ("interactions", "items")

    def trained_variants(self) -> dict[str, Variant]:
        """One model, asked once for every exploration weight."""
        if not self.recipe_arn.endswith("/aws-user-personalization") or not self.exploration_weights:
            return {"default": Variant(self.solution, self.batch_inference)}
        return {
            f"explore_{weight:g}": Variant(self.solution, self._exploring(weight))
            for weight in self.exploration_weights
        }

    def origin(self, path: KeyPath) -> KeyPath:
        """The weights that are compared come from `exploration_weights`."""
        return ("exploration_weights",) if path[-1:] == ("explorationWeight",) else path

    def _exploring(self, weight: float) -> ServiceRequest:
        config = self.batch_inference.get("batchInferenceJobConfig", {})
        exploration = {**config.get("itemExplorationConfig", {}), "explorationWeight": f"{weight:g}"}
        return {
            **self.batch_inference,
            "batchInferenceJobConfig": {**config, "itemExplorationConfig": exploration},
        }


class PutEventsInteractionsSettings(InteractionsSettings):
    """The interactions of the `put_events` scenario. Live events carry a type, so they need the column."""

    location: str = Field(default="raw/put_events/interactions/", description=LOCATION)
    avro_schema: AvroSchema = Field(
        alias="schema", default_factory=lambda: _schema(EVENT_TYPE), description=COLUMNS
    )


class PutEventsItemsSettings(ItemsSettings):
    """The items of the `put_events` scenario."""

    location: str = Field(default="raw/put_events/items/", description=LOCATION)


class PutEventsDataSettings(DataSettings):
    """The raw data of the `put_events` scenario."""

    interactions: PutEventsInteractionsSettings = Field(
        default_factory=PutEventsInteractionsSettings, description="The interactions dataset."
    )
    items: PutEventsItemsSettings | None = Field(
        default=None, description="The items, when titles are to be shown."
    )


class PutEventsSettings(ScenarioSettings):
    """Do recommendations follow what a user just did?"""

    data: PutEventsDataSettings = Field(default_factory=PutEventsDataSettings, description="The raw data.")
    campaign: ServiceRequest = Field(
        default_factory=lambda: {"minProvisionedTPS": 1},
        description="Members of CreateCampaign. It is billed by the hour and deleted at the end of the run.",
    )
    replay: ReplaySettings = Field(default_factory=ReplaySettings, description="What is sent and asked.")
    evaluation: ReplayEvaluationSettings = Field(
        default_factory=ReplayEvaluationSettings, description="How lists are compared."
    )
    polling: CampaignPollingSettings = Field(
        default_factory=CampaignPollingSettings, description="Waiting for the service."
    )
