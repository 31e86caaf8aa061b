from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest

import lambdas.evaluate
from lambdas.evaluate.documents import SCHEMA_VERSION, finite, metrics_document
from lambdas.evaluate.lists import MODEL_LISTS
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.tables import write_metrics_csv
from lambdas.evaluate.verdict import decide
from lambdas.shared.result_tables import METRICS_CSV

SCHEMA = json.loads((Path(lambdas.evaluate.__file__).parent / "metrics.schema.json").read_text())
FILES = {"report.html": {"bytes": 3, "sha256": "0" * 64}}


def results_of(run, request, service=None) -> RunResults:
    evaluation = run.evaluate(**request.settings.as_document())
    figures = {"model": service} if service is not None else {}
    return RunResults(request, evaluation, decide(evaluation, request.model_name), figures)


def through_json(document):
    return json.loads(json.dumps(document, allow_nan=False))


def test_the_document_is_what_its_schema_says(community, make_request):
    document = through_json(metrics_document(results_of(community, make_request(), {"coverage": 0.5}), FILES))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["schema_version"] == SCHEMA_VERSION == SCHEMA["properties"]["schema_version"]["const"]
    assert document["outcome"] == "better"
    assert document["users"]["evaluated"] == 40
    assert document["service_metrics"] == {"coverage": 0.5}


def test_the_document_of_a_run_that_nobody_can_be_evaluated_in_is_valid_too(run, make_request):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    request = make_request(solution_version_arn=None, facts={"x": float("nan")})
    document = through_json(metrics_document(results_of(run, request), FILES))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["primary"]["value"] is None
    assert document["facts"] == {"x": None}
    assert document["service_metrics"] is None


def test_the_schema_refuses_what_is_not_described(community, make_request):
    document = through_json(metrics_document(results_of(community, make_request()), FILES))
    document["values"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_every_list_metric_and_cutoff_has_a_row(community, make_request):
    document = metrics_document(results_of(community, make_request()), FILES)
    keys = {(row["source"], row["list"], row["metric"], row["k"]) for row in document["values"]}
    assert len(keys) == len(document["values"]) == 5 * 9 * 2
    assert len(document["differences"]) == 2 * 3 * 9 * 2


def test_json_has_no_infinities():
    assert finite({"a": [float("inf"), 1.5], 2: (float("nan"),)}) == {"a": [None, 1.5], "2": [None]}


def test_the_csv_has_one_value_a_row(community, make_request, tmp_path):
    results = results_of(community, make_request())
    write_metrics_csv(tmp_path / "m.csv", results.request, results.evaluation)
    with (tmp_path / "m.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [column.name for column in METRICS_CSV.columns]
    assert len(rows) == 5 * 18 + 2 * (2 * 3 * 18)
    (primary,) = (
        row
        for row in rows
        if (row["kind"], row["source"], row["list"], row["metric"], row["k"])
        == ("value", "model", "without_seen", "ndcg", "5")
    )
    estimate = results.evaluation.values[MODEL_LISTS[0], "ndcg", 5]
    assert float(primary["value"]) == estimate.value
    assert float(primary["low"]) == estimate.low
    assert primary["users"] == "40"
    assert primary["baseline"] == ""
    covered = next(row for row in rows if row["metric"] == "coverage")
    assert covered["low"] == ""


def test_the_csv_keeps_odd_names_in_one_cell(community, make_request, tmp_path):
    request = make_request(scenario='a,"b"\nü')
    write_metrics_csv(tmp_path / "m.csv", request, results_of(community, make_request()).evaluation)
    with (tmp_path / "m.csv").open(newline="", encoding="utf-8") as file:
        assert {row["scenario"] for row in csv.DictReader(file)} == {'a,"b"\nü'}
