from __future__ import annotations

import math

import numpy as np
import pytest

from lambdas.evaluate.baselines import BASELINES
from lambdas.evaluate.interactions import read_data
from lambdas.evaluate.judging import judge
from lambdas.evaluate.lists import MODEL_LISTS, ListName
from lambdas.evaluate.recommendations import read_recommendations

WITHOUT_SEEN, AS_RETURNED = MODEL_LISTS
RIVAL = ListName("popularity_without_seen", "without_seen")
POPULARITY = ListName("popularity", "as_returned")


def line(user, items) -> str:
    listed = ",".join(f'"{item}"' for item in items)
    return f'{{"input":{{"userId":"{user}"}},"output":{{"recommendedItems":[{listed}]}},"error":null}}'


def settings(*cutoffs, **more):
    return {"cutoffs": list(cutoffs), "primary_cutoff": cutoffs[-1], **more}


@pytest.fixture
def two_users(run):
    """Popularity: a (3), b (2), c, d, e (1 each)."""
    run.write_train(
        [("ann", "a", 1), ("ann", "b", 2), ("bob", "a", 3), ("bob", "c", 4)]
        + [("cid", item, 5 + place) for place, item in enumerate("abde")]
    )
    run.write_holdout([("ann", "c", 10), ("ann", "e", 11), ("bob", "d", 12)])
    run.write_answers([line("ann", ["a", "e", "c"]), line("bob", ["b", "a", "d"])])
    return run


def test_values_by_hand(two_users):
    found = two_users.evaluate(**settings(2, 3))

    def value(name, metric, k):
        return found.values[name, metric, k].value

    # Without seen: ann gets e, c (both held out); bob gets b, d (d held out, place 2).
    assert value(WITHOUT_SEEN, "precision", 2) == pytest.approx((2 / 2 + 1 / 2) / 2)
    assert value(WITHOUT_SEEN, "recall", 2) == pytest.approx(1)
    assert value(WITHOUT_SEEN, "ndcg", 2) == pytest.approx((1 + 1 / math.log2(3)) / 2)
    assert value(WITHOUT_SEEN, "mrr", 2) == pytest.approx((1 + 1 / 2) / 2)
    # As returned: ann gets a, e, c; bob gets b, a, d.
    assert value(AS_RETURNED, "precision", 2) == pytest.approx((1 / 2 + 0) / 2)
    assert value(AS_RETURNED, "hit_rate", 3) == pytest.approx(1)
    # Popularity: a, b, c for both; ann has c at 3, bob nothing.
    assert value(POPULARITY, "mrr", 3) == pytest.approx((1 / 3) / 2)
    # Without seen: ann c, d, e (2 hits); bob b, d, e (1 hit).
    assert value(RIVAL, "precision", 3) == pytest.approx((2 / 3 + 1 / 3) / 2)
    # Shown by the model without seen: e, c, b, d of a, b, c, d, e.
    assert value(WITHOUT_SEEN, "coverage", 2) == pytest.approx(4 / 5)
    assert value(POPULARITY, "coverage", 2) == pytest.approx(2 / 5)


def test_differences_are_paired_and_relative_to_the_baseline(two_users):
    found = two_users.evaluate(**settings(2, 3))
    difference = found.differences[WITHOUT_SEEN, POPULARITY, "mrr", 3]
    assert difference.absolute.value == pytest.approx(3 / 4 - 1 / 6)
    assert difference.relative.value == pytest.approx((3 / 4 - 1 / 6) / (1 / 6))


def test_a_baseline_of_zero_has_no_relative_difference(two_users):
    difference = two_users.evaluate(**settings(2, 3)).differences[WITHOUT_SEEN, POPULARITY, "precision", 2]
    assert difference.absolute.value == pytest.approx(3 / 4)
    assert difference.relative.value is None


def test_coverage_has_no_interval(community):
    found = community.evaluate(**settings(2, 5))
    assert found.values[WITHOUT_SEEN, "coverage", 5].low is None
    assert found.values[WITHOUT_SEEN, "ndcg", 5].low is not None
    assert found.differences[WITHOUT_SEEN, RIVAL, "coverage", 5].absolute.low is None


