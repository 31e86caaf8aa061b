"""The files of a run, and which evaluation they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.evaluate.catalogue import Catalogue, read_catalogue
from lambdas.evaluate.cold_items import cold_candidates, cold_protocol, cold_section
from lambdas.evaluate.evaluation import Evaluation, evaluate
from lambdas.evaluate.genres import Genres
from lambdas.evaluate.interactions import read_data
from lambdas.evaluate.protocol import counted_baselines
from lambdas.evaluate.recommendations import read_recommendations
from lambdas.evaluate.related_items import read_causes, read_neighbours, recommendations_of
from lambdas.evaluate.related_section import related_section
from lambdas.evaluate.replay import Replay, evaluate_replay
from lambdas.evaluate.replay_file import read_replay
from lambdas.evaluate.settings import Kind
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.request import Design
    from lambdas.evaluate.settings import EvaluationSettings


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InputFiles:
    """Local copies of a run's files; None and empty where the kind of evaluation has no use for them.

    answers: the batch output of every variant, by its name. causes: the document causes.json.
    exploration: by variant its exploration weight.
    """

    train: Path | None = None
    holdout: Path | None = None
    answers: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    catalogue: Path | None = None
    user_causes: Path | None = None
    causes: Mapping[str, Any] = field(default_factory=dict)
    replay: Path | None = None
    exploration: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, and the catalogue to tell it with."""

    comparison: Evaluation | Replay
    catalogue: Catalogue | None = None


def measure(files: InputFiles, settings: EvaluationSettings, design: Design) -> Measured:
    """Measure what the kind in the settings asks for. Raises DataError for files that cannot be used."""
    catalogue = read_catalogue(files.catalogue, settings.genre_column) if files.catalogue else None
    if settings.kind is Kind.REPLAY:
        replay = read_replay(_given(files.replay, "replay"))
        return Measured(evaluate_replay(replay, settings), catalogue)
    data = read_data(
        _given(files.train, "train"),
        _given(files.holdout, "holdout"),
        None if catalogue is None else catalogue.ids,
        shown_users=settings.examples,
    )
    if settings.kind is Kind.RELATED_ITEMS:
        return Measured(_related_items(files, data, settings, design, catalogue), catalogue)
    if settings.kind is Kind.COLD_ITEMS:
        known = _given(catalogue, "catalogue")
        return Measured(_cold_items(files, data, settings, design, known), catalogue)
    answers = _answers(files, data, settings)
    return Measured(evaluate(data, answers, settings, counted_baselines(data, settings), design), catalogue)


def _related_items(
    files: InputFiles,
    data: EvaluationData,
    settings: EvaluationSettings,
    design: Design,
    catalogue: Catalogue | None,
) -> Evaluation:
    causes = read_causes(_given(files.user_causes, "user_causes"), files.causes.get("causes") or (), data)
    found = {name: read_neighbours(answers, causes, data) for name, answers in files.answers.items()}
    answers = {
        name: recommendations_of(neighbours, causes, data, settings.longest)
        for name, neighbours in found.items()
    }
    section = related_section(found, causes, data, catalogue, settings.cutoffs)
    return evaluate(data, answers, settings, counted_baselines(data, settings), design, section=section)


def _cold_items(
    files: InputFiles,
    data: EvaluationData,
    settings: EvaluationSettings,
    design: Design,
    catalogue: Catalogue,
) -> Evaluation:
    cold = cold_candidates(catalogue, data)
    genres = Genres.of(catalogue, data)
    answers = _answers(files, data, settings)
    section = cold_section(
        data, answers, settings.primary_cutoff, genres, cold, exploration=files.exploration
    )
    protocol = cold_protocol(data, settings, genres, cold)
    return evaluate(data, answers, settings, protocol, design, section=section)


def _answers(files: InputFiles, data: EvaluationData, settings: EvaluationSettings) -> dict[str, Any]:
    return {
        name: read_recommendations(answers, data, settings.longest) for name, answers in files.answers.items()
    }


def _given(value: T | None, name: str) -> T:
    if value is None:
        raise DataError(f"This kind of evaluation needs the run's {name}, and the event gives none.")
    return value
