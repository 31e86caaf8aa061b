"""The work of a solution version: train, write the model, keep the metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pyarrow import compute as pc

from emulator.data.attributes import item_attributes
from emulator.data.features import build_features, training_fields
from emulator.data.interactions import SECONDS_PER_DAY, code_interactions, event_weights
from emulator.errors import JobFailedError
from emulator.recipes.catalogue import ITEM_ATTRIBUTES, RECIPES
from emulator.state.lifecycle import WorkResult
from emulator.training.train import TrainingRequest, train
from emulator.training.tuning import MOST_JOBS, Range, Search, search_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from emulator.data.datasets import Datasets, Snapshot
    from emulator.data.features import Features
    from emulator.data.interactions import Interactions
    from emulator.data.schema import Field
    from emulator.settings import Limits
    from emulator.state.files import StateFolder
    from emulator.state.resources import Resource


def model_folder(version_arn: str) -> str:
    """Where a version's model lies in the state folder."""
    return "models/" + "-".join(version_arn.split("/")[-2:])


@dataclass(frozen=True)
class TrainingWork:
    """Trains solution versions on the data of their dataset group."""

    datasets: Datasets
    folder: StateFolder
    limits: Limits

    def __call__(self, version: Resource) -> WorkResult:
        """Raises JobFailedError where the service would end in CREATE FAILED."""
        started = time.monotonic()
        request = training_request(version)
        interactions, last_event = self._interactions(version, request)
        training = train(interactions, request, self.limits)
        with self.folder.replacing(model_folder(version.arn)) as path:
            training.model.save(path)
        # The service bills hours of a machine of its own size; here they are hours of this one.
        hours = round(max((time.monotonic() - started) / 3600, 0.001), 3)
        body: dict[str, Any] = {"trainingHours": hours}
        if training.tuned is not None:
            body["tunedHPOParams"] = {"algorithmHyperParameters": training.tuned}
        return WorkResult(
            body=body,
            internal={
                "metrics": training.metrics,
                "model": model_folder(version.arn),
                "last_event": last_event,
            },
        )

    def _interactions(self, version: Resource, request: TrainingRequest) -> tuple[Interactions, int]:
        """The data as it is now, and the sequence number of the newest streamed event within."""
        group, uses = version.body["datasetGroupArn"], request.recipe.metadata
        rows = self.datasets.snapshot(group, "INTERACTIONS", remember=False)
        if rows is None:
            raise JobFailedError(
                f"Create failed. Dataset has fewer than {self.limits.training_interactions} interactions "
                "(no interactions have been imported)."
            )
        items = self.datasets.snapshot(group, "ITEMS") if "ITEMS" in uses else None
        users = self.datasets.snapshot(group, "USERS") if "USERS" in uses else None
        catalogue = [] if items is None else items.table["ITEM_ID"].to_pylist()
        context = _fields(rows, version) if request.recipe.contextual else []
        coded = code_interactions(
            rows.table,
            request.event_type,
            request.threshold,
            catalogue,
            weights=request.weights,
            context=context,
        )
        if users is not None:
            others = sorted(set(users.table["USER_ID"].to_pylist()) - set(coded.users))
            coded = replace(coded, users=coded.users + others)
        coded = replace(
            coded,
            item_features=_features(items, "ITEM_ID", coded.items, version),
            user_features=_features(users, "USER_ID", coded.users, version),
            ages=_ages(coded, items, rows),
        )
        if request.recipe.request == ITEM_ATTRIBUTES:
            coded = replace(coded, item_attributes=_attributes(items, coded.items))
        return coded, rows.last_event


def _features(snapshot: Snapshot | None, key: str, ids: list[str], version: Resource) -> Features | None:
    if snapshot is None:
        return None
    return build_features(snapshot.table, key, ids, _fields(snapshot, version))


def _fields(snapshot: Snapshot, version: Resource) -> list[Field]:
    """The columns of a dataset that the solution trains on."""
    config = (version.body.get("solutionConfig") or {}).get("trainingDataConfig") or {}
    known = version.internal.get("columns", {}).get(snapshot.schema.record.upper())
    return training_fields(snapshot.schema, config, known)


def _attributes(items: Snapshot | None, ids: list[str]) -> pa.Table:
    attributes = None if items is None else item_attributes(items.table, items.schema, ids)
    if attributes is None or not attributes.column_names:
        raise JobFailedError(
            "Create failed. The recipe needs an items dataset with rows and with a column that is neither reserved, "
            "textual nor boolean."
        )
    return attributes


def _ages(coded: Interactions, items: Snapshot | None, rows: Snapshot) -> NDArray[np.float64] | None:
    """Days since the items were created: by CREATION_TIMESTAMP where it is given, else by their first event."""
    if (
        items is None
        or "CREATION_TIMESTAMP" not in items.schema.names
        or coded.ages is None
        or not len(rows.table)
    ):
        return coded.ages
    newest = pc.max(rows.table["TIMESTAMP"]).as_py()
    created = dict(
        zip(items.table["ITEM_ID"].to_pylist(), items.table["CREATION_TIMESTAMP"].to_pylist(), strict=True)
    )
    ages = coded.ages.copy()
    for code, item in enumerate(coded.items):
        at = created.get(item)
        if at is not None:
            ages[code] = (newest - at) / SECONDS_PER_DAY
    return ages


def training_request(version: Resource) -> TrainingRequest:
    """Reads the solution's settings, which the version carries."""
    config: dict[str, Any] = version.body.get("solutionConfig") or {}
    threshold = config.get("eventValueThreshold")
    return TrainingRequest(
        recipe=RECIPES[version.body["recipeArn"]],
        event_type=version.body.get("eventType"),
        threshold=None if threshold is None else float(threshold),
        parameters=config.get("algorithmHyperParameters") or {},
        featurization=config.get("featureTransformationParameters") or {},
        weights=event_weights(config),
        search=_search(version, config),
    )


def _search(version: Resource, config: dict[str, Any]) -> Search | None:
    """The search that performHPO asks for: over the given ranges, or over the widest of all that can be tuned."""
    if not version.body.get("performHPO"):
        return None
    hpo = config.get("hpoConfig") or {}
    jobs = int((hpo.get("hpoResourceConfig") or {}).get("maxNumberOfTrainingJobs", MOST_JOBS))
    given = hpo.get("algorithmHyperParameterRanges")
    if given is not None:
        return search_of(given, jobs)
    tuned = [parameter for parameter in RECIPES[version.body["recipeArn"]].parameters if parameter.tuned]
    ranges = tuple(
        Range(parameter.name, parameter.kind, parameter.lowest, parameter.highest, parameter.choices)
        for parameter in sorted(tuned, key=lambda parameter: parameter.name)
    )
    return Search(ranges, jobs)
