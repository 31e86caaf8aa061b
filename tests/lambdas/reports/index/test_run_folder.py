"""One report folder, whatever is in it, becomes one entry."""

from __future__ import annotations

import json

import pytest

from lambdas.reports.estimates import Estimate
from lambdas.reports.index.gathering import gather, run_folders
from lambdas.reports.reading import Members
from lambdas.reports.runs import Cost, RunEntry, Status, entry_from, newest_first


def only_entry(store) -> RunEntry:
    (entry,) = gather(store, run_folders(store.files()), {}).entries
    return entry


def put_report(store, document, *, folder="hrnn/r1", minute=0.0):
    store.put(f"{folder}/report.html", "<html>", minute=minute)
    store.put(f"{folder}/metrics.json", document, minute=minute)


def test_a_result_tells_its_figures_with_their_intervals(store, metrics):
    put_report(store, metrics())
    entry = only_entry(store)
    assert (entry.scenario, entry.run_id, entry.status) == ("hrnn", "r1", Status.SUCCEEDED)
    assert (entry.started_at, entry.ended_at) == ("2026-01-31T11:58:00Z", "2026-01-31T12:00:00Z")
    assert (entry.pages, entry.notes, entry.failures) == (("report.html",), (), ())
    result = entry.result
    assert (result.outcome, result.kind, result.users) == ("better", "users", 943)
    assert result.cost == Cost(1.25, "USD")
    primary = result.primary
    assert (primary.metric, primary.k, primary.source) == ("ndcg", 10, "model")
    assert primary.baseline == "popularity_without_seen"
    assert primary.value == Estimate(0.15, 0.14, 0.16)
    assert primary.baseline_value == Estimate(0.12, 0.11, 0.13)
    assert primary.difference.absolute == Estimate(0.03, 0.02, 0.04)
    assert primary.difference.relative == Estimate(0.25, 0.2, 0.3)


def test_version_1_0_knew_one_kind_and_one_unnamed_model(store, metrics):
    document = metrics(schema_version="1.0")
    del document["kind"], document["cost"], document["primary"]["source"]
    put_report(store, document)
    result = only_entry(store).result
    assert (result.kind, result.cost, result.primary.source) == ("users", None, "model")
    assert result.primary.value == Estimate(0.15, 0.14, 0.16)


def test_version_1_1_with_variants_and_a_replay_are_read(store, metrics):
    document = metrics("put_events", schema_version="1.1", kind="replay")
    document["primary"] |= {
        "metric": "overlap@25",
        "source": "replay",
        "list": "as_returned",
        "baseline": "no_events",
    }
    document["values"] = [
        {
            "source": "replay",
            "list": "as_returned",
            "metric": "overlap",
            "k": 25,
            "value": 0.7,
            "low": 0.6,
            "high": 0.8,
        },
        {
            "source": "no_events",
            "list": "as_returned",
            "metric": "overlap",
            "k": 25,
            "value": 0.1,
            "low": None,
            "high": None,
        },
    ]
    put_report(store, document, folder="put_events/r1")
    primary = only_entry(store).result.primary
    assert (primary.metric, primary.k, primary.baseline) == ("overlap", 25, "no_events")
    assert (primary.value, primary.baseline_value) == (Estimate(0.7, 0.6, 0.8), Estimate(0.1))


def test_a_later_major_version_gives_an_entry_that_says_so(store, metrics):
    put_report(store, metrics(schema_version="3.0"))
    entry = only_entry(store)
    assert (entry.status, entry.result) == (Status.UNREADABLE, None)
    (note,) = entry.notes
    assert "version 3.0" in note
    assert "reads 1.x and 2.x: deploy a later one" in note


