"""Names, kinds and ranges of the parameters that recipes take, and their check. On the wire all values are strings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Parameter:
    """One parameter: `kind` is "integer", "float" or "choice"; numbers run from lowest to highest, both included.

    tuned: performHPO can search for it. range_only: it can be given as a range of such a search only.
    """

    name: str
    kind: str
    default: str
    lowest: float = 0.0
    highest: float = 0.0
    choices: tuple[str, ...] = ()
    tuned: bool = False
    range_only: bool = False

    def problem(self, value: str) -> str | None:
        """What is wrong with a value, or None."""
        if self.kind == "choice":
            allowed = ", ".join(self.choices)
            return (
                None
                if value.lower() in self.choices
                else f"{self.name} must be one of {allowed}, not {value!r}"
            )
        try:
            number = int(value) if self.kind == "integer" else float(value)
        except ValueError:
            return f"{self.name} must be of type {self.kind}, not {value!r}"
        if not self.lowest <= number <= self.highest:
            return f"{self.name} must be from {self.lowest:g} to {self.highest:g}, not {value}"
        return None


def integer(name: str, default: str, lowest: float, highest: float) -> Parameter:
    """A whole number."""
    return Parameter(name, "integer", default, lowest, highest)


def real(name: str, default: str, lowest: float, highest: float) -> Parameter:
    """A decimal number."""
    return Parameter(name, "float", default, lowest, highest)


def boolean(name: str, default: str) -> Parameter:
    """`true` or `false` in any case."""
    return Parameter(name, "choice", default, choices=("true", "false"))


def tuned(parameter: Parameter, *, range_only: bool = False) -> Parameter:
    """The same parameter, open to performHPO."""
    return replace(parameter, tuned=True, range_only=range_only)


def problems(given: Mapping[str, str], known: tuple[Parameter, ...], where: str) -> list[str]:
    """Everything that is wrong with the given parameters, one sentence each."""
    by_name = {parameter.name: parameter for parameter in known if not parameter.range_only}
    found = []
    for name, value in given.items():
        if name not in by_name:
            names = ", ".join(by_name) or "none"
            found.append(f"{where} has no parameter {name!r} in this recipe (it takes: {names})")
        elif (problem := by_name[name].problem(value)) is not None:
            found.append(f"{where}: {problem}")
    return found
