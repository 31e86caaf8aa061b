"""How much memory, time and disk each Lambda function gets."""

from __future__ import annotations

from pydantic import Field

from config.base import SettingsModel


class FunctionSettings(SettingsModel):
    """The size of one function. The limits are Lambda's."""

    memory_mb: int = Field(
        default=256,
        ge=128,
        le=10240,
        description="Memory. Lambda gives CPU in proportion: one full core at 1,769 MB. Tasks that only call an "
        "API take 60 MB.",
    )
    timeout_seconds: int = Field(
        default=60, ge=1, le=900, description="How long one call may take. Lambda ends it after 900 s."
    )
    ephemeral_storage_mb: int = Field(
        default=512, ge=512, le=10240, description="Disk below `/tmp`. The first 512 MB are free."
    )


class DataFunctionSettings(FunctionSettings):
    """The size of a function that holds tables in memory: nearly two cores, and Lambda's longest time."""

    memory_mb: int = Field(
        default=3008,
        ge=128,
        le=10240,
        description="Memory; tables are held in it. 25 million rows take 2.2 GB.",
    )
    timeout_seconds: int = Field(default=900, ge=1, le=900, description="How long one call may take.")
    ephemeral_storage_mb: int = Field(
        default=2048, ge=512, le=10240, description="Disk below `/tmp`, where files are staged."
    )


class ReplayFunctionSettings(FunctionSettings):
    """The size of a function that mostly waits: it stops before its time is up and is called again."""

    memory_mb: int = Field(default=1024, ge=128, le=10240, description="Memory.")
    timeout_seconds: int = Field(default=900, ge=60, le=900, description="How long one call may take.")


class IndexFunctionSettings(FunctionSettings):
    """The size of the function that lists all runs: what it reads once of each run is small."""

    memory_mb: int = Field(default=512, ge=128, le=10240, description="Memory. 1,000 runs take 150 MB.")
    timeout_seconds: int = Field(
        default=180,
        ge=1,
        le=900,
        description="How long one call may take. It reads what is new; without its cache, all runs.",
    )


class FunctionsSettings(SettingsModel):
    """One entry per Lambda function; what is left out keeps its default."""

    split_data: DataFunctionSettings = Field(
        default_factory=DataFunctionSettings, description="Checks and splits the raw data."
    )
    create_resource: FunctionSettings = Field(
        default_factory=FunctionSettings, description="Describes or creates one resource of Personalize."
    )
    describe_resource: FunctionSettings = Field(
        default_factory=FunctionSettings, description="Reads the status of one resource of Personalize."
    )
    delete_resource: FunctionSettings = Field(
        default_factory=FunctionSettings, description="Deletes one resource of Personalize."
    )
    replay_events: ReplayFunctionSettings = Field(
        default_factory=ReplayFunctionSettings, description="Sends live events and asks for lists."
    )
    evaluate: DataFunctionSettings = Field(
        default_factory=DataFunctionSettings, description="Computes metrics and baselines, writes the report."
    )
    publish_index: IndexFunctionSettings = Field(
        default_factory=IndexFunctionSettings, description="Brings the page of all runs up to date."
    )
    record_failure: FunctionSettings = Field(
        default_factory=FunctionSettings, description="Writes down why a run failed."
    )

    def items(self) -> tuple[tuple[str, FunctionSettings], ...]:
        """Every function with its size."""
        return tuple((name, getattr(self, name)) for name in type(self).model_fields)
