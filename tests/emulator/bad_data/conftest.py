"""Trains on tables as the training job does, without HTTP, and tells whether answers are well-formed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from emulator.data.csv_files import ARROW_TYPES
from emulator.data.datasets import Snapshot
from emulator.data.imports import merged
from emulator.data.schema import REQUIRED, DatasetSchema, Field
from emulator.jobs.training import TrainingWork, model_folder
from emulator.recipes.catalogue import ITEM_ATTRIBUTES, RECIPE_ARN_PREFIX, RECIPES, Recipe
from emulator.recipes.contract import NOBODY
from emulator.serving.answers import exploration_of
from emulator.serving.segments import SegmentQuestion, Segments
from emulator.settings import Limits
from emulator.state.files import StateFolder
from emulator.state.resources import ACTIVE, Resource
from emulator.training.model import Asked, TrainedModel

TRAINED = sorted(recipe.name for recipe in RECIPES.values() if recipe.trainer)
NO_MINIMA = Limits(
    training_interactions=1, training_users=1, training_user_interactions=1, training_user_share=0.0
)
ASKED_FOR = 20
"""So many users and items are asked about, and an unknown one."""


def dataset(record: str, columns: Mapping[str, Sequence[Any]], *fields: Field) -> Snapshot:
    """Rows as an import leaves them. fields: the columns besides those that every dataset of the type has."""
    needed = (Field(name, kind, nullable=False) for name, (kind,) in REQUIRED[record].items())
    schema = DatasetSchema(record, (*needed, *fields))
    arrays = {each.name: pa.array(columns[each.name], ARROW_TYPES[each.type]) for each in schema.fields}
    return Snapshot(merged(None, pa.table(arrays), schema), schema, (record,))


@dataclass(frozen=True)
class Given:
    """The datasets of a group, by type."""

    datasets: dict[str, Snapshot]

    def snapshot(self, group: str, kind: str, *, remember: bool = True) -> Snapshot | None:
        del group, remember
        return self.datasets.get(kind)


@dataclass(frozen=True)
class Learned:
    """A version's model, read back from its files, and its metrics."""

    recipe: Recipe
    model: TrainedModel
    metrics: dict[str, float]

    def answers(self) -> dict[str, list[tuple[str, float | None]]]:
        """What it answers about some users or items it knows and one that it does not: ids and scores.

        Fails where an answer is not well-formed.
        """
        for name, value in self.metrics.items():
            assert math.isfinite(value), (name, value)
            assert value >= 0, (name, value)
        by_item, ranks = "itemId" in self.recipe.request, "itemList" in self.recipe.request
        known = self.model.items if by_item else list(self.model.users)
        asked = [*known[:ASKED_FOR], "unknown to all"]
        if self.recipe.recipe_type == "USER_SEGMENTATION":
            return self._segments()
        return self._ranked(asked) if ranks else self._lists(asked, by_item=by_item)

    def _lists(self, asked: list[str], *, by_item: bool) -> dict[str, list[tuple[str, float | None]]]:
        questions = [Asked(item_id=one) if by_item else Asked(one) for one in asked]
        ranking = self.model.answer(questions, 25, exploration_of(self.recipe.arn, None))
        found = {}
        for row, one in enumerate(asked):
            codes = ranking.items[row]
            listed = codes[codes != NOBODY]
            assert (codes[: len(listed)] == listed).all(), "a gap in a list"
            assert len(set(listed.tolist())) == len(listed), "an item twice"
            assert ((listed >= 0) & (listed < len(self.model.items))).all()
            scores = [None] * len(listed)
            if ranking.scores is not None:
                scores = self._checked(ranking.scores[row, : len(listed)])
            found[one] = list(zip((self.model.items[code] for code in listed), scores, strict=True))
        assert by_item or all(found.values()), "somebody gets nothing"
        return found

    def _ranked(self, asked: list[str]) -> dict[str, list[tuple[str, float | None]]]:
        given = tuple(reversed([*self.model.items[:ASKED_FOR], "new to all"]))
        found = {}
        ranked = self.model.rank([Asked(one, item_list=given) for one in asked])
        for one, one_list in zip(asked, ranked, strict=True):
            assert sorted(one_list.items) == sorted(given)
            scored = [score for score in one_list.scores if score is not None]
            assert one_list.scores == scored + [None] * (len(given) - len(scored))
            assert math.isclose(sum(self._checked(np.array(scored))), 1, abs_tol=1e-6)
            found[one] = list(zip(one_list.items, one_list.scores, strict=True))
        return found

    def _segments(self) -> dict[str, list[tuple[str, float | None]]]:
        subjects = self.model.items[:ASKED_FOR]
        if self.recipe.request == ITEM_ATTRIBUTES:
            name, values = next(
                iter(zip(self.model.attributes.column_names, self.model.attributes, strict=True))
            )
            values = sorted(
                {part for cell in values.drop_null().to_pylist() for part in str(cell).split("|") if part}
            )
            subjects = [f'Items.{name} = "{value}"' for value in values]
        segments = Segments(self.model)
        rows, problems = segments.ask([SegmentQuestion(subject) for subject in subjects], 25)
        assert problems == [None] * len(subjects)
        for row in rows:
            assert len(set(row.tolist())) == len(row) == min(25, len(segments.users))
        return {
            subject: [(segments.users[user], None) for user in row]
            for subject, row in zip(subjects, rows, strict=True)
        }

    def _checked(self, scores: np.ndarray) -> list[float]:
        assert np.isfinite(scores).all()
        assert ((scores >= 0) & (scores <= 1)).all()
        assert (np.diff(scores) <= 0).all()
        assert scores.sum() <= 1 + 1e-6
        return scores.tolist()


@dataclass(frozen=True)
class Learn:
    """Called with the name of a recipe and datasets, trains a version."""

    folder: StateFolder = field(repr=False)

    def __call__(self, name: str, *datasets: Snapshot, limits: Limits = NO_MINIMA, **body: Any) -> Learned:
        """body: members of the solution version besides its recipe. Where the recipe cannot do without items, and none
        are given, each has one of two genres."""
        recipe = RECIPES[RECIPE_ARN_PREFIX + name]
        given = {one.schema.record.upper(): one for one in datasets}
        if "ITEMS" in recipe.required and "ITEMS" not in given:
            given["ITEMS"] = genres(given["INTERACTIONS"])
        arn = f"arn:aws:personalize:us-east-1:123456789012:solution/{name}/version"
        members = {"datasetGroupArn": "group", "recipeArn": recipe.arn, **body}
        version = Resource(arn, "solution_version", "", "", ACTIVE, 0, 0, members)
        result = TrainingWork(Given(given), self.folder, limits)(version)
        model = TrainedModel.load(self.folder.path(model_folder(arn)), recipe.arn)
        return Learned(recipe, model, result.internal["metrics"])


def genres(interactions: Snapshot) -> Snapshot:
    """Every second item is a drama."""
    items = sorted(set(interactions.table["ITEM_ID"].to_pylist()))
    columns = {"ITEM_ID": items, "GENRE": [("drama", "comedy")[place % 2] for place in range(len(items))]}
    return dataset("Items", columns, Field("GENRE", "string", nullable=False, categorical=True))


@pytest.fixture(params=TRAINED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def learn() -> Any:
    folder = StateFolder(None)
    yield Learn(folder)
    folder.close()


@pytest.fixture(scope="session")
def made() -> Callable[..., Snapshot]:
    """made(record, columns, *fields): a dataset."""
    return dataset
