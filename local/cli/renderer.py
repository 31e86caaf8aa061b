"""Shows progress on a terminal (finished lines and a live one) or in a log (plain lines)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner

from local.cli.history import Entered, Progress, StatusSeen, Trouble


class Renderer(AbstractContextManager["Renderer"], Protocol):
    """Shows progress between `with` and the end of its block."""

    def show(self, progress: Progress) -> None:
        """Show one piece of news."""


def elapsed_text(elapsed: timedelta) -> str:
    """`4.2 s`, `3:05 min`, `2:10 h`: always seven characters, so that lines stand under one another."""
    seconds = max(elapsed.total_seconds(), 0.0)
    if seconds < 60:
        return f"{seconds:5.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes:2}:{rest:02} m"
    return f"{minutes // 60:2}:{minutes % 60:02} h"


@dataclass(slots=True)
class Lines:
    """Turns progress into lines; what is a turn of a loop only changes the current step."""

    started: datetime | None = None
    step: Entered | None = None
    status: str = ""

    def line(self, progress: Progress) -> str | None:
        """The line that a piece of news deserves, None when it deserves none."""
        if self.started is None:
            self.started = progress.at
        clock = elapsed_text(progress.at - self.started)
        if isinstance(progress, Entered):
            self.step = progress
            return None if progress.poll else f"{clock}  {progress.state}{self._waits_for(progress)}"
        if isinstance(progress, StatusSeen):
            self.status = progress.status
            # What was just asked for is not ready yet: the wait that follows says so.
            announced = self.step is not None and not self.step.poll and not _final(progress.status)
            return None if announced else f"{clock}  {_subject(progress.state)}: {progress.status}"
        return f"{clock}  {progress.state}: {progress.error}: {progress.cause}"

    def current(self, now: datetime) -> str:
        """What is being done at this moment."""
        if self.step is None or self.started is None:
            return "starting"
        since = elapsed_text(now - self.step.at).strip()
        return f"{elapsed_text(now - self.started)}  {self.step.state}{self._waits_for(self.step)} · {since}"

    def _waits_for(self, step: Entered) -> str:
        return f" · {self.status}" if step.waits and self.status else ""


def _final(status: str) -> bool:
    """Whether waiting changes nothing any more."""
    return status == "ACTIVE" or status.endswith(("FAILED", "STOPPED"))


def _subject(state: str) -> str:
    """What a step is about: `solution version` of `Describe solution version`."""
    return state.removeprefix("Create ").removeprefix("Describe ")


class PlainRenderer:
    """One line per piece of news: for logs, pipes and CI."""

    def __init__(self, console: Console) -> None:
        self._console, self._lines = console, Lines()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left on the screen."""

    def show(self, progress: Progress) -> None:
        """Print the line, if it is one."""
        line = self._lines.line(progress)
        if line is not None:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveRenderer:
    """Finished lines scroll up; below them one line turns and counts the seconds of the present step."""

    def __init__(self, console: Console, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._console, self._lines, self._now = console, Lines(), now
        self._spinner = Spinner("dots")
        self._live = Live(console=console, get_renderable=self._current, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the turning line away."""
        self._live.stop()

    def show(self, progress: Progress) -> None:
        """Print the line above the turning one."""
        line = self._lines.line(progress)
        if line is not None:
            style = "yellow" if isinstance(progress, Trouble) else ""
            self._console.print(f"  {escape(line)}", style=style, highlight=False)

    def _current(self) -> RenderableType:
        self._spinner.update(text=escape(self._lines.current(self._now())))
        return self._spinner


def renderer_for(console: Console) -> Renderer:
    """The live one on a terminal, the plain one everywhere else."""
    return LiveRenderer(console) if console.is_terminal else PlainRenderer(console)
