"""What every recipe promises, on data small enough to check by eye."""

import numpy as np
import pytest
from scipy import sparse

from emulator.recipes import contract
from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES
from emulator.recipes.contract import Side
from emulator.recipes.events import Events
from emulator.training.model import recommender_class
from emulator.training.train import TrainingRequest, known_parameters

TRAINED = sorted(recipe.name for recipe in RECIPES.values() if recipe.trainer)
RELATED = {"aws-sims", "aws-similar-items"}
SAME_FOR_ALL = {"aws-popularity-count", "aws-trending-now"}

# Five users walk 2 → 0 → 1, three of them go on to 3, one to 4. Popularity: 0, 1, 2 (five each), 3 (three), 4 (one).
WALKS = [[2, 0, 1, 3], [2, 0, 1, 3], [2, 0, 1, 3], [2, 0, 1, 4], [2, 0, 1]]
CATALOGUE = 7
"""Of it nobody took items 5 and 6."""

DRAMA, COMEDY = [1, 0], [0, 1]
GENRES = sparse.csr_matrix(np.array([DRAMA, DRAMA, DRAMA, COMEDY, COMEDY, DRAMA, COMEDY], np.float32))
COUNTRIES = sparse.csr_matrix(np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1]], np.float32))
OLD = np.array([9.0, 9, 9, 9, 9, 0, 0])
DEVICES = ("DEVICE", "DEVICE")
"""Events are on one of two devices."""


def events_of(walks, n_items=5, context=None):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    items = np.array([item for walk in walks for item in walk], np.int32)
    return Events(users, items, len(walks), n_items, context=context)


def events_with_context():
    """The last event of each user is on the second device."""
    last = np.cumsum([len(walk) for walk in WALKS]) - 1
    devices = np.isin(np.arange(last[-1] + 1), last).astype(int)
    return events_of(WALKS, CATALOGUE, sparse.csr_matrix(np.eye(2, dtype=np.float32)[devices]))


def histories(*items):
    return [np.array(history, np.int32) for history in items]


@pytest.fixture(params=TRAINED)
def recipe(request):
    return RECIPES[RECIPE_ARN_PREFIX + request.param]


def started(recipe, events, side=None):
    return recipe.trainer.start(events.item_counts, known_parameters(TrainingRequest(recipe)), side or Side())


def fit(recipe, events, side=None):
    """A model with the recipe's own default parameters."""
    trainer = started(recipe, events, side)
    trainer.add(events)
    return trainer.recommender()


def side_of(recipe):
    """The metadata that training gives to the recipe."""
    items, users = ("ITEMS" in recipe.metadata), ("USERS" in recipe.metadata)
    return Side(
        items=GENRES if items else None,
        users=COUNTRIES if users else None,
        item_columns=("GENRE", "GENRE") if items else (),
        ages=OLD,
        context_columns=DEVICES if recipe.contextual else (),
    )


@pytest.fixture
def with_metadata(recipe):
    return fit(recipe, events_with_context(), side_of(recipe))


def traits_of(recipe, rows):
    """Of some requests: the first country, and the second device where the recipe looks at contexts."""
    features = [1, 0] * ("USERS" in recipe.metadata) + [0, 1] * recipe.contextual
    return sparse.csr_matrix(np.tile(np.array(features, np.float32), (rows, 1))) if features else None


def listed(ranking):
    """The lists without their empty places."""
    return [[item for item in row if item != contract.NOBODY] for row in ranking.items.tolist()]


def test_lists_hold_each_item_once_and_no_more_than_there_are(recipe):
    ranking = fit(recipe, events_of(WALKS)).recommend(histories([2], [0, 1], []), 50)
    assert ranking.items.shape == (3, 5)
    # An item is not related to itself; all other recipes may return anything.
    related = recipe.name in RELATED
    expected = [[0, 1, 3, 4], [0, 2, 3, 4], [0, 1, 2, 3, 4]] if related else [[0, 1, 2, 3, 4]] * 3
    assert [sorted(row) for row in listed(ranking)] == expected


def test_a_shorter_list_is_the_beginning_of_a_longer_one(recipe):
    model = fit(recipe, events_of(WALKS))
    asked = histories([2], [0, 1], [])
    assert np.array_equal(model.recommend(asked, 2).items, model.recommend(asked, 5).items[:, :2])


def test_an_empty_history_gets_popular_items(recipe):
    assert fit(recipe, events_of(WALKS)).recommend(histories([]), 5).items.tolist() == [[0, 1, 2, 3, 4]]


