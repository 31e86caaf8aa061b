"""What is wrong with a settings file: every problem at once, each with the path that the user wrote."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of the file, for example `("scenarios", "hrnn", "tags", 0)`."""


def path_text(path: KeyPath) -> str:
    """A path as people write it: `scenarios.hrnn.data.interactions.schema.fields[2].type`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` when a known word is close, else nothing. Letter case does not count."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[close[0]]!r}?" if close else ""


def as_written(value: Any) -> str:
    """A value as it stands in YAML, for a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (empty for the file itself), what and what to do, and in which line."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """`line 12: path: message`, without the parts that are not known."""
        place = [f"line {self.line}"] if self.line is not None else []
        return ": ".join([*place, *([self.path] if self.path else []), self.message])


class SettingsError(Exception):
    """A settings file cannot be used; `problems` says why, in the order of the file."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = list(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source}: {count}\n{lines}")