def test_intervals_hold_the_value_and_differences_are_narrower_when_users_agree(community):
    found = community.evaluate(**settings(2, 5))
    for key, estimate in found.values.items():
        if estimate.low is not None:
            assert estimate.low - 1e-12 <= estimate.value <= estimate.high + 1e-12, key


def test_the_order_of_rows_and_files_changes_nothing(community):
    before = community.evaluate(**settings(2, 5))
    train = (community.train / "interactions.csv").read_text().splitlines()
    (community.train / "interactions.csv").write_text("\n".join([train[0], *train[:0:-1]]) + "\n")
    answers = community.answers[0].read_text().splitlines()
    community.write_answers(answers[::-2], "a.jsonl.out")
    community.write_answers(answers[-2::-2], "b.jsonl.out")
    community.answers[-1].unlink()
    after = community.evaluate(**settings(2, 5))
    assert after.values == before.values
    assert after.differences == before.differences


def test_another_seed_gives_other_intervals_but_the_same_values(community):
    first, second = (community.evaluate(**settings(2, 5, seed=seed)) for seed in (1, 2))
    key = (RIVAL, "ndcg", 5)
    assert first.values[key].value == second.values[key].value
    model = (WITHOUT_SEEN, "popular_share", 5)
    assert first.values[model].value == second.values[model].value
    assert any(first.values[key] != second.values[key] for key in first.values)


def test_users_without_an_answer_count_with_zero(two_users):
    whole = two_users.evaluate(**settings(2, 3)).values[WITHOUT_SEEN, "precision", 2].value
    two_users.write_answers([line("ann", ["a", "e", "c"])])
    found = two_users.evaluate(**settings(2, 3))
    assert whole == pytest.approx(3 / 4)
    assert found.values[WITHOUT_SEEN, "precision", 2].value == pytest.approx(1 / 2)
    assert found.users[WITHOUT_SEEN, "precision", 2] == 2
    assert found.users[WITHOUT_SEEN, "popular_share", 2] == 1
    assert found.short_lists[WITHOUT_SEEN] == 2


def test_a_repeated_item_hits_once(two_users):
    two_users.write_answers([line("ann", ["e", "e", "c"]), line("bob", ["d", "x", "x"])])
    found = two_users.evaluate(**settings(2, 3))
    assert found.values[WITHOUT_SEEN, "precision", 3].value == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert found.values[WITHOUT_SEEN, "precision", 2].value == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert found.lists_with_repeats == {"model": 1}, "unknown items are not told apart"


def test_held_out_items_seen_before_are_counted(run):
    run.write_train([("ann", "a", 1), ("ann", "b", 2)])
    run.write_holdout([("ann", "a", 9), ("ann", "c", 9)])
    run.write_answers([line("ann", ["a", "c"])])
    found = run.evaluate(**settings(1, 2))
    assert found.held_out_items_seen == 1
    assert found.values[WITHOUT_SEEN, "recall", 2].value == pytest.approx(1 / 2)
    assert found.values[AS_RETURNED, "recall", 2].value == pytest.approx(1)


def test_one_user_has_values_without_intervals(run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "b", 9)])
    run.write_answers([line("ann", ["b"])])
    found = run.evaluate(**settings(1))
    estimate = found.values[WITHOUT_SEEN, "ndcg", 1]
    assert (estimate.value, estimate.low, estimate.high) == (1, None, None)


def test_without_users_everything_is_undefined(run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([line("ann", ["b"])])
    found = run.evaluate(**settings(1))
    assert all(
        estimate.value is None for (_, metric, _), estimate in found.values.items() if metric != "coverage"
    )
    assert all(difference.relative.value is None for difference in found.differences.values())


def test_all_baselines_can_be_asked_for(community):
    found = community.evaluate(**settings(2, 5, baselines=list(BASELINES)))
    assert [name.source for name in found.baselines] == list(BASELINES)


def test_hits_are_those_of_a_walk_through_the_lists(community):
    data = read_data(community.train, community.holdout)
    found = read_recommendations(community.answers, data, 4)
    lists = judge(found.as_returned, data)
    truth = [
        set(data.truth.items[data.truth.starts[user] : data.truth.starts[user + 1]])
        for user in range(data.n_users)
    ]
    expected = [[code in truth[user] for code in row] for user, row in enumerate(found.as_returned)]
    assert np.array_equal(lists.hits, expected)
