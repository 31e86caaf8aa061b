"""Rules about scenarios that share a dataset group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.checks.rule import Rule
from config.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.checks.rule import Finding, Subject

_PATH = ("dataset_group_of",)
ALONE = "put_events"
"""The scenario whose live events stay in its dataset group: another would train on them."""


def _owner(subject: Subject) -> Iterator[Finding]:
    wanted = subject.scenario.dataset_group_of
    scenarios = dict(subject.settings.scenarios.items())
    if wanted is None:
        return
    if wanted not in scenarios:
        hint = did_you_mean(wanted, scenarios) or f" There are: {', '.join(scenarios)}."
        yield _PATH, f"there is no scenario {wanted!r}.{hint}"
    elif wanted == subject.name:
        yield _PATH, "is the scenario itself: leave it out, and it has a dataset group of its own"
    elif ALONE in (wanted, subject.name):
        yield _PATH, f"{ALONE} needs a dataset group of its own: the events that it sends stay in it"
    elif scenarios[wanted].dataset_group_of is not None:
        yield _PATH, f"{wanted} itself works in the dataset group of another: name the owner"
    else:
        yield from _same_columns(subject, wanted)


def _same_columns(subject: Subject, wanted: str) -> Iterator[Finding]:
    """A dataset has one schema; that of interactions cannot be changed at all."""
    owner = dict(subject.settings.scenarios.items())[wanted]
    for dataset in subject.scenario.imported:
        if dataset not in owner.imported:
            continue
        own, others = (each.data.present()[dataset].avro_schema for each in (subject.scenario, owner))
        if own != others:
            yield (
                _PATH,
                f"the {dataset} of {subject.name} and {wanted} have different schemas, and share a dataset",
            )


SHARING_RULES = (Rule(_owner, ("dataset_group_of", "data")),)
