from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow.parquet
import pytest

import lambdas.evaluate
from lambdas.evaluate.documents import SCHEMA_VERSION, finite, metrics_document
from lambdas.evaluate.lists import MODEL_LISTS
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.tables import COLUMNS, write_metrics_csv, write_per_user_parquet
from lambdas.evaluate.verdict import decide

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
    assert tuple(rows[0]) == COLUMNS
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


def test_per_user_rows_average_to_the_values(community, make_request, tmp_path):
    results = results_of(community, make_request())
    write_per_user_parquet(tmp_path / "u.parquet", results.request, results.evaluation)
    table = pyarrow.parquet.read_table(tmp_path / "u.parquet")
    assert table["user_id"].to_pylist() == [f"u{user:02}" for user in range(40)]
    assert table["train_interactions"].to_pylist() == [6] * 40
    assert table["held_out_items"].to_pylist() == [2] * 40
    assert table.schema.metadata[b"schema_version"] == SCHEMA_VERSION.encode()
    assert len(table.column_names) == 4 + 5 * 8 * 2
    for name in results.evaluation.lists:
        values = table[f"{name.column}_ndcg_at_5"].to_numpy()
        assert np.mean(values) == pytest.approx(results.evaluation.values[name, "ndcg", 5].value, abs=1e-6)


def test_undefined_values_of_a_user_are_null(community, make_request, tmp_path):
    lines = community.answers[0].read_text().splitlines()
    community.write_answers(lines[1:])
    results = results_of(community, make_request())
    write_per_user_parquet(tmp_path / "u.parquet", results.request, results.evaluation)
    table = pyarrow.parquet.read_table(tmp_path / "u.parquet")
    assert table["answered"].to_pylist() == [False] + [True] * 39
    assert table["model_without_seen_popular_share_at_5"].null_count == 1
    assert table["model_without_seen_ndcg_at_5"].to_pylist()[0] == 0
