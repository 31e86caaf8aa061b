from __future__ import annotations

from pathlib import Path

import pytest

from config import Problem, SettingsError, load_settings, parse_settings
from config.load import SETTINGS_DIR

FIVE_ERRORS = """\
stage: dev
encryption: custmer_key
functions:
  split_data: {memory_mb: 64}
scenarios:
  hrnn:
    solution:
      solutionConfig:
        algorithmHyperParameters:
          bptt: 12
    batch_inference:
      numResult: 500
    evaluation:
      primary_cutoff: 7
"""


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_shipped_settings_are_valid_and_call_themselves_by_their_file(stage):
    assert load_settings(stage).stage == stage


def test_five_errors_are_five_problems_in_the_order_of_the_file():
    with pytest.raises(SettingsError) as caught:
        parse_settings(FIVE_ERRORS, source="five.yaml")

    assert [(problem.line, problem.path) for problem in caught.value.problems] == [
        (2, "encryption"),
        (4, "functions.split_data.memory_mb"),
        (10, "scenarios.hrnn.solution.solutionConfig.algorithmHyperParameters.bptt"),
        (12, "scenarios.hrnn.batch_inference.numResult"),
        (14, "scenarios.hrnn.evaluation.primary_cutoff"),
    ]
    assert str(caught.value).startswith(
        "five.yaml: 5 problems\n  line 2: encryption: 'custmer_key' is not one of"
    )
    messages = [problem.message for problem in caught.value.problems]
    assert "Did you mean 'customer_key'?" in messages[0]
    assert messages[1] == "is 64; must be at least 128"
    assert messages[2] == 'must be text, not 12: put it in quotes, "12"'
    assert messages[3] == "is not a member of CreateBatchInferenceJob. Did you mean 'numResults'?"
    assert messages[4] == "7 is not one of evaluation.cutoffs [5, 10, 25]"


def test_one_mistake_is_reported_once():
    text = "stage: dev\nscenarios: {hrnn: {evaluation: {baselines: [popular]}}}"
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    assert [problem.path for problem in caught.value.problems] == ["scenarios.hrnn.evaluation.baselines[0]"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Problem("stage", "is missing")),
        ("- a\n", Problem("", "must be a mapping of settings, for example `stage: dev`")),
        ("stage: dev\nstage: prod\n", Problem("stage", "written twice, first in line 1: keep one", 2)),
        ("stage: dev\n1: x\n", Problem("", "'1' is not text: put the key in quotes", 2)),
        ("stage: !!set {dev}\n", Problem("stage", "the YAML tag tag:yaml.org,2002:set is not used here", 1)),
        ("stage: 5\n", Problem("stage", "must be text, not 5", 1)),
        ("stage: dev\ntracing: 1\n", Problem("tracing", "must be true or false, not 1", 2)),
        ("stage: dev\nlifecycle: 7\n", Problem("lifecycle", "must be a mapping, not 7", 2)),
    ],
)
def test_form_errors(text, expected):
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    assert caught.value.problems == [expected]


def test_a_syntax_error_names_its_line():
    with pytest.raises(SettingsError) as caught:
        parse_settings("stage: dev\nscenarios: {hrnn: \n")
    (problem,) = caught.value.problems
    assert problem.message.startswith("not YAML: ")
    assert problem.line == 3


def test_missing_and_wrong_entries_of_a_list_do_not_hide_other_problems():
    text = """
stage: dev
log_retention_days: 8
scenarios:
  hrnn:
    data: {interactions: {schema: {fields: [{name: USER_ID}, {name: ITEM_ID, type: strin, categorcal: true}]}}}
    schedule: {time_zone: Europe/Berln}
"""
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    fields = "scenarios.hrnn.data.interactions.schema.fields"
    assert {problem.path for problem in caught.value.problems} == {
        "log_retention_days",
        f"{fields}[0].type",
        f"{fields}[1].type",
        f"{fields}[1].categorcal",
        "scenarios.hrnn.schedule.time_zone",
    }


def test_dates_and_words_like_on_stay_text():
    settings = parse_settings("stage: dev\ntags: {since: 2026-01-01}\n")
    assert settings.tags == {"since": "2026-01-01"}


def test_unknown_stage_names_those_there_are():
    with pytest.raises(SettingsError, match="Did you mean 'prod'"):
        load_settings("prd")


def test_a_file_is_loaded_by_its_path(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text("stage: mine\n", encoding="utf-8")
    assert load_settings(file).stage == load_settings(str(file)).stage == "mine"


def test_a_missing_file_is_a_settings_error(tmp_path: Path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.yaml")


def test_a_stage_file_that_names_another_stage_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    copy = (SETTINGS_DIR / "dev.yaml").read_text(encoding="utf-8")
    (tmp_path / "prod.yaml").write_text(copy, encoding="utf-8")
    monkeypatch.setattr("config.load.SETTINGS_DIR", tmp_path)
    with pytest.raises(SettingsError, match="would deploy over that other stage"):
        load_settings("prod")


def test_defaults_fill_what_is_left_out_inside_a_group(settings):
    loaded = settings(
        {"solution": {"performHPO": False}, "polling": {"solution_version": {"seconds": 120}}},
        functions={"split_data": {"memory_mb": 4096}},
    )
    scenario = loaded.enabled_scenarios()["hrnn"]
    assert scenario.solution == {
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization-v2",
        "performAutoTraining": False,
        "performHPO": False,
    }
    assert scenario.polling.solution_version.timeout_seconds == 86_400
    assert loaded.functions.split_data.timeout_seconds == 900


def test_settings_cannot_be_changed(settings):
    with pytest.raises(ValueError, match="frozen"):
        settings().stage = "other"


def test_a_disabled_scenario_is_not_deployed(settings):
    assert "hrnn" not in settings({"enabled": False}).enabled_scenarios()


def test_the_avro_record_has_the_envelope_that_the_service_wants(settings):
    schema = settings().scenarios.hrnn.data.interactions.avro_schema
    assert schema.avro_record("interactions") == {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
        ],
        "version": "1.0",
    }


def test_a_column_keeps_its_union_and_its_marks(settings):
    fields = [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "DEVICE", "type": ["null", "string"], "categorical": True},
    ]
    loaded = settings({"data": {"interactions": {"schema": {"fields": fields}}}})
    assert loaded.scenarios.hrnn.data.interactions.avro_schema.avro_record("interactions")["fields"] == fields
