"""Related items: co-occurrence by hand, parameters that do what their names say, metadata for items without history."""

import numpy as np
import pytest
from scipy import sparse

from emulator.recipes.contract import NOBODY, Side, fit
from emulator.recipes.events import Events
from emulator.recipes.item_likeness import likeness
from emulator.recipes.related import REACH, REACH_DECAY, SimilarItemsTrainer, SimsTrainer, between_percentiles

OPEN = {
    "popularity_discount_factor": "0",
    "min_cointeraction_count": "1",
    "min_item_interaction_count_percentile": "0",
    "max_item_interaction_count_percentile": "1",
}


def events_of(walks, n_items):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    return Events(users, np.array([item for walk in walks for item in walk], np.int32), len(walks), n_items)


def trained(walks, n_items, **parameters):
    trainer = SimsTrainer.start(events_of(walks, n_items).item_counts, OPEN | parameters, Side())
    trainer.add(events_of(walks, n_items))
    return trainer


def related(model, item, count=10):
    history = np.array([] if item is None else [item], np.int32)
    return [code for code in model.recommend([history], count).items[0].tolist() if code != NOBODY]


def test_co_occurrence_by_hand():
    # 0 and 1 are neighbours twice and two apart once; 0 and 2 are neighbours once.
    neighbours = trained([[0, 1], [1, 0, 2], [0, 3, 1]], 4).neighbours().toarray()
    near, apart = 1.0, np.exp(-1 / REACH_DECAY)
    zero_one, zero_two = 2 * near + apart, near
    assert neighbours[0, 1] == pytest.approx(1.0)
    assert neighbours[0, 2] == pytest.approx(zero_two / zero_one)
    assert neighbours[2, 0] == pytest.approx(1.0)
    assert neighbours[2, 1] == pytest.approx(apart / near)
    assert neighbours.diagonal().tolist() == [0, 0, 0, 0]


def test_events_too_far_apart_have_nothing_to_do_with_each_other():
    walk = [0] + [1] * REACH + [2]
    neighbours = trained([walk], 3).neighbours().toarray()
    assert neighbours[0, 2] == 0
    assert neighbours[0, 1] > 0


def test_pairs_that_were_seen_too_rarely_do_not_count():
    walks = [[0, 1]] * 3 + [[0, 2]] * 2
    assert trained(walks, 3, min_cointeraction_count="3").neighbours()[0].indices.tolist() == [1]
    assert sorted(trained(walks, 3, min_cointeraction_count="2").neighbours()[0].indices.tolist()) == [1, 2]


def test_the_discount_prefers_what_is_rare_but_typical():
    # Everybody takes 1, so 0 goes with 1 most often; 2 goes with 0 only.
    walks = [[0, 1, 2]] * 4 + [[0, 1]] * 2 + [[1, 3]] * 30
    assert related(trained(walks, 4, popularity_discount_factor="0").recommender(), 0)[0] == 1
    assert related(trained(walks, 4, popularity_discount_factor="1").recommender(), 0)[0] == 2


def test_items_outside_the_percentiles_are_nobodys_neighbours():
    counts = np.array([100, 50, 40, 30, 20, 10, 5, 4, 3, 1, 0])
    bounds = {"min_item_interaction_count_percentile": "0.15", "max_item_interaction_count_percentile": "0.9"}
    kept = between_percentiles(counts, bounds)
    # Ten items have events; the most popular tenth and the rarest are out, and so is the one without.
    assert np.nonzero(kept)[0].tolist() == list(range(1, 9))
    walks = [[0, 1, 2]] * 5 + [[0]] * 20
    model = trained(walks, 3, max_item_interaction_count_percentile="0.5").recommender()
    assert model._neighbours[1].indices.tolist() == [2]
    assert sorted(model._neighbours[0].indices.tolist()) == [1, 2]


def test_an_item_is_not_related_to_itself_and_popular_items_fill_the_list():
    model = trained([[0, 1], [0, 1], [2, 3], [0]], 5).recommender()
    assert related(model, 2) == [3, 0, 1]
    assert related(model, None) == [0, 1, 2, 3], "an unknown item gets popular ones"
    assert model.recommend([np.array([2], np.int32)], 3).scores is None


FEATURES = sparse.csr_matrix(
    np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32)
)


def test_likeness_is_the_cosine_of_weighed_features():
    found = likeness(FEATURES, 10).of(np.array([0, 4]))
    rare, often = np.log(6 / 1), np.log(6 / 3)
    assert found[0].tolist() == pytest.approx([1, 1, 0, 0, often / np.hypot(often, rare), 0])
    assert found[1][4] == pytest.approx(1)
    assert likeness(FEATURES, 2).features.shape == (6, 2)
    assert likeness(sparse.csr_matrix((6, 3), dtype=np.float32), 10) is None


def test_items_without_history_have_neighbours_through_their_metadata():
    walks = [[0, 1, 2, 3]] * 10
    model = fit(SimilarItemsTrainer, events_of(walks, 6), {}, Side(items=FEATURES))
    assert set(related(model, 4, 2)) == {0, 1}
    assert set(related(model, 5, 2)) == {2, 3}
    assert 5 not in related(model, 0, 3), "what has history is judged by it"
    sims = fit(SimsTrainer, events_of(walks, 6), OPEN)
    assert related(sims, 4) == [0, 1, 2, 3], "without metadata there are only popular items"


def test_lists_of_different_items_differ(service):
    group = service.ready_group()
    version = service.train(group, "aws-sims")["solutionVersionArn"]
    lines = service.answers(
        [{"itemId": "i010"}, {"itemId": "i040"}, {"itemId": "none"}, {"userId": "u"}], version
    )
    lists = [line["output"]["recommendedItems"] for line in lines]
    assert len(set(lists[0][:10]) & set(lists[1][:10])) < 5
    assert len(lists[2]) == 25
    assert "scores" not in lines[0]["output"]
    assert lines[3]["error"] == "User error: Required fields for the provided recipe are itemId"
