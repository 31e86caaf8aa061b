"""Sizes and times of pages: a run with 160,000 users, and an index of 1,000 runs.

Making is timed in a program of its own, with the tasks' own code. The page's memory is what it takes on top of what
is there already, by tracemalloc, which sees Python's and NumPy's allocations. Drawing is timed by Chromium itself, from
the start of the navigation to the end of the frame that shows the last chart, on a fresh page each time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.made_up import Size, write_answers, write_interactions, write_items
from benchmarks.measure import ROOT, measure

FULL = Size(rows=3_200_000, users=160_000, items=60_000, answers=25)
SMALL = Size(rows=64_000, users=3_200, items=1_000, answers=25)
_OPENINGS = 5
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The page sets a mark when its last chart is in place; the frame that shows it ends after the next task.
_WATCH = """
new PerformanceObserver((list) => {
  if (list.getEntriesByName("charts-drawn").length)
    requestAnimationFrame(() => setTimeout(() => { window.shownAfter = performance.now(); }));
}).observe({ entryTypes: ["mark"] });
"""
_SHOWN = "window.shownAfter"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; without a target it is there to be known. Times in seconds, sizes in MB."""

    what: str
    measured: float
    unit: str
    target: float | None = None

    def __str__(self) -> str:
        """The line in Markdown."""
        if self.target is None:
            return f"| {self.what} | {self.measured:.2f} {self.unit} | | |"
        met = "yes" if self.measured < self.target else "**no**"
        return f"| {self.what} | {self.measured:.2f} {self.unit} | {self.target:g} {self.unit} | {met} |"


def main() -> None:
    """Make the data where they are not there yet, make the pages, open them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="3,200 users: a try in seconds, not a measurement"
    )
    size = SMALL if parser.parse_args().small else FULL
    data = _data(size)
    with TemporaryDirectory(dir=data) as folder:
        rows = [*_of_run(data, Path(folder)), *_of_index(Path(folder))]
    print(f"A run with {size.users:,} users and an index of 1,000 runs:\n")
    print("| | measured | target, less than | met |\n|---|---|---|---|")
    print("\n".join(map(str, rows)))


def _data(size: Size) -> Path:
    data = ROOT / ".cache" / "benchmarks" / f"pages-{size.name}"
    for name, write in {
        "interactions.csv": write_interactions,
        "items.csv": write_items,
        "answers.jsonl.out": write_answers,
    }.items():
        if not (data / name).exists():
            write(size, data / name)
    return data


def _of_run(data: Path, folder: Path) -> list[Row]:
    program = measure(["-m", "benchmarks.pages", "run", str(data), str(folder)])
    made = json.loads(program.output)
    seconds, size = made["seconds"], _megabytes(folder / "report.html")
    others = [name for name in seconds if name != "report.html"]
    return [
        Row("report.html: size", size, "MB", 3),
        Row("report.html: time to make it", seconds["report.html"], "s", 2),
        Row("report.html: memory to make it", made["peak"] / 1e6, "MB", 500),
        Row("report.html: time until drawn in Chromium", _drawn(folder / "report.html"), "s", 1),
        Row("comparison.html with the run before: size", _megabytes(folder / "comparison.html"), "MB"),
        Row("comparison.html: time until drawn in Chromium", _drawn(folder / "comparison.html"), "s"),
        *(Row(f"{name}: size", _megabytes(folder / name), "MB") for name in others),
        *(Row(f"{name}: time to make it", seconds[name], "s") for name in others),
    ]


def _of_index(folder: Path) -> list[Row]:
    program = measure(["-m", "benchmarks.pages", "index", str(folder / "metrics.json"), str(folder)])
    made = json.loads(program.output)
    seconds, page = made["seconds"], folder / "index.html"
    return [
        Row("index.html: size", _megabytes(page), "MB"),
        Row("index.html: time until drawn in Chromium", _drawn(page), "s", 1),
        Row("index.html: time to make it, all runs new (without S3)", seconds["new"], "s"),
        Row("index.html: time to make it, all runs known (without S3)", seconds["known"], "s"),
        Row("index.html: of which the page", seconds["page"], "s"),
        Row("index.json: size", made["cache"] / 1e6, "MB"),
    ]


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _drawn(page: Path) -> float:
    """Seconds from the start of the navigation until all charts were to be seen, the median of some."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        raise SystemExit(
            f"Install a Chromium to time pages: one of {', '.join(_BROWSERS)} must be in the PATH."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        times = [_opened(browser, page) for _ in range(_OPENINGS)]
        browser.close()
    return statistics.median(times)


def _opened(browser: Browser, path: Path) -> float:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.add_init_script(_WATCH)
    page.goto(path.as_uri())
    page.wait_for_function(_SHOWN)
    milliseconds: Any = page.evaluate(_SHOWN)
    page.close()
    return float(milliseconds) / 1000


if __name__ == "__main__":
    main()
