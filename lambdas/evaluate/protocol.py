"""By what the lists of an evaluation are judged, besides the held-out items: rivals and catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.baselines import PRIMARY_BASELINE, baseline_lists
from lambdas.evaluate.lists import AS_RETURNED, WITHOUT_SEEN, ListName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.item_sets import BoolArray
    from lambdas.evaluate.settings import EvaluationSettings

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Protocol:
    """What stands beside the model.

    baselines: their lists, shape (users, longest cut-off) each. rival: the one that the verdict rests on.
    coverable: by item code, the items that coverage counts.
    agreement: users' lists, shape (users, k), to every user's genre agreement; None where genres play no part.
    """

    baselines: Mapping[ListName, Codes]
    rival: ListName
    coverable: BoolArray
    agreement: Callable[[Codes], NDArray[np.float64]] | None = None


def counted_baselines(data: EvaluationData, settings: EvaluationSettings) -> Protocol:
    """Baselines by counting the training part, and coverage of its items."""

    def name_of(baseline: str) -> ListName:
        return ListName(baseline, WITHOUT_SEEN if baseline.endswith(WITHOUT_SEEN) else AS_RETURNED)

    return Protocol(
        baselines={
            name_of(baseline): baseline_lists(baseline, data, settings.longest)
            for baseline in settings.baseline_names
        },
        rival=name_of(PRIMARY_BASELINE),
        coverable=np.arange(len(data.items)) < data.catalogue_size,
    )
