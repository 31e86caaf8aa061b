"""What stands between a model's scores and a list: exploration of new items, and topping up with popular ones.

Exploration (the first user-personalization recipe): each place of a list is, with the probability of the weight, given
to a new item instead of the best one. New are items without events in the training that are young enough; they are
drawn by the score that their features give them, with some luck (Gumbel noise, so that an item of higher score is
drawn first more often). All chances are drawn from a seed made of the user's id: the same request gets the same list.

Topping up (the second version): only so many of the best items of a user are scored. Where a filter leaves too few of
them, popular items that pass it follow, without a score.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulator.recipes.contract import Order
from emulator.recipes.ranking import top_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TEMPERATURE = 0.25
"""How much luck there is in the draw of new items, in shares of the distance from the lowest score to the highest."""

UNSCORED = -1e6
"""Topped-up items are sorted below all that are scored."""


@dataclass(frozen=True)
class Exploration:
    """weight: share of a list, 0 to 1; age_cut_off: the oldest item that is explored, in days."""

    weight: float
    age_cut_off: float


@dataclass(frozen=True)
class Reorder:
    """A Rerank of a recommender, for requests of the given users (in their order).

    counts, ages: of each item. scored_items: how many of the best items are scored; None = all. popular: what those
    that are not scored are sorted by, see `unscored`.
    """

    count: int
    exploration: Exploration | None
    users: Sequence[str]
    counts: NDArray[np.int64]
    ages: NDArray[np.float64]
    scored_items: int | None
    popular: NDArray[np.float32]

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        explores = self.exploration is not None and self.exploration.weight > 0 and bool(self._new.any())
        return explores or (self.scored_items is not None and self.scored_items < len(self.counts))

    @property
    def _has_new(self) -> bool:
        """Whether there are items without events: codes are ranks of popularity, so the last one would be one."""
        return not self.counts[-1:].all()

    @property
    def _new(self) -> NDArray[np.bool_]:
        cut_off = 0.0 if self.exploration is None else self.exploration.age_cut_off
        new: NDArray[np.bool_] = (self.counts == 0) & (self.ages <= cut_off)
        return new

    def __call__(self, scores: NDArray[np.float32], allowed: NDArray[np.bool_] | None, part: slice) -> Order:
        """The order of some requests."""
        if self.scored_items is not None:
            return self._topped_up(scores, self.scored_items, allowed)
        order = scores.copy()
        allowed = np.broadcast_to(np.ones((1, 1), bool) if allowed is None else allowed, scores.shape)
        for row, user in enumerate(self.users[part]):
            order[row] = self._explored(scores[row], allowed[row], user)
        return Order(order, moved=True)

    def _topped_up(
        self, scores: NDArray[np.float32], scored_items: int, allowed: NDArray[np.bool_] | None
    ) -> Order:
        best = top_items(scores, min(scored_items, scores.shape[1]))
        if allowed is None and self.count <= best.shape[1] and not self._has_new:
            return Order(scores, best=best)
        scored = np.zeros(scores.shape, bool)
        np.put_along_axis(scored, best.astype(np.int64), values=True, axis=1)
        # New items keep their scores, too: a filter may ask for them alone.
        scored |= self.counts == 0
        return Order(np.where(scored, scores, self.popular), scored)

    def _explored(
        self, scores: NDArray[np.float32], allowed: NDArray[np.bool_], user: str
    ) -> NDArray[np.float32]:
        """The order for one user: places drawn for exploration go to new items, the others to the best ones."""
        weight = 0.0 if self.exploration is None else self.exploration.weight
        seed = hashlib.sha256(user.encode("utf-8", "surrogatepass")).digest()
        chance = np.random.default_rng(int.from_bytes(seed[:8], "little"))
        explores = chance.random(self.count) < weight
        new = np.nonzero(self._new & allowed)[0]
        drawn = new[np.argsort(-_with_luck(scores[new], chance), kind="stable")]
        usual = top_items(np.where(allowed, scores, np.float32(-np.inf))[None, :], self.count)[0]
        places = _merge(usual.tolist(), drawn.tolist(), explores.tolist())
        order = np.full(len(scores), -np.inf, np.float32)
        order[places] = -np.arange(len(places), dtype=np.float32)
        return order


def unscored(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Values that sort items by their events, below all scores."""
    values: NDArray[np.float32] = (UNSCORED + counts / max(1, counts.max(initial=0))).astype(np.float32)
    return values


def _with_luck(scores: NDArray[np.float32], chance: np.random.Generator) -> NDArray[np.float64]:
    spread = float(np.ptp(scores)) if len(scores) else 0.0
    noise = chance.gumbel(size=len(scores))
    return np.asarray(scores / (TEMPERATURE * spread or 1.0) + noise)


def _merge(usual: list[int], drawn: list[int], explores: list[bool]) -> list[int]:
    """Takes the next item that is not placed yet from one list or the other, for each place in turn."""
    placed: dict[int, None] = {}
    sources = {True: iter(drawn), False: iter(usual)}
    for explore in explores:
        for source in (sources[explore], sources[not explore]):
            item = next((candidate for candidate in source if candidate not in placed), None)
            if item is not None:
                placed[item] = None
                break
    return list(placed)
