"""Related items: co-occurrence by hand, parameters that do what their names say, metadata for items without history."""

import numpy as np
import pytest
from scipy import sparse

from emulator.recipes.catalogue import RECIPES
from emulator.recipes.co_occurrence import REACH, CoOccurrence
from emulator.recipes.contract import NOBODY, Side, fit
from emulator.recipes.events import Events
from emulator.recipes.item_likeness import likeness
from emulator.recipes.popularity import PopularityTrainer
from emulator.recipes.related import NEIGHBOURS, POPULARITY_SHARE, SHRINKAGE, SimilarItemsTrainer, SimsTrainer

SIMS, SIMILAR_ITEMS = (
    RECIPES[f"arn:aws:personalize:::recipe/aws-{name}"] for name in ("sims", "similar-items")
)

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


def test_what_follows_is_nearer_than_what_comes_before():
    walks = [[0, 1, 2], [3, 4, 5], [6, 7, 8]] * 5
    model = trained(walks, 9).recommender()
    assert [related(model, cause, 2) for cause in (1, 4, 7)] == [[2, 0], [5, 3], [8, 6]]


def test_what_comes_at_once_is_nearer_than_what_comes_later():
    filler = [[item] for item in range(5, 12)]
    assert related(trained([[0, 3, 2, 4, 1]] * 5 + filler, 12).recommender(), 0, 4) == [3, 2, 4, 1]


@pytest.mark.parametrize("discount", [0, 0.5, 1])
def test_scores_by_hand(discount):
    # Events: 0 three times, 1 twice, 2 four times, 3 once, nobody twice the same; 0 → 1 twice, 0 → 3 once.
    model = trained([[0, 1], [0, 1], [0, 3], [2], [2], [2], [2]], 4, popularity_discount_factor=str(discount))
    scores = model.recommender().score([np.array([0], np.int32)])[0]
    share, median = np.array([3, 2, 4, 1]) / 10, 2.5
    prior = SHRINKAGE * np.sqrt(10 * share / median)
    lift = (np.array([0, 2, 0, 1]) + prior) / (3 * share + prior)
    expected = ((1 - POPULARITY_SHARE) * lift + POPULARITY_SHARE) * share / (10 * share) ** discount**2
    assert scores[0] == -np.inf
    assert scores[1:] / scores[1] == pytest.approx(expected[1:] / expected[1], rel=1e-5)


def test_pairs_that_were_seen_too_rarely_do_not_count():
    # Six take 0 and 1, two take 0 and 2, and 3 is more popular than 2 without going with anything.
    walks = [[0, 1]] * 6 + [[0, 2]] * 2 + [[3]] * 4
    assert related(trained(walks, 4, min_cointeraction_count="2").recommender(), 0) == [1, 2, 3]
    assert related(trained(walks, 4, min_cointeraction_count="3").recommender(), 0) == [1, 3, 2]


def test_the_discount_prefers_what_is_rare_but_typical():
    # Everybody takes 1, so 0 goes with 1 most often; 2 goes with 0 only.
    walks = [[0, 1, 2]] * 4 + [[0, 1]] * 2 + [[1, 3]] * 30
    assert related(trained(walks, 4, popularity_discount_factor="0").recommender(), 0)[0] == 1
    assert related(trained(walks, 4, popularity_discount_factor="1").recommender(), 0)[0] == 2


def test_one_user_who_repeats_is_one_witness():
    # 0 is followed three times by 3, by one user, and three times by 4, by three users; 1 lies between.
    between = [1] * REACH
    walks = [[0, 3, *between, 0, 3, *between, 0, 3], *([0, 4, *between] for _ in range(3))]
    sums = CoOccurrence(events_of(walks, 5).item_counts)
    sums.add(events_of(walks, 5))
    together = sums.together().toarray()
    assert together[0, 3] == together[0, 4]
    listed = related(trained(walks, 5).recommender(), 0)
    assert listed.index(4) < listed.index(3)


