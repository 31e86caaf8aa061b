"""Items that nobody has taken: scored by their features, explored by a share of the list."""

import numpy as np
import pytest
from scipy import sparse

from emulator.recipes.cold_items import fit_cold_scorer, with_combinations
from emulator.recipes.contract import Order, Side, fit
from emulator.recipes.events import Events
from emulator.recipes.sequence import ColdStartTrainer, SequenceRecommender, SequenceTrainer
from emulator.training.reorder import Exploration, Reorder, unscored


def events_of(walks, n_items):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    return Events(users, np.array([item for walk in walks for item in walk], np.int32), len(walks), n_items)


def test_scores_of_new_items_are_ridge_regression_of_the_known_ones():
    features = np.array([[1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [1, 1], [0, 1], [1, 1]], np.float32)
    cold = np.array([False] * 7 + [True])
    scores = np.array([[3, 5, 1, 0, 4, 6, 2, 0]], np.float32)
    scorer = fit_cold_scorer(sparse.csr_matrix(features), ("A", "B"), cold, ridge=2.0)
    known = features[:7] - features[:7].mean(axis=0)
    weights = np.linalg.solve(
        known.T @ known + 2.0 * np.eye(2), known.T @ (scores[0, :7] - scores[0, :7].mean())
    )
    expected = (features[7] - features[:7].mean(axis=0)) @ weights + scores[0, :7].mean()
    assert scorer.cold.tolist() == [7]
    assert scorer.score(scores)[0, 0] == pytest.approx(expected, abs=1e-4)


def test_pairs_of_values_of_one_column_and_whole_cells_are_features_too():
    values = np.array([[1, 1, 0, 1]] * 3 + [[1, 0, 1, 1]] * 2, np.float32)
    wide = with_combinations(sparse.csr_matrix(values), ("G", "G", "G", "OTHER")).toarray()
    # Two cells of G; three items have its first two values together, too few the first and the third.
    assert wide.shape == (5, 4 + 2 + 1)
    assert wide[:, 4:].tolist() == [[1, 0, 1]] * 3 + [[0, 1, 0]] * 2


def test_without_new_items_or_features_there_is_no_scorer():
    features = sparse.csr_matrix(np.eye(4, dtype=np.float32))
    assert fit_cold_scorer(features, ("A",) * 4, np.zeros(4, bool)) is None
    assert fit_cold_scorer(features, ("A",) * 4, np.array([True, False, False, False])) is None


# Users of two tastes walk among items 0..3 (feature A) or 4..7 (feature B); 8 (A) and 9 (B) are new.
TASTES = [[(start + step) % 4 + 4 * (user % 2) for step in range(12)] for user, start in enumerate(range(40))]
GENRE = sparse.csr_matrix(np.array([[1, 0]] * 4 + [[0, 1]] * 4 + [[1, 0], [0, 1]], np.float32))
SIDE = Side(items=GENRE, item_columns=("G", "G"), ages=np.zeros(10))


def places(model, history, item):
    items = model.recommend([np.array(history, np.int32)], 10).items[0].tolist()
    return items.index(item)


@pytest.mark.parametrize(("history", "better", "worse"), [([0, 1], 8, 9), ([4, 5], 9, 8)])
def test_new_items_come_last_in_the_order_of_the_users_taste(history, better, worse):
    model = fit(SequenceTrainer, events_of(TASTES, 10), {}, SIDE)
    assert (places(model, history, better), places(model, history, worse)) == (8, 9)


def test_without_features_new_items_come_last_too():
    model = fit(SequenceTrainer, events_of(TASTES, 10), {})
    assert {places(model, [0], 8), places(model, [0], 9)} == {8, 9}


def test_the_cold_start_recipe_ranks_new_items_among_all():
    model = fit(ColdStartTrainer, events_of(TASTES, 10), {}, SIDE)
    assert places(model, [0, 1], 8) < places(model, [0, 1], 9)
    assert places(model, [0, 1], 8) < 8


def test_few_events_and_a_young_age_make_an_item_cold():
    walks = [*TASTES, [8, 9], [8]]
    ages = np.array([100.0] * 8 + [2.0, 9.0])

    def cold(**parameters):
        trainer = ColdStartTrainer.start(
            events_of(walks, 10).item_counts,
            parameters,
            Side(items=GENRE, item_columns=("G", "G"), ages=ages),
        )
        trainer.add(events_of(walks, 10))
        return np.nonzero(trainer.cold())[0].tolist()

    assert cold() == [8]
    assert cold(cold_start_max_duration="10") == [8, 9]
    assert cold(cold_start_max_duration="10", cold_start_max_interactions="1") == [9]
    assert cold(cold_start_max_interactions="0", cold_start_max_duration="1000") == []


COUNTS = np.array([5] * 20 + [0] * 20)
AGES = np.array([1.0] * 30 + [50.0] * 10)
SCORES = np.tile(np.linspace(1, 0, 40, dtype=np.float32), (200, 1))


def explored(weight, age=30.0, count=10, allowed=None):
    users = [f"u{number}" for number in range(200)]
    reorder = Reorder(count, Exploration(weight, age), users, COUNTS, AGES, None, unscored(COUNTS))
    within = np.ones(SCORES.shape, bool) if allowed is None else np.tile(allowed, (200, 1))
    order = reorder(SCORES, within, slice(0, 200)).values
    return np.argsort(-order, axis=1, kind="stable")[:, :count]


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.7, 1.0])
def test_the_weight_is_the_share_of_new_items(weight):
    lists = explored(weight)
    assert np.mean(lists >= 20) == pytest.approx(weight, abs=0.04)
    assert not (lists >= 30).any(), "those are too old"
    assert all(len(set(row)) == 10 for row in lists.tolist())
    known = [[item for item in row if item < 20] for row in lists.tolist()]
    assert all(row == list(range(len(row))) for row in known), (
        "the other places go to the best items in order"
    )


