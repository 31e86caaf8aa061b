"""Two runs compared by their files, checked against values that are computed here in another way."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pyarrow.parquet
import pytest

from lambdas.reports.comparison.changes import Outcome
from lambdas.reports.comparison.compare import compare_folders
from lambdas.reports.comparison.run import UnreadableRunError

VERSIONS = [("1.1", "1.1"), ("1.1", "2.0"), ("2.0", "2.0")]


def rising(users, low=0.2, step=0.02):
    """Scores then and now: everybody rises, some more than others."""
    chance = random.Random(3)
    then = {user: round(low + chance.random() * 0.2, 3) for user in users}
    return then, {user: score + step * (1 + chance.random()) for user, score in then.items()}


def bootstrap(then, now, resamples=20_000):
    """Percentile interval of the mean difference and of the relative one, drawn one user at a time."""
    chance, pairs = random.Random(11), list(zip(then, now, strict=True))
    absolute, relative = [], []
    for _ in range(resamples):
        drawn = chance.choices(pairs, k=len(pairs))
        before, after = (sum(values) / len(pairs) for values in zip(*drawn, strict=True))
        absolute.append(after - before)
        relative.append((after - before) / before)
    return [np.quantile(values, [0.025, 0.975]) for values in (absolute, relative)]


@pytest.mark.parametrize("versions", VERSIONS)
def test_users_of_both_runs_are_compared_with_themselves(make, users, versions):
    then, now = rising(users(60))
    found = compare_folders(make("a", then, version=versions[0]), make("b", now, version=versions[1]))
    (low, high), (relative_low, relative_high) = bootstrap(then.values(), now.values())
    difference = found.headline.difference
    assert found.basis.paired
    assert found.headline.users == 60
    assert found.outcome is Outcome.BETTER
    expected = sum(now.values()) / 60 - sum(then.values()) / 60
    assert difference.absolute.value == pytest.approx(expected, abs=1e-6)
    assert difference.relative.value == pytest.approx(expected / (sum(then.values()) / 60), rel=1e-5)
    # 400 resamples against 20,000: the ends of the intervals differ by chance.
    assert (difference.absolute.low, difference.absolute.high) == pytest.approx((low, high), rel=0.03)
    assert (difference.relative.low, difference.relative.high) == pytest.approx(
        (relative_low, relative_high), rel=0.03
    )
    assert found.sentence.startswith("NDCG@10 rose by 9.5")
    assert found.sentence.endswith("since run a, on 60 users of both runs: better")


def test_what_fell_is_said_with_positive_numbers(make, users):
    then, now = rising(users(40))
    found = compare_folders(make("a", now), make("b", then))
    assert found.outcome is Outcome.WORSE
    assert "NDCG@10 fell by 9" in found.sentence
    assert "\N{MINUS SIGN}" not in found.sentence
    assert found.sentence.endswith(": worse")


def test_only_users_of_both_runs_count_for_the_difference(make, users):
    then, now = rising(users(50))
    gone = dict.fromkeys(users(20, first=100), 0.9)
    come = dict.fromkeys(users(30, first=200), 0.0)
    found = compare_folders(make("a", gone | then), make("b", now | come))
    assert found.basis.users == 50
    assert found.headline.users == 50
    expected = sum(now.values()) / 50 - sum(then.values()) / 50
    assert found.headline.difference.absolute.value == pytest.approx(expected, abs=1e-6)
    assert found.headline.then.value == pytest.approx((sum(then.values()) + 18) / 70)
    assert found.outcome is Outcome.BETTER


def test_the_order_of_rows_does_not_matter(make, users):
    then, now = rising(users(40))
    one = compare_folders(make("a", then), make("b", now))
    turned = compare_folders(
        make("c", dict(reversed(then.items()))),
        make("d", dict(sorted(now.items(), key=lambda each: each[1]))),
    )
    assert one.headline.difference == turned.headline.difference


def test_nobodys_value_changed(make, users):
    scores, _ = rising(users(40))
    found = compare_folders(make("a", scores), make("b", scores))
    assert found.outcome is Outcome.SAME
    assert (
        found.sentence
        == "NDCG@10 is the same as in run a for every one of the 40 users of both runs: no change"
    )
    assert found.readings == (
        "Popularity scores the same in both runs: the data is no harder or easier.",
        f"The lead over popularity is what it was: {found.readings[1].partition(': ')[2]}",
    )


def test_a_difference_around_zero_settles_nothing(make, users):
    names = users(40)
    then = dict.fromkeys(names, 0.5)
    now = {name: 0.5 + (0.1 if place % 2 else -0.1) for place, name in enumerate(names)}
    found = compare_folders(make("a", then), make("b", now))
    assert found.outcome is Outcome.CANNOT_TELL
    assert "cannot be told apart from run a, on 40 users of both runs" in found.sentence


def test_few_users_settle_nothing(make, users):
    then, now = rising(users(29))
    found = compare_folders(make("a", then), make("b", now))
    assert found.headline.difference.absolute.low > 0
    assert found.outcome is Outcome.CANNOT_TELL
    assert "on 29 users of both runs, too few for a conclusion (at least 30): cannot tell" in found.sentence


def test_one_user_has_a_difference_and_no_interval(make):
    found = compare_folders(make("a", {"ann": 0.25}), make("b", {"ann": 0.5}))
    assert found.headline.difference.absolute.value == 0.25
    assert found.headline.difference.absolute.low is None
    assert found.outcome is Outcome.CANNOT_TELL
    assert "differs by +100" in found.sentence
    assert "on 1 user of both runs" in found.sentence


def test_another_future_is_not_paired(make, users):
    """One user with one held-out item more is enough: with what the others gained cannot be known."""
    then, now = rising(users(40), step=0.1)
    found = compare_folders(make("a", then), make("b", now, futures={"u007": 3}))
    assert not found.basis.paired
    assert found.basis.reason.startswith("1 of 40 users of both runs has another future")
    # Both intervals reach 0.01 to either side: √(0.01² + 0.01²).
    difference = found.headline.difference
    assert difference.absolute.value - difference.absolute.low == pytest.approx(math.sqrt(2) * 0.01)
    assert difference.absolute.high - difference.absolute.value == pytest.approx(math.sqrt(2) * 0.01)
    assert difference.relative.low is None
    assert found.outcome is Outcome.BETTER
    assert found.sentence.endswith("since run a, on 40 users then and 40 now: better")
    assert any("Users are not compared with themselves: 1 of 40 users" in notice for notice in found.notices)


def test_intervals_of_different_confidence_give_no_interval(make, users):
    then, now = rising(users(40), step=0.1)
    settings = {"confidence": 0.9, "bootstrap_resamples": 400, "seed": 7}
    found = compare_folders(
        make("a", then, members={"settings": settings}), make("b", now, futures={"u000": 9})
    )
    assert found.headline.difference.absolute.low is None
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.lead.change.low is None
    assert any("different confidence (90" in notice for notice in found.notices)


def test_runs_without_a_common_user(make, users):
    then, now = dict.fromkeys(users(40), 0.5), dict.fromkeys(users(40, first=100), 0.2)
    found = compare_folders(make("a", then), make("b", now))
    assert found.basis.reason == "no user was evaluated in both runs"
    assert found.outcome is Outcome.WORSE


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda file: file.unlink(), "is not there"),
        (lambda file: file.write_bytes(b"PAR1"), "is not the file that its metrics.json was written with"),
        (lambda file: file.write_bytes(file.read_bytes()[:-9] + b"123456789"), "is not the file"),
    ],
)
def test_broken_values_of_users_are_a_reason_for_not_pairing(make, users, damage, reason):
    then, now = rising(users(40), step=0.1)
    folder = make("a", then)
    damage(folder / "per_user.parquet")
    found = compare_folders(folder, make("b", now))
    assert not found.basis.paired
    assert f"the users' values cannot be read: per_user.parquet of run a {reason}" in found.basis.reason
    assert str(folder) not in " ".join(found.notices)
    assert found.outcome is Outcome.BETTER


def rewritten(folder, change):
    """The folder with another per_user.parquet, of which its metrics.json does not know the digest."""
    file = folder / "per_user.parquet"
    pyarrow.parquet.write_table(change(pyarrow.parquet.read_table(file)), file)
    document = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps({**document, "files": {}}))
    return folder


@pytest.mark.parametrize("version", ["1.1", "2.0"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda table: table.drop_columns(["held_out_items"]), "lacks the column held_out_items"),
        (lambda table: table.take([0, *range(table.num_rows)]), "has users twice or without an id"),
    ],
)
def test_users_values_that_make_no_sense(make, users, version, change, reason):
    then, now = rising(users(40))
    found = compare_folders(rewritten(make("a", then, version=version), change), make("b", now))
    assert reason in found.basis.reason
    assert not found.basis.paired


def test_a_damaged_file_of_a_run_that_tells_no_digest(make, users):
    then, now = rising(users(40))
    folder = rewritten(make("a", then), lambda table: table)
    (folder / "per_user.parquet").write_bytes(b"PAR1 and nothing else")
    found = compare_folders(folder, make("b", now))
    assert "per_user.parquet of run a is damaged (ArrowInvalid)" in found.basis.reason


def test_undefined_values_are_left_out_of_both_runs(make, users):
    then, now = rising(users(40))
    then |= {"u000": None}
    now |= {"u001": None}
    found = compare_folders(make("a", then), make("b", now))
    both = [name for name in then if then[name] is not None and now[name] is not None]
    assert found.headline.users == 38
    expected = sum(now[name] - then[name] for name in both) / 38
    assert found.headline.difference.absolute.value == pytest.approx(expected, abs=1e-6)


def test_a_metric_that_is_undefined_for_all(make, users):
    scores = dict.fromkeys(users(40))
    found = compare_folders(make("a", scores), make("b", scores))
    assert found.outcome is Outcome.CANNOT_TELL
    assert (
        found.sentence == "NDCG@10 cannot be compared with run a, it is undefined for everybody: cannot tell"
    )


def test_metrics_that_only_one_run_has_are_left_out(make, users):
    then, now = rising(users(40))
    found = compare_folders(
        make("a", {"ndcg": then, "recall": then}), make("b", {"ndcg": now, "precision": now})
    )
    assert [change.metric for change in found.metrics] == ["ndcg"]


def test_without_the_later_runs_metric_the_earlier_runs_is_taken(make, users):
    then, now = rising(users(40))
    primary = {"metric": "precision@10", "source": "model", "list": "without_seen", "baseline": None}
    found = compare_folders(
        make("a", {"ndcg": then, "recall": then}),
        make("b", {"recall": now, "ndcg": now}, members={"primary": primary}),
    )
    assert (found.headline.metric, found.headline.k) == ("ndcg", 10)
    assert any(
        "judged by different metrics: NDCG@10 then, Precision@10 now" in told for told in found.notices
    )


def test_runs_without_a_common_metric_are_compared_in_settings_and_data(make, users):
    then, now = rising(users(40))
    rows = [
        {
            "source": "model",
            "list": "without_seen",
            "metric": "ndcg",
            "k": 20,
            "value": 0.5,
            "low": 0.4,
            "high": 0.6,
            "users": 40,
        }
    ]
    changed = {"values": rows, "facts": {"split": {"fraction": 0.2}}}
    found = compare_folders(make("a", then), make("b", now, members=changed))
    assert found.headline is None
    assert found.sentence == "run b and run a have no metric in common: cannot tell"
    assert [change.path for change in found.settings] == ["split.fraction", "solution.recipeArn"]
    assert found.as_document()["metric"] is None


def test_cold_items_and_users_mean_different_things_by_a_metric(make, users):
    then, now = rising(users(40), step=0.1)
    found = compare_folders(make("a", then), make("b", now, kind="cold_items", scenario="coldstart"))
    assert found.outcome is Outcome.CANNOT_TELL
    assert "but the runs measure different things with it" in found.sentence
    assert found.readings == ()
    assert "The runs are of different scenarios: hrnn then, coldstart now." in found.notices


def test_related_items_are_judged_by_the_same_users_futures(make, users):
    then, now = rising(users(40))
    found = compare_folders(make("a", then), make("b", now, kind="related_items", scenario="sims"))
    assert found.basis.paired
    assert found.outcome is Outcome.BETTER


def test_the_baseline_tells_that_the_data_got_harder(make, users):
    names = users(40)
    then, now = dict.fromkeys(names, 0.4), dict.fromkeys(names, 0.3)
    popular = {name: 0.2 + 0.001 * place for place, name in enumerate(names)}
    harder = {name: score - 0.15 for name, score in popular.items()}
    found = compare_folders(make("a", then, baseline=popular), make("b", now, baseline=harder))
    assert found.outcome is Outcome.WORSE
    assert found.baseline.difference.absolute.value == pytest.approx(-0.15, abs=1e-6)
    # 0.3 - 0.0695 is 0.05 more than 0.4 - 0.2195.
    assert found.lead.change.value == pytest.approx(0.05, abs=1e-6)
    harder_told, lead_told = found.readings
    assert found.sentence.endswith(": worse, but popularity fell as well")
    assert harder_told.startswith("Popularity fell as well by 68")
    assert harder_told.endswith("the data got harder, for every model.")
    assert "it grew by 0.0500" in lead_told


def test_a_better_figure_on_harder_data_is_no_matter_of_the_data(make, users):
    names = users(40)
    popular = {name: 0.2 + 0.001 * place for place, name in enumerate(names)}
    harder = {name: score - 0.15 for name, score in popular.items()}
    found = compare_folders(
        make("a", dict.fromkeys(names, 0.4), baseline=popular),
        make("b", dict.fromkeys(names, 0.5), baseline=harder),
    )
    assert found.sentence.endswith("on 40 users of both runs: better")
    assert found.readings[0].startswith("Popularity fell by 68")
    assert "from 0.2195 to 0.0695" in found.readings[0]


@pytest.mark.parametrize(
    ("popular", "told"),
    [
        (
            [0.1, 0.3],
            "Popularity cannot be told apart from then (0.2000 then, 0.2000 now): the data is about as hard.",
        ),
        ([0.6, 0.6], "Popularity rose by 200"),
    ],
)
def test_a_baseline_that_moved_otherwise_is_told(make, users, popular, told):
    names = users(40)
    now = dict(zip(names, popular * 20, strict=True))
    found = compare_folders(
        make("a", dict.fromkeys(names, 0.4), baseline=dict.fromkeys(names, 0.2)),
        make("b", dict.fromkeys(names, 0.3), baseline=now),
    )
    assert found.outcome is Outcome.WORSE
    assert found.sentence.endswith(": worse")
    assert found.readings[0].startswith(told)


def test_users_without_an_answer_are_told(make, users):
    then, now = rising(users(40))
    counts = {"evaluated": 40, "unanswered": 4}
    found = compare_folders(make("a", then), make("b", now, members={"users": counts}))
    assert "4 users had no answer now (run b) and count with zero." in found.notices


def test_pairs_of_a_replay_are_told_by_both_users(make, users):
    """A user may be in several pairs; what there is to judge by is how many events were sent."""
    names = users(40)
    then, now = dict.fromkeys(names, 0.25), dict.fromkeys(names, 0.5)

    def pairs(events):
        def change(table):
            rows = table.num_rows
            columns = {name: table[name] for name in table.column_names if name != "held_out_items"}
            columns["user_id"] = [f"a{place % 20}" for place in range(40)] * (rows // 40)
            columns["other_user_id"] = [f"b{place}" for place in range(40)] * (rows // 40)
            return pyarrow.table({**columns, "events": [events] * rows, "held_out_items": [None] * rows})

        return change

    one = rewritten(make("a", then, kind="replay"), pairs(12))
    alike = compare_folders(one, rewritten(make("b", now, kind="replay"), pairs(12)))
    assert alike.basis.paired
    assert alike.sentence.endswith("on 40 pairs of both runs: better")
    longer = compare_folders(one, rewritten(make("c", now, kind="replay"), pairs(13)))
    assert not longer.basis.paired


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "holds no metrics.json: the run did not reach its end"),
        ("{", "cannot be used: it is not JSON"),
        ("[]", "cannot be used: it holds no object but a list"),
        ('{"schema_version": "3.0"}', "it has version 3.0, and versions 1 and 2 are known"),
        ('{"schema_version": "2.0"}', "primary is missing"),
    ],
)
def test_a_run_that_cannot_be_read_is_an_error_that_names_its_file(make, users, text, told):
    then, now = rising(users(40))
    broken, whole = make("a", then), make("b", now)
    file = broken / "metrics.json"
    file.unlink() if text is None else file.write_text(text)
    with pytest.raises(UnreadableRunError, match=told) as caught:
        compare_folders(broken, whole)
    assert str(broken) in str(caught.value)


def test_groups_of_users_are_paired_by_their_own_history(make, users):
    names = users(80)
    histories = {name: 5 if place < 40 else 600 for place, name in enumerate(names)}
    then = dict.fromkeys(names, 0.5)
    now = {name: 0.6 if histories[name] == 5 else 0.3 for name in names}

    def segments(values):
        return [
            {
                "by": by,
                "group": group,
                "label": group,
                "users": 40,
                "value": value,
                "low": value - 0.1,
                "high": value + 0.1,
                "rival_value": 0.1,
                "difference": value - 0.1,
                "difference_low": None,
                "difference_high": None,
            }
            for by, group, value in values
        ]

    before = segments([("history", "001-009", 0.5), ("history", "500+", 0.5), ("popularity", "rare", 0.2)])
    after = segments(
        [
            ("history", "001-009", 0.6),
            ("history", "500+", 0.3),
            ("history", "010-019", 0.2),
            ("popularity", "rare", 0.3),
        ]
    )
    found = compare_folders(
        make("a", then, histories=histories, members={"segments": before}),
        make("b", now, histories=histories, members={"segments": after}),
    )
    short, long, rare = found.segments
    assert (short.paired, short.users) == (True, 40)
    assert short.difference.value == pytest.approx(0.1, abs=1e-6)
    assert long.difference.value == pytest.approx(-0.2, abs=1e-6)
    assert long.difference.high < 0
    assert not rare.paired
    assert rare.difference.low == pytest.approx(0.1 - math.sqrt(2) * 0.1)


def test_a_group_of_few_users_has_a_difference_and_no_interval(make, users):
    names = users(40)
    histories = {name: 600 if place < 3 else 5 for place, name in enumerate(names)}
    segment = {
        "by": "history",
        "group": "500+",
        "label": "500+",
        "users": 3,
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
    }
    segment |= dict.fromkeys(("difference", "difference_low", "difference_high"))
    found = compare_folders(
        make("a", dict.fromkeys(names, 0.5), histories=histories, members={"segments": [segment]}),
        make("b", dict.fromkeys(names, 0.75), histories=histories, members={"segments": [segment]}),
    )
    (few,) = found.segments
    assert (few.users, few.difference.value, few.difference.low) == (3, 0.25, None)


def test_groups_told_in_different_metrics_are_not_compared(make, users):
    then, now = rising(users(40))
    primary = {"metric": "recall@10", "source": "model", "list": "without_seen", "baseline": None}
    segment = {
        "by": "history",
        "group": "001-009",
        "label": "1-9",
        "users": 40,
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
    }
    segment |= dict.fromkeys(("difference", "difference_low", "difference_high"))
    found = compare_folders(
        make("a", {"ndcg": then, "recall": then}, members={"segments": [segment]}),
        make("b", {"ndcg": now, "recall": now}, members={"segments": [segment], "primary": primary}),
    )
    assert found.segments == ()