def test_a_later_minor_version_is_read(store, metrics):
    put_report(store, metrics(schema_version="2.7", something_new=[1]))
    assert only_entry(store).status is Status.SUCCEEDED


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{broken", "it is not JSON"),
        ("", "it is not JSON"),
        ('{"schema_version": NaN}', "NaN is no JSON"),
        ("[]", "it holds no object but a list"),
        ("{}", "schema_version is missing"),
        ('{"schema_version": 2}', "schema_version is not a text but the number 2"),
        ("[" * 100_000, "it is not JSON"),
    ],
)
def test_a_broken_metrics_json_is_named_with_what_is_wrong_and_what_to_do(store, content, told):
    store.put("hrnn/r1/metrics.json", content)
    entry = only_entry(store)
    assert entry.status is Status.UNREADABLE
    (note,) = entry.notes
    assert note.startswith("metrics.json cannot be read: ")
    assert told in note
    assert "start an execution with the same run_id" in note


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("users", {"evaluated": -1}, "users.evaluated is not a whole number from 0"),
        ("users", {"evaluated": True}, "users.evaluated is not a whole number from 0 but true or false"),
        ("values", {}, "values is not a list but an object"),
        ("values", ["x"], "values[0] is not an object but a text"),
        ("primary", None, "primary is not an object but null"),
        ("verdict", ["<b>"], "verdict is not a text but a list"),
        ("cost", {"total": "much", "currency": "USD"}, "cost.total is not a number but a text"),
        ("files", {"report.html": {}}, "files.report.html.bytes is missing"),
    ],
)
def test_a_member_of_another_type_is_named(store, metrics, member, value, told):
    put_report(store, metrics(**{member: value}))
    entry = only_entry(store)
    assert entry.status is Status.UNREADABLE
    assert told in entry.notes[0]


def test_a_main_metric_without_a_cut_off_is_named(store, metrics):
    document = metrics()
    document["primary"]["metric"] = "ndcg"
    put_report(store, document)
    assert "'ndcg' has no cut-off" in only_entry(store).notes[0]


def test_undefined_figures_stay_undefined(store, metrics):
    document = metrics()
    document["primary"] |= dict.fromkeys(("value", "baseline_value", "difference", "low", "high"))
    document["primary"] |= dict.fromkeys(("relative_difference", "relative_low", "relative_high"))
    document["values"] = []
    put_report(store, document)
    primary = only_entry(store).result.primary
    assert primary.value == primary.baseline_value == primary.difference.relative == Estimate(None)


def test_a_folder_that_was_copied_from_another_run_does_not_pass_for_a_run(store, metrics):
    put_report(store, metrics(run_id="r1"), folder="hrnn/r2")
    entry = only_entry(store)
    assert (entry.status, entry.result) == (Status.UNREADABLE, None)
    assert "it belongs to run r1 of hrnn" in entry.notes[0]


def test_missing_and_damaged_files_are_said_and_the_result_is_shown(store, metrics):
    files = {"report.html": {"bytes": 6}, "metrics.csv": {"bytes": 7}, "per_user.parquet": {"bytes": 8}}
    put_report(store, metrics(files=files))
    store.put("hrnn/r1/metrics.csv", "1234567890")
    entry = only_entry(store)
    assert entry.status is Status.SUCCEEDED
    missing, damaged = sorted(entry.notes, reverse=True)
    assert missing.startswith("per_user.parquet is missing.")
    assert damaged.startswith("metrics.csv has 10 bytes where metrics.json tells of 7")


def test_a_failure_tells_stage_reason_and_what_to_do(store, failure):
    store.put("hrnn/r1/failure-r1.json", failure())
    entry = only_entry(store)
    assert (entry.status, entry.result, entry.pages) == (Status.FAILED, None, ())
    (attempt,) = entry.failures
    assert (attempt.stage, attempt.error) == ("Split data", "DataError")
    assert attempt.reason == "interactions.csv has no column ITEM_ID"
    assert attempt.advice == "Correct the data."


def test_a_run_that_was_resumed_to_its_end_succeeded(store, metrics, failure):
    store.put("hrnn/r1/failure-r1.json", failure(stage="Split data"), minute=1)
    store.put("hrnn/r1/failure-r1-2.json", failure(stage="solution"), minute=2)
    put_report(store, metrics(), minute=3)
    entry = only_entry(store)
    assert (entry.status, entry.ended_at) == (Status.SUCCEEDED, "2026-01-31T12:03:00Z")
    assert [attempt.stage for attempt in entry.failures] == ["solution", "Split data"]


