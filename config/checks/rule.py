"""The form of a rule, and how rules are run without complaining twice about one mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from config.problems import KeyPath
from config.recipes import RECIPES, Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from config.models import ScenarioSettings, Settings

Finding: TypeAlias = tuple[KeyPath, str]
"""Path below the rule's subject, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at: one scenario and the stage around it."""

    name: str
    scenario: ScenarioSettings
    settings: Settings

    @property
    def recipe(self) -> Recipe | None:
        """The scenario's recipe; None when its ARN is wrong, which is a finding of its own."""
        return RECIPES.get(self.scenario.solution["recipeArn"])

    def solution_config(self, member: str) -> Any:
        """A member of `solution.solutionConfig`, None when it is not set."""
        return self.scenario.solution.get("solutionConfig", {}).get(member)


@dataclass(frozen=True, slots=True)
class Rule:
    """`check` yields findings; it is skipped when something it reads is known to be wrong already.

    `reads` are dotted paths below the subject. A rule about a wrong setting would only repeat, or guess.
    """

    check: Callable[[Subject], Iterator[Finding]]
    reads: tuple[str, ...]

    def applies(self, base: KeyPath, refused: Collection[KeyPath]) -> bool:
        """Whether all that the rule reads is sound."""
        paths = [(*base, *read.split(".")) for read in self.reads]
        return not any(overlap(path, wrong) for path in paths for wrong in refused)


def overlap(one: KeyPath, other: KeyPath) -> bool:
    """Whether one path lies at or below the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def run_rules(
    rules: Iterable[Rule], subject: Subject, base: KeyPath, refused: Collection[KeyPath]
) -> Iterator[Finding]:
    """Findings of all rules that apply, with paths from the top of the file."""
    for rule in rules:
        if rule.applies(base, refused):
            for path, message in rule.check(subject):
                yield (*base, *path), message
