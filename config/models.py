"""The settings of one stage: everything that a user decides, and nothing that a stack makes."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.base import ServiceRequest, SettingsModel
from config.data import (
    AvroField,
    AvroSchema,
    DatasetSettings,
    InteractionsSettings,
)
from config.evaluation import EvaluationSettings, ReplaySettings, SplitSettings
from config.functions import FunctionSettings, FunctionsSettings
from config.polling import Poll, PollingSettings
from config.prices import PriceSettings
from config.scenario import (
    DataSettings,
    ScenarioSettings,
    ScheduleSettings,
    Variant,
)
from config.scenarios import (
    COLD_COLUMN,
    ColdstartSettings,
    HrnnSettings,
    MetadataSettings,
    PutEventsSettings,
    SimsSettings,
)
from config.sql import SqlSettings

__all__ = [
    "COLD_COLUMN",
    "AvroField",
    "AvroSchema",
    "ColdstartSettings",
    "DataSettings",
    "DatasetSettings",
    "EvaluationSettings",
    "FunctionSettings",
    "FunctionsSettings",
    "HrnnSettings",
    "InteractionsSettings",
    "LifecycleSettings",
    "MetadataSettings",
    "Poll",
    "PollingSettings",
    "PriceSettings",
    "PutEventsSettings",
    "ReplaySettings",
    "ScenarioSettings",
    "ScenariosSettings",
    "ScheduleSettings",
    "ServiceRequest",
    "Settings",
    "SimsSettings",
    "SplitSettings",
    "SqlSettings",
    "Variant",
]

LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs accepts."""

MAX_NAME_PART = 20

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")


def _name_part(text: str) -> str:
    """Policies end in `<prefix>-<stage>-*`: with a hyphen inside a part, one stage could cover another."""
    if not re.fullmatch(r"[a-z][a-z0-9]*", text) or len(text) > MAX_NAME_PART:
        raise ValueError(
            f"take 1 to {MAX_NAME_PART} small letters and digits, starting with a letter "
            "(it becomes part of every name)"
        )
    return text


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or len(text) > 254:
        raise ValueError("not an e-mail address")
    return text


def _known_retention(days: int) -> int:
    if days not in LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise ValueError(f"CloudWatch Logs keeps logs for one of these numbers of days: {allowed}")
    return days


class LifecycleSettings(SettingsModel):
    """When S3 deletes what is no longer needed."""

    runs_expire_days: int = Field(
        default=90, ge=1, description="Training parts, holdouts and raw recommendations of a run."
    )
    reports_noncurrent_days: int = Field(
        default=90, ge=1, description="Old versions of overwritten reports. Reports themselves stay."
    )
    logs_expire_days: int = Field(default=365, ge=1, description="Access logs of the buckets.")
    query_results_expire_days: int = Field(
        default=30, ge=1, description="What Athena answered, which it keeps in the reports bucket."
    )


class ScenariosSettings(SettingsModel):
    """One entry per scenario."""

    hrnn: HrnnSettings = Field(
        default_factory=HrnnSettings, description="Does a user model beat popularity on this data?"
    )

    sims: SimsSettings = Field(default_factory=SimsSettings, description="Which items go with this item?")
    metadata: MetadataSettings = Field(
        default_factory=MetadataSettings, description="What do user, item and event metadata add?"
    )
    coldstart: ColdstartSettings = Field(
        default_factory=ColdstartSettings,
        description="Can items that nobody has touched be shown to the right people?",
    )
    put_events: PutEventsSettings = Field(
        default_factory=PutEventsSettings, description="Do recommendations follow what a user just did?"
    )

    def items(self) -> tuple[tuple[str, ScenarioSettings], ...]:
        """Every scenario with its name, enabled or not."""
        return tuple((name, getattr(self, name)) for name in type(self).model_fields)


class Settings(SettingsModel):
    """One stage. Two stages of one prefix live side by side in an account and region."""

    stage: Annotated[str, AfterValidator(_name_part)] = Field(
        description="Name of the stage; part of every name that is made."
    )
    prefix: Annotated[str, AfterValidator(_name_part)] = Field(
        default="pp", description="First part of every name that is made."
    )
    removal_policy: Literal["destroy", "retain"] = Field(
        default="retain", description="What becomes of the buckets and the key when the stack is deleted."
    )
    termination_protection: bool = Field(
        default=True, description="Whether CloudFormation refuses to delete the stacks."
    )
    encryption: Literal["s3_managed", "customer_key"] = Field(
        default="s3_managed",
        description="Key of the buckets and the topic: S3's own, or a KMS key that the storage stack makes "
        "(1 USD a month).",
    )
    tags: dict[str, str] = Field(
        default_factory=dict, description="Tags on everything, the resources of Personalize included."
    )
    log_retention_days: Annotated[int, AfterValidator(_known_retention)] = Field(
        default=90, description="How long CloudWatch keeps logs; only the numbers that CloudWatch knows."
    )
    notification_emails: tuple[Annotated[str, AfterValidator(_email)], ...] = Field(
        default=(), description="Who gets a message at the end of every run."
    )
    architecture: Literal["arm64", "x86_64"] = Field(
        default="arm64", description="Processor of the functions. arm64 is a fifth cheaper."
    )
    tracing: bool = Field(
        default=True, description="Whether functions and state machines write X-Ray traces."
    )
    allow_legacy_recipes: bool = Field(
        default=False,
        description="Accept aws-hrnn, aws-hrnn-metadata and aws-hrnn-coldstart, which only the local "
        "emulator still trains. AWS refuses them.",
    )
    functions: FunctionsSettings = Field(
        default_factory=FunctionsSettings, description="Size of each Lambda function."
    )
    lifecycle: LifecycleSettings = Field(
        default_factory=LifecycleSettings, description="When S3 deletes what."
    )
    prices: PriceSettings = Field(
        default_factory=PriceSettings,
        description="Unit prices, from which the report estimates what a run cost.",
    )
    sql: SqlSettings = Field(default_factory=SqlSettings, description="Results in Amazon Athena.")
    scenarios: ScenariosSettings = Field(
        default_factory=ScenariosSettings, description="The pipelines: one state machine each."
    )

    @property
    def retains_data(self) -> bool:
        """Whether buckets and keys outlive their stack."""
        return self.removal_policy == "retain"

    @property
    def uses_customer_key(self) -> bool:
        """Whether the storage stack makes a KMS key."""
        return self.encryption == "customer_key"

    def enabled_scenarios(self) -> dict[str, ScenarioSettings]:
        """The scenarios that are deployed, by name, in a fixed order."""
        return {name: scenario for name, scenario in self.scenarios.items() if scenario.enabled}

    def service_tags(self) -> list[dict[str, str]]:
        """The tags in the form in which Personalize wants them, sorted by key."""
        return [{"tagKey": key, "tagValue": value} for key, value in sorted(self.tags.items())]
