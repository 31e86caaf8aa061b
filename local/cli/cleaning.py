"""Deleting what a scenario has left in Amazon Personalize: listed first, and never unasked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from config import Settings
from config.problems import did_you_mean
from lambdas.shared.cleanup import Leftover, delete_next, leftovers
from lambdas.shared.errors import ServiceNotReadyError
from lambdas.shared.naming import resource_name
from lambdas.shared.resources import KINDS
from lambdas.shared.service import waiting_is_named
from local.cli.exit_codes import CommandError, ExitCode

AWS_PAUSE, LOCAL_PAUSE = 10.0, 0.1
MAX_LOOKS = 720
"""Two hours on AWS, for every rank: a campaign that is still being made, or a training, has to end first."""

LIVE = ("campaign", "event_tracker")
"""What is made to be asked in real time: a run deletes it at its end, so that it is left only if that went wrong."""

COSTS = {
    "campaign": "by the hour, until it is deleted: at least its minProvisionedTPS",
    "event_tracker": "nothing by itself; no other can be made in its dataset group",
    "solution": "nothing, unless it trains by itself (performAutoTraining)",
    "filter": "nothing",
    "dataset": "nothing more: the imports were billed",
    "schema": "nothing",
    "dataset_group": "nothing; an account may have five",
}


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """What the user asked for: everything of the scenario, or only what is live; `confirm` None does not ask."""

    scenario: str
    everything: bool
    pause: float
    confirm: Callable[[str], bool] | None


def kinds_to_delete(*, everything: bool) -> tuple[str, ...]:
    """The kinds that a cleanup looks for."""
    return tuple(row.kind for row in KINDS.values() if row.rank and (everything or row.kind in LIVE))


def check_scenario(settings: Settings, scenario: str) -> None:
    """Raises CommandError for a scenario that there is not. One that is switched off may have left something, too."""
    known = dict(settings.scenarios.items())
    if scenario not in known:
        hint = did_you_mean(scenario, known) or f" There are: {', '.join(known)}."
        raise CommandError(f"there is no scenario {scenario!r}.{hint}", ExitCode.USAGE)


def clean_up(
    console: Console,
    personalize: Any,
    settings: Settings,
    request: CleanupRequest,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """List what is there, ask, delete in order and wait. Raises CommandError when the user says no."""
    name = resource_name(settings.prefix, settings.stage, request.scenario)
    kinds = kinds_to_delete(everything=request.everything)
    patience = _Patience(console, request.pause, sleep)
    left = patience.until_answered(partial(leftovers, personalize, name, kinds))
    if not left:
        console.print(f"Nothing is left of {name}: {_words(kinds)}.", markup=False, highlight=False)
        return
    console.print(leftovers_table(left))
    console.print(_warning(request), markup=False, highlight=False, soft_wrap=True)
    if request.confirm is not None and not request.confirm(f"Delete {_counted(len(left))}?"):
        raise CommandError("Nothing was deleted.", ExitCode.INTERRUPTED)
    _delete(console, personalize, left, patience)
    console.print("Deleted.")


def leftovers_table(left: Sequence[Leftover]) -> Table:
    """A row for each, in the order of deletion, with what it costs to keep it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("kind", "name", "status", "since", "costs"):
        table.add_column(heading, overflow="fold")
    for each in left:
        since = each.created.strftime("%Y-%m-%d %H:%M")
        cells = (_noun(each), each.name, each.status, since, COSTS[each.kind.kind])
        table.add_row(*map(escape, cells))
    return table


def _warning(request: CleanupRequest) -> str:
    if request.everything:
        return (
            "With the solutions go their trained versions, and with the datasets the events that were sent to them: "
            "the next run imports and trains anew. Do not delete while a run is at work."
        )
    return "Do not delete while a run is at work: it would fail."


class _Patience:
    """Waits between looks, and says why when the service gives a reason."""

    def __init__(self, console: Console, pause: float, sleep: Callable[[float], None]) -> None:
        self._console, self._pause, self._sleep = console, pause, sleep
        self._looks, self._reason = 0, ""

    def wait(self, reason: str = "") -> None:
        """Raises CommandError when there have been too many looks."""
        if reason and reason != self._reason:
            self._console.print(f"Waiting: {reason}", markup=False, highlight=False, soft_wrap=True)
            self._reason = reason
        self._looks += 1
        if self._looks > MAX_LOOKS:
            message = f"gave up after {MAX_LOOKS} looks. {self._reason} The same command goes on."
            raise CommandError(message, ExitCode.INTERRUPTED)
        self._sleep(self._pause)

    def until_answered(self, call: Callable[[], list[Leftover]]) -> list[Leftover]:
        """Repeat a call for as long as the service asks to come back later."""
        while True:
            try:
                with waiting_is_named():
                    return call()
            except ServiceNotReadyError as error:
                self.wait(str(error))


def _delete(console: Console, personalize: Any, left: Sequence[Leftover], patience: _Patience) -> None:
    try:
        while left:
            still = patience.until_answered(partial(delete_next, personalize, left))
            there = {each.arn for each in still}
            for each in left:
                if each.arn not in there:
                    console.print(f"Gone: {_noun(each)} {each.name}", markup=False, highlight=False)
            # What is of the next rank is begun without a wait.
            if still and still[0].kind.rank == left[0].kind.rank:
                patience.wait()
            left = still
    except KeyboardInterrupt:
        message = "Interrupted. What was begun goes on; the same command deletes the rest."
        raise CommandError(message, ExitCode.INTERRUPTED) from None


def _noun(each: Leftover) -> str:
    return each.kind.kind.replace("_", " ")


def _counted(number: int) -> str:
    return "this resource" if number == 1 else f"these {number} resources"


def _words(kinds: Sequence[str]) -> str:
    return ", ".join(f"no {kind.replace('_', ' ')}s" for kind in kinds)