def test_scores_are_a_distribution_over_the_catalogue_or_absent(recipe):
    scores = fit(recipe, events_of(WALKS)).recommend(histories([2], []), 5).scores
    if recipe.name in RELATED | SAME_FOR_ALL:
        assert scores is None
        return
    assert np.allclose(scores.sum(axis=1), 1)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_requests_do_not_influence_each_other(recipe):
    model = fit(recipe, events_of(WALKS))
    asked = histories([2], [0, 1], [], [3])
    together = model.recommend(asked, 5).items.tolist()
    assert together == [model.recommend([history], 5).items[0].tolist() for history in asked]


def test_many_requests_are_answered_in_parts(recipe, monkeypatch):
    model = fit(recipe, events_of(WALKS))
    asked = histories([2], [0, 1], [], [3], [4])
    whole = model.recommend(asked, 5)
    monkeypatch.setattr(contract, "SCORES_AT_ONCE", 10)
    assert np.array_equal(model.recommend(asked, 5).items, whole.items)


def test_no_request_gets_no_answer(recipe):
    assert len(fit(recipe, events_of(WALKS)).recommend([], 5).items) == 0


def test_a_saved_model_gives_the_same_answers(recipe, tmp_path):
    model = fit(recipe, events_of(WALKS))
    model.save(tmp_path)
    loaded = recommender_class(recipe.trainer).load(tmp_path)
    asked = histories([2], [0, 1], [])
    before, after = model.recommend(asked, 5), loaded.recommend(asked, 5)
    assert np.array_equal(before.items, after.items)
    assert before.scores is after.scores is None or np.array_equal(before.scores, after.scores)


def test_parts_add_up_to_the_whole_and_a_model_can_be_made_in_between(recipe):
    events = events_of(WALKS)
    first = np.array([True, False, True, False, False])
    parts = started(recipe, events)
    parts.add(events.of_users(first))
    parts.recommender()
    parts.add(events.of_users(~first))
    asked = histories([2], [0, 1], [])
    whole, summed = fit(recipe, events).recommend(asked, 5), parts.recommender().recommend(asked, 5)
    assert np.array_equal(whole.items, summed.items)


@pytest.mark.parametrize(
    "walks", [[[0]], [[0, 0, 0]], [[0], [0]]], ids=["one event", "one item", "all alike"]
)
def test_the_least_data_makes_a_model(recipe, walks):
    ranking = fit(recipe, events_of(walks, n_items=1)).recommend(histories([0], []), 5)
    assert listed(ranking) == [[] if recipe.name in RELATED else [0], [0]]


def test_what_is_not_allowed_is_left_out_and_scores_stay(recipe):
    model = fit(recipe, events_of(WALKS))
    asked = histories([2], [])
    allowed = np.array([[True, False, True, True, True], [False, True, False, False, True]])
    free, filtered = model.recommend(asked, 5), model.recommend(asked, 5, allowed=allowed)
    for row in range(2):
        kept = [item for item in listed(free)[row] if allowed[row, item]]
        assert listed(filtered)[row] == kept
        if model.scored:
            before = dict(zip(free.items[row].tolist(), free.scores[row].tolist(), strict=True))
            after = dict(zip(filtered.items[row].tolist(), filtered.scores[row].tolist(), strict=True))
            assert all(after[item] == before[item] for item in kept)


def test_a_filter_for_all_requests_is_one_row(recipe):
    model = fit(recipe, events_of(WALKS))
    asked, allowed = histories([2], [0], []), np.array([[False, True, True, False, True]])
    together = model.recommend(asked, 5, allowed=allowed).items
    assert np.array_equal(together, model.recommend(asked, 5, allowed=np.repeat(allowed, 3, axis=0)).items)


def test_a_history_counts_only_by_its_newest_events(recipe):
    model = fit(recipe, events_of(WALKS))
    longest = model.history_length
    assert longest == 0 if recipe.name in SAME_FOR_ALL else longest >= 1
    recent = ([2, 0, 1, 4] * longest)[:longest]
    first, second, third = model.recommend(histories(recent, [3] * 1000 + recent, recent), 5).items.tolist()
    assert first == second == third
    if recipe.name in SAME_FOR_ALL:
        assert model.recommend(histories([4], []), 5).items.tolist() == [first, first]


