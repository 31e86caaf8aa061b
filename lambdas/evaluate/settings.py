"""How to measure: what kind of question a run asks, and the `evaluation` object of the event, checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.baselines import BASELINES, COLD_BASELINES, PRIMARY_BASELINE, PRIMARY_COLD_BASELINE
from lambdas.evaluate.metrics import USER_METRICS
from lambdas.shared.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


# More users make a page longer, not clearer.
MOST_EXAMPLES = 10


class Kind(StrEnum):
    """What was asked for recommendations, and what they are judged by.

    users: a list for every user, against the user's held-out items.
    related_items: a list for every cause item; a user has the list of the user's own cause.
    cold_items: a list for every user of held-out items, which training knows nothing of.
    replay: users' lists while they are sent the events of other users, against those users' lists.
    """

    USERS = "users"
    RELATED_ITEMS = "related_items"
    COLD_ITEMS = "cold_items"
    REPLAY = "replay"


_DEFAULT_BASELINES = {
    Kind.USERS: ("popularity", PRIMARY_BASELINE, "recent_popularity"),
    Kind.RELATED_ITEMS: ("popularity", PRIMARY_BASELINE, "recent_popularity"),
    Kind.COLD_ITEMS: COLD_BASELINES,
}
# Always computed: verdicts rest on the first of them that can be.
REQUIRED_BASELINES = {
    Kind.USERS: (PRIMARY_BASELINE,),
    Kind.RELATED_ITEMS: (PRIMARY_BASELINE,),
    Kind.COLD_ITEMS: (PRIMARY_COLD_BASELINE, "random_held_out"),
}
_KNOWN_BASELINES = {
    Kind.USERS: BASELINES,
    Kind.RELATED_ITEMS: BASELINES,
    Kind.COLD_ITEMS: COLD_BASELINES,
}


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """How to measure. Raises RequestError when a value cannot be used, naming all of them.

    genre_column: the catalogue's column of `|`-joined genres (cold_items).
    examples: how many users are shown with their lists; 0 keeps their ids out of the page.
    overlap_k, rbo_p: depth of both list comparisons and persistence of rank-biased overlap (replay).
    kind: what is measured; it decides which baselines there are. A replay has none of these.
    """

    cutoffs: tuple[int, ...] = (5, 10, 25)
    baselines: tuple[str, ...] | None = None
    primary_metric: str = "ndcg"
    primary_cutoff: int = 10
    bootstrap_resamples: int = 1000
    confidence: float = 0.95
    seed: int = 7
    genre_column: str = "GENRES"
    examples: int = 3
    overlap_k: int = 25
    rbo_p: float = 0.9
    kind: Kind = Kind.USERS

    def __post_init__(self) -> None:
        """Check every value; put baselines that verdicts rest on first in line if they were left out."""
        problems = [*self._problems(), *self._list_problems()]
        if problems:
            raise RequestError("The evaluation settings cannot be used: " + "; ".join(problems) + ".")
        asked = self._asked_baselines
        required = (name for name in REQUIRED_BASELINES.get(self.kind, ()) if name not in asked)
        object.__setattr__(self, "baselines", (*required, *asked))

    @classmethod
    def parse(cls, document: Mapping[str, Any], kind: Kind = Kind.USERS) -> EvaluationSettings:
        """Settings from the `evaluation` object of the event; what is left out has its default."""
        unknown = sorted(set(document) - (set(cls.__dataclass_fields__) - {"kind"}))
        if unknown:
            raise RequestError(f"evaluation has unknown members: {', '.join(unknown)}.")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
        }
        return cls(**values, kind=kind)

    def as_document(self) -> dict[str, Any]:
        """The settings as JSON values, as `parse` reads them."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if key != "kind"
        }

    @property
    def longest(self) -> int:
        """The longest cut-off: how much of a list is looked at."""
        return max(self.cutoffs)

    @property
    def baseline_names(self) -> tuple[str, ...]:
        """The baselines to compute, those that verdicts rest on included."""
        return self.baselines or ()

    @property
    def _asked_baselines(self) -> tuple[str, ...]:
        if self.kind is Kind.REPLAY:  # compared with the same users before any event
            return ()
        return _DEFAULT_BASELINES[self.kind] if self.baselines is None else self.baselines

    def _problems(self) -> Iterator[str]:
        cutoffs_usable = bool(self.cutoffs) and all(_is_count(k) for k in self.cutoffs)
        if not cutoffs_usable or list(self.cutoffs) != sorted(set(self.cutoffs)):
            yield f"cutoffs {list(self.cutoffs)} must be whole numbers of 1 or more, ascending"
        elif self.primary_cutoff not in self.cutoffs:
            yield f"primary_cutoff {self.primary_cutoff!r} must be one of the cutoffs {list(self.cutoffs)}"
        known = _KNOWN_BASELINES.get(self.kind, ())
        unknown = sorted({str(name) for name in self._asked_baselines} - set(known))
        if unknown:
            yield f"baselines {unknown} are not known for {self.kind.value}, only {list(known)}"
        accuracy = [name for name, metric in USER_METRICS.items() if metric.higher_is_better]
        if self.primary_metric not in accuracy:
            yield f"primary_metric {self.primary_metric!r} must be one of {accuracy}"
        if not _is_count(self.bootstrap_resamples):
            yield f"bootstrap_resamples {self.bootstrap_resamples!r} must be a whole number of 1 or more"
        if not (isinstance(self.confidence, float) and 0 < self.confidence < 1):
            yield f"confidence {self.confidence!r} must lie between 0 and 1"
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            yield f"seed {self.seed!r} must be a whole number of 0 or more"

    def _list_problems(self) -> Iterator[str]:
        if not isinstance(self.genre_column, str) or not self.genre_column:
            yield f"genre_column {self.genre_column!r} must be the name of a column"
        if not (_is_count(self.examples, least=0) and self.examples <= MOST_EXAMPLES):
            yield f"examples {self.examples!r} must be a whole number from 0 to {MOST_EXAMPLES}"
        if not _is_count(self.overlap_k):
            yield f"overlap_k {self.overlap_k!r} must be a whole number of 1 or more"
        if not (isinstance(self.rbo_p, float) and 0 < self.rbo_p < 1):
            yield f"rbo_p {self.rbo_p!r} must lie between 0 and 1"


def _is_count(value: object, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
