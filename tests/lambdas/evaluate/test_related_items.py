from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet
import pytest

from lambdas.evaluate.lists import ListName
from lambdas.evaluate.request import Kind
from lambdas.shared.errors import DataError

WITHOUT_SEEN, AS_RETURNED = (ListName("model", treatment) for treatment in ("without_seen", "as_returned"))
SETTINGS = {"cutoffs": [1, 2], "primary_cutoff": 2}
TABLE = (
    {"item_id": "b", "group": "popular", "train_interactions": 3},
    {"item_id": "c", "group": "popular", "train_interactions": 1},
    {"item_id": "d", "group": "rare", "train_interactions": 1},
    {"item_id": "gone", "group": "named", "train_interactions": 0},
)


def line(item, items, error=None) -> str:
    return json.dumps({"input": {"itemId": item}, "output": {"recommendedItems": items}, "error": error})


@pytest.fixture
def causes(run):
    """ann and bob come from b, cid from c, dan from d. b is the popular head."""
    run.write_train(
        [("ann", "a", 1), ("ann", "b", 2), ("bob", "b", 1), ("cid", "b", 1), ("cid", "c", 2), ("dan", "d", 1)]
    )
    run.write_holdout([("ann", "c", 9), ("bob", "a", 9), ("cid", "d", 9), ("dan", "a", 9)])
    run.write_answers([line("b", ["a", "c", "d"]), line("c", ["b", "d", "a"]), line("d", ["a", "c"])])
    run.write_user_causes({"ann": "b", "bob": "b", "cid": "c", "dan": "d", "nobody": "a"})
    return run


def evaluate(run, table=TABLE, **members):
    return run.measure(Kind.RELATED_ITEMS, causes=table, **SETTINGS, **members).comparison


def lists(found, treatment):
    ids = found.data.items.to_pylist()
    rows = getattr(found.recommendations, treatment).tolist()
    users = found.data.users.to_pylist()
    return {user: [ids[code] for code in row if code >= 0] for user, row in zip(users, rows, strict=True)}


def test_a_user_has_the_list_of_the_users_cause(causes):
    found = evaluate(causes)
    assert lists(found, "as_returned") == {
        "ann": ["a", "c"],
        "bob": ["a", "c"],
        "cid": ["b", "d"],
        "dan": ["a", "c"],
    }
    # ann has seen a, cid has seen b.
    assert lists(found, "without_seen")["ann"] == ["c", "d"]
    assert lists(found, "without_seen")["cid"] == ["d", "a"]
    assert found.values[WITHOUT_SEEN, "precision", 1].value == pytest.approx(1)
    assert found.values[AS_RETURNED, "precision", 1].value == pytest.approx(2 / 4)


def test_a_cause_is_never_in_its_own_list(causes):
    causes.write_answers([line("b", ["b", "c", "a"]), line("c", ["c"]), line("d", ["a", "d"])])
    found = evaluate(causes)
    assert lists(found, "as_returned") == {"ann": ["c", "a"], "bob": ["c", "a"], "cid": [], "dan": ["a"]}
    assert found.section.variants["model"].returned_themselves == 3


def test_users_whose_cause_has_no_answer_count_with_zero(causes):
    causes.write_answers([line("b", [], "Item error: unknown"), line("c", ["d"]), line("d", ["a"])])
    found = evaluate(causes)
    section = found.section.variants["model"]
    assert section.users_without_answer == found.recommendations.unanswered == 2
    assert section.causes_answered == 2
    assert found.values[WITHOUT_SEEN, "precision", 1].value == pytest.approx(2 / 4)
    assert found.recommendations.tally.errors == ["Item error: unknown"]


def test_users_without_a_cause_are_counted(causes):
    causes.write_user_causes({"ann": "b", "cid": "c"})
    found = evaluate(causes)
    assert found.section.users_without_cause == 2
    assert found.recommendations.unanswered == 2


def test_a_cause_of_the_table_that_has_no_answer_is_told_as_such(causes):
    examples = {
        example.cause.item_id: example for example in evaluate(causes).section.variants["model"].examples
    }
    assert not examples["gone"].answered
    assert examples["gone"].neighbours == ()
    assert [item.item_id for item in examples["b"].neighbours] == ["a", "c", "d"]


def test_examples_carry_titles_and_how_often_training_holds_the_items(causes):
    causes.write_catalogue(ITEM_ID=["b", "a", "c"], TITLE=["<i>B</i>", "A, the 🎬", None])
    example = evaluate(causes).section.variants["model"].examples[0]
    assert (example.cause.title, example.cause.train_interactions) == ("<i>B</i>", 3)
    assert [(n.title, n.train_interactions) for n in example.neighbours] == [
        ("A, the 🎬", 1),
        (None, 1),
        (None, 1),
    ]


def test_list_distance_and_popularity_by_group(causes):
    groups = {group.group: group for group in evaluate(causes).section.variants["model"].groups}
    assert list(groups) == ["all", "popular", "rare", "named"]
    # b: a, c; c: b, d; d: a, c. (a has no answer: it is the cause of a user who is not evaluated.)
    assert groups["all"].list_distance[2] == pytest.approx((1 + 1 + 0) / 3)
    assert groups["popular"].list_distance[2] == pytest.approx(1)
    assert groups["rare"].list_distance[2] is None, "one list has no pair"
    assert (groups["named"].causes, groups["named"].answered) == (1, 0)
    assert groups["named"].popular_share[2] is None
    # b is the head: it stands in the list of c alone.
    assert groups["all"].popular_share[2] == pytest.approx((0 + 1 / 2 + 0) / 3)
    assert groups["popular"].popular_share[1] == pytest.approx(1 / 2)


def test_lists_that_each_have_an_unknown_item_share_nothing_by_that(causes):
    causes.write_answers([line("b", ["?1", "?2"]), line("c", ["?3"]), line("d", ["?4"])])
    groups = evaluate(causes).section.variants["model"].groups
    assert groups[0].list_distance[1] == pytest.approx(1)


def test_no_answer_at_all_is_refused_with_its_reason(causes):
    causes.write_answers([line("b", [], "Item error: no model"), line("elsewhere", ["a"])])
    with pytest.raises(
        DataError, match=r"None of the 5 cause items .* 1 of them failed, 1 for other items.*no model"
    ):
        evaluate(causes)


def test_files_that_cannot_be_used_are_named(causes):
    pyarrow.parquet.write_table(pa.table({"USER": ["ann"]}), causes.folder / "user_causes.parquet")
    with pytest.raises(
        DataError, match=r"user_causes\.parquet cannot be read: it needs the columns USER_ID and ITEM_ID"
    ):
        evaluate(causes)


def test_a_cause_without_a_group_is_refused(causes):
    with pytest.raises(DataError, match="needs item_id and group"):
        evaluate(causes, ({"item_id": "b"},))


def test_variants_share_the_causes(causes):
    causes.write_variant("default", [line("b", ["a"]), line("c", ["d"]), line("d", ["a"])])
    causes.write_variant("hpo", [line("b", ["c"]), line("c", ["d"])])
    found = evaluate(causes, reference="default")
    assert found.section.variants["hpo"].causes_answered == 2
    first, second = (ListName(name, "without_seen") for name in ("default", "hpo"))
    difference = found.differences[second, first, "precision", 1].absolute.value
    # ann: c instead of nothing (a is seen); bob: c instead of a; dan: nothing instead of a.
    assert difference == pytest.approx((1 - 1 + 0 - 1) / 4)
