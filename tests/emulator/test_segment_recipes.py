"""Affinity of users: who is found, that parts and passes change nothing, and the service's metrics by hand."""

import numpy as np
import pytest
from scipy import sparse

from emulator.data.interactions import Interactions
from emulator.recipes import segments
from emulator.recipes.affinity import AffinityTrainer
from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES
from emulator.recipes.contract import Recommender, Side, fit
from emulator.recipes.events import Events
from emulator.recipes.segments import Candidates, best_users
from emulator.settings import Limits
from emulator.training import segments as measuring
from emulator.training.holdout import newest_fifth
from emulator.training.metrics import segment_metrics
from emulator.training.segments import measured_segments
from emulator.training.train import TrainingRequest, train

ITEM_AFFINITY = RECIPES[f"{RECIPE_ARN_PREFIX}aws-item-affinity"]
ATTRIBUTE_AFFINITY = RECIPES[f"{RECIPE_ARN_PREFIX}aws-item-attribute-affinity"]
RING = 20


class Told(Recommender):
    """A user's history is one number, the row of a table of affinities; remembers how much it was asked at once."""

    scored = True
    history_length = 1

    def __init__(self, table):
        self.table = table
        self.largest = 0

    @property
    def n_items(self):
        return self.table.shape[1]

    def affinity(self, histories, items, traits=None):
        self.largest = max(self.largest, len(histories) * len(items))
        rows = np.array([history[0] for history in histories], int)
        return self.table[np.ix_(rows, items)]

    def score(self, histories, traits=None):
        raise NotImplementedError

    def save(self, folder):
        raise NotImplementedError

    @classmethod
    def load(cls, folder):
        raise NotImplementedError


def table_of(users=97, items=12):
    """Affinities with many ties."""
    return np.random.default_rng(4).integers(0, 5, (users, items)).astype(np.float32) / 8


def everybody(table):
    return Candidates([np.array([row], np.int32) for row in range(len(table))])


def query(n_items, *asked):
    columns = np.zeros((n_items, len(asked)), np.float32)
    for column, items in enumerate(asked):
        columns[items, column] = 1
    return sparse.csc_matrix(columns)


def expected(table, items, count, mask=None):
    """By sorting tuples."""
    sums = table[:, items].sum(axis=1).tolist()
    able = [user for user in range(len(table)) if mask is None or mask[user]]
    return sorted(able, key=lambda user: (-sums[user], user))[:count]


@pytest.mark.parametrize("count", [1, 7, 97, 5_000_000])
@pytest.mark.parametrize(
    ("users_at_once", "kept_at_once"), [(8192, 8_000_000), (10, 8_000_000), (3, 20), (1, 1)]
)
def test_users_go_by_summed_probability_then_in_their_order(monkeypatch, count, users_at_once, kept_at_once):
    monkeypatch.setattr(segments, "USERS_AT_ONCE", users_at_once)
    monkeypatch.setattr(segments, "KEPT_AT_ONCE", kept_at_once)
    table = table_of()
    asked = ([3], [0, 5, 11], [2], list(range(12)))
    mask = np.arange(97) % 3 == 0
    found = best_users(Told(table), everybody(table), query(12, *asked), count, [None, mask, None, ~mask])
    masks = (None, mask, None, ~mask)
    for row, items, allowed in zip(found, asked, masks, strict=True):
        assert row.tolist() == expected(table, items, count, allowed)


def test_nobody_and_nothing_are_answered():
    table = table_of()
    assert best_users(Told(table), everybody(table), query(12), 5) == []
    assert best_users(Told(table), everybody(table[:0]), query(12, [1]), 5)[0].tolist() == []
    nobody = best_users(Told(table), everybody(table), query(12, [1]), 5, [np.zeros(97, bool)])
    assert nobody[0].tolist() == []


def test_users_are_scored_in_parts_and_for_the_items_that_are_asked_for_only(monkeypatch):
    monkeypatch.setattr(segments, "SCORES_AT_ONCE", 40)
    table = table_of()
    model = Told(table)
    best_users(model, everybody(table), query(12, [1], [4, 6], [1]), 5)
    assert model.largest == 13 * 3


