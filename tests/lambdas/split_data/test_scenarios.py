"""What the task leaves for each scenario, against moto's S3."""

from __future__ import annotations

import hashlib
import json
import random

import pytest

from lambdas.shared.errors import DataError
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.sources import data_fingerprint, find_source

BUCKET = "data-bucket"
RUN = "runs/hrnn/r1/"
RUN_URI = f"s3://{BUCKET}/{RUN}"
NOW = 1_700_000_000
COLD = {"method": "cold_items", "fraction": 0.1, "cold_share": 0.4, "seed": 7}


def keys(s3) -> set[str]:
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=RUN).get("Contents", [])
    return {entry["Key"].removeprefix(RUN) for entry in found}


@pytest.mark.usefixtures("data")
def test_items_and_users_are_left_to_be_imported_and_to_be_shown(s3, split_run, read_output, items, users):
    summary = split_run(items=items, users=users, needs_features=True)
    assert summary["items_train"] == f"{RUN_URI}train/items/"
    assert summary["users_train"] == f"{RUN_URI}train/users/"
    assert summary["catalogue"] == f"{RUN_URI}catalogue/items.parquet"
    assert {"train/items/items.csv", "train/users/users.csv", "catalogue/items.parquet"} < keys(s3)
    assert read_output("train/items/items.csv")[:2] == [
        ["ITEM_ID", "TITLE", "GENRES"],
        ["i00", "Number 0, <b>🎬</b>", "Comedy"],
    ]
    assert read_output("catalogue/items.parquet")["TITLE"][1] == "Number 1, <b>🎬</b>"
    assert len(read_output("train/users/users.csv")) == 46
    diagnosis = read_output("diagnosis.json")
    assert diagnosis["users"]["source"]["location"] == users["location"]
    assert diagnosis["users"]["without_interactions"] == 5
    assert "users_without_interactions" in {warning["code"] for warning in diagnosis["warnings"]}
    assert [column["trains"] for column in diagnosis["items"]["columns"]] == [False, True]


@pytest.mark.usefixtures("data")
def test_items_without_a_feature_end_the_run_only_where_they_are_needed(s3, split_run, put, items):
    put("items", ["ITEM_ID,TITLE,GENRES", "i00,One,", "i01,Two,"])
    with pytest.raises(DataError, match=f"The items at {items['location']} cannot be used") as caught:
        split_run(items=items, needs_features=True)
    assert "there is no feature that training can use" in str(caught.value)
    assert keys(s3) == set()
    assert split_run(items=items)["train_interactions"] == 2160


@pytest.mark.usefixtures("data")
def test_features_are_missed_where_there_are_no_items(split_run):
    with pytest.raises(DataError, match="there is no items dataset"):
        split_run(needs_features=True)


@pytest.mark.usefixtures("data")
def test_an_empty_prefix_of_items_is_named(split_run, items):
    with pytest.raises(DataError, match=r"raw/none/: there is no file\. Copy the items there"):
        split_run(items={**items, "location": f"s3://{BUCKET}/raw/none/"})


@pytest.mark.usefixtures("data")
def test_items_that_only_tell_titles_may_be_missing(s3, split_run, read_output, items):
    nowhere = {**items, "location": f"s3://{BUCKET}/raw/none/", "required": False}
    summary = split_run(items=nowhere)
    assert (summary["items_train"], summary["catalogue"]) == (None, None)
    assert not {key for key in keys(s3) if "items" in key}
    (warning,) = (
        told for told in read_output("diagnosis.json")["warnings"] if told["code"] == "missing_dataset"
    )
    assert f"the items at s3://{BUCKET}/raw/none/" in warning["message"]
    assert split_run(items=nowhere) == summary, "the same run again"
    assert split_run() == summary, "nothing else is different from a run that names no items"


@pytest.mark.usefixtures("data")
def test_items_that_only_tell_titles_are_shown_where_they_are(split_run, items):
    assert split_run(items={**items, "required": False})["catalogue"] == f"{RUN_URI}catalogue/items.parquet"


@pytest.mark.usefixtures("data")
def test_held_out_items_are_marked_and_kept_from_training(split_run, read_output, items):
    summary = split_run(items=items, split=COLD, needs_features=True)
    marked = {row[0] for row in read_output("train/items/items.csv")[1:] if row[-1] == "true"}
    catalogue = read_output("catalogue/items.parquet")
    assert marked == {i for i, cold in zip(catalogue["ITEM_ID"], catalogue["COLD"], strict=True) if cold}
    trained = {row[1] for row in read_output("train/interactions/interactions.csv")[1:]}
    holdout = read_output("holdout/interactions.parquet")
    assert not trained & marked
    assert set(holdout["ITEM_ID"]) <= marked
    assert summary["cold_items"] == len(marked) > 0
    diagnosis = read_output("diagnosis.json")
    assert diagnosis["split"] == {
        "method": "cold_items",
        "fraction": 0.1,
        "cold_share": 0.4,
        "truth": "future",
        "seed": 7,
        "cut": None,
    }
    counts = diagnosis["counts"]
    assert counts["cold_items"] == len(marked)
    parts = ("train_interactions", "holdout_interactions", "unused_interactions")
    assert sum(counts[part] for part in parts) == counts["interactions"] == 2400
    assert [line["userId"] for line in read_output("queries/users.jsonl")] == sorted(set(holdout["USER_ID"]))