def test_lists_depend_on_what_happened_unless_they_are_the_same_for_all(recipe):
    first, second = fit(recipe, events_of(WALKS)).recommend(histories([2], [0, 1]), 5).items.tolist()
    assert (first == second) == (recipe.name in SAME_FOR_ALL)


@pytest.mark.parametrize("recipe", sorted(RELATED), indirect=True)
def test_an_item_is_not_related_to_itself(recipe):
    ranking = fit(recipe, events_of(WALKS)).recommend(histories([0], [1], [2], [3], [4]), 5)
    for item, row in enumerate(listed(ranking)):
        assert sorted(row) == [other for other in range(5) if other != item]


def test_a_ranked_list_holds_the_same_items_with_scores_that_sum_to_one(recipe):
    model = fit(recipe, events_of(WALKS))
    lists = histories([4, 3, 1], [1, 0, 2, 3, 4], [3])
    ranked = model.rank(histories([2], [0, 1], []), lists)
    for (items, scores), given in zip(ranked, lists, strict=True):
        assert sorted(items.tolist()) == sorted(given.tolist())
        assert np.isfinite(scores).all()
        assert np.isclose(scores.sum(), 1)
        assert (np.diff(scores) <= 0).all()


def test_a_list_is_ranked_as_it_would_be_recommended(recipe):
    model = fit(recipe, events_of(WALKS))
    asked, given = histories([2], [0, 1], [4]), [0, 1, 3]
    ranked = model.rank(asked, histories(given, given, given))
    for row, (items, _) in zip(listed(model.recommend(asked, 5)), ranked, strict=True):
        recommended = [item for item in row if item in given]
        # The item itself, which related items do not hold, comes last.
        assert items.tolist() == recommended + [item for item in given if item not in recommended]


def test_equal_items_are_ranked_by_popularity_and_then_by_code(recipe):
    (ranked,) = fit(recipe, events_of(WALKS)).rank(histories([]), histories([4, 2, 3, 0, 1]))
    assert ranked[0].tolist() == [0, 1, 2, 3, 4]


def test_an_empty_list_is_ranked(recipe):
    (ranked,) = fit(recipe, events_of(WALKS)).rank(histories([2]), histories([]))
    assert [len(part) for part in ranked] == [0, 0]


def test_affinity_is_the_probability_of_each_item_for_each_user(recipe):
    model = fit(recipe, events_of(WALKS))
    asked, items = histories([2], [0, 1], []), np.array([3, 0, 1], np.int32)
    affinity = model.affinity(asked, items)
    assert affinity.shape == (3, 3)
    assert np.isfinite(affinity).all()
    assert ((affinity >= 0) & (affinity <= 1)).all()
    ranking = model.recommend(asked, 5)
    if ranking.scores is not None:
        for row, (codes, scores) in enumerate(zip(ranking.items, ranking.scores, strict=True)):
            shown = dict(zip(codes.tolist(), scores.tolist(), strict=True))
            assert np.allclose(affinity[row], [shown[item] for item in items.tolist()])


def test_a_filter_can_ask_for_items_without_events_where_metadata_describes_them(recipe, with_metadata):
    allowed = np.array([[False] * 5 + [True] * 2])
    ranking = with_metadata.recommend(histories([2, 0], []), 5, traits_of(recipe, 2), allowed)
    if "ITEMS" in recipe.metadata:
        assert [sorted(row) for row in listed(ranking)[:1]] == [[5, 6]]
    if recipe.name in SAME_FOR_ALL | {"aws-sims"}:
        assert listed(ranking) == [[], []]


def test_with_metadata_lists_are_as_well_formed_as_without(recipe, with_metadata):
    ranking = with_metadata.recommend(histories([2, 0], [3], []), 7, traits_of(recipe, 3))
    for row in listed(ranking):
        assert len(set(row)) == len(row) >= 4
    if recipe.name not in RELATED | SAME_FOR_ALL:
        assert np.allclose(ranking.scores.sum(axis=1), 1)
        assert (np.diff(ranking.scores, axis=1) <= 0).all()


def test_a_model_with_metadata_and_context_gives_the_same_answers_once_saved(recipe, with_metadata, tmp_path):
    with_metadata.save(tmp_path)
    loaded = recommender_class(recipe.trainer).load(tmp_path)
    asked, traits = histories([2], [0, 1], []), traits_of(recipe, 3)
    before, after = with_metadata.score(asked, traits), loaded.score(asked, traits)
    assert np.array_equal(before, after)
    if traits is not None:
        assert not np.array_equal(before, with_metadata.score(asked))
