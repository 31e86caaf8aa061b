"""The users who are shown: who they are, what they did, what they were recommended, and how that is told."""

from __future__ import annotations

import hashlib
import json
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate.lists import ListName
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.examples import examples_view
from lambdas.evaluate.page.render import render_run
from lambdas.evaluate.request import Kind
from lambdas.evaluate.task import results_of
from lambdas.evaluate.timelines import chosen_users

MODEL = ListName("model", "without_seen")
POPULARITY = ListName("popularity_without_seen", "without_seen")
TITLES = {
    "b": "<script>alert('b')</script> & \"co\"",
    "c": "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",  # right to left
    "d": "\U0001f3ac \U0001f469\u200d\U0001f680 d",
    "e": "long " * 99 + "title",
}


def line(user, items) -> str:
    return json.dumps({"input": {"userId": user}, "output": {"recommendedItems": items}, "error": None})


def lowest_hash(names) -> list[str]:
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())


@given(st.sets(st.text(min_size=1, max_size=8), max_size=30), st.integers(0, 10))
def test_users_are_chosen_by_the_hash_of_their_ids(names, count):
    ids = sorted(names)
    assert [ids[place] for place in chosen_users(pa.array(ids, pa.string()), count)] == lowest_hash(ids)[
        :count
    ]


@given(st.sets(st.text(min_size=1, max_size=8), min_size=5, max_size=30), st.text(min_size=1))
def test_a_user_who_comes_or_goes_changes_the_choice_by_one_at_most(names, newcomer):
    def chosen(people) -> set[str]:
        ids = sorted(people)
        return {ids[place] for place in chosen_users(pa.array(ids, pa.string()), 3)}

    before, after = chosen(names), chosen(names | {newcomer})
    assert len(before - after) <= 1
    assert after - before <= {newcomer}


@pytest.fixture
def pair(run):
    """ann and bob. ann: eight interactions with seven items, the last two in one second; three items next."""
    past = [("ann", item, time) for time, item in enumerate("abcdef")] + [("ann", "b", 6), ("ann", "a", 6)]
    run.write_train([("bob", "a", 1), ("bob", "h", 2), *past[::-1]])
    run.write_holdout([("ann", "h", 12), ("ann", "g", 11), ("ann", "h", 10), ("bob", "b", 9)])
    run.write_answers([line("ann", ["a", "h", "nobody knows", "h", "b", "z"]), line("bob", [])])
    return run


def test_the_past_is_newest_first_and_the_future_oldest_first(pair):
    """Ties by id, as split_data orders them: of a and b in one second b is the later."""
    found = {example.user_id: example for example in pair.evaluate(cutoffs=[5], primary_cutoff=5).examples}
    ann, bob = found["ann"], found["bob"]
    assert ann.past == ("b", "a", "f", "e", "d"), "five, each once"
    assert ann.future == ("h", "g")
    assert (ann.train_interactions, ann.held_out_items) == (8, 2)
    assert (bob.past, bob.future, bob.answered) == (("h", "a"), ("b",), True)


def test_lists_are_the_verdicts_and_hits_are_marked_once(pair):
    examples = pair.evaluate(cutoffs=[5], primary_cutoff=5).examples
    (ann,) = (example for example in examples if example.user_id == "ann")
    assert [listed.name for listed in ann.lists] == [MODEL, POPULARITY]
    shown = [(item.item_id, item.hit) for item in ann.lists[0].items]
    assert shown == [("h", True), (None, False), ("h", False), (None, False)], "seen items are taken out"
    assert [(item.item_id, item.hit) for item in ann.lists[1].items] == [("h", True)]


def test_more_than_ten_items_are_not_shown(run):
    items = [f"i{place:02}" for place in range(30)]
    run.write_train([("ann", "x", 1), *(("bob", item, 1) for item in items)])
    run.write_holdout([("ann", item, place) for place, item in enumerate(items)])
    run.write_answers([line("ann", items[::-1])])
    (ann,) = run.evaluate(cutoffs=[5, 25], primary_cutoff=5).examples
    assert ann.future == tuple(items[:10])
    assert [item.item_id for item in ann.lists[0].items] == items[:19:-1]


def test_the_choice_does_not_depend_on_answers_and_0_shows_nobody(community):
    names = [f"u{user:02}" for user in range(40)]
    expected = lowest_hash(names)[:3]
    assert [example.user_id for example in community.evaluate().examples] == expected
    community.write_answers([line(name, ["i6"]) for name in names if name not in expected])
    silent = community.evaluate().examples
    assert [(example.user_id, example.answered) for example in silent] == [(name, False) for name in expected]
    assert [len(example.lists[0].items) for example in silent] == [0, 0, 0]
    assert community.evaluate(examples=0).examples == ()
    assert len(community.evaluate(examples=10).examples) == 10


