"""The keys of a run."""

from __future__ import annotations

import pytest

from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations, S3Location
from lambdas.shared.result_tables import RUNS


def test_a_location_is_read_and_written_as_a_uri():
    location = S3Location.parse("s3://bucket/some/key.csv")
    assert location == S3Location("bucket", "some/key.csv")
    assert str(location) == "s3://bucket/some/key.csv"


def test_a_child_is_joined_with_one_slash_whether_or_not_the_prefix_ends_in_one():
    assert S3Location("b", "runs/x") / "train/" == S3Location("b", "runs/x/") / "train/"
    assert str(S3Location("b", "") / "raw") == "s3://b/raw"


@pytest.mark.parametrize("text", ["bucket/key", "https://bucket/key", "s3://", "s3:///key", ""])
def test_anything_else_is_refused_with_the_right_form(text):
    with pytest.raises(RequestError, match="s3://bucket/key"):
        S3Location.parse(text)


def test_everything_of_a_run_lies_below_its_prefixes():
    run = RunLocations.of(scenario="hrnn", run_id="r-1", data_bucket="data", reports_bucket="reports")
    assert str(run.train) == "s3://data/runs/hrnn/r-1/train/"
    assert str(run.holdout) == "s3://data/runs/hrnn/r-1/holdout/"
    assert str(run.queries) == "s3://data/runs/hrnn/r-1/queries/"
    assert str(run.recommendations) == "s3://data/runs/hrnn/r-1/recommendations/"
    assert (
        str(run.recommendations_of("explore_0.3")) == "s3://data/runs/hrnn/r-1/recommendations/explore_0.3/"
    )
    assert str(run.catalogue) == "s3://data/runs/hrnn/r-1/catalogue/"
    assert str(run.replay) == "s3://data/runs/hrnn/r-1/replay/"
    assert str(run.diagnosis) == "s3://data/runs/hrnn/r-1/diagnosis.json"
    assert str(run.report) == "s3://reports/reports/hrnn/r-1/"
    assert str(run.latest) == "s3://reports/reports/hrnn/latest/"
    assert (
        str(run.in_table(RUNS, "2026-11-24"))
        == "s3://reports/tables/runs/v2/scenario=hrnn/run_date=2026-11-24/r-1.parquet"
    )


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", "a b", "-a", "x" * 81, "größe"])
def test_a_run_id_that_could_leave_its_prefix_is_refused(run_id):
    with pytest.raises(RequestError, match="run id"):
        RunLocations.of(scenario="hrnn", run_id=run_id, data_bucket="d", reports_bucket="r")


@pytest.mark.parametrize("variant", ["", "..", "../x", "a/b", ".a", "x" * 64])
def test_a_variant_that_could_leave_its_prefix_is_refused(variant):
    run = RunLocations.of(scenario="sims", run_id="r", data_bucket="d", reports_bucket="r")
    with pytest.raises(RequestError, match="variant name"):
        run.recommendations_of(variant)
