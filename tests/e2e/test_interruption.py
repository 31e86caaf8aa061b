"""A command that is killed in the middle goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]


def command(home: Path, data: Path, speed: int) -> tuple[list[str], dict[str, str]]:
    arguments = ["-m", "local.cli", "run", "hrnn", "--data", str(data), "--speed", str(speed)]
    return [sys.executable, *arguments], {**os.environ, "PIPELINES_HOME": str(home), "COLUMNS": "200"}


def test_a_run_that_was_killed_in_training_is_resumed_and_trains_once(make_runner, learnable_csv, tmp_path):
    arguments, environment = command(tmp_path, learnable_csv, speed=100)  # the training takes 24 s
    with subprocess.Popen(
        arguments, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as killed:
        for line in killed.stdout:
            if "solution version: CREATE IN_PROGRESS" in line:
                break
        os.killpg(killed.pid, signal.SIGKILL)

    arguments, environment = command(tmp_path, learnable_csv, speed=100)
    resumed = subprocess.run(
        arguments, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180
    )
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "which was interrupted" in resumed.stdout
    assert "better" in resumed.stdout

    runner = make_runner(root=tmp_path)
    assert runner.trained() == (1, 1, 1)
    assert len(runner.keys("ReportsBucket", "reports/hrnn/")) == 8  # one run's folder, and latest


@pytest.fixture
def in_background():
    """SIGINT is ignored, and by what is started now too: so a shell starts its background jobs."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_background")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_platform_in_the_background_ends_in_order(tmp_path, ending):
    with subprocess.Popen(
        [sys.executable, "-m", "local.cli", "up"],
        env={**os.environ, "PIPELINES_HOME": str(tmp_path), "COLUMNS": "200"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as platform:
        for line in platform.stdout:
            if "Ctrl-C ends it" in line:
                break
        assert (tmp_path / "platform.json").exists()
        platform.send_signal(ending)
        rest = platform.stdout.read()
        assert platform.wait(timeout=60) == 0
    assert "Stopped" in rest
    assert not (tmp_path / "platform.json").exists()
