"""`aws-item-affinity`, `aws-item-attribute-affinity`: which users are likely to take an item.

The sequence model, asked the other way round: users are compared by the probability that each gives to an item
(`Recommender.affinity`). The two recipes train the same model; they differ in what can be asked for.
"""

from __future__ import annotations

from typing import ClassVar

from emulator.recipes.sequence import SequenceTrainer


class AffinityTrainer(SequenceTrainer):
    """An item without events is scored by its features, on the scale of all others.

    Where a list is made for a user such items can rank below all others; here users are compared on one item, and what
    tells them apart is how much each likes what the item is like.
    """

    apart: ClassVar[bool] = False