@pytest.mark.usefixtures("data")
def test_a_sample_of_users_is_asked_for_and_judged(split_run, read_output, items):
    summary = split_run(items=items, split={**COLD, "truth": "all_time", "max_users": 6})
    assert summary["query_users"] == 6
    asked = [line["userId"] for line in read_output("queries/users.jsonl")]
    assert len(asked) == 6
    assert asked == sorted(set(read_output("holdout/interactions.parquet")["USER_ID"]))


def outputs(s3) -> dict[str, bytes]:
    """Content of all files of the run but the diagnosis, which tells sizes and tags of the raw files."""
    found = keys(s3) - {"diagnosis.json"}
    return {key: s3.get_object(Bucket=BUCKET, Key=RUN + key)["Body"].read() for key in found}


@pytest.fixture
def shuffle_data(put, many_events, item_lines):
    """Lays the events and items anew, in another order and in two files each."""

    def lay():
        for folder, (header, *rows) in (("hrnn/interactions", many_events), ("items", item_lines)):
            random.Random(3).shuffle(rows)
            put(folder, [header, *rows[::2]])
            put(folder, [header, *rows[1::2]], "another.csv")

    return lay


@pytest.mark.usefixtures("data")
def test_files_and_row_order_do_not_change_a_byte(s3, split_run, shuffle_data, items, users):
    datasets = {"items": items, "users": users}
    asked = {"split": COLD, "queries": {"kind": "items"}, "pairs": {"count": 5}}
    split_run(**datasets, **asked)
    once = outputs(s3)
    shuffle_data()
    s3.delete_object(Bucket=BUCKET, Key=f"{RUN}diagnosis.json")
    split_run(**datasets, **asked)
    assert outputs(s3) == once
    assert len(once) == 9


def test_a_held_out_half_that_nobody_touches_ends_the_run_with_that_sentence(
    put, split_run, many_events, items
):
    # i99 is the only item with a row, is held out, and lies in the past of its only user.
    rows = [*many_events, "u00,i99,1500000000"]
    put("hrnn/interactions", rows)
    put("items", ["ITEM_ID,TITLE,GENRES", "i99,One,War"])
    with pytest.raises(
        DataError, match=r"no held-out user touches one of the 1 held-out items \(nobody does"
    ):
        split_run(items=items, split=COLD | {"cold_share": 0.9})
    assert split_run(items=items, split=COLD | {"cold_share": 0.9, "truth": "all_time"})["query_users"] == 1


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("split", "words"),
    [
        (COLD | {"cold_share": 0.001}, "the share of the items comes to none"),
        ({"method": "new_items", "fraction": 0.1}, "no item is first seen after the cut"),
    ],
)
def test_a_split_that_holds_no_item_out_ends_the_run(split_run, split, words, items):
    with pytest.raises(DataError, match=words):
        split_run(items=items, split=split)


@pytest.mark.usefixtures("data")
def test_the_minima_of_the_service_are_those_of_what_is_left(split_run, items):
    with pytest.raises(DataError, match="interactions of 2,400 are left to train on"):
        split_run(items=items, split=COLD | {"cold_share": 0.9})


def test_new_items_are_judged_after_the_cut(put, split_run, read_output, many_events, items):
    late = 1_600_000_000 + 59 * 86_400 + 7_200
    put("hrnn/interactions", [*many_events, f"u00,new,{late}", f"u01,new,{late}", f"u02,unknown,{late}"])
    put("items", ["ITEM_ID,TITLE,GENRES", "i00,Old,Drama", "new,Brand new,War"])
    summary = split_run(items=items, split={"method": "new_items", "fraction": 0.1})
    assert summary["cold_items"] == 1
    assert read_output("holdout/interactions.parquet") == {
        "USER_ID": ["u00", "u01"],
        "ITEM_ID": ["new", "new"],
        "TIMESTAMP": [late, late],
    }
    assert read_output("diagnosis.json")["split"]["cut"] is not None


@pytest.mark.usefixtures("data")
def test_related_items_are_asked_for_causes_and_nothing_else_lies_under_the_input_path(
    s3, split_run, read_output
):
    causes = {"named": ["i03", "gone"], "popular": 2, "middling": 1, "rare": 1}
    summary = split_run(queries={"kind": "items", "causes": causes})
    assert summary["queries"] == f"{RUN_URI}queries/items.jsonl"
    assert summary["user_causes"] == f"{RUN_URI}queries/user_causes.parquet"
    assert summary["causes"] == f"{RUN_URI}queries/causes.json"
    assert [key for key in keys(s3) if key.startswith("queries/items.jsonl")] == ["queries/items.jsonl"]
    assert "queries/users.jsonl" not in keys(s3)
    # Rows are in the order of time, and the last of a user stays.
    last = {user: item for user, item, _ in read_output("train/interactions/interactions.csv")[1:]}
    told = read_output("queries/user_causes.parquet")
    assert dict(zip(told["USER_ID"], told["ITEM_ID"], strict=True)) == last
    table = read_output("queries/causes.json")["causes"]
    assert [entry["group"] for entry in table] == ["named", "popular", "popular", "middling", "rare"]
    asked = [line["itemId"] for line in read_output("queries/items.jsonl")]
    assert asked == sorted({*last.values(), *(entry["item_id"] for entry in table)})
    warnings = {entry["code"]: entry["message"] for entry in read_output("diagnosis.json")["warnings"]}
    assert warnings["unknown_causes"].endswith("left out: gone.")


