import moto
import pytest
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from local.moto_patches import (
    SUPPORTED_MOTO,
    PatchSettings,
    UnsupportedMotoError,
    apply_patches,
    remove_patches,
)


def test_applying_twice_wraps_once_and_removing_restores_moto():
    original = StringJSONata._eval_body
    parse = vars(AmazonStateLanguageParser)["parse"]
    apply_patches()
    patched = StringJSONata._eval_body
    apply_patches(PatchSettings(speed=5))
    assert StringJSONata._eval_body is patched
    assert patched is not original
    remove_patches()
    assert StringJSONata._eval_body is original
    assert vars(AmazonStateLanguageParser)["parse"] is parse


def test_another_moto_is_refused_before_anything_is_changed(monkeypatch):
    original = StringJSONata._eval_body
    monkeypatch.setattr(moto, "__version__", "5.2.6")
    with pytest.raises(UnsupportedMotoError, match=r"5\.2\.6.*5\.2\.5"):
        apply_patches()
    assert StringJSONata._eval_body is original


def test_the_installed_moto_is_the_supported_one():
    assert moto.__version__ == SUPPORTED_MOTO


@pytest.mark.parametrize("speed", [0, -1])
def test_a_speed_that_stops_time_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        PatchSettings(speed=speed)
