from __future__ import annotations

import pytest

from lambdas.evaluate.verdict import Outcome, _sentence, decide, outcome_of
from lambdas.reports.estimates import UNDEFINED, Difference, Estimate
from lambdas.reports.numbers import count_text


def sentence(outcome, difference, model, metric, users):
    return _sentence(
        outcome, difference, (model, "popularity"), f"in {metric} on {count_text(users, 'user')}", users
    )


RELATIVE = Difference(Estimate(0.07, 0.06, 0.08), Estimate(0.94, 0.88, 1.01))


def test_the_sentence_of_a_better_model():
    text = sentence(Outcome.BETTER, RELATIVE, "aws-user-personalization-v2", "NDCG@10", 943)
    assert text == (
        "aws-user-personalization-v2 beats popularity by 94\u202f% (88\u202f% to 101\u202f%) in NDCG@10 "
        "on 943 users: better"
    )


def test_the_sentence_of_a_worse_model_turns_the_interval_round():
    worse = Difference(Estimate(-0.1, -0.2, -0.05), Estimate(-0.12, -0.16, -0.08))
    text = sentence(Outcome.NOT_BETTER, worse, "m", "NDCG@10", 1200)
    assert text == (
        "m falls behind popularity by 12\u202f% (8\u202f% to 16\u202f%) in NDCG@10 on 1\u202f200 users: not better"
    )


def test_the_sentence_of_a_draw_has_signs():
    draw = Difference(Estimate(0.01, -0.02, 0.04), Estimate(0.021, -0.03, 0.07))
    text = sentence(Outcome.CANNOT_TELL, draw, "m", "MRR@25", 50)
    assert text == (
        "m and popularity cannot be told apart in MRR@25 on 50 users, the difference is "
        "+2.1\u202f% (\u22123\u202f% to +7\u202f%): cannot tell"
    )


def test_without_a_relative_difference_the_absolute_is_told():
    text = sentence(Outcome.BETTER, Difference(Estimate(0.1, 0.05, 0.2), UNDEFINED), "m", "NDCG@10", 99)
    assert "by 0.1000 (0.0500 to 0.2000)" in text


@pytest.mark.parametrize(
    ("interval", "users", "outcome"),
    [
        ((0.01, 0.2), 30, Outcome.BETTER),
        ((0.01, 0.2), 29, Outcome.CANNOT_TELL),
        ((-0.2, -0.01), 30, Outcome.NOT_BETTER),
        ((-0.01, 0.2), 10_000, Outcome.CANNOT_TELL),
        ((0.0, 0.2), 10_000, Outcome.CANNOT_TELL),
        ((-0.2, 0.0), 10_000, Outcome.CANNOT_TELL),
        ((None, None), 10_000, Outcome.CANNOT_TELL),
    ],
)
def test_the_outcome_is_where_the_interval_lies(interval, users, outcome):
    assert outcome_of(Estimate(0.1, *interval), users) is outcome


def test_a_model_that_finds_what_popularity_misses_is_better(community):
    verdict = decide(community.evaluate(cutoffs=[2, 5], primary_cutoff=5), "m")
    assert verdict.outcome is Outcome.BETTER
    assert verdict.metric_name == "ndcg@5"
    assert verdict.users == 40
    document = verdict.as_document()
    assert document["difference"] == pytest.approx(document["value"] - document["baseline_value"])
    assert document["low"] <= document["difference"] <= document["high"]


def test_a_model_that_recommends_the_unwanted_is_not_better(community):
    lines = community.answers[0].read_text().splitlines()
    community.write_answers(line.replace('["i0",', '["i0","x1","x2","x3","x4","x5",') for line in lines)
    verdict = decide(community.evaluate(cutoffs=[2, 5], primary_cutoff=5), "m")
    assert verdict.outcome is Outcome.NOT_BETTER
    assert "falls behind popularity" in verdict.sentence


def test_a_model_that_copies_the_baseline_cannot_be_told_apart(community):
    by_popularity = [*(f"i{place}" for place in range(5)), *sorted(f"i{place}" for place in range(5, 15))]
    popular = ",".join(f'"{item}"' for item in by_popularity)
    community.write_answers(
        f'{{"input":{{"userId":"u{user:02}"}},"output":{{"recommendedItems":[{popular}]}}}}'
        for user in range(40)
    )
    verdict = decide(community.evaluate(cutoffs=[2, 5], primary_cutoff=5), "m")
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.difference.absolute == Estimate(0.0, 0.0, 0.0)


def test_one_user_is_too_few(run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "b", 9)])
    run.write_answers(['{"input":{"userId":"ann"},"output":{"recommendedItems":["b"]}}'])
    verdict = decide(run.evaluate(cutoffs=[1], primary_cutoff=1), "m")
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert "on 1 user, too few" in verdict.sentence


def test_nobody_to_evaluate_is_told(run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    verdict = decide(run.evaluate(cutoffs=[1], primary_cutoff=1), "m")
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.sentence == "m cannot be compared with popularity in NDCG@1 on 0 users: cannot tell"
