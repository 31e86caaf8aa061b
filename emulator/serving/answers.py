"""Answers for campaigns and batch jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.errors import InvalidInputError
from emulator.filters.apply import Situation
from emulator.recipes.catalogue import EXPLORES, RECIPES, RELATED_ITEMS
from emulator.training.model import Asked, TrainedModel
from emulator.training.reorder import Exploration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emulator.filters.apply import FilterOnCatalogue
    from emulator.recipes.contract import Ranking
    from emulator.serving.filters import PreparedFilters
    from emulator.state.resources import Resource
    from emulator.state.streams import Event

DEFAULT_WEIGHT, DEFAULT_CUT_OFF = 0.3, 30.0
"""Exploration of the first user-personalization recipe when nothing is said about it, as on the service."""


@dataclass(frozen=True)
class Question:
    """A request in ids."""

    user_id: str = ""
    item_id: str = ""
    filter_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """model: the model of a version, by its ARN."""

    filters: PreparedFilters
    model: Callable[[str], TrainedModel]

    def ask(
        self,
        version: Resource,
        questions: Sequence[Question],
        count: int,
        filtered_by: Resource | None,
        config: Mapping[str, Any] | None,
    ) -> tuple[Ranking, list[str | None]]:
        """A list for each question that can be answered, in their order; and for each question what is wrong with it.

        filtered_by: a filter resource. config: the itemExplorationConfig of a campaign or job, with string values.
        """
        model = self.model(version.arn)
        prepared = None if filtered_by is None else self.filters.prepared(filtered_by, version.arn, model)
        related = RECIPES[version.body["recipeArn"]].recipe_type == RELATED_ITEMS
        live = self._live(version, follows=not related and model.recommender.history_length > 0)
        asked: list[Asked] = []
        problems: list[str | None] = []
        for question in questions:
            try:
                # Recipes for users ignore an item that is named; a filter may still compare with it.
                cause = question.item_id if related else ""
                recent, allowed = live(question.user_id), _allowed(prepared, question)
                asked.append(Asked(question.user_id, cause, recent, allowed))
                problems.append(None)
            except InvalidInputError as error:
                problems.append(error.message)
        return model.answer(asked, count, exploration_of(version.body["recipeArn"], config)), problems

    def _live(self, version: Resource, *, follows: bool) -> Callable[[str], tuple[str, ...]]:
        """For a user, the items of events that came after the training and that the solution trains on, oldest first.

        Nobody has any where the recipe does not follow events, or where none came. follows: whether it does.
        """
        streams = self.filters.datasets.streams
        dataset = self.filters.datasets.find(version.body["datasetGroupArn"], "INTERACTIONS")
        trained = int(version.internal.get("last_event", 0))
        if not follows or dataset is None or streams.last_event(dataset.arn) <= trained:
            return lambda _user_id: ()
        return lambda user_id: tuple(
            event.item
            for event in streams.events_of(dataset.arn, user_id, trained)
            if _counts(event, version)
        )


def _allowed(prepared: FilterOnCatalogue | None, question: Question) -> NDArray[np.bool_] | None:
    if prepared is not None:
        return prepared.allowed(Situation(question.user_id, question.item_id, question.filter_values))
    if question.filter_values:
        raise InvalidInputError("filterValues were given without a filter")
    return None


def _counts(event: Event, version: Resource) -> bool:
    wanted = version.body.get("eventType")
    if wanted is not None and event.row.get("EVENT_TYPE") != wanted:
        return False
    threshold = (version.body.get("solutionConfig") or {}).get("eventValueThreshold")
    value = event.row.get("EVENT_VALUE")
    return threshold is None or (value is not None and value >= float(threshold))


def exploration_of(recipe_arn: str, config: Mapping[str, Any] | None) -> Exploration | None:
    """The exploration of a campaign or batch job; None for recipes that have none."""
    if RECIPES[recipe_arn].name != EXPLORES:
        return None
    given = config or {}
    return Exploration(
        float(given.get("explorationWeight", DEFAULT_WEIGHT)),
        float(given.get("explorationItemAgeCutOff", DEFAULT_CUT_OFF)),
    )
