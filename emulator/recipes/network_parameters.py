"""The network parameters of the service's sequence recipes, and what they mean for the model that stands in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.recipes.sequential_linear import HISTORY, RIDGE

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_BPTT = 32
DEFAULT_DIMENSION = "default_hidden_dimension"
"""Not a parameter of the API: the recipe's default of hidden_dimension, which differs between recipes."""


@dataclass(frozen=True)
class Tuning:
    """Counterparts of the service's network parameters: what they are called there has an effect of that sense here.

    hidden_dimension, the capacity of the network: a ridge that gets weaker as it grows. bptt, the steps that training
    looks back: how many of the newest events count. recency_mask (apply_recency_bias in the second version): without
    it the short memory is left out, and with it the weight on what happened last. At their defaults they are what the
    constants of this model say.
    """

    ridge: float = RIDGE
    reach: int = HISTORY
    recency: bool = True

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Tuning:
        """From checked parameters. hidden_dimension counts in relation to its default, which the recipe gives."""
        ridge = RIDGE
        if "hidden_dimension" in parameters:
            default = float(parameters.get(DEFAULT_DIMENSION, parameters["hidden_dimension"]))
            ridge *= default / float(parameters["hidden_dimension"])
        reach = round(HISTORY * int(parameters.get("bptt", DEFAULT_BPTT)) / DEFAULT_BPTT)
        recency = parameters.get("recency_mask", parameters.get("apply_recency_bias", "true"))
        return cls(ridge, max(1, reach), recency.lower() == "true")
