"""Synthesis for the local platform: in a process of its own, and not twice."""

from __future__ import annotations

import json

import pytest

from config import load_settings
from local import synthesis
from local.synthesis import Synthesis, SynthesisError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("synthesis") / "cdk.out"


def test_the_assembly_of_the_stage_is_written_and_the_second_time_found(folder):
    first = Synthesis.begin(load_settings("dev"), folder)
    assert first.process is not None
    assert first.finish() == folder
    assert json.loads((folder / "pp-dev-pipelines.template.json").read_text())["Resources"]
    again = Synthesis.begin(load_settings("dev"), folder)
    assert again.process is None
    assert again.finish() == folder


def test_other_settings_are_synthesized_anew(folder, monkeypatch):
    begun = []
    monkeypatch.setattr(synthesis.subprocess, "Popen", lambda *a, **k: begun.append(a) or _Ended())
    settings = load_settings("dev").model_copy(update={"log_retention_days": 30})
    Synthesis.begin(settings, folder)
    assert len(begun) == 1


class _Ended:
    """A process that has printed an error and ended."""

    stdin = None

    class stdout:  # noqa: N801 (the name that Popen gives it)
        @staticmethod
        def read() -> str:
            return "no such construct"

    @staticmethod
    def wait() -> int:
        return 1


def test_what_the_application_printed_is_the_error(tmp_path):
    failed = Synthesis(tmp_path, _Ended(), "fingerprint")
    with pytest.raises(SynthesisError, match="no such construct"):
        failed.finish()
    assert not (tmp_path / synthesis.FINGERPRINT).exists()
