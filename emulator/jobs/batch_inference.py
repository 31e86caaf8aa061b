"""The work of a batch inference job: every file under the input prefix gets its `.out` under the output prefix."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from emulator.errors import JobFailedError
from emulator.jobs import s3
from emulator.jobs.batch_lines import AnswerWriter, parse_line, ranked_answers, refused
from emulator.recipes.catalogue import PERSONALIZED_RANKING, RECIPES
from emulator.state.lifecycle import WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from emulator.jobs.batch_lines import Query
    from emulator.serving.answers import Answers, Question
    from emulator.settings import Limits
    from emulator.state.files import StateFolder
    from emulator.state.resources import Resource
    from emulator.state.store import Store

LINES_AT_ONCE = 2048
READ_BYTES = 1 << 20
CHECK_OBJECT = "_CHECK"
"""The service probes the output prefix by writing this object, and leaves it there."""


@dataclass(frozen=True)
class BatchInference:
    """Runs batch inference jobs. Output goes through a scratch file: memory does not grow with the input."""

    folder: StateFolder
    s3_for_role: Callable[[str | None], Any]
    store: Store
    answers: Answers
    limits: Limits

    def __call__(self, job: Resource) -> WorkResult:
        """Raises JobFailedError when the input cannot be read, the output not written, or a bound is passed."""
        source, target = job.body["jobInput"]["s3DataSource"], job.body["jobOutput"]["s3DataDestination"]
        location, prefix = s3.parse_location(source["path"]), s3.parse_location(target["path"])
        if location is None or prefix is None:
            raise JobFailedError("Invalid S3 input path or output path: both must be s3://bucket/prefix")
        output = _Output(prefix, target.get("kmsKeyArn"))
        with s3.explained("Invalid S3 input path.", location):
            client = self.s3_for_role(job.body["roleArn"])
            inputs = self._inputs(client, location)
        asker = self._asker(job)
        with s3.explained("Invalid S3 output path.", prefix), self.folder.scratch_file() as path:
            path.write_bytes(b"")
            output.write(client, CHECK_OBJECT, path)
        for entry in inputs:
            with self.folder.scratch_file() as path:
                with s3.explained("Invalid S3 input path.", location):
                    body = client.get_object(Bucket=entry.location.bucket, Key=entry.location.key)["Body"]
                    asker.answer_file(body.iter_lines(READ_BYTES), path)
                with s3.explained("Invalid S3 output path.", prefix):
                    output.write(client, _file_name(entry) + ".out", path)
        return WorkResult()

    def _asker(self, job: Resource) -> _Asker:
        version = self.store.get(job.body["solutionVersionArn"], "solution_version")
        filter_arn = job.body.get("filterArn")
        config = (job.body.get("batchInferenceJobConfig") or {}).get("itemExplorationConfig")
        return _Asker(
            self.answers,
            version,
            None if filter_arn is None else self.store.get(filter_arn, "filter"),
            config,
            job.body["numResults"],
        )

    def _inputs(self, client: Any, location: s3.Location) -> list[s3.S3Object]:
        """Every object whose key begins with the input path, as on the service: `/a` matches `/ab/…` too."""
        found = s3.list_objects(client, location, first_level=False)
        if not found:
            raise JobFailedError(f"Invalid S3 input path. (There is no file under {location})")
        if len(found) > self.limits.batch_input_files:
            raise JobFailedError(
                f"A batch job reads at most {self.limits.batch_input_files} files; {location} has {len(found)}."
            )
        size = sum(entry.size for entry in found)
        if size > self.limits.batch_input_bytes:
            raise JobFailedError(
                f"A batch job reads at most {self.limits.batch_input_bytes} bytes; {location} has {size}."
            )
        names = [_file_name(entry) for entry in found]
        if len(set(names)) < len(names):
            raise JobFailedError(
                f"Two files under {location} have the same name, and so would their answers."
            )
        return found


@dataclass(frozen=True)
class _Output:
    prefix: s3.Location
    kms_key_arn: str | None

    def write(self, client: Any, name: str, path: Path) -> None:
        key = self.prefix.key
        folder = key if not key or key.endswith("/") else key + "/"
        s3.write_file(client, s3.Location(self.prefix.bucket, folder + name), path, self.kms_key_arn)


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


def _file_name(entry: s3.S3Object) -> str:
    return entry.location.key.rpartition("/")[2]
