from __future__ import annotations

import json

import pytest

from lambdas.evaluate import batch_output
from lambdas.evaluate.interactions import read_data
from lambdas.evaluate.recommendations import read_recommendations
from lambdas.shared.errors import DataError

TRAIN = [("ann", "a", 1), ("ann", "b", 2), ("bob", "b", 3), ("cid", "c", 4), ("cid", "d", 5)]
HOLDOUT = [("ann", "c", 9), ("bob", "a", 9), ("cid", "new", 9)]


def line(user, items, error=None, **more) -> str:
    return json.dumps(
        {"input": {"userId": user}, "output": {"recommendedItems": items}, "error": error, **more}
    )


@pytest.fixture
def read(run):
    def read(*files, length=3):
        run.write_train(TRAIN)
        run.write_holdout(HOLDOUT)
        for number, lines in enumerate(files):
            run.write_answers(lines, f"part{number}.jsonl.out")
        data = read_data(run.train, run.holdout)
        found = read_recommendations(run.answers, data, length)
        known = [*data.items.to_pylist(), "?"]
        as_ids = {
            name: {
                user: [known[code] for code in row if code >= 0]
                for user, row in zip(data.users.to_pylist(), getattr(found, name).tolist(), strict=True)
            }
            for name in ("as_returned", "without_seen")
        }
        return found, as_ids

    return read


def test_answers_are_joined_by_user_not_by_order(read):
    found, lists = read([line("cid", ["a"]), line("ann", ["c", "d"]), line("bob", ["d", "a"])])
    assert lists["as_returned"] == {"ann": ["c", "d"], "bob": ["d", "a"], "cid": ["a"]}
    assert found.answered.all()
    assert found.tally.records == 3


def test_seen_items_are_taken_out_and_later_ones_move_up(read):
    _, lists = read([line("ann", ["a", "c", "b", "d", "new"])], length=3)
    assert lists["as_returned"]["ann"] == ["a", "c", "b"]
    assert lists["without_seen"]["ann"] == ["c", "d", "new"]


def test_lists_shorter_than_asked_stay_short(read):
    _, lists = read([line("ann", ["a", "c"]), line("bob", [])], length=3)
    assert lists["without_seen"]["ann"] == ["c"]
    assert lists["as_returned"]["bob"] == []


def test_missing_users_have_empty_lists(read):
    found, lists = read([line("ann", ["c"])])
    assert found.answered.tolist() == [True, False, False]
    assert lists["as_returned"]["bob"] == []


def test_failed_records_are_counted_and_their_reasons_kept(read):
    found, lists = read(
        [line("ann", ["c"]), line("bob", [], "User error: no such user"), line("cid", ["a"], "")]
    )
    assert found.tally.failed_records == 1
    assert found.tally.errors == ["User error: no such user"]
    assert found.answered.tolist() == [True, False, True]
    assert lists["as_returned"]["cid"] == ["a"]


def test_the_first_usable_record_of_a_user_counts(read):
    found, lists = read(
        [line("ann", [], "User error: x"), line("ann", ["c"]), line("ann", ["d"])], [line("ann", ["new"])]
    )
    assert lists["as_returned"]["ann"] == ["c"]
    assert found.tally.duplicate_records == 2


def test_other_users_are_counted_and_left_out(read):
    found, _ = read([line("ann", ["c"]), line("zoe", ["a"]), '{"input":{"itemId":"1"},"output":null}'])
    assert found.tally.records_of_others == 2


def test_items_that_nobody_knows_keep_their_place(read):
    found, lists = read([line("ann", ["?1", "c", "?2"])])
    assert lists["as_returned"]["ann"] == ["?", "c", "?"]
    assert lists["without_seen"]["ann"] == ["?", "c", "?"]
    assert found.unknown_items == 2


def test_records_without_error_or_scores_are_usable(read):
    _, lists = read(['{"input":{"userId":"ann"},"output":{"recommendedItems":["c"]}}', ""])
    assert lists["as_returned"]["ann"] == ["c"]


def test_batches_are_joined_whatever_their_size(read, monkeypatch):
    lines = [line(user, [f"x{n}" for n in range(40)] + ["c"]) for user in ("ann", "bob", "cid", "ann")]
    monkeypatch.setattr(batch_output, "_BLOCK", 2 * len(lines[0]))
    found, lists = read(lines, length=41)
    assert found.tally.records == 4
    assert found.tally.duplicate_records == 1
    assert all(row[-1] == "c" for user, row in lists["as_returned"].items())


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("not json", "line 2: not JSON"),
        ('{"input":{"userId":7},"output":{"recommendedItems":[]}}', "line 2: input.userId is not a string"),
        ('{"input":{"userId":"bob"},"output":{"recommendedItems":[1]}}', "line 2: output.recommendedItems"),
        ('{"input":"bob"}', "line 2: not a record"),
        ('{"input":{"userId":"bob"', "line 2: not JSON"),
    ],
)
def test_a_line_that_is_no_record_is_named(read, bad, told):
    with pytest.raises(DataError, match=told):
        read([line("ann", ["c"]), bad])


def test_nobody_answered_is_an_error_with_the_first_reason(read):
    with pytest.raises(DataError, match=r"None of the 3 held-out users.*first error: User error: filter"):
        read([line("ann", [], "User error: filter")])


@pytest.mark.parametrize("lines", [[], [""], [line("zoe", ["a"])]])
def test_output_without_an_answer_is_an_error(read, lines):
    with pytest.raises(DataError, match="None of the 3 held-out users"):
        read(lines)
