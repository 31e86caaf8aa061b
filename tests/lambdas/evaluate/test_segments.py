"""Groups of users and items: by hand, by plain loops over plain tuples, and what holds for any run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.evaluate.page.for_whom import for_whom_view, who_gains
from lambdas.evaluate.request import Kind
from lambdas.evaluate.segments import HISTORY_GROUPS, Segment
from lambdas.reports.estimates import Estimate


def record(user, items) -> str:
    return json.dumps({"input": {"userId": user}, "output": {"recommendedItems": items}, "error": None})


def by(evaluation, which) -> dict[str, Segment]:
    return {segment.group: segment for segment in evaluation.segments if segment.by == which}


def naive_group(length: int) -> str:
    bounds = [(1, 9), (10, 19), (20, 49), (50, 99), (100, 199), (200, 499)]
    return next((f"{low:03}-{high:03}" for low, high in bounds if low <= length <= high), "500+")


LENGTHS = {
    "001-009": (1, 9),
    "010-019": (10, 19),
    "020-049": (20, 49),
    "050-099": (50, 99),
    "100-199": (100, 199),
    "200-499": (200, 499),
    "500+": (500, 2000),
}


@pytest.mark.parametrize(
    ("length", "group"), [(length, group) for group, ends in LENGTHS.items() for length in ends]
)
def test_groups_of_users_have_fixed_bounds(run, length, group):
    run.write_train([("ann", "a", time) for time in range(length)])
    run.write_holdout([("ann", "b", 9000)])
    run.write_answers([record("ann", ["b"])])
    found = by(run.evaluate(cutoffs=[1], primary_cutoff=1), "history")
    assert list(found) == [group]
    assert found[group].users == 1
    assert found[group].value == Estimate(1.0), "one user: no interval"
    assert found[group].difference.value == 1.0


def test_items_are_grouped_by_their_share_of_training(run):
    """Counts 4, 3, 2, 1: `a` holds 40 %, `a b` 70 %, `a b c` 90 %, so `d` is rare, and `z` nobody knows."""
    counts = {"a": 4, "b": 3, "c": 2, "d": 1}
    run.write_train([(f"u{n}", item, n) for item, count in counts.items() for n in range(count)])
    run.write_holdout(
        [
            ("u0", "z", 9),
            ("u0", "y", 9),
            ("u1", "d", 9),
            ("u1", "c", 9),
            ("u2", "c", 9),
            ("u3", "b", 9),
            ("u3", "c", 9),
        ]
    )
    run.write_answers(
        [record("u0", ["y"]), record("u1", ["d", "a"]), record("u2", ["c"]), record("u3", ["z", "b"])]
    )
    found = by(run.evaluate(cutoffs=[1, 2], primary_cutoff=2, primary_metric="hit_rate"), "popularity")
    assert {group: segment.users for group, segment in found.items()} == {"middling": 3, "rare": 1, "new": 1}
    # Middling: u1 has not found `c` (0 of 1), u2 has (1 of 1), u3 has found `b` of `b c` (1 of 2).
    assert found["middling"].value.value == pytest.approx((0 + 1 + 1 / 2) / 3)
    # Popularity without seen: u1 has seen a, b, c and gets d; u2 has seen a and b, and gets c and d; u3 has seen a.
    assert found["middling"].rival_value.value == pytest.approx((0 + 1 + 1) / 3)
    assert found["middling"].difference.value == pytest.approx((1.5 - 2) / 3)
    assert (found["rare"].value.value, found["rare"].rival_value.value) == (1.0, 1.0)
    assert (found["new"].value.value, found["new"].rival_value.value) == (0.5, 0.0), (
        "a list may hold a new item"
    )


def test_groups_that_nobody_is_in_are_left_out(community):
    found = community.evaluate(cutoffs=[5], primary_cutoff=5)
    assert [(segment.by, segment.group, segment.users) for segment in found.segments] == [
        ("history", "001-009", 40),
        ("popularity", "rare", 40),
    ]


def test_a_row_has_the_members_of_the_contract(community):
    segment = community.evaluate(cutoffs=[5], primary_cutoff=5).segments[0]
    assert segment.as_row() == {
        "by": "history",
        "group": "001-009",
        "label": "1\u20139 interactions",
        "users": 40,
        "value": segment.value.value,
        "low": segment.value.low,
        "high": segment.value.high,
        "rival_value": segment.rival_value.value,
        "difference": segment.difference.value,
        "difference_low": segment.difference.low,
        "difference_high": segment.difference.high,
    }


def test_a_group_of_everybody_has_the_intervals_of_the_verdict(community):
    """The same resamples: a group that is everybody can have no other interval than the whole."""
    found = community.evaluate(cutoffs=[5], primary_cutoff=5)
    (everybody,) = by(found, "history").values()
    value = found.values[found.primary, "ndcg", 5]
    difference = found.differences[found.primary, found.rival, "ndcg", 5].absolute
    for mine, whole in ((everybody.value, value), (everybody.difference, difference)):
        assert (mine.value, mine.low, mine.high) == pytest.approx((whole.value, whole.low, whole.high))


def test_a_group_is_resampled_with_all_users(run):
    """Against a plain loop: draw all users, and take the mean over those of the group who were drawn."""
    lengths = {f"u{n:02}": 12 if n % 3 == 0 else 3 for n in range(60)}
    run.write_train((user, f"i{place}", place) for user, length in lengths.items() for place in range(length))
    run.write_holdout((user, f"n{n % 2}", 99) for n, user in enumerate(lengths))
    run.write_answers(record(user, [f"n{n % 5 % 2}", "i11"]) for n, user in enumerate(lengths))
    found = run.evaluate(cutoffs=[1], primary_cutoff=1, primary_metric="hit_rate", seed=3)
    hits = [float(n % 2 == n % 5 % 2) for n in range(60)]
    generator = np.random.default_rng(3)
    means = []
    for _ in range(200):
        drawn = [int(n) for n in generator.integers(0, 60, size=60)]
        inside = [hits[n] for n in drawn if n % 3 == 0]
        means.append(sum(inside) / len(inside))
    low, high = np.quantile(means, [0.025, 0.975])
    group = by(found, "history")["010-019"]
    assert group.users == 20
    assert group.value.value == pytest.approx(sum(hits[n] for n in range(0, 60, 3)) / 20)
    assert (group.value.low, group.value.high) == pytest.approx((low, high))


def test_items_are_not_grouped_where_all_that_count_are_cold(run):
    run.write_train([("ann", "a", 1), ("bob", "a", 2), ("bob", "b", 3)])
    run.write_holdout([("ann", "c", 9), ("bob", "d", 9)])
    run.write_answers([record("ann", ["c"]), record("bob", ["c"])])
    run.write_catalogue(
        ITEM_ID=["a", "b", "c", "d"], GENRES=["x", "y", "x", "y"], COLD=[False, False, True, True]
    )
    found = run.measure(Kind.COLD_ITEMS, cutoffs=[1], primary_cutoff=1).comparison
    assert [(segment.by, segment.users) for segment in found.segments] == [("history", 2)]


def test_a_replay_has_no_groups(run):
    run.write_replay([(0, "ann", "bob", 0, ["a"], ["b"]), (0, "ann", "bob", 2, ["b"], ["b"])])
    assert run.measure(Kind.REPLAY).comparison.segments == ()


def test_nobody_to_evaluate_makes_no_group_and_no_section(run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    found = run.evaluate()
    assert found.segments == ()
    assert for_whom_view(found) is None


ITEMS = [f"i{place}" for place in range(8)]
histories = st.lists(
    st.tuples(
        st.lists(st.sampled_from(ITEMS[:6]), min_size=1, max_size=24),
        st.sets(st.sampled_from(ITEMS), min_size=1, max_size=5),
        st.lists(st.sampled_from([*ITEMS, "unknown"]), max_size=6, unique=True),
    ),
    min_size=1,
    max_size=12,
)


@given(histories)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_groups_partition_the_users_and_agree_with_plain_loops(run, tmp_path_factory, people):
    run = replace(run, folder=tmp_path_factory.mktemp("run"))
    names = [f"u{number:02}" for number in range(len(people))]
    run.write_train(
        (name, item, t)
        for name, (past, _, _) in zip(names, people, strict=True)
        for t, item in enumerate(past)
    )
    run.write_holdout(
        (name, item, 99)
        for name, (_, future, _) in zip(names, people, strict=True)
        for item in sorted(future)
    )
    run.write_answers(record(name, answer) for name, (_, _, answer) in zip(names, people, strict=True))
    found = run.evaluate(cutoffs=[3], primary_cutoff=3, bootstrap_resamples=20)
    groups = by(found, "history")
    overall = found.values[found.primary, "ndcg", 3].value
    assert sum(group.users for group in groups.values()) == len(people)
    assert {name: group.users for name, group in groups.items()} == {
        name: sum(naive_group(len(past)) == name for past, _, _ in people) for name in groups
    }
    weighted = sum(group.users * group.value.value for group in groups.values()) / len(people)
    assert weighted == pytest.approx(overall)
    ahead = sum(group.users * group.difference.value for group in groups.values()) / len(people)
    assert ahead == pytest.approx(
        found.differences[found.primary, found.rival, "ndcg", 3].absolute.value, abs=1e-12
    )
    check_items(by(found, "popularity"), people)


def check_items(groups, people) -> None:
    counts = {item: sum(past.count(item) for past, _, _ in people) for item in ITEMS}
    ranking = sorted((item for item in ITEMS if counts[item]), key=lambda item: (-counts[item], item))
    total, running, group_of = sum(counts.values()), 0, {}
    for item in ranking:
        # An item is popular when those before it hold less than a fifth, middling when less than four fifths.
        group_of[item] = (
            "popular" if running * 5 < total else "middling" if running * 5 < total * 4 else "rare"
        )
        running += counts[item]
    values: dict[str, list[tuple[float, float]]] = {}
    for past, future, answer in people:
        mine = [item for item in answer if item not in past][:3]
        theirs = [item for item in ranking if item not in past][:3]
        for group in ("popular", "middling", "rare", "new"):
            wanted = {item for item in future if group_of.get(item, "new") == group}
            if wanted:
                shares = tuple(len(wanted & set(shown)) / len(wanted) for shown in (mine, theirs))
                values.setdefault(group, []).append(shares)
    assert set(groups) == set(values)
    for group, pairs in values.items():
        assert groups[group].users == len(pairs)
        assert groups[group].value.value == pytest.approx(sum(mine for mine, _ in pairs) / len(pairs))
        assert groups[group].rival_value.value == pytest.approx(
            sum(theirs for _, theirs in pairs) / len(pairs)
        )


def segment(group: str, difference: Estimate, *, users: int = 50, value: float = 0.5) -> Segment:
    label = next((label for key, label in HISTORY_GROUPS.values() if key == group), f"{group} items")
    which = "history" if label.endswith("interactions") else "popularity"
    rival = Estimate(value - (difference.value or 0))
    return Segment(which, group, label, users, Estimate(value), rival, difference)


GAIN, MORE, CLEAR = Estimate(0.1, 0.05, 0.15), Estimate(0.12, 0.08, 0.16), Estimate(0.5, 0.4, 0.6)
LOSS, OPEN = Estimate(-0.1, -0.15, -0.05), Estimate(0.01, -0.1, 0.12)


MINUS, DASH = "\u2212", "\u2013"
NOT_CLEARLY = "not clearly more than others"


@pytest.mark.parametrize(
    ("groups", "claims"),
    [
        (
            [segment("001-009", GAIN), segment("010-019", CLEAR)],
            [
                f"users with 10{DASH}19 interactions gain most: +0.5000 (+0.4000 to +0.6000)",
                "1 other group gains, too",
                "no group loses",
            ],
        ),
        (
            [segment("001-009", GAIN), segment("010-019", MORE), segment("020-049", OPEN)],
            [
                f"users with 10{DASH}19 interactions gain most: +0.1200 (+0.0800 to +0.1600), {NOT_CLEARLY}",
                "1 other group gains, too",
                f"of users with 20{DASH}49 interactions it cannot be told",
            ],
        ),
        (
            [segment("popular", LOSS), segment("middling", GAIN), segment("rare", LOSS)],
            [
                "middling items gain: +0.1000 (+0.0500 to +0.1500)",
                f"popular items lose most: {MINUS}0.1000 ({MINUS}0.1500 to {MINUS}0.0500), {NOT_CLEARLY}",
                "1 other group loses, too",
            ],
        ),
        (
            [segment("popular", GAIN), segment("rare", Estimate(0.0, 0.0, 0.0), value=0.0)],
            [
                "popular items gain: +0.1000 (+0.0500 to +0.1500)",
                "for rare items neither list has a hit",
            ],
        ),
        (
            [segment("001-009", CLEAR, users=29), segment("010-019", LOSS)],
            [
                f"users with 10{DASH}19 interactions lose: {MINUS}0.1000 ({MINUS}0.1500 to {MINUS}0.0500)",
                f"of users with 1{DASH}9 interactions it cannot be told",
            ],
        ),
        (
            [segment("001-009", GAIN), *(segment(name, OPEN) for name in ("010-019", "020-049", "050-099"))],
            [
                f"users with 1{DASH}9 interactions gain: +0.1000 (+0.0500 to +0.1500)",
                "of 3 groups it cannot be told",
            ],
        ),
        (
            [segment("001-009", CLEAR, users=29), segment("010-019", OPEN)],
            ["no group can be said to gain or to lose"],
        ),
        ([segment("001-009", Estimate(0.3))], ["no group can be said to gain or to lose"]),
    ],
)
def test_the_sentence_claims_what_the_intervals_carry(groups, claims):
    assert who_gains(groups, "M") == f"In M {'; '.join(claims)}."


def test_the_view_marks_groups_that_are_too_small(run):
    """31 users of 3 interactions, 2 of 12; nobody is recommended anything, so popularity wins."""
    lengths = {f"u{n:02}": 12 if n < 2 else 3 for n in range(33)}
    run.write_train(
        (user, f"i{place:02}", place) for user, length in lengths.items() for place in range(length)
    )
    run.write_holdout((user, "i00" if length == 12 else "i03", 99) for user, length in lengths.items())
    run.write_answers([record("u00", ["i05"])])
    found = run.evaluate(cutoffs=[1], primary_cutoff=1)
    view = for_whom_view(found)
    users, items = view.groupings
    assert [head for head, _ in users.table.rows] == ["1\u20139 interactions", "10\u201319 interactions"]
    many, few = (cells for _, cells in users.table.rows)
    assert [cell.text for cell in many] == ["31", "0.0000", "1.0000", "\u22121.0000"]
    assert (many[3].kind, many[3].detail) == ("below", "(\u22121.0000 to \u22121.0000)")
    assert (few[0].text, few[3].kind, few[3].detail) == ("2", "unknown", "too few to tell")
    drawn = users.differences.data["rows"]
    assert [row["kind"] for row in drawn] == ["below", "unknown"]
    assert drawn[1]["label"] == "10\u201319 interactions (too few to tell)"
    labels = [row["label"] for row in users.values.data["rows"]]
    assert len(set(labels)) == len(labels) == 4
    lost = f"lose: {MINUS}1.0000 ({MINUS}1.0000 to {MINUS}1.0000)"
    unhit = f"for users with 10{DASH}19 interactions neither list has a hit"
    assert view.sentences == (
        f"In NDCG@1 users with 1{DASH}9 interactions {lost}; {unhit}.",
        f"In Recall@1 rare items {lost}; for popular items neither list has a hit.",
    )
    assert [head for head, _ in items.table.rows] == ["popular items", "rare items"]