def test_with_a_reference_variant_its_list_is_shown_too(run):
    run.write_train([("ann", "a", 1), ("bob", "b", 2)])
    run.write_holdout([("ann", "b", 9)])
    run.write_variant("with_metadata", [line("ann", ["b"])])
    run.write_variant("without_metadata", [line("ann", ["c"])])
    found = run.measure(
        Kind.USERS, reference="without_metadata", against_reference=True, cutoffs=[1], primary_cutoff=1
    ).comparison
    (example,) = found.examples
    assert [listed.name.source for listed in example.lists] == [
        "with_metadata",
        "without_metadata",
        "popularity_without_seen",
    ]


def test_what_a_user_did_last_is_the_users_cause(run):
    """In a run by related items the first item of the past is what the list was asked for."""
    run.write_train([("ann", "a", 2), ("ann", "b", 1), ("bob", "c", 1)])
    run.write_holdout([("ann", "c", 9)])
    run.write_user_causes({"ann": "a"})
    answer = {"input": {"itemId": "a"}, "output": {"recommendedItems": ["a", "c"]}, "error": None}
    run.write_answers([json.dumps(answer)])
    (ann,) = run.measure(Kind.RELATED_ITEMS, cutoffs=[2], primary_cutoff=2).comparison.examples
    assert ann.past[0] == "a"
    assert [(item.item_id, item.hit) for item in ann.lists[0].items] == [("c", True)]


def test_a_replay_tells_no_pair_when_no_user_is_to_be_shown(run):
    run.write_replay([(0, "ann", "bob", 0, ["a"], ["b"]), (0, "ann", "bob", 2, ["b"], ["b"])])
    assert run.measure(Kind.REPLAY).comparison.story is not None
    assert run.measure(Kind.REPLAY, examples=0).comparison.story is None


@pytest.fixture
def titled(run):
    """One user, whose items' titles are of the kind that break pages."""
    run.write_train([("ann", "a", 1), ("ann", "b", 2), ("bob", "c", 3), ("bob", "d", 4)])
    run.write_holdout([("ann", "c", 9), ("ann", "e", 10)])
    run.write_answers([line("ann", ["e", "c", "d"])])
    return run


def rendered(run, make_request, parsed) -> tuple[str, object]:
    measured = run.measure(Kind.USERS, cutoffs=[5], primary_cutoff=5)
    text, page = parsed(render_run(page_of(results_of(make_request(), measured))))
    section = re.search(r'<section id="examples".*?</section>', text, re.DOTALL)
    assert section
    return section.group(), page


def test_titles_of_every_kind_are_shown_as_text(titled, make_request, parsed):
    titled.write_catalogue(ITEM_ID=list(TITLES), TITLE=list(TITLES.values()))
    section, page = rendered(titled, make_request, parsed)
    texts = [text.strip() for text in page.text]
    for title in TITLES.values():
        assert title in texts, "as it is, and nothing of it is markup"
    assert "<script>alert" not in section
    assert section.count("<bdi>") == section.count("</bdi>") >= 5, "the direction of a title ends with it"
    assert "id\u00a0e" in texts
    assert "a" in texts, "an item without a title is told by its id"


def test_without_titles_ids_are_shown(titled, make_request, parsed):
    section, _ = rendered(titled, make_request, parsed)
    assert "<bdi>c</bdi>" in section
    assert "id\u00a0c" not in section


def test_the_view_marks_hits_in_both_lists_and_counts_them(titled):
    measured = titled.measure(Kind.USERS, cutoffs=[5], primary_cutoff=5)
    (user,) = examples_view(measured.comparison.examples, measured.catalogue).users
    past, future, model, popularity = user.lists
    assert user.name == "User ann"
    assert (past.remark, [item.name for item in past.items]) == (
        "newest first, of 2 training interactions",
        ["b", "a"],
    )
    assert [(item.name, item.hit) for item in future.items] == [("c", True), ("e", True)]
    assert future.remark == "oldest first, of 2 held-out items"
    assert (model.title, model.remark) == ("Model without seen", "2 hits in the first 3")
    assert [(item.name, item.hit) for item in popularity.items] == [("c", True), ("d", False)]


def test_a_user_without_an_answer_is_told_so(run):
    run.write_train([("ann", "a", 1), ("bob", "b", 2)])
    run.write_holdout([("ann", "b", 9), ("bob", "a", 9)])
    run.write_answers([line("bob", ["a"])])
    found = run.evaluate(cutoffs=[1], primary_cutoff=1)
    users = {user.name: user for user in examples_view(found.examples, None).users}
    assert users["User ann"].lists[2].remark == "no answer"
    assert users["User bob"].lists[2].remark == "1 hit in the first 1"


def test_no_example_makes_no_section(community, make_request, parsed):
    measured = community.measure(Kind.USERS, examples=0)
    text, _ = parsed(render_run(page_of(results_of(make_request(), measured))))
    assert 'id="examples"' not in text
    assert "User u" not in text
