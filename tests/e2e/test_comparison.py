"""Two runs of a scenario with other settings in between: the second tells what has changed since the first."""

from __future__ import annotations

import pytest

from local.iam import IamMode

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def compared(make_runner, learnable_csv, settings_with, tmp_path_factory):
    """The platform after both runs: the second with half of what was held out before, and one cut-off less."""
    root = tmp_path_factory.mktemp("platform")
    first = make_runner(root=root)
    first.put_raw_data(learnable_csv)
    assert first.run("first").status == "SUCCEEDED"
    changed = {
        "split": {"method": "per_user", "fraction": 0.2},
        "evaluation": {"cutoffs": [5, 10], "primary_metric": "ndcg", "primary_cutoff": 10},
    }
    second = make_runner(settings_with(changed), root=root)
    return second, second.run("second")


def test_the_second_run_says_what_has_changed_since_the_first(compared):
    runner, second = compared
    assert (second.status, second.cause) == ("SUCCEEDED", None)
    previous = runner.report("reports/hrnn/second/metrics.json")["previous"]
    assert previous["run_id"] == "first"
    assert (previous["metric"], previous["k"]) == ("ndcg", 10)
    assert {"split.fraction", "evaluation.cutoffs"} <= set(previous["settings_changed"])
    assert "data.held_out_items" in previous["data_changed"]
    # Everybody has another future, and is not compared with themself.
    assert not previous["paired"]
    assert previous["low"] < previous["difference"] < previous["high"]


def test_it_has_a_page_of_the_comparison_that_leads_to_both_reports(compared):
    runner, _ = compared
    assert "comparison.html" in runner.keys("ReportsBucket", "reports/hrnn/second/")
    assert "comparison.html" not in runner.keys("ReportsBucket", "reports/hrnn/first/")
    bucket = runner.platform.output("ReportsBucket")
    key = "reports/hrnn/second/comparison.html"
    page = runner.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert 'href="../first/report.html"' in page
    assert "split.fraction" in page


def test_evaluated_again_it_keeps_its_time_and_is_compared_with_the_same_run(compared):
    runner, _ = compared
    before = runner.report("reports/hrnn/second/metrics.json")
    assert runner.run("second-again", {"run_id": "second"}).status == "SUCCEEDED"
    after = runner.report("reports/hrnn/second/metrics.json")
    assert after["evaluated_at"] == before["evaluated_at"]
    assert after["previous"] == before["previous"]


def test_the_policies_allow_all_that_the_comparison_reads(compared):
    runner, _ = compared
    assert runner.platform.authorizer.mode is IamMode.ENFORCE
    assert {call.verdict for call in runner.platform.authorizer.calls()} == {"allowed"}