def test_a_failure_after_the_result_counts_and_the_result_stays(store, metrics, failure):
    put_report(store, metrics(), minute=3)
    store.put("hrnn/r1/failure-r1-2.json", failure(), minute=4)
    entry = only_entry(store)
    assert (entry.status, entry.ended_at) == (Status.FAILED, "2026-01-31T12:04:00Z")
    assert entry.result.outcome == "better"


def test_in_the_same_second_the_execution_that_wrote_the_result_failed_after_it(store, metrics, failure):
    arn = metrics()["facts"]["execution_arn"]
    put_report(store, metrics())
    store.put("hrnn/r1/failure-r1.json", failure(execution_arn=arn))
    assert only_entry(store).status is Status.FAILED
    store.put("hrnn/r1/failure-r1.json", failure(execution_arn=f"{arn}-before"))
    assert only_entry(store).status is Status.SUCCEEDED


def test_an_execution_that_failed_and_was_redriven_to_its_end_succeeded(store, metrics, failure):
    arn = metrics()["facts"]["execution_arn"]
    store.put("hrnn/r1/failure-r1.json", failure(execution_arn=arn))
    put_report(store, metrics(), minute=1)
    assert only_entry(store).status is Status.SUCCEEDED


def test_a_failure_that_cannot_be_read_is_still_a_failure(store):
    store.put("hrnn/r1/failure-r1.json", "{}")
    entry = only_entry(store)
    assert entry.status is Status.FAILED
    assert entry.notes[0].startswith("failure-r1.json cannot be read: stage is missing.")


@pytest.mark.parametrize("name", ["report.html", "replayed_users.json", "per_user.parquet"])
def test_a_folder_with_neither_result_nor_failure_is_unfinished(store, name):
    store.put(f"put_events/r1/{name}", "x", minute=7)
    entry = only_entry(store)
    assert (entry.status, entry.ended_at) == (Status.UNFINISHED, "2026-01-31T12:07:00Z")
    assert "still at work, or it was stopped" in entry.notes[0]


def test_what_lies_there_besides_is_no_run(store, metrics):
    put_report(store, metrics(), folder="hrnn/latest")
    for key in (
        "index.html",
        "index.json",
        "hrnn/notes.txt",
        "hrnn/r1/notes.txt",
        "hrnn/r1/deep/metrics.json",
        "Holiday pictures/r1/metrics.json",
        "hrnn/run one/metrics.json",
        "hrnn/-r1/metrics.json",
        f"hrnn/{'r' * 81}/metrics.json",
        "hrnn/r1/",
    ):
        store.put(key, "x")
    assert run_folders(store.files()) == []


def test_runs_that_ended_at_the_same_instant_have_one_order(store, metrics):
    names = [("hrnn", "b"), ("sims", "a"), ("hrnn", "a")]
    for scenario, run_id in names:
        put_report(store, metrics(scenario, run_id), folder=f"{scenario}/{run_id}")
    put_report(store, metrics("hrnn", "z"), folder="hrnn/z", minute=1)
    ordered = gather(store, run_folders(store.files()), {}).entries
    assert [(entry.scenario, entry.run_id) for entry in ordered] == [
        ("hrnn", "z"), ("sims", "a"), ("hrnn", "b"), ("hrnn", "a"),
    ]  # fmt: skip
    shuffled = [ordered[place] for place in (2, 0, 3, 1)]
    assert sorted(shuffled, key=newest_first, reverse=True) == ordered


def test_an_entry_survives_json(store, metrics, failure):
    put_report(store, metrics(), minute=1)
    store.put("hrnn/r1/failure-r1.json", failure())
    store.put("sims/r2/failure-r2.json", "{")
    store.put("put_events/r3/report.html", "x")
    entries = gather(store, run_folders(store.files()), {}).entries
    assert len(entries) == 3
    for entry in entries:
        assert entry_from(Members.parse(json.dumps(entry.as_document()))) == entry
