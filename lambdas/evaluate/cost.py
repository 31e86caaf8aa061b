"""What a run costs at the service, estimated: how much of everything it used, times the unit prices of the settings.

What is not known is said to be so and never counted as nothing. Free quotas, later price tiers, taxes and the other
services (S3, Lambda, Step Functions: cents) are left out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GIGABYTE = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Unit prices; None: not known. v2: of recipes whose names end in -v2, which have a price list of their own."""

    currency: str
    ingestion_per_gb: float | None = None
    training_per_hour: float | None = None
    training_v2_per_million: float | None = None
    batch_per_thousand: float | None = None
    batch_v2_per_thousand: float | None = None
    campaign_per_tps_hour: float | None = None
    campaign_v2_per_tps_hour: float | None = None
    requests_v2_per_thousand: float | None = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Prices:
        """Read the event's `prices`; what is left out is not known. Raises RequestError naming what cannot be used."""
        names = {field.name for field in fields(cls)}
        wrong = [
            *([] if isinstance(document.get("currency"), str) else ["currency must be a text"]),
            *(f"{name} is not known" for name in sorted(set(document) - names)),
            *(
                f"{name} {document[name]!r} must be a number of 0 or more, or null"
                for name in sorted(names & set(document) - {"currency"})
                if not _is_price(document[name])
            ),
        ]
        if wrong:
            raise RequestError(f"The prices of the event cannot be used: {'; '.join(wrong)}.")
        return cls(**document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A solution version. hours: as the service counts them, None when it does not tell."""

    v2: bool
    hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of the service a run used; None where nobody knows.

    v2: whether the recipe of the first variant, which batch jobs and campaigns are billed by, has the v2 price list.
    interactions: what a training is on. batch_records: users or items that batch jobs were asked for, 0 without a job.
    campaign_hours: provisioned transactions per second times hours; 0 without a campaign, as for requests and
    streamed events.
    """

    v2: bool
    imported_bytes: int | None
    trainings: tuple[Training, ...]
    interactions: int | None
    batch_records: int
    campaign_hours: float | None = 0.0
    requests: int = 0
    streamed_events: int = 0


@dataclass(frozen=True, slots=True)
class CostItem:
    """A part of the bill. None: not known."""

    name: str
    quantity: float | None
    unit: str
    unit_price: float | None

    @property
    def amount(self) -> float | None:
        """Quantity times price."""
        if self.quantity is None or self.unit_price is None:
            return None
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimate. charged: False where the service was emulated, and nobody is billed."""

    currency: str
    items: tuple[CostItem, ...]
    charged: bool

    @property
    def total(self) -> float | None:
        """The sum of what is known; None when nothing is."""
        known = [item.amount for item in self.items if item.amount is not None]
        return sum(known) if known else None

    @property
    def unknown(self) -> tuple[CostItem, ...]:
        """The items that the total lacks."""
        return tuple(item for item in self.items if item.amount is None)

    def as_document(self) -> dict[str, Any]:
        """The estimate as JSON values."""
        return {
            "currency": self.currency,
            "estimated": True,
            "charged": self.charged,
            "items": [{**asdict(item), "amount": item.amount} for item in self.items],
            "total": self.total,
        }


def estimate_cost(usage: Usage, prices: Prices, *, charged: bool) -> Cost:
    """The parts of the bill that a run has."""
    return Cost(prices.currency, tuple(_items(usage, prices)), charged)


def _items(usage: Usage, prices: Prices) -> Iterator[CostItem]:
    imported = None if usage.imported_bytes is None else usage.imported_bytes / GIGABYTE
    yield CostItem("data imported", imported, "GB", prices.ingestion_per_gb)
    if usage.streamed_events:
        # The service counts their bytes, and nobody else does.
        yield CostItem("events streamed", None, "GB", prices.ingestion_per_gb)
    yield from _trainings(usage, prices)
    if usage.batch_records:
        price = prices.batch_v2_per_thousand if usage.v2 else prices.batch_per_thousand
        yield CostItem("batch recommendations", usage.batch_records / 1000, "thousand", price)
    if usage.v2 and usage.requests:
        yield CostItem(
            "real-time recommendations", usage.requests / 1000, "thousand", prices.requests_v2_per_thousand
        )
    if usage.campaign_hours is None or usage.campaign_hours:
        price = prices.campaign_v2_per_tps_hour if usage.v2 else prices.campaign_per_tps_hour
        yield CostItem("campaign", usage.campaign_hours, "TPS-hours", price)


def _trainings(usage: Usage, prices: Prices) -> Iterator[CostItem]:
    """Training hours of one price list, interactions of the other."""
    hours = [training.hours for training in usage.trainings if not training.v2]
    by_interactions = sum(training.v2 for training in usage.trainings)
    if hours:
        known = [amount for amount in hours if amount is not None]
        yield CostItem(
            "training",
            sum(known) if len(known) == len(hours) else None,
            "training hours",
            prices.training_per_hour,
        )
    if by_interactions:
        quantity = None if usage.interactions is None else by_interactions * usage.interactions / 10**6
        yield CostItem("training", quantity, "million interactions", prices.training_v2_per_million)


def _is_price(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0)