def test_exploration_is_the_same_every_time_and_differs_between_users():
    first, second = explored(0.5), explored(0.5)
    assert np.array_equal(first, second)
    assert len({tuple(row) for row in first.tolist()}) > 100


def test_new_items_of_higher_score_are_drawn_first_more_often():
    lists = explored(1.0)
    firsts = lists[:, 0]
    assert np.mean(firsts == 20) > np.mean(firsts == 29)
    assert len(set(firsts.tolist())) > 5


def test_where_new_items_run_out_the_best_known_ones_follow():
    allowed = np.zeros(40, bool)
    allowed[[0, 1, 2, 25]] = True
    lists = explored(1.0, count=4, allowed=allowed)
    assert all(row == [25, 0, 1, 2] for row in lists.tolist())


def test_a_filter_for_new_items_alone_ranks_them_and_the_weight_adds_luck():
    allowed = COUNTS == 0
    assert all(row == list(range(20, 30)) for row in explored(0.0, allowed=allowed).tolist())
    lucky = explored(1.0, allowed=allowed)
    assert not np.array_equal(lucky, explored(0.0, allowed=allowed))


@pytest.mark.parametrize("allowed", [None, np.isin(np.arange(5), [2, 4])[None, :]])
def test_scores_of_a_list_with_items_moved_up_fall_and_sum_to_no_more_than_one(allowed):
    class Fixed(SequenceRecommender):
        n_items, sharpness = 5, 1.0

        def score(self, histories, traits=None):
            return np.log(np.array([[0.4, 0.3, 0.15, 0.1, 0.05]], np.float32))

    def last_first(scores, within, part):
        return Order(np.arange(5, dtype=np.float32)[None, :], moved=True)

    ranking = Fixed.recommend(
        object.__new__(Fixed), [np.empty(0, np.int32)], 5, allowed=allowed, rerank=last_first
    )
    # Of the list 4, 3, 2, 1, 0 all but the last are raised to 0.4, which makes a sum of 2; of 4, 2 the first to 0.15.
    expected = [0.2] * 5 if allowed is None else [0.15 / 1.1, 0.15 / 1.1]
    assert ranking.items[0, : len(expected)].tolist() == ([4, 3, 2, 1, 0] if allowed is None else [4, 2])
    assert ranking.scores[0, : len(expected)] == pytest.approx(expected)
    assert np.isnan(ranking.scores[0, len(expected) :]).all()


FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": "string", "categorical": True},
    {"name": "COLD", "type": "string"},
]


@pytest.fixture
def cold_group(service):
    """The conftest's ring with 20 new items, of genre A or B, marked by a column that training does not use."""
    group = service.ready_group()
    rows = [f"i{n:03d},{'A' if n % 60 < 30 else 'B'},{'true' if n >= 60 else 'false'}" for n in range(80)]
    service.add_dataset(group, "Items", FIELDS, "ITEM_ID,GENRES,COLD\n" + "\n".join(rows) + "\n")
    expression = 'INCLUDE ItemID WHERE Items.COLD IN ("true")'
    arn = service.personalize.create_filter(name="new", datasetGroupArn=group, filterExpression=expression)
    return group, arn["filterArn"]


@pytest.mark.parametrize(
    "recipe",
    ["aws-user-personalization", "aws-user-personalization-v2", "aws-hrnn-metadata", "aws-hrnn-coldstart"],
)
def test_a_filter_restricts_a_list_to_new_items(service, cold_group, recipe):
    group, arn = cold_group
    version = service.train(group, recipe)["solutionVersionArn"]
    (line,) = service.answers([{"userId": "u001"}], version, filterArn=arn)
    items, scores = line["output"]["recommendedItems"], line["output"]["scores"]
    assert sorted(items) == [f"i{n:03d}" for n in range(60, 80)]
    assert all(score > 0 for score in scores)
    assert scores == sorted(scores, reverse=True)


def test_batch_jobs_explore_by_their_weight(service, cold_group):
    group, _ = cold_group
    version = service.train(group, "aws-user-personalization")["solutionVersionArn"]
    queries = [{"userId": f"u{number:03d}"} for number in range(40)]

    def share(**exploration):
        config = {"batchInferenceJobConfig": {"itemExplorationConfig": exploration}} if exploration else {}
        lines = service.answers(queries, version, **config)
        for line in lines:
            assert line["output"]["scores"] == sorted(line["output"]["scores"], reverse=True)
        lists = [line["output"]["recommendedItems"] for line in lines]
        return np.mean([item >= "i060" for items in lists for item in items])

    assert share(explorationWeight="0") == 0
    assert 0.4 < share(explorationWeight="0.5") < 0.6
    assert 0.2 < share() < 0.4, "the service's default weight is 0.3"


def test_items_older_than_the_cut_off_are_not_explored(service):
    group = service.ready_group()
    fields = [*FIELDS[:2], {"name": "CREATION_TIMESTAMP", "type": "long"}]
    day = 86_400
    rows = [f"i{n:03d},A,{1_600_000_000 - (40 if n >= 70 else 10) * day}" for n in range(80)]
    service.add_dataset(
        group, "Items", fields, "ITEM_ID,GENRES,CREATION_TIMESTAMP\n" + "\n".join(rows) + "\n"
    )
    version = service.train(group, "aws-user-personalization")["solutionVersionArn"]

    def new_items(cut_off):
        config = {"itemExplorationConfig": {"explorationWeight": "1", "explorationItemAgeCutOff": cut_off}}
        (line,) = service.answers(
            [{"userId": "u001"}], version, batchInferenceJobConfig=config, numResults=20
        )
        return {item for item in line["output"]["recommendedItems"] if item >= "i060"}

    assert new_items("30") == {f"i{n:03d}" for n in range(60, 70)}
    assert new_items("60") == {f"i{n:03d}" for n in range(60, 80)}
    assert new_items("5") == set()


def test_exploration_belongs_to_one_recipe(service, cold_group, refused):
    group, _ = cold_group
    version = service.train(group)["solutionVersionArn"]
    config = {"itemExplorationConfig": {"explorationWeight": "0.5"}}
    create = service.personalize.create_campaign
    code, _, message = refused(create, name="c", solutionVersionArn=version, campaignConfig=config)
    assert code == "InvalidInputException"
    assert "aws-user-personalization only" in message
