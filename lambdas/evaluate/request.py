"""What the state machine asks of `evaluate`: the event, checked, as frozen values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.baselines import BASELINES, PRIMARY_BASELINE
from lambdas.evaluate.metrics import USER_METRICS
from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations, S3Location

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """How to measure. Raises RequestError when a value cannot be used, naming all of them."""

    cutoffs: tuple[int, ...] = (5, 10, 25)
    baselines: tuple[str, ...] = ("popularity", PRIMARY_BASELINE, "recent_popularity")
    primary_metric: str = "ndcg"
    primary_cutoff: int = 10
    bootstrap_resamples: int = 1000
    confidence: float = 0.95
    seed: int = 7

    def __post_init__(self) -> None:
        """Check every value; put the baseline that the verdict rests on first in line if it was left out."""
        problems = list(self._problems())
        if problems:
            raise RequestError("The evaluation settings cannot be used: " + "; ".join(problems) + ".")
        if PRIMARY_BASELINE not in self.baselines:
            object.__setattr__(self, "baselines", (PRIMARY_BASELINE, *self.baselines))

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> EvaluationSettings:
        """Settings from the `evaluation` object of the event; what is left out has its default."""
        unknown = sorted(set(document) - set(cls.__dataclass_fields__))
        if unknown:
            raise RequestError(f"evaluation has unknown members: {', '.join(unknown)}.")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
        }
        return cls(**values)

    def as_document(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    @property
    def longest(self) -> int:
        """The longest cut-off: how much of a list is looked at."""
        return max(self.cutoffs)

    def _problems(self) -> list[str]:
        found = []
        cutoffs_usable = bool(self.cutoffs) and all(_is_count(k) for k in self.cutoffs)
        if not cutoffs_usable or list(self.cutoffs) != sorted(set(self.cutoffs)):
            found.append(f"cutoffs {list(self.cutoffs)} must be whole numbers of 1 or more, ascending")
        elif self.primary_cutoff not in self.cutoffs:
            found.append(
                f"primary_cutoff {self.primary_cutoff!r} must be one of the cutoffs {list(self.cutoffs)}"
            )
        unknown = sorted({str(name) for name in self.baselines} - set(BASELINES))
        if unknown:
            found.append(f"baselines {unknown} are not known, only {list(BASELINES)}")
        accuracy = [name for name, metric in USER_METRICS.items() if metric.higher_is_better]
        if self.primary_metric not in accuracy:
            found.append(f"primary_metric {self.primary_metric!r} must be one of {accuracy}")
        if not _is_count(self.bootstrap_resamples):
            found.append(
                f"bootstrap_resamples {self.bootstrap_resamples!r} must be a whole number of 1 or more"
            )
        if not (isinstance(self.confidence, float) and 0 < self.confidence < 1):
            found.append(f"confidence {self.confidence!r} must lie between 0 and 1")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            found.append(f"seed {self.seed!r} must be a whole number of 0 or more")
        return found


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """One call of the task: which run, where its files are, how to measure, what to print."""

    scenario: str
    run_id: str
    locations: RunLocations
    train: S3Location
    holdout: S3Location
    recommendations: S3Location
    diagnosis: S3Location | None
    solution_version_arn: str | None
    settings: EvaluationSettings
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> EvaluateRequest:
        """Read the event. Raises RequestError naming every member that is missing."""
        required = (
            "scenario",
            "run_id",
            "data_bucket",
            "reports_bucket",
            "train",
            "holdout",
            "recommendations",
        )
        missing = [name for name in required if not event.get(name)]
        if missing:
            raise RequestError(f"The event of evaluate lacks {', '.join(missing)}.")
        diagnosis = event.get("diagnosis")
        return cls(
            scenario=event["scenario"],
            run_id=event["run_id"],
            locations=RunLocations.of(
                scenario=event["scenario"],
                run_id=event["run_id"],
                data_bucket=event["data_bucket"],
                reports_bucket=event["reports_bucket"],
            ),
            train=S3Location.parse(event["train"]),
            holdout=S3Location.parse(event["holdout"]),
            recommendations=S3Location.parse(event["recommendations"]),
            diagnosis=S3Location.parse(diagnosis) if diagnosis else None,
            solution_version_arn=event.get("solution_version_arn"),
            settings=EvaluationSettings.parse(event.get("evaluation") or {}),
            facts=event.get("facts") or {},
        )

    @property
    def model_name(self) -> str:
        """The recipe's short name when the facts tell it, for the verdict: `aws-user-personalization-v2`."""
        recipe = str(self.facts.get("recipe_arn") or "")
        return recipe.rpartition("/")[2] or "the model"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
