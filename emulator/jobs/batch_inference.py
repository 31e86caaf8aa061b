"""The work of a batch inference job: a list of items for every line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from emulator.jobs.batch_lines import AnswerWriter, parse_line, ranked_answers, refused
from emulator.recipes.catalogue import PERSONALIZED_RANKING, RECIPES
from emulator.state.lifecycle import WorkResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from emulator.jobs.batch_files import BatchFiles
    from emulator.jobs.batch_lines import Query
    from emulator.serving.answers import Answers, Question
    from emulator.state.resources import Resource
    from emulator.state.store import Store

LINES_AT_ONCE = 2048


@dataclass(frozen=True)
class BatchInference:
    """Runs batch inference jobs."""

    files: BatchFiles
    store: Store
    answers: Answers

    def __call__(self, job: Resource) -> WorkResult:
        """Raises JobFailedError as `BatchFiles.answer` does."""
        version = self.store.get(job.body["solutionVersionArn"], "solution_version")
        filter_arn = job.body.get("filterArn")
        config = (job.body.get("batchInferenceJobConfig") or {}).get("itemExplorationConfig")
        asker = _Asker(
            self.answers,
            version,
            None if filter_arn is None else self.store.get(filter_arn, "filter"),
            config,
            job.body["numResults"],
        )
        self.files.answer(job, asker.answer_file)
        return WorkResult()


@dataclass(frozen=True)
class _Asker:
    """Everything that the lines of a job have in common."""

    answers: Answers
    version: Resource
    filtered_by: Resource | None
    exploration: dict[str, str] | None
    count: int

    def answer_file(self, lines: Iterable[bytes], path: Path) -> None:
        """Writes the answers to all lines that are not blank, some thousand at a time."""
        recipe = RECIPES[self.version.body["recipeArn"]]
        writer = AnswerWriter(self.answers.model(self.version).items)
        queries = (parse_line(line, *recipe.request) for line in lines if line.strip())
        ranks = recipe.recipe_type == PERSONALIZED_RANKING
        with path.open("w", encoding="utf-8", newline="\n") as file:
            while chunk := list(islice(queries, LINES_AT_ONCE)):
                answers = self._ranked(chunk) if ranks else self._recommended(chunk, writer)
                file.writelines(line + "\n" for line in answers)

    def _recommended(self, queries: Sequence[Query], writer: AnswerWriter) -> list[str]:
        """Answers with lists from the catalogue."""
        ranking, problems = self.answers.ask(
            self.version, _asked(queries), self.count, self.filtered_by, self.exploration
        )
        return writer.answers(_told(queries, problems), ranking)

    def _ranked(self, queries: Sequence[Query]) -> list[str]:
        """Answers with the lists of the lines, in another order; numResults has no part in it."""
        lists, problems = self.answers.rank(self.version, _asked(queries), self.filtered_by)
        return ranked_answers(_told(queries, problems), lists)


def _asked(queries: Sequence[Query]) -> list[Question]:
    return [query.question for query in queries if query.error is None]


def _told(queries: Sequence[Query], problems: Sequence[str | None]) -> list[Query]:
    """The queries with what was found wrong when they were asked."""
    told = iter(problems)
    return [query if query.error else refused(query, next(told)) for query in queries]
