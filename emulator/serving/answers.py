"""Answers for campaigns and batch jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.errors import InvalidInputError
from emulator.filters.apply import Situation
from emulator.recipes.catalogue import EXPLORES, RECIPES, RELATED_ITEMS
from emulator.serving.live_events import is_of_interest, newest_trained
from emulator.training.model import Asked, RankedList, TrainedModel
from emulator.training.reorder import Exploration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emulator.filters.apply import FilterOnCatalogue
    from emulator.recipes.contract import Ranking
    from emulator.serving.filters import PreparedFilters
    from emulator.serving.trends import Trends
    from emulator.settings import Limits
    from emulator.state.resources import Resource

DEFAULT_WEIGHT, DEFAULT_CUT_OFF = 0.3, 30.0
"""Exploration of the first user-personalization recipe when nothing is said about it, as on the service."""


@dataclass(frozen=True)
class Question:
    """A request in ids. item_list: what is to be ranked, for recipes that rank. context: values by column."""

    user_id: str = ""
    item_id: str = ""
    item_list: tuple[str, ...] = ()
    filter_values: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """trained: the model of a version as it was trained, by its ARN."""

    filters: PreparedFilters
    trained: Callable[[str], TrainedModel]
    trends: Trends
    limits: Limits

    def model(self, version: Resource) -> TrainedModel:
        """The model of a version as it is now."""
        return self.trends.current(version, self.trained(version.arn))

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
        model = self.model(version)
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
                model.check_context(question.context)
                asked.append(Asked(question.user_id, cause, recent, allowed, context=question.context))
                problems.append(None)
            except InvalidInputError as error:
                problems.append(error.message)
        return model.answer(asked, count, exploration_of(version.body["recipeArn"], config)), problems

    def rank(
        self, version: Resource, questions: Sequence[Question], filtered_by: Resource | None
    ) -> tuple[list[RankedList], list[str | None]]:
        """The ranked list of each question that can be answered, in their order; and what is wrong with each question.

        An item that is named twice is listed once. What a filter does not let pass is left out, after the scores are
        made over the whole list, as in `ask`. (What the service does with either is not published.) A filter is asked
        about items that the model does not know, too: the items dataset may know them.
        """
        model = self.model(version)
        live = self._live(version, follows=True)
        items = list(dict.fromkeys(item for question in questions for item in question.item_list))
        prepared = None if filtered_by is None else self.filters.over(filtered_by, version.arn, model, items)
        asked: list[Asked] = []
        masks: list[NDArray[np.bool_] | None] = []
        problems: list[str | None] = []
        for question in questions:
            try:
                different, mask = self._different(question), _allowed(prepared, question)
                model.check_context(question.context)
            except InvalidInputError as error:
                problems.append(error.message)
                continue
            asked.append(
                Asked(
                    question.user_id,
                    recent=live(question.user_id),
                    item_list=different,
                    context=question.context,
                )
            )
            masks.append(mask)
            problems.append(None)
        place = {item: row for row, item in enumerate(items)}
        ranked = zip(model.rank(asked), masks, strict=True)
        return [_passing(found, place, mask) for found, mask in ranked], problems

    def _different(self, question: Question) -> tuple[str, ...]:
        different = tuple(dict.fromkeys(question.item_list))
        if not 1 <= len(different) <= self.limits.ranking_items:
            raise InvalidInputError(
                "The list to rank (inputList, in files of a batch job itemList) must hold from 1 to "
                f"{self.limits.ranking_items} different items, not {len(different)}"
            )
        return different

    def _live(self, version: Resource, *, follows: bool) -> Callable[[str], tuple[str, ...]]:
        """For a user, the items of events that came after the training and that the solution trains on, oldest first.

        Nobody has any where the recipe does not follow events, or where none came. follows: whether it does.
        """
        streams = self.filters.datasets.streams
        dataset = self.filters.datasets.find(version.body["datasetGroupArn"], "INTERACTIONS")
        trained = newest_trained(version)
        if not follows or dataset is None or streams.last_event(dataset.arn) <= trained:
            return lambda _user_id: ()
        return lambda user_id: tuple(
            event.item
            for event in streams.events_of(dataset.arn, user_id, trained)
            if is_of_interest(event, version)
        )


def _allowed(prepared: FilterOnCatalogue | None, question: Question) -> NDArray[np.bool_] | None:
    if prepared is not None:
        return prepared.allowed(Situation(question.user_id, question.item_id, question.filter_values))
    if question.filter_values:
        raise InvalidInputError("filterValues were given without a filter")
    return None


def _passing(ranked: RankedList, place: Mapping[str, int], allowed: NDArray[np.bool_] | None) -> RankedList:
    """What of a ranked list is allowed; place: the flag of each item."""
    if allowed is None:
        return ranked
    kept = [pair for pair in zip(ranked.items, ranked.scores, strict=True) if allowed[place[pair[0]]]]
    return RankedList([item for item, _ in kept], [score for _, score in kept])


def exploration_of(recipe_arn: str, config: Mapping[str, Any] | None) -> Exploration | None:
    """The exploration of a campaign or batch job; None for recipes that have none."""
    if RECIPES[recipe_arn].name != EXPLORES:
        return None
    given = config or {}
    return Exploration(
        float(given.get("explorationWeight", DEFAULT_WEIGHT)),
        float(given.get("explorationItemAgeCutOff", DEFAULT_CUT_OFF)),
    )