def ring_walks(users=40, length=30):
    """User u walks the ring item by item and ends at item u % 20."""
    items = [(user - length + 1 + step) % RING for user in range(users) for step in range(length)]
    return Events(
        np.repeat(np.arange(users), length).astype(np.int32), np.array(items, np.int32), users, RING
    )


def histories_of(events):
    return Candidates(np.split(events.items, events.offsets[1:-1]))


def test_the_users_who_stand_before_an_item_are_found():
    events = ring_walks()
    model = fit(AffinityTrainer, events, {})
    found = best_users(model, histories_of(events), query(RING, *[[item] for item in range(RING)]), 2)
    assert [row.tolist() for row in found] == [
        [(item - 1) % RING, (item - 1) % RING + RING] for item in range(RING)
    ]


def test_affinity_to_several_items_adds_up():
    events = ring_walks()
    model = fit(AffinityTrainer, events, {})
    likely = model.affinity(histories_of(events).histories, np.array([3, 4, 5], np.int32)).sum(axis=1)
    found = best_users(model, histories_of(events), query(RING, [3, 4, 5]), 40)[0]
    assert (np.diff(likely[found]) <= 1e-7).all()
    assert set(found[:2].tolist()) == {2, 22}


def test_a_new_item_is_for_users_who_like_what_it_is_like():
    # Items 0 to 9 have one feature, 10 to 19 the other, each in a ring of its own; 20 and 21 are new.
    walks = [[(user + step) % 10 + 10 * (user % 2) for step in range(30)] for user in range(40)]
    events = Events(
        np.repeat(np.arange(40), 30).astype(np.int32), np.concatenate(walks).astype(np.int32), 40, 22
    )
    kind = np.array([0] * 10 + [1] * 10 + [0, 1])
    side = Side(items=sparse.csr_matrix(np.eye(2, dtype=np.float32)[kind]), item_columns=("KIND", "KIND"))
    model = fit(AffinityTrainer, events, {}, side)
    found = best_users(model, histories_of(events), query(22, [20], [21]), 20)
    assert [sorted(row.tolist()) for row in found] == [list(range(0, 40, 2)), list(range(1, 40, 2))]


def test_more_hidden_dimensions_mean_a_weaker_penalty():
    events = ring_walks()
    request = {"hidden_dimension": "149", "default_hidden_dimension": "149"}
    usual, wide = (
        fit(AffinityTrainer, events, request | {"hidden_dimension": size})._model.coefficients.items
        for size in ("149", "256")
    )
    assert np.abs(wide).sum() > np.abs(usual).sum()


def test_the_newest_fifth_of_everybody_is_held_out():
    lengths = [1, 2, 4, 5, 9, 10, 25]
    users = np.repeat(np.arange(len(lengths)), lengths).astype(np.int32)
    events = Events(users, np.zeros(len(users), np.int32), len(lengths), 1)
    held = newest_fifth(events)
    assert np.bincount(users[held], minlength=len(lengths)).tolist() == [0, 1, 1, 1, 1, 2, 5]
    assert all(held[end - 1] for end in events.offsets[2:])


def test_metrics_of_segments_by_hand():
    found = [np.array([0, 1, 2]), np.array([2, 3, 4])]
    truths = [np.array([1, 2, 9, 8]), np.array([7])]
    assert segment_metrics(found, truths, 12) == {
        "coverage": 0.4167,
        "hits_at_1_percent": 1.0,
        "recall_at_1_percent": 0.25,
    }
    assert segment_metrics([], [], 12) == {
        "coverage": 0.0,
        "hits_at_1_percent": 0.0,
        "recall_at_1_percent": 0.0,
    }


