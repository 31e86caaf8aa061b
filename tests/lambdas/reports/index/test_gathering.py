"""What is read again, what is not, and what a broken cache does."""

from __future__ import annotations

import json

import pytest

from lambdas.reports.index.gathering import gather, read_cache, run_folders
from lambdas.reports.index.publishing import publish_index
from lambdas.reports.runs import Status


@pytest.fixture
def published(store, metrics):
    """Three runs on the page, with the cache that comes with it."""
    for run_id in ("r1", "r2", "r3"):
        store.put(f"hrnn/{run_id}/report.html", "<html>")
        store.put(f"hrnn/{run_id}/metrics.json", metrics(run_id=run_id))
    publish_index(store)
    store.reads.clear()
    return store


def test_only_what_is_new_is_read(published, metrics):
    published.put("hrnn/r4/metrics.json", metrics(run_id="r4"))
    publish_index(published)
    assert published.reads == ["index.json", "hrnn/r4/metrics.json"]


def test_a_run_that_was_evaluated_again_is_read_again(published, metrics):
    published.put("hrnn/r2/metrics.json", metrics(run_id="r2", outcome="not_better"), minute=9)
    gathered = publish_index(published).gathered
    assert published.reads == ["index.json", "hrnn/r2/metrics.json"]
    assert gathered.entries[0].result.outcome == "not_better"


def test_equal_bytes_written_later_count_as_new(published, metrics):
    published.put("hrnn/r2/metrics.json", metrics(run_id="r2"), minute=9)
    assert publish_index(published).gathered.entries[0].ended_at == "2026-01-31T12:09:00Z"


def test_a_run_that_is_gone_leaves_the_page(published):
    for name in ("metrics.json", "report.html"):
        del published.contents[f"hrnn/r2/{name}"]
    publish_index(published)
    assert [row["run"]["run_id"] for row in json.loads(published.text("index.json"))["runs"]] == ["r1", "r3"]
    assert "hrnn/r2/" not in published.text("index.html")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"{not json",
        lambda _: b"",
        lambda _: b"\xff\xfe\x00",
        lambda _: b"[]",
        lambda document: json.dumps({**document, "schema_version": "99"}).encode(),
        lambda document: json.dumps({**document, "runs": "many"}).encode(),
        lambda document: json.dumps({**document, "runs": [{"seen": 1}]}).encode(),
        lambda document: json.dumps(document).replace('"succeeded"', '"splendid"').encode(),
        lambda document: json.dumps(document).replace("0.15", '"much"').encode(),
    ],
)
def test_a_broken_cache_is_made_again(published, spoil):
    whole, page = published.text("index.json"), published.text("index.html")
    published.contents["index.json"] = spoil(json.loads(whole)), published.now
    assert read_cache(published) == {}
    publish_index(published)
    assert (published.text("index.json"), published.text("index.html")) == (whole, page)


def test_an_unreadable_run_is_tried_again_by_every_version(published):
    published.put("hrnn/r9/metrics.json", '{"schema_version": "3.0"}')
    for _ in range(2):
        published.reads.clear()
        gathered = publish_index(published).gathered
        assert [entry.status for entry in gathered.entries].count(Status.UNREADABLE) == 1
        assert "hrnn/r9/metrics.json" in published.reads


def test_a_file_that_goes_between_listing_and_reading_is_said(store, metrics):
    store.put("hrnn/r1/metrics.json", metrics())
    folders = run_folders(store.files())
    del store.contents["hrnn/r1/metrics.json"]
    (entry,) = gather(store, folders, {}).entries
    assert entry.status is Status.UNREADABLE
    assert "it was there a moment ago and is gone" in entry.notes[0]


def test_errors_of_the_store_are_not_taken_for_broken_files(store, metrics):
    def read(key: str) -> bytes:
        raise PermissionError(key)

    store.put("hrnn/r1/metrics.json", metrics())
    store.read = read
    with pytest.raises(PermissionError):
        gather(store, run_folders(store.files()), {})


def test_a_thousand_runs_are_read_once(store, metrics):
    for number in range(1000):
        store.put(f"hrnn/r{number}/metrics.json", metrics(run_id=f"r{number}"), minute=number)
    publish_index(store)
    assert len(store.reads) == 1001
    store.reads.clear()
    assert len(publish_index(store).gathered.entries) == 1000
    assert store.reads == ["index.json"]
    assert store.text("index.html").count("<tr data-scenario=") == 1000
