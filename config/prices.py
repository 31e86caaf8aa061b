"""What Amazon Personalize charges for one unit of everything, for the estimate in the report."""

from __future__ import annotations

from pydantic import Field

from config.base import SettingsModel

_CHECK = "Not taken from AWS: check it against the price list of your region."
_UNKNOWN = "Without a default, because none was found: take it from the price list of your region."


class PriceSettings(SettingsModel):
    """Unit prices of the first tier, before taxes and free quotas: for an estimate alone. None: not known."""

    currency: str = Field(
        default="USD",
        min_length=1,
        max_length=8,
        description="Currency of all prices, as the report writes it.",
    )
    ingestion_per_gb: float | None = Field(
        default=0.05, ge=0, description=f"Price of a GB (10^9 bytes) of imported data. {_CHECK}"
    )
    training_per_hour: float | None = Field(
        default=0.24,
        ge=0,
        description=f"Price of a training hour as the service counts them, of every recipe but the v2 ones. {_CHECK}",
    )
    training_v2_per_million: float | None = Field(
        default=None,
        ge=0,
        description=f"Price of training on a million interactions, of recipes whose name ends in -v2. {_UNKNOWN}",
    )
    batch_per_thousand: float | None = Field(
        default=0.067,
        ge=0,
        description="Price of a thousand users or items asked for in a batch job, of every recipe but the v2 ones. "
        f"{_CHECK} Sources have 0.067 and 0.086.",
    )
    batch_v2_per_thousand: float | None = Field(
        default=None, ge=0, description=f"The same of recipes whose name ends in -v2. {_UNKNOWN}"
    )
    campaign_per_tps_hour: float | None = Field(
        default=0.2,
        ge=0,
        description="Price of an hour of a campaign for one provisioned transaction per second, of every recipe but "
        f"the v2 ones. {_CHECK}",
    )
    campaign_v2_per_tps_hour: float | None = Field(
        default=None,
        ge=0,
        description="The same of recipes whose name ends in -v2; 0 where they are billed by requests alone. "
        f"{_UNKNOWN}",
    )
    requests_v2_per_thousand: float | None = Field(
        default=None,
        ge=0,
        description=f"Price of a thousand real-time requests, of recipes whose name ends in -v2. {_UNKNOWN}",
    )
