"""How often the workflow looks at a resource that is being made, and when it gives up."""

from __future__ import annotations

import math

from pydantic import Field

from config.base import SettingsModel

PAUSE = "Pause between two looks. The service allows one describe call a second per account."
PATIENCE = "After this long the run fails and names what it waited for."

HOUR = 3600
MAX_PAUSE = HOUR
MAX_PATIENCE = 7 * 24 * HOUR


class Poll(SettingsModel):
    """Wait `seconds`, look, and again, until `timeout_seconds` have passed."""

    seconds: int = Field(default=20, ge=1, le=MAX_PAUSE, description=PAUSE)
    timeout_seconds: int = Field(default=900, ge=1, le=MAX_PATIENCE, description=PATIENCE)

    @property
    def max_polls(self) -> int:
        """The most looks that fit into the timeout."""
        return math.ceil(self.timeout_seconds / self.seconds)


class ImportPoll(Poll):
    """Imports take some 20 minutes for a million rows."""

    seconds: int = Field(default=60, ge=1, le=MAX_PAUSE, description=PAUSE)
    timeout_seconds: int = Field(default=3 * HOUR, ge=1, le=MAX_PATIENCE, description=PATIENCE)


class TrainingPoll(Poll):
    """Training takes 40 minutes to many hours, with a search of hyperparameters the longest."""

    seconds: int = Field(default=240, ge=1, le=MAX_PAUSE, description=PAUSE)
    timeout_seconds: int = Field(default=24 * HOUR, ge=1, le=MAX_PATIENCE, description=PATIENCE)


class BatchPoll(Poll):
    """A batch job starts its own machines first: half an hour at least."""

    seconds: int = Field(default=120, ge=1, le=MAX_PAUSE, description=PAUSE)
    timeout_seconds: int = Field(default=8 * HOUR, ge=1, le=MAX_PATIENCE, description=PATIENCE)


class PollingSettings(SettingsModel):
    """One entry per kind of resource that takes time; what is left out keeps its default."""

    dataset_group: Poll = Field(default_factory=Poll, description="Creating the dataset group.")
    dataset: Poll = Field(default_factory=Poll, description="Creating a dataset.")
    dataset_import_job: ImportPoll = Field(
        default_factory=ImportPoll, description="Importing the training part."
    )
    solution: Poll = Field(default_factory=Poll, description="Creating the solution (not its training).")
    solution_version: TrainingPoll = Field(default_factory=TrainingPoll, description="Training.")
    batch_inference_job: BatchPoll = Field(
        default_factory=BatchPoll, description="Recommending for every held-out user."
    )

    def items(self) -> tuple[tuple[str, Poll], ...]:
        """Every kind with its poll, in the order in which a run waits for them."""
        return tuple((kind, getattr(self, kind)) for kind in type(self).model_fields)


class CampaignPoll(Poll):
    """A campaign takes about ten minutes."""

    seconds: int = Field(default=30, ge=1, le=MAX_PAUSE, description=PAUSE)
    timeout_seconds: int = Field(default=2 * HOUR, ge=1, le=MAX_PATIENCE, description=PATIENCE)


class FilteredPollingSettings(PollingSettings):
    """Waiting of a scenario that filters recommendations."""

    filter: Poll = Field(default_factory=Poll, description="Creating the filter.")


class CampaignPollingSettings(PollingSettings):
    """Waiting of a scenario that asks in real time."""

    campaign: CampaignPoll = Field(default_factory=CampaignPoll, description="Creating the campaign.")
    event_tracker: Poll = Field(default_factory=Poll, description="Creating the event tracker.")
    deletion: CampaignPoll = Field(
        default_factory=CampaignPoll, description="Deleting the campaign and the event tracker."
    )
