"""performHPO: a search for better hyperparameters, on a split by time inside the training data.

Candidates are the solution's own parameters and seeded random draws from the ranges. All share one model's statistics:
those of what each user did before the newest tenth, which is what the candidates have to predict. The test users of the
service's metrics take no part. Another candidate than the first is chosen only if its gain is larger than its standard
error, so that chance alone does not replace a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulator.training.metrics import LIST_LENGTH, gains, hits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from emulator.recipes.contract import Trainer
    from emulator.recipes.events import Events

SEED = 20180522
MOST_JOBS = 15
"""More candidates than this are not tried, however many the request allows: they take time and find little."""

HELD_SHARE = 10
LEAST_EVENTS = 5


@dataclass(frozen=True)
class Range:
    """What one parameter may be: `kind` is integer, float or choice; bounds are included."""

    name: str
    kind: str
    lowest: float = 0.0
    highest: float = 0.0
    choices: tuple[str, ...] = ()

    def draw(self, chance: np.random.Generator) -> str:
        """A value as the API has it, a string."""
        if self.kind == "choice":
            return str(chance.choice(list(self.choices)))
        if self.kind == "integer":
            return str(int(chance.integers(int(self.lowest), int(self.highest) + 1)))
        rounded = float(f"{chance.uniform(self.lowest, self.highest):.4g}")
        return str(min(max(rounded, self.lowest), self.highest))

    def nearest(self, value: str) -> str:
        """The value itself if it is within the range, else the bound next to it, or the first choice."""
        if self.kind == "choice":
            able = value.lower() in {choice.lower() for choice in self.choices}
            return value if able else self.choices[0]
        number = min(max(float(value), self.lowest), self.highest)
        return value if number == float(value) else str(int(number) if self.kind == "integer" else number)


@dataclass(frozen=True)
class Search:
    """The ranges, and how many models may be trained."""

    ranges: tuple[Range, ...]
    jobs: int


@dataclass(frozen=True)
class _Task:
    """What candidates are measured by."""

    histories: list[NDArray[np.int32]]
    truths: list[NDArray[np.int32]]
    traits: sparse.csr_matrix | None


def tune(
    trainer: Trainer,
    events: Events,
    parameters: Mapping[str, str],
    search: Search,
    traits: sparse.csr_matrix | None,
) -> dict[str, str]:
    """The parameters of the best candidate: a value for each range; those of `parameters` where nothing is better.

    trainer: a new one, without events. traits: features of all users, or None. Of `parameters` that are outside their
    range the nearest that are inside take the place: so what is chosen is always inside.
    """
    past, task = _split(events, traits)
    trainer.add(past)
    best = {limits.name: limits.nearest(parameters[limits.name]) for limits in search.ranges}
    before = _measured(trainer, {**parameters, **best}, task)
    highest = 0.0
    for drawn in _candidates(search):
        gained = _measured(trainer, {**parameters, **drawn}, task) - before
        gain, error = float(gained.mean()), float(gained.std() / np.sqrt(max(1, len(gained))))
        if gain > max(highest, error):
            best, highest = drawn, gain
    return best


def _candidates(search: Search) -> list[dict[str, str]]:
    """All different; the first of the jobs is the solution's own parameters, which are not drawn."""
    chance = np.random.default_rng(SEED)
    found: list[dict[str, str]] = []
    for _ in range(min(search.jobs, MOST_JOBS) - 1):
        drawn = {limits.name: limits.draw(chance) for limits in search.ranges}
        if drawn not in found:
            found.append(drawn)
    return found


def _split(events: Events, traits: sparse.csr_matrix | None) -> tuple[Events, _Task]:
    """Events without the newest tenth of each user who has enough, and that tenth."""
    offsets = events.offsets
    counts = np.diff(offsets)
    held = np.where(counts >= LEAST_EVENTS, np.maximum(1, counts // HELD_SHARE), 0)
    users = np.nonzero(held)[0]
    ends = offsets[1:] - held
    histories = [events.items[offsets[user] : ends[user]] for user in users]
    truths = [events.items[ends[user] : offsets[user + 1]] for user in users]
    past = events.where(events.events_after() >= held[events.users])
    return past, _Task(histories, truths, None if traits is None else traits[users])


def _measured(trainer: Trainer, parameters: Mapping[str, str], task: _Task) -> NDArray[np.float64]:
    """NDCG@25 of each user."""
    model = trainer.retuned(parameters).recommender()
    return gains(
        hits(model.recommend(task.histories, LIST_LENGTH, task.traits).items, task.truths), LIST_LENGTH
    )


def search_of(config: Mapping[str, Sequence[Mapping[str, object]]], jobs: int) -> Search:
    """Reads checked algorithmHyperParameterRanges of the API."""
    ranges = [
        Range(str(given["name"]), kind, float(str(given["minValue"])), float(str(given["maxValue"])))
        for member, kind in (
            ("integerHyperParameterRanges", "integer"),
            ("continuousHyperParameterRanges", "float"),
        )
        for given in config.get(member) or []
    ]
    for given in config.get("categoricalHyperParameterRanges") or []:
        values = given["values"]
        if isinstance(values, list):
            ranges.append(Range(str(given["name"]), "choice", choices=tuple(str(value) for value in values)))
    return Search(tuple(sorted(ranges, key=lambda limits: limits.name)), jobs)
