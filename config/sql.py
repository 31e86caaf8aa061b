"""Whether and how results can be asked in SQL."""

from __future__ import annotations

from pydantic import Field

from config.base import SettingsModel


class SqlSettings(SettingsModel):
    """Athena over the tables that runs write; they are written in any case."""

    enabled: bool = Field(
        default=True,
        description="Whether the stack describes the tables to Athena: a Glue database, a workgroup, named queries. "
        "They cost nothing until somebody asks.",
    )
    scan_limit_mb: int = Field(
        default=10_000,
        ge=10,
        description="Athena ends a query that reads more; its own least is 10. At 5 USD for a terabyte, the price in "
        "most regions, this much costs 5 cents.",
    )
