"""The work of a batch segment job: a list of users for every line.

A line asks `{"itemId": "…"}` or `{"itemAttributes": "…"}`, as the recipe requires, and may bring `filterValues`. Its
answer is `{"input": {…}, "output": {"usersList": […]}, "error": null}`, with spaces, unlike that of batch inference: so
it was seen on the service, whose guide calls the list recommendedUsers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from emulator.errors import JobFailedError
from emulator.jobs.batch_lines import Query, dump, parse_line, refused
from emulator.recipes.catalogue import ITEM_ATTRIBUTES, RECIPES
from emulator.serving.segments import SegmentQuestion, Segments
from emulator.serving.user_filters import UserFilter
from emulator.state.lifecycle import WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from emulator.data.datasets import Datasets
    from emulator.jobs.batch_files import BatchFiles
    from emulator.state.resources import Resource
    from emulator.training.model import TrainedModel


@dataclass(frozen=True)
class BatchSegment:
    """Runs batch segment jobs. model: the model of a version, by its ARN."""

    files: BatchFiles
    datasets: Datasets
    model: Callable[[str], TrainedModel]

    def __call__(self, job: Resource) -> WorkResult:
        """Raises JobFailedError as `BatchFiles.answer` does, and for a file with too many queries."""
        version = self.datasets.store.get(job.body["solutionVersionArn"], "solution_version")
        required = RECIPES[version.body["recipeArn"]].request
        limits = self.files.limits
        most = (
            limits.segment_attribute_queries if required == ITEM_ATTRIBUTES else limits.segment_item_queries
        )
        segments = Segments(self.model(version.arn))
        if filter_arn := job.body.get("filterArn"):
            found = self.datasets.store.get(filter_arn, "filter")
            segments = Segments(segments.model, UserFilter.of(found, self.datasets, segments.users))
        asker = _Asker(segments, required[0], job.body["numResults"], most)
        self.files.answer(job, asker.answer_file)
        return WorkResult()


@dataclass(frozen=True)
class _Asker:
    """Everything that the lines of a job have in common."""

    segments: Segments
    required: str
    count: int
    most: int

    def answer_file(self, lines: Iterable[bytes], path: Path) -> None:
        """Writes the answers to all lines that are not blank."""
        filled = (line for line in lines if line.strip())
        queries = [parse_line(line, self.required) for line in islice(filled, self.most + 1)]
        if len(queries) > self.most:
            raise JobFailedError(
                f"An input file of a batch segment job with this recipe has at most {self.most} queries."
            )
        asked = [
            SegmentQuestion(query.echo[self.required], query.question.filter_values)
            for query in queries
            if query.error is None
        ]
        found, problems = self.segments.ask(asked, self.count)
        told, rows = iter(problems), iter(found)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for query in queries:
                judged = query if query.error else refused(query, next(told))
                file.write(self._answer(judged, [] if judged.error else next(rows).tolist()) + "\n")

    def _answer(self, query: Query, rows: list[int]) -> str:
        users = ", ".join([self._quoted[row] for row in rows])
        echo, error = dump(query.echo, spaces=True), dump(query.error, spaces=True)
        return f'{{"input": {echo}, "output": {{"usersList": [{users}]}}, "error": {error}}}'

    @cached_property
    def _quoted(self) -> list[str]:
        return [dump(user) for user in self.segments.users]
