"""Names of what is compared: whose lists, and whether the items a user has seen are taken out of them."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.reports.names import BASELINE_LABELS

# The source of the only variant of a run that names none.
MODEL = "model"
# The source of lists after a replay; those before it are the baseline `no_events`.
REPLAY = "replay"
AS_RETURNED = "as_returned"
WITHOUT_SEEN = "without_seen"

# Sources that a variant cannot be called by.
RESERVED_SOURCES = frozenset({*BASELINE_LABELS, REPLAY})


@dataclass(frozen=True, slots=True)
class ListName:
    """Which lists: whose (a variant's name, `model`, or a baseline's), and with or without seen items."""

    source: str
    treatment: str

    @property
    def is_baseline(self) -> bool:
        """Whether these are a baseline's lists."""
        return self.source in BASELINE_LABELS


def model_lists(source: str = MODEL) -> tuple[ListName, ListName]:
    """The two lists of a variant, the one that verdicts are about first."""
    return ListName(source, WITHOUT_SEEN), ListName(source, AS_RETURNED)


MODEL_LISTS = model_lists()
