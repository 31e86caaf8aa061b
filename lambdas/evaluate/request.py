"""What the state machine asks of `evaluate`: the event, checked, as frozen values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.cost import Prices
from lambdas.evaluate.lists import MODEL, RESERVED_SOURCES
from lambdas.evaluate.settings import EvaluationSettings, Kind
from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations, S3Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Design", "EvaluateRequest", "EvaluationSettings", "Kind", "Variant"]

# A variant's name becomes a source in files and the prefix of columns.
_VARIANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

_ALWAYS_REQUIRED = ("scenario", "run_id", "data_bucket", "reports_bucket")
_REQUIRED = {
    Kind.USERS: ("train", "holdout"),
    Kind.RELATED_ITEMS: ("train", "holdout", "user_causes", "causes"),
    Kind.COLD_ITEMS: ("train", "holdout", "catalogue"),
    Kind.REPLAY: ("replay",),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the models that are judged on the same split.

    recommendations: where its batch output is; None in a replay, which has no batch job.
    """

    name: str
    recommendations: S3Location | None
    solution_version_arn: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Design:
    """Which comparison the verdict is about.

    variants: names, the one that the verdict is about first.
    reference: every other variant is compared with this one, too.
    against_reference: the verdict compares with the reference instead of the primary baseline.
    """

    variants: tuple[str, ...] = (MODEL,)
    reference: str | None = None
    against_reference: bool = False


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """One call of the task: which run, where its files are, how to measure, what to print."""

    scenario: str
    run_id: str
    locations: RunLocations
    variants: tuple[Variant, ...]
    design: Design
    settings: EvaluationSettings
    train: S3Location | None = None
    holdout: S3Location | None = None
    diagnosis: S3Location | None = None
    catalogue: S3Location | None = None
    user_causes: S3Location | None = None
    causes: S3Location | None = None
    replay: S3Location | None = None
    prices: Prices | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> EvaluateRequest:
        """Read the event. Raises RequestError naming every member that is missing or cannot be used."""
        kind = _kind(event.get("kind"))
        required = (*_ALWAYS_REQUIRED, *_REQUIRED[kind])
        if kind is not Kind.REPLAY and "variants" not in event:
            required = (*required, "recommendations")
        missing = [name for name in required if not event.get(name)]
        if missing:
            raise RequestError(f"The event of evaluate lacks {', '.join(missing)}.")
        variants = _variants(event)
        problems = list(_variant_problems(event, variants, kind))
        if problems:
            raise RequestError("The event of evaluate cannot be used: " + "; ".join(problems) + ".")
        return cls(
            scenario=event["scenario"],
            run_id=event["run_id"],
            locations=RunLocations.of(
                scenario=event["scenario"],
                run_id=event["run_id"],
                data_bucket=event["data_bucket"],
                reports_bucket=event["reports_bucket"],
            ),
            variants=variants,
            design=Design(
                variants=tuple(variant.name for variant in variants),
                reference=event.get("reference_variant"),
                against_reference=event.get("headline") == "reference",
            ),
            settings=EvaluationSettings.parse(event.get("evaluation") or {}, kind),
            train=_location(event, "train"),
            holdout=_location(event, "holdout"),
            diagnosis=_location(event, "diagnosis"),
            catalogue=_location(event, "catalogue"),
            user_causes=_location(event, "user_causes"),
            causes=_location(event, "causes"),
            replay=_location(event, "replay"),
            prices=Prices.parse(event["prices"]) if event.get("prices") else None,
            facts=event.get("facts") or {},
        )

    @property
    def model_name(self) -> str:
        """What the verdict calls the model: the recipe's short name when the facts tell it, and the variant.

        `aws-user-personalization-v2`, or `aws-user-personalization-v2 (explore_0.3)` beside other variants.
        """
        first = self.variants[0]
        recipe = str(first.facts.get("recipe_arn") or self.facts.get("recipe_arn") or "")
        name = recipe.rpartition("/")[2] or "the model"
        return name if len(self.variants) == 1 else f"{name} ({first.name})"


def _kind(value: object) -> Kind:
    try:
        return Kind(str(value or Kind.USERS))
    except ValueError:
        raise RequestError(
            f"kind {value!r} is not known to evaluate, only {', '.join(kind.value for kind in Kind)}."
        ) from None


def _location(document: Mapping[str, Any], name: str) -> S3Location | None:
    uri = document.get(name)
    return S3Location.parse(uri) if uri else None


def _variants(event: Mapping[str, Any]) -> tuple[Variant, ...]:
    """The variants of the event, or the single unnamed one whose members stand in the event itself."""
    documents = event.get("variants") or [{**event, "name": MODEL, "facts": {}}]
    return tuple(
        Variant(
            name=str(document.get("name")),
            recommendations=_location(document, "recommendations"),
            solution_version_arn=document.get("solution_version_arn"),
            facts=document.get("facts") or {},
        )
        for document in documents
    )


def _variant_problems(event: Mapping[str, Any], variants: Sequence[Variant], kind: Kind) -> Iterator[str]:
    names = [variant.name for variant in variants]
    for variant in variants:
        if not _VARIANT_NAME.fullmatch(variant.name):
            yield f"variant {variant.name!r} needs a name of letters, digits, dots, hyphens and underscores"
        if variant.name in RESERVED_SOURCES:
            yield f"a variant cannot be called {variant.name!r}, that is a baseline's name"
        if variant.recommendations is None and kind is not Kind.REPLAY:
            yield f"variant {variant.name!r} lacks recommendations"
    if len(set(names)) < len(names):
        yield f"the variants {names} need different names"
    if kind is Kind.REPLAY and len(variants) > 1:
        yield "a replay has one variant"
    reference, headline = event.get("reference_variant"), event.get("headline") or "baseline"
    if reference is not None and reference not in names:
        yield f"reference_variant {reference!r} is none of the variants {names}"
    if headline not in {"baseline", "reference"}:
        yield f"headline {headline!r} must be baseline or reference"
    if headline == "reference" and (reference is None or reference == names[0]):
        yield "headline reference needs a reference_variant that is not the first variant"