# 4 goes with 0, 5 with 1, the popular items, which are always in one or the other company.
COMPANY = [[0, 2, 4], [1, 3, 5]] * 6 + [[0, 2], [1, 3], [0], [1]] * 6


def test_popular_items_outside_the_percentiles_are_not_learned_about():
    free = trained(COMPANY, 6).recommender()
    assert [related(free, 4).index(0) < related(free, 4).index(1), related(free, 5)[0]] == [True, 3]
    kept = trained(COMPANY, 6, max_item_interaction_count_percentile="0.6").recommender()
    scores = kept.score([np.array([cause], np.int32) for cause in (4, 5)])
    assert scores[0, 0] == scores[0, 1], "what is outside differs by popularity only"
    assert scores[0, 2] > scores[0, 3], "what is inside is learned as before"
    assert scores[1, 3] > scores[1, 2]


def test_rare_items_outside_the_percentiles_are_not_learned_about():
    walks = [[0, 2], [1, 3]] * 6 + [[0, 4]] * 3 + [[1, 5]] * 3
    free = trained(walks, 6).recommender().score([np.array([0], np.int32)])[0]
    kept = trained(walks, 6, min_item_interaction_count_percentile="0.5").recommender()
    scores = kept.score([np.array([0], np.int32)])[0]
    assert free[4] > free[5]
    assert scores[4] == scores[5]
    assert scores[2] > scores[3]


def test_what_all_items_outside_have_in_common_with_a_cause_is_counted():
    # 4 is always followed by one of the popular items, 5 never.
    walks = [[4, 0], [4, 1]] * 6 + [[5, 3], [5, 2]] * 6 + [[0], [1]] * 12
    model = trained(walks, 6, max_item_interaction_count_percentile="0.6").recommender()
    assert related(model, 4, 2) == [0, 1]
    assert related(model, 5, 2) == [2, 3]
    # Half of the 72 events are of the popular two; each cause has twelve neighbours, of 4 all are popular.
    often, never = (
        (1 - POPULARITY_SHARE) * (near + SHRINKAGE) / (12 * 0.5 + SHRINKAGE) + POPULARITY_SHARE
        for near in (12, 0)
    )
    scores = model.score([np.array([cause], np.int32) for cause in (4, 5)])
    assert scores[0, :2] / scores[1, :2] == pytest.approx(np.full(2, often / never), rel=1e-4)


def test_an_item_is_not_related_to_itself_and_popular_items_fill_the_list():
    model = trained([[0, 1], [0, 1], [2, 3], [0]], 5).recommender()
    assert related(model, 2) == [3, 0, 1]
    assert related(model, None) == [0, 1, 2, 3], "an unknown item gets popular ones"
    assert model.recommend([np.array([2], np.int32)], 3).scores is None


@pytest.mark.parametrize("discount", ["0", "0.5", "1"])
def test_an_item_without_company_gets_popular_items(discount):
    walks = [[0, 1], [1, 0], [0, 2], [0, 1, 2], [4]]
    model = trained(walks, 5, popularity_discount_factor=discount).recommender()
    assert related(model, 4) == [0, 1, 2]


def test_without_structure_lists_are_those_of_popularity():
    random = np.random.default_rng(5)
    popular = np.arange(1, 31) ** -1.0
    walks = [random.choice(30, 20, p=popular / popular.sum(), replace=False).tolist() for _ in range(400)]
    model, plain = trained(walks, 30).recommender(), fit(PopularityTrainer, events_of(walks, 30), {})
    best = related(plain, None, 11)
    shared = [len(set(related(model, cause)) & set(best)) for cause in range(30)]
    assert np.mean(shared) > 8


