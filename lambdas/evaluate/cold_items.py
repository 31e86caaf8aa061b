"""Cold items: users are recommended items that training does not hold, and nothing but these counts.

The catalogue's COLD flags say which items may be recommended. Another recommended item is an error of the run (its
filter did not hold): it stays in its place, cannot hit, and is counted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.cold_baselines import cold_baseline_lists
from lambdas.evaluate.genres import Genres, agreement_of_lists
from lambdas.evaluate.lists import WITHOUT_SEEN, ListName
from lambdas.evaluate.protocol import Protocol
from lambdas.evaluate.settings import REQUIRED_BASELINES, Kind
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.item_sets import BoolArray
    from lambdas.evaluate.recommendations import Recommendations
    from lambdas.evaluate.settings import EvaluationSettings

_NEEDS_GENRES = frozenset({"popular_genres", "popular_genres_of_user"})


@dataclass(frozen=True, slots=True)
class NotCold:
    """Errors of a variant: recommended places, within the longest cut-off, that hold an item which is not cold."""

    places: int
    users: int
    share: float | None


@dataclass(frozen=True, slots=True)
class GenreShares:
    """A genre's mean share, between 0 and 1, in users' histories, among the cold items, and in variants' lists.

    Means over the users (or items) that have a genre at all; None when there are none.
    """

    genre: str
    history: float | None
    cold_items: float | None
    recommended: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class ColdItems:
    """The section of a run by cold items.

    cutoff: how much of the lists the genre shares are of. exploration: by variant its exploration weight.
    """

    candidates: int
    candidates_touched: int
    candidates_without_genre: int
    cutoff: int
    not_cold: Mapping[str, NotCold]
    genres: tuple[GenreShares, ...]
    exploration: Mapping[str, float]

    @property
    def genres_known(self) -> bool:
        """Whether genres could be used at all."""
        return bool(self.genres)

    def as_document(self) -> dict[str, Any]:
        """The section as JSON values."""
        return {
            "kind": "cold_items",
            "cold_items": self.candidates,
            "cold_items_touched": self.candidates_touched,
            "cold_items_without_genre": self.candidates_without_genre,
            "variants": [
                {
                    "name": name,
                    "exploration_weight": self.exploration.get(name),
                    "not_cold": asdict(errors),
                }
                for name, errors in self.not_cold.items()
            ],
            "genre_shares": {
                "k": self.cutoff,
                "genres": [
                    {**asdict(shares), "recommended": dict(shares.recommended)} for shares in self.genres
                ],
            },
        }


def cold_candidates(catalogue: Catalogue, data: EvaluationData) -> BoolArray:
    """Which of the data's items are cold. Raises DataError when the files contradict the kind of evaluation."""
    if catalogue.cold is None:
        raise DataError(
            "The catalogue has no column COLD, so nobody can tell which items were held out: run split_data "
            "with the method cold_items or new_items for this scenario."
        )
    cold = catalogue.cold_flags(data.items)
    if not cold.any():
        raise DataError(
            "The catalogue marks no item as COLD: there is nothing to recommend. Hold out a larger share of items."
        )
    if cold[: data.catalogue_size].any():
        raise DataError(
            f"{np.count_nonzero(cold[: data.catalogue_size])} items are marked COLD and have training "
            "interactions: they are not cold. Split again under a new run id."
        )
    not_cold = np.count_nonzero(~cold[np.unique(data.truth.items)])
    if not_cold:
        raise DataError(
            f"The held-out part holds {not_cold} items that the catalogue does not mark as COLD: only held-out "
            "items can be judged here. Split again under a new run id."
        )
    return cold


def cold_protocol(
    data: EvaluationData, settings: EvaluationSettings, genres: Genres, cold: BoolArray
) -> Protocol:
    """Baselines among the cold items, coverage of them, and genre agreement where genres are known.

    Without genres the baselines that need them are left out, and the verdict rests on random items.
    """
    usable = [name for name in settings.baseline_names if genres.known or name not in _NEEDS_GENRES]
    rival = next(name for name in REQUIRED_BASELINES[Kind.COLD_ITEMS] if name in usable)
    candidates = np.flatnonzero(cold)
    return Protocol(
        baselines={
            _name_of(name): cold_baseline_lists(
                name, data, genres, candidates, length=settings.longest, seed=settings.seed
            )
            for name in usable
        },
        rival=_name_of(rival),
        coverable=cold,
        agreement=partial(agreement_of_lists, genres, data.seen) if genres.known else None,
    )


def cold_section(
    data: EvaluationData,
    answers: Mapping[str, Recommendations],
    k: int,
    genres: Genres,
    cold: BoolArray,
    *,
    exploration: Mapping[str, float],
) -> ColdItems:
    """Describe errors of every variant's answers, and the genres of their first k places."""
    candidates = np.flatnonzero(cold)
    return ColdItems(
        candidates=len(candidates),
        candidates_touched=len(np.unique(data.truth.items)),
        candidates_without_genre=int(np.count_nonzero(genres.sets.sizes[candidates] == 0)),
        cutoff=k,
        not_cold={name: _not_cold(found.as_returned, cold) for name, found in answers.items()},
        genres=_genre_shares(data, answers, k, genres, candidates),
        exploration=exploration,
    )


def _not_cold(codes: NDArray[np.int32], cold: BoolArray) -> NotCold:
    """Count places that hold items which are not cold; items that nobody knows are not cold either."""
    flags = np.append(cold, False)  # one more for unknown items
    wrong = (codes >= 0) & ~flags[codes]
    places, filled = int(np.count_nonzero(wrong)), int(np.count_nonzero(codes >= 0))
    users = int(np.count_nonzero(wrong.any(axis=1)))
    return NotCold(places, users, places / filled if filled else None)


def _genre_shares(
    data: EvaluationData,
    answers: Mapping[str, Recommendations],
    k: int,
    genres: Genres,
    candidates: NDArray[np.int64],
) -> tuple[GenreShares, ...]:
    """One row per genre, the ones that histories are most made of first."""
    if not genres.known:
        return ()
    history = _mean_share(genres, lambda users: genres.of_histories(data.seen, users), data.n_users)
    own = candidates.astype(np.int32)[:, np.newaxis]
    cold = _mean_share(genres, lambda items: genres.of_lists(own[items]), len(own))
    lists = {name: found.without_seen[:, :k] for name, found in answers.items()}
    shown = {
        name: _mean_share(genres, lambda users, codes=codes: genres.of_lists(codes[users]), data.n_users)
        for name, codes in lists.items()
    }
    rows = [
        GenreShares(
            genre,
            _at(history, place),
            _at(cold, place),
            {name: _at(shares, place) for name, shares in shown.items()},
        )
        for place, genre in enumerate(genres.names)
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.history or 0.0), row.genre)))


def _mean_share(genres: Genres, distributions: Any, rows: int) -> NDArray[np.float64] | None:
    """Mean distribution over the rows that have one; None when there is none."""
    total, defined = np.zeros(len(genres.names)), 0
    for block in genres.blocks(rows):
        part = distributions(block)
        total += part.sum(axis=0)
        defined += int(np.count_nonzero(part.sum(axis=1) > 0))
    return total / defined if defined else None


def _at(shares: NDArray[np.float64] | None, place: int) -> float | None:
    return None if shares is None else float(shares[place])


def _name_of(baseline: str) -> ListName:
    """Nobody has seen a cold item: the lists of these baselines are without seen items by nature."""
    return ListName(baseline, WITHOUT_SEEN)
