"""How long every stage of the run took, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.evaluate.numbers import duration_text


@dataclass(frozen=True, slots=True)
class StageBar:
    """A stage: its name, its duration in words, and where its bar lies in per cent of the whole."""

    name: str
    text: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class StageView:
    """The stages in order, and their sum in words."""

    bars: tuple[StageBar, ...]
    total: str
    description: str


def stages_view(stages: Any) -> StageView | None:
    """Bars from `[{"stage": name, "seconds": number}, …]`; None when there are none."""
    known = [(str(item.get("stage", "")), max(float(item.get("seconds") or 0), 0.0)) for item in stages or ()]
    if not known:
        return None
    total = sum(seconds for _, seconds in known)
    bars, begun = [], 0.0
    for name, seconds in known:
        share = 100 / total if total else 0.0
        bars.append(
            StageBar(
                name.replace("_", " "),
                duration_text(seconds),
                round(begun * share, 3),
                round(seconds * share, 3),
            )
        )
        begun += seconds
    description = "; ".join(f"{bar.name}: {bar.text}" for bar in bars) + "."
    return StageView(tuple(bars), duration_text(total), description)