def test_the_order_of_users_changes_nothing():
    random = np.random.default_rng(3)
    walks = [random.integers(0, 20, random.integers(2, 90)).tolist() for _ in range(40)]
    events = events_of(walks, 20)
    first = np.arange(40) < 13
    forward, backward = (SimsTrainer.start(events.item_counts, OPEN, Side()) for _ in range(2))
    for part in (first, ~first):
        forward.add(events.of_users(part))
        backward.add(events.of_users(~part))
    asked = [np.array([item], np.int32) for item in range(20)]
    assert np.array_equal(forward.recommender().score(asked), backward.recommender().score(asked))


def test_fewer_dimensions_keep_fewer_neighbours():
    items = 2 * NEIGHBOURS
    events = events_of([[item, items] for item in range(items)], items + 1)
    ranked = np.argsort(-events.item_counts, kind="stable")
    coded = Events(events.users, np.argsort(ranked)[events.items].astype(np.int32), items, items + 1)

    def near(**sizes):
        started = SimilarItemsTrainer.start(coded.item_counts, sizes, Side())
        started.add(coded)
        scores = started.recommender().score([np.array([0], np.int32)])[0]
        return int(np.sum(scores > scores.min(where=np.isfinite(scores), initial=np.inf)))

    assert [near(), near(item_id_hidden_dim="50")] == [NEIGHBOURS, NEIGHBOURS // 2]


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
    assert related(model, 0)[-1] in (4, 5), "what nobody took comes last"
    sims = fit(SimsTrainer, events_of(walks, 6), OPEN)
    assert related(sims, 4) == [0, 1, 2, 3], "without metadata there are only popular items"


def test_items_with_little_history_lean_on_metadata_and_others_on_history():
    # 2 is alike 3 and goes with 0; once that is little to go by, ten times it is enough.
    features = Side(items=sparse.csr_matrix(np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], np.float32)))
    others = [[0, 1], [1, 0], [3, 1], [1, 3], [0, 4], [3, 4]] * 10

    def better(times):
        model = fit(SimilarItemsTrainer, events_of([[2, 0]] * times + others, 5), {}, features)
        listed = related(model, 2)
        return listed.index(0) < listed.index(3)

    assert [better(0), better(1), better(10)] == [False, True, True]


def test_of_many_features_fewer_count_with_fewer_dimensions(monkeypatch):
    monkeypatch.setattr("emulator.recipes.related.MOST_FEATURES", 4)
    features = Side(
        items=sparse.csr_matrix(np.array([[1, 0, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0]], np.float32))
    )
    events = events_of([[0, 1, 2, 3]] * 4, 4)
    started = SimilarItemsTrainer.start(events.item_counts, {}, features)
    started.add(events)
    kept = [
        started.retuned({"item_metadata_hidden_dim": size}).recommender()._model.like.features.shape[1]
        for size in ("100", "50", "30")
    ]
    assert kept == [3, 2, 1]


@pytest.mark.parametrize("recipe", [SIMS, SIMILAR_ITEMS], ids=["sims", "similar-items"])
def test_what_comes_next_is_known_better_than_by_popularity(recipe):
    # On a ring of twenty items everybody goes one to three on; every other event is one of the popular items.
    random = np.random.default_rng(11)
    walks, nexts = [], []
    for user in range(300):
        ring, walk = user % 20, []
        for _ in range(21):
            ring = (ring + int(random.integers(1, 4))) % 20
            walk += [int(random.integers(20, 24)), ring]
        walks.append([*walk[:-2], walk[-1]])
        nexts.append(walks[-1].pop())
    events = events_of(walks, 24)
    rank = np.argsort(np.argsort(-events.item_counts, kind="stable")).astype(np.int32)
    events = Events(events.users, rank[events.items], events.n_users, events.n_items)
    causes = [events.history(user)[-1:] for user in range(300)]
    truth = rank[nexts]

    def hit_rate(model):
        return np.mean(
            [item in found for item, found in zip(truth, model.recommend(causes, 7).items, strict=True)]
        )

    popular = hit_rate(fit(PopularityTrainer, events, {}))
    assert hit_rate(fit(recipe.trainer, events, {})) > popular + 0.3


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
