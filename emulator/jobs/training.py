"""The work of a solution version: train, write the model, keep the metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.data.interactions import load_interactions
from emulator.errors import JobFailedError
from emulator.recipes.catalogue import RECIPES
from emulator.state.lifecycle import WorkResult
from emulator.training.train import TrainingRequest, train

if TYPE_CHECKING:
    from emulator.data.interactions import Interactions
    from emulator.settings import Limits
    from emulator.state.files import StateFolder
    from emulator.state.resources import Resource
    from emulator.state.store import Store


def model_folder(version_arn: str) -> str:
    """Where a version's model lies in the state folder."""
    return "models/" + "-".join(version_arn.split("/")[-2:])


@dataclass(frozen=True)
class TrainingWork:
    """Trains solution versions on the data of their dataset group."""

    store: Store
    folder: StateFolder
    limits: Limits

    def __call__(self, version: Resource) -> WorkResult:
        """Raises JobFailedError where the service would end in CREATE FAILED."""
        started = time.monotonic()
        request = training_request(version)
        interactions = self._interactions(version.body["datasetGroupArn"], request)
        training = train(interactions, request, self.limits)
        with self.folder.replacing(model_folder(version.arn)) as path:
            training.model.save(path)
        # The service bills hours of a machine of its own size; here they are hours of this one.
        hours = round(max((time.monotonic() - started) / 3600, 0.001), 3)
        return WorkResult(
            body={"trainingHours": hours},
            internal={"metrics": training.metrics, "model": model_folder(version.arn)},
        )

    def _interactions(self, group_arn: str, request: TrainingRequest) -> Interactions:
        """Reads the data as it is now. An import that ends meanwhile takes the old file away: then the new is read."""
        while True:
            file = self._dataset_file(group_arn)
            try:
                return load_interactions(self.folder.path(file), request.event_type, request.threshold)
            except FileNotFoundError:
                if self._dataset_file(group_arn) == file:
                    raise

    def _dataset_file(self, group_arn: str) -> str:
        for dataset in self.store.of_kind("dataset", group_arn):
            if dataset.body["datasetType"] == "INTERACTIONS" and "file" in dataset.internal:
                return str(dataset.internal["file"])
        raise JobFailedError(
            f"Create failed. Dataset has fewer than {self.limits.training_interactions} interactions "
            "(no interactions have been imported)."
        )


def training_request(version: Resource) -> TrainingRequest:
    """Reads the solution's settings, which the version carries."""
    config = version.body.get("solutionConfig") or {}
    threshold = config.get("eventValueThreshold")
    return TrainingRequest(
        recipe=RECIPES[version.body["recipeArn"]],
        event_type=version.body.get("eventType"),
        threshold=None if threshold is None else float(threshold),
        parameters=config.get("algorithmHyperParameters") or {},
        featurization=config.get("featureTransformationParameters") or {},
    )
