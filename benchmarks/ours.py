"""The application's own split and evaluation on local files, each as one program.

    python -m benchmarks.ours split INTERACTIONS FOLDER
    python -m benchmarks.ours evaluate FOLDER ANSWERS

What differs from the function in Lambda is that the files are not fetched from S3.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from lambdas.evaluate.evaluation import evaluate_files
from lambdas.evaluate.request import EvaluationSettings
from lambdas.split_data.files import RawFile
from lambdas.split_data.request import SplitSettings
from lambdas.split_data.schema import columns_of
from lambdas.split_data.task import SplitFiles, split_files

_FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]


def split(interactions: Path, folder: Path) -> None:
    """Read, check, describe, split and write, as `split_data` does."""
    split_files(
        [RawFile(interactions, interactions.name)],
        columns_of({"fields": _FIELDS}),
        SplitSettings("per_user", 0.1),
        SplitFiles(folder),
        subject="The interactions",
        now=int(time.time()),
    )


def evaluate(folder: Path, answers: Path) -> None:
    """All metrics of the model's two lists and of all baselines, with bootstrap intervals and differences."""
    files = SplitFiles(folder)
    evaluate_files(files.train, files.holdout, [answers], EvaluationSettings())


if __name__ == "__main__":
    (split if sys.argv[1] == "split" else evaluate)(Path(sys.argv[2]), Path(sys.argv[3]))