@pytest.mark.usefixtures("data")
def test_causes_of_which_none_exists_end_the_run(s3, split_run):
    with pytest.raises(DataError, match="knows none of these items: gone"):
        split_run(queries={"kind": "items", "causes": {"named": ["gone"]}})
    assert keys(s3) == set()


@pytest.mark.usefixtures("data")
def test_a_replay_gets_pairs_and_no_queries(s3, split_run, read_output):
    summary = split_run(queries={"kind": "none"}, pairs={"count": 100, "seed": 7, "events": 20})
    assert summary["pairs"] == f"{RUN_URI}queries/pairs.json"
    assert {key for key in keys(s3) if key.startswith("queries/")} == {"queries/pairs.json"}
    pairs = read_output("queries/pairs.json")
    assert [pair["pair"] for pair in pairs] == list(range(1, 21))
    past = {}
    for user, item, time in read_output("train/interactions/interactions.csv")[1:]:
        past.setdefault(user, []).append({"item_id": item, "timestamp": int(time)})
    assert all(pair["events"] == past[pair["user_b"]][-20:] for pair in pairs)
    warnings = {entry["code"]: entry["count"] for entry in read_output("diagnosis.json")["warnings"]}
    assert warnings["few_pairs"] == 20


@pytest.mark.usefixtures("data")
def test_a_replay_without_users_of_enough_history_ends_the_run(split_run):
    with pytest.raises(DataError, match="0 of 40 users have 55 interactions or more"):
        split_run(queries={"kind": "none"}, pairs={"count": 100, "events": 55})


def test_type_and_value_of_events_are_passed_on(put, split_run, read_output, event, many_events):
    schema = event["interactions"]["schema"]
    more = [{"name": "EVENT_TYPE", "type": "string"}, {"name": "EVENT_VALUE", "type": "float"}]
    rows = [
        f"{line},{'buy' if number % 3 else 'view'},{number % 5 + 0.5}"
        for number, line in enumerate(many_events[1:])
    ]
    put("hrnn/interactions", [f"{many_events[0]},EVENT_TYPE,EVENT_VALUE", *rows])
    schema = {**schema, "fields": [*schema["fields"], *more]}
    split_run(interactions={**event["interactions"], "schema": schema})
    train = read_output("train/interactions/interactions.csv")
    assert train[0] == ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"]
    assert len(train) == 2161
    assert {",".join(row) for row in train[1:]} < set(rows)
    assert set(read_output("holdout/interactions.parquet")["EVENT_TYPE"]) == {"buy", "view"}


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("changed", ["items", "users", "split", "queries", "pairs"])
def test_a_run_whose_further_settings_changed_is_refused(split_run, items, users, changed):
    other = {
        "items": None,
        "users": users,
        "split": {**COLD, "seed": 8},
        "queries": {"kind": "items"},
        "pairs": {"count": 5},
    }
    split_run(items=items, split=COLD)
    with pytest.raises(DataError, match="start a new run"):
        split_run(**{"items": items, "split": COLD, changed: other[changed]})


@pytest.mark.usefixtures("data")
def test_a_run_whose_items_changed_is_refused(split_run, put, item_lines, items):
    first = split_run(items=items)
    assert split_run(items=items) == first
    put("items", item_lines[:-1])
    with pytest.raises(DataError, match=r"raw/items/.*start a new run"):
        split_run(items=items)


@pytest.mark.usefixtures("data")
def test_defaults_that_are_spelled_out_do_not_change_the_fingerprint(s3, event):
    def fingerprint(**changes):
        request = SplitRequest.of({**event, **changes})
        return data_fingerprint([find_source(s3, part) for part in request.data], request)

    spelled = {**event["split"], "cold_share": 0.5, "seed": 7, "truth": "future", "max_users": None}
    same = fingerprint(split=spelled, queries={"kind": "users"}, items=None, users=None, pairs=None)
    assert same == fingerprint()
    assert fingerprint(split={**spelled, "max_users": 5}) != same
    # What runs of the first version wrote, which knew nothing of the rest.
    (stored,) = s3.list_objects_v2(Bucket=BUCKET, Prefix="raw/hrnn/")["Contents"]
    facts = [
        [[f"s3://{BUCKET}/{stored['Key']}", stored["ETag"].strip('"'), stored["Size"]]],
        [["USER_ID", "string", False], ["ITEM_ID", "string", False], ["TIMESTAMP", "long", False]],
        ["per_user", 0.1],
    ]
    assert same == hashlib.sha256(json.dumps(facts).encode()).hexdigest()
