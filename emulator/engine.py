"""The emulator of one account and region: state, workers and models, put together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.data.datasets import Datasets
from emulator.errors import StateFolderError
from emulator.faults import Faults
from emulator.jobs.batch_files import BatchFiles
from emulator.jobs.batch_inference import BatchInference
from emulator.jobs.batch_segment import BatchSegment
from emulator.jobs.importing import Importer
from emulator.jobs.training import TrainingWork
from emulator.serving.answers import Answers
from emulator.serving.filters import PreparedFilters
from emulator.serving.trends import Trends
from emulator.settings import Behaviour, Limits
from emulator.state.arns import Arns
from emulator.state.files import StateFolder
from emulator.state.lifecycle import Lifecycle, Work
from emulator.state.store import Store
from emulator.state.streams import Streams
from emulator.state.timing import Timing
from emulator.training.model import TrainedModel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.state.resources import Resource

MODELS_IN_MEMORY = 4


class Emulator:
    """Amazon Personalize on this machine.

    state_dir: folder that keeps everything over restarts; None for a temporary one. s3_for_role: gives the S3 client
    that a job uses, from the `roleArn` of its request. Call `close` when done.

    Raises StateFolderError when the folder is in use or belongs to another account or region.
    """

    def __init__(
        self,
        state_dir: Path | None,
        account_id: str,
        region: str,
        s3_for_role: Callable[[str | None], Any],
        timing: Timing | None = None,
        *,
        limits: Limits | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.arns = Arns(account_id, region)
        self.limits = limits or Limits()
        self.behaviour = behaviour or Behaviour()
        self.folder = StateFolder(state_dir)
        database = str(self.folder.database) if self.folder.durable else ":memory:"
        try:
            self.store = Store(database, account_id, region)
        except StateFolderError:
            self.folder.close()
            raise
        self.streams = Streams(self.store)
        self.datasets = Datasets(self.store, self.folder, self.streams)
        self.folder.keep_only(self._files_in_use())
        self._models: OrderedDict[str, TrainedModel] = OrderedDict()
        self._models_lock = threading.Lock()
        self.answers = Answers(PreparedFilters(self.datasets), self.model, Trends(self.datasets), self.limits)
        self.faults = Faults()
        files = BatchFiles(self.folder, s3_for_role, self.limits)
        works: dict[str, Work] = {
            "dataset_import_job": Importer(
                self.datasets, self.folder, s3_for_role, self.limits, self.behaviour
            ),
            "solution_version": TrainingWork(self.datasets, self.folder, self.limits),
            "batch_inference_job": BatchInference(files, self.store, self.answers),
            "batch_segment_job": BatchSegment(files, self.datasets, self.model),
        }
        self.lifecycle = Lifecycle(
            self.store, timing or Timing.instant(), works, self._forget, self.behaviour.workers
        )

    def model(self, version_arn: str) -> TrainedModel:
        """The model of a trained version; the latest few stay in memory."""
        # The row is read before the lock is taken: whoever deletes holds the store and then wants this lock.
        version = self.store.get(version_arn, "solution_version")
        with self._models_lock:
            if version_arn not in self._models:
                path = self.folder.path(version.internal["model"])
                self._models[version_arn] = TrainedModel.load(path, version.body["recipeArn"])
                if len(self._models) > MODELS_IN_MEMORY:
                    self._models.popitem(last=False)
            self._models.move_to_end(version_arn)
            return self._models[version_arn]

    def fail_next(self, kind: str, name_prefix: str, reason: str, times: int = 1) -> None:
        """Makes the next resources of a kind whose name begins so end in CREATE FAILED with the reason.

        kind: `dataset_import_job`, `solution_version`, `batch_inference_job`, `campaign`, … as in
        emulator/state/kinds.py. A solution version's name begins with that of its solution unless it has one of its
        own. Raises ValueError for a kind that does not exist or has no states.
        """
        self.faults.fail_next(kind, name_prefix, reason, times)

    def refuse_next(self, operation: str, code: str, message: str, times: int = 1) -> None:
        """Makes the next calls of an operation (`CreateCampaign`) be refused with an error (`LimitExceededException`).

        Raises ValueError for an operation or an error that the service does not have.
        """
        self.faults.refuse_next(operation, code, message, times)

    def close(self) -> None:
        """Waits for the jobs at work, then gives the folder free. Jobs that have not begun go on at the next start."""
        self.lifecycle.close()
        self.store.close()
        self.folder.close()

    def _forget(self, resource: Resource) -> None:
        """A resource is gone: its children go with it, and so do its files."""
        for file in _files(resource):
            self.store.after_commit(partial(self.folder.remove, file))
        with self._models_lock:
            self._models.pop(resource.arn, None)
        if resource.kind_key == "dataset":
            self.streams.forget(resource.arn)
        for child in self.store.children(resource.arn):
            self.store.remove(child.arn)
            self._forget(child)

    def _files_in_use(self) -> set[str]:
        kept = [*self.store.of_kind("dataset"), *self.store.of_kind("solution_version")]
        return {file for resource in kept for file in _files(resource)}


def _files(resource: Resource) -> list[str]:
    """Files and folders of the state folder that belong to a resource."""
    return [resource.internal[key] for key in ("file", "model") if key in resource.internal]
