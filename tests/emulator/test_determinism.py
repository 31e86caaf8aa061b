"""The same data give the same model: whatever the order of their rows, and the number of threads."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from emulator.data.interactions import EventWeight, code_interactions
from emulator.data.schema import Field
from emulator.recipes.catalogue import RECIPES
from emulator.recipes.one_thread import OneThread
from emulator.settings import Limits
from emulator.training.train import TrainingRequest, train

TRAINED = sorted(recipe.name for recipe in RECIPES.values() if recipe.trainer)
CONTEXT = [Field("DEVICE", "string", nullable=False, categorical=True)]

PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from emulator.recipes.contract import Side, fit
from emulator.recipes.events import Events
from emulator.recipes.sequence import SequenceTrainer
from scipy import sparse
random = np.random.default_rng(0)
users, items = np.repeat(np.arange(200), 60).astype(np.int32), random.zipf(1.3, 12000) % 400
features = sparse.csr_matrix((random.random((400, 30)) < 0.2).astype(np.float32))
side = Side(items=features, users=sparse.csr_matrix(np.eye(200, 12, dtype=np.float32)), item_columns=("A",) * 30)
fit(SequenceTrainer, Events(users, items.astype(np.int32), 200, 400), {}, side).save(Path(sys.argv[1]))
"""


def digest(folder):
    """What the files of a folder hold; of archives, which carry the time, their arrays."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".npz":
            matrix = sparse.load_npz(path)
            for array in (matrix.data, matrix.indices, matrix.indptr):
                found.update(path.name.encode() + array.tobytes())
        elif path.is_file():
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def table(seed):
    """The same made-up rows in another order; some of them differ in device or type alone."""
    random = np.random.default_rng(0)
    rows = 4000
    columns = {
        "USER_ID": [f"u{user}" for user in random.integers(0, 60, rows)],
        "ITEM_ID": [f"ü{item}" for item in random.zipf(1.4, rows) % 90],
        "TIMESTAMP": random.integers(1_600_000_000, 1_600_000_400, rows),
        "EVENT_TYPE": np.array(["view", "buy"])[random.integers(0, 2, rows)],
        "EVENT_VALUE": random.integers(0, 3, rows).astype(float),
        "DEVICE": np.array(["tv", "phone"])[random.integers(0, 2, rows)],
    }
    return pa.table(columns).take(np.random.default_rng(seed).permutation(rows))


def coded(seed):
    weights = [EventWeight("view", None, 0.3), EventWeight("buy", 1.0, 1.0), EventWeight("buy", None, 0.6)]
    found = code_interactions(table(seed), None, None, ["new"], weights=weights, context=CONTEXT)
    assert found.items[-1] == "new"
    return found


@pytest.mark.parametrize("name", TRAINED)
def test_the_order_of_the_rows_does_not_matter(name, tmp_path):
    recipe = RECIPES[f"arn:aws:personalize:::recipe/{name}"]
    digests, metrics = set(), []
    for seed in (1, 2):
        training = train(coded(seed), TrainingRequest(recipe), replace(Limits(), training_interactions=100))
        training.model.save(tmp_path / str(seed))
        digests.add(digest(tmp_path / str(seed)))
        metrics.append(training.metrics)
    assert len(digests) == 1
    assert metrics[0] == metrics[1]


def test_the_number_of_threads_does_not_matter(tmp_path):
    digests = set()
    for threads in ("1", "2", "3"):
        folder = tmp_path / threads
        folder.mkdir()
        names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names, threads)
        subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], env=environment, check=True)
        digests.add(digest(folder))
    assert len(digests) == 1


def test_one_thread_lasts_until_the_last_one_has_left(monkeypatch):
    changes = []

    class Limits:
        def __init__(self, threads, user_api):
            changes.append(threads)

        def restore_original_limits(self):
            changes.append("restored")

    monkeypatch.setattr("emulator.recipes.one_thread.threadpool_limits", Limits)
    only = OneThread()
    with only, only:
        assert changes == [1]
    assert changes == [1, "restored"]
    with only:
        pass
    assert changes == [1, "restored", 1, "restored"]