def measured_by_loops(events, side, groups):
    """The definition, step by step: groups are the items of each query."""
    walks = [events.history(user).tolist() for user in range(events.n_users)]
    held = [max(1, len(walk) // 5) if len(walk) > 1 else 0 for walk in walks]
    past = [walk[: len(walk) - rest] for walk, rest in zip(walks, held, strict=True)]
    future = [walk[len(walk) - rest :] for walk, rest in zip(walks, held, strict=True)]
    kept = Events(
        np.repeat(np.arange(len(past)), [len(walk) for walk in past]).astype(np.int32),
        np.concatenate(past).astype(np.int32),
        events.n_users,
        events.n_items,
    )
    model = fit(AffinityTrainer, kept, {}, side)
    likely = model.affinity(
        [np.array(walk, np.int32) for walk in past], np.arange(events.n_items), side.users
    )
    hits, recalls, seen = [], [], set()
    for items in groups:
        truth = {user for user, walk in enumerate(future) if set(walk) & set(items)}
        if not truth:
            continue
        sums = likely[:, items].sum(axis=1).tolist()
        top = sorted(range(len(past)), key=lambda user: (-sums[user], user))[: -(-len(past) // 100)]
        hits.append(len(truth & set(top)))
        recalls.append(hits[-1] / len(truth))
        seen |= set(top)
    return {
        "coverage": round(len(seen) / len(past), 4),
        "hits_at_1_percent": round(sum(hits) / len(hits), 4),
        "recall_at_1_percent": round(sum(recalls) / len(recalls), 4),
    }


def noisy_walks(users=230, items=30):
    random = np.random.default_rng(8)
    lengths = random.integers(1, 30, users)
    steps = random.choice([1, 2, 7], lengths.sum(), p=[0.6, 0.3, 0.1])
    starts = np.repeat(random.integers(0, items, users), lengths)
    codes = (starts + np.cumsum(steps)) % items
    return Events(np.repeat(np.arange(users), lengths).astype(np.int32), codes.astype(np.int32), users, items)


def test_metrics_of_training_equal_those_of_plain_loops():
    events = noisy_walks()
    ids = [f"u{user}" for user in range(230)], [f"i{item}" for item in range(30)]
    training = train(Interactions(events, *ids), TrainingRequest(ITEM_AFFINITY), Limits())
    assert training.metrics == measured_by_loops(events, Side(), [[item] for item in range(30)])
    assert training.metrics["recall_at_1_percent"] > 3 * 0.013, "much better than three users by chance"
    assert training.tuned is None


def test_attributes_are_measured_by_features_of_items():
    events = noisy_walks()
    kinds = np.arange(30) // 10
    side = Side(items=sparse.csr_matrix(np.eye(3, dtype=np.float32)[kinds]), item_columns=("KIND",) * 3)
    groups = [np.nonzero(kinds == kind)[0].tolist() for kind in range(3)]
    found = measured_segments(ATTRIBUTE_AFFINITY, events, {}, side)
    assert found == measured_by_loops(events, side, groups)
    nothing = measured_segments(ATTRIBUTE_AFFINITY, events, {}, Side())
    assert nothing == {"coverage": 0.0, "hits_at_1_percent": 0.0, "recall_at_1_percent": 0.0}


def test_the_final_model_has_seen_the_newest_fifth():
    events = ring_walks()
    ids = [f"u{user}" for user in range(40)], [f"i{item}" for item in range(RING)]
    model = train(Interactions(events, *ids), TrainingRequest(ITEM_AFFINITY), Limits()).model
    alike = fit(AffinityTrainer, events, {})
    assert model.counts.tolist() == [60] * RING
    asked = [np.array([3, 4], np.int32)], np.arange(RING)
    assert np.allclose(model.recommender.affinity(*asked), alike.affinity(*asked))


def test_above_a_bound_some_users_and_queries_are_measured(monkeypatch):
    monkeypatch.setattr(measuring, "MEASURED_USERS", 23)
    monkeypatch.setattr(measuring, "MEASURED_QUERIES", 4)
    drawn = []

    def remember(model, users, asked, count):
        drawn.append((len(users), asked.shape[1], count))
        return best_users(model, users, asked, count)

    monkeypatch.setattr(measuring, "best_users", remember)
    metrics = measured_segments(ITEM_AFFINITY, noisy_walks(), {}, Side())
    assert drawn == [(23, 4, 1)]
    assert metrics["hits_at_1_percent"] <= 1
    assert 1 / 23 <= metrics["coverage"] + 1e-4 <= 4 / 23 + 2e-4
