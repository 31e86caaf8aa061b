"""Split and evaluation at 25 million rows: the notebooks' pandas code against the application's.

The data are made once and kept in the project's cache. Every program runs on its own, so that its peak memory is
its own. The notebooks' metric loop is run for a sample of users and extrapolated, which the table says.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.made_up import Size, write_answers, write_interactions
from benchmarks.measure import ROOT, Measured, measure

FULL = Size(rows=25_000_000, users=160_000, items=60_000, answers=100)
SMALL = Size(rows=1_000_000, users=6_400, items=4_000, answers=100)
_SAMPLE = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: seconds of the one and of the other, and their peaks in MB."""

    what: str
    notebook: float
    ours: float
    notebook_mb: float
    ours_mb: float

    def __str__(self) -> str:
        """The line in Markdown."""
        ratio = self.notebook / self.ours
        return (
            f"| {self.what} | {self.notebook:.1f} | {self.ours:.1f} | {ratio:.1f} "
            f"| {self.notebook_mb:,.0f} | {self.ours_mb:,.0f} |"
        )


def main() -> None:
    """Make the data where they are not there yet, run both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="1 million rows: a try in seconds, not a measurement"
    )
    size = SMALL if parser.parse_args().small else FULL
    data = ROOT / ".cache" / "benchmarks" / size.name
    interactions, answers = data / "interactions.csv", data / "answers.jsonl.out"
    if not interactions.exists():
        write_interactions(size, interactions)
    if not answers.exists():
        write_answers(size, answers)
    with TemporaryDirectory(dir=data) as folder:
        rows = run(size, interactions, answers, Path(folder))
    print(f"{size.rows:,} rows, {size.users:,} users, {interactions.stat().st_size / 1e6:,.0f} MB of CSV:\n")
    print("| | notebook, s | ours, s | times as fast | notebook, MB | ours, MB |\n|---|---|---|---|---|---|")
    print("\n".join(map(str, rows)))
    print(
        f"\nThe notebook's metrics were measured for {_SAMPLE:.0%} of the users and multiplied; they are MRR, "
        "precision and NDCG of the model's two lists. Ours read the answers, judge these and three baselines by "
        "nine metrics, and resample the users 1,000 times."
    )


def run(size: Size, interactions: Path, answers: Path, folder: Path) -> list[Row]:
    """Run the four programs, one after the other."""
    theirs, ours = folder / "notebook", folder / "ours"
    theirs.mkdir()
    ours.mkdir()
    sample = round(size.users * _SAMPLE)
    split_there = measure(["-m", "benchmarks.notebook", "split", str(interactions), str(theirs)])
    loop = measure(["-m", "benchmarks.notebook", "metrics", str(theirs), str(answers), str(sample)])
    split_here = measure(["-m", "benchmarks.ours", "split", str(interactions), str(ours)])
    evaluated = measure(["-m", "benchmarks.ours", "evaluate", str(ours), str(answers)])
    loop_seconds = float(loop.output) * size.users / sample
    return [
        Row("split", split_there.seconds, split_here.seconds, split_there.peak_mb, split_here.peak_mb),
        Row("evaluation", loop_seconds, evaluated.seconds, loop.peak_mb, evaluated.peak_mb),
        _both(split_there, loop_seconds, loop, split_here, evaluated),
    ]


def _both(
    split_there: Measured, loop_seconds: float, loop: Measured, split_here: Measured, evaluated: Measured
) -> Row:
    return Row(
        "both",
        split_there.seconds + loop_seconds,
        split_here.seconds + evaluated.seconds,
        max(split_there.peak_mb, loop.peak_mb),
        max(split_here.peak_mb, evaluated.peak_mb),
    )


if __name__ == "__main__":
    main()
