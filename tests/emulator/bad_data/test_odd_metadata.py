"""Metadata that says nothing, too much, or about nobody; ids in any script; values at the ends of their types."""

import numpy as np
import pytest

from emulator.data.schema import Field
from emulator.recipes.catalogue import RECIPES

NOON = 1_600_000_000
USES_ITEMS = sorted(
    recipe.name for recipe in RECIPES.values() if recipe.trainer and "ITEMS" in recipe.metadata
)
USES_USERS = sorted(
    recipe.name for recipe in RECIPES.values() if recipe.trainer and "USERS" in recipe.metadata
)
CONTEXTUAL = sorted(recipe.name for recipe in RECIPES.values() if recipe.trainer and recipe.contextual)
ITEMS = [f"i{item:02d}" for item in range(12)]
USERS = [f"u{user:02d}" for user in range(30)]
GENRE = Field("GENRE", "string", nullable=True, categorical=True)
NOTE = Field("NOTE", "string", nullable=True)
BASE = {"ITEM_ID": ITEMS, "GENRE": ["drama", "comedy", "drama|comedy"] * 4}


def wandering(more=None):
    random = np.random.default_rng(1)
    rows = 8 * len(USERS)
    columns = {
        "USER_ID": np.repeat(USERS, 8).tolist(),
        "ITEM_ID": [ITEMS[item] for item in random.integers(0, len(ITEMS), rows)],
        "TIMESTAMP": list(range(NOON, NOON + rows)),
    }
    return columns | (more or {})


@pytest.fixture
def interactions(made):
    return made("Interactions", wandering())


NOTHING_TO_LEARN = {
    "constant": (Field("X", "string", nullable=True, categorical=True), ["same"] * 12),
    "constant number": (Field("X", "double", nullable=True), [7.5] * 12),
    "empty": (Field("X", "string", nullable=True, categorical=True), [None] * 12),
    "empty number": (Field("X", "long", nullable=True), [None] * 12),
    "nothing but separators": (Field("X", "string", nullable=True, categorical=True), ["|", "||", None] * 4),
    "no numbers": (Field("X", "double", nullable=True), [float("nan"), float("inf"), None] * 4),
    "one of each": (Field("X", "string", nullable=True, categorical=True), ITEMS),
    "boolean": (Field("X", "boolean", nullable=True), [True, False, None] * 4),
    "plain string": (Field("X", "string", nullable=True), ["a", "b", None] * 4),
    "text": (Field("X", "string", nullable=True, textual=True), ["a", "b", None] * 4),
}


@pytest.mark.parametrize("name", USES_ITEMS)
def test_item_columns_without_anything_to_learn_change_nothing(learn, made, interactions, name):
    usual = learn(name, interactions, made("Items", BASE, GENRE)).answers()
    for said, (field, values) in NOTHING_TO_LEARN.items():
        items = made("Items", BASE | {"X": values}, GENRE, field)
        assert learn(name, interactions, items).answers() == usual, said


@pytest.mark.parametrize("name", USES_USERS)
def test_user_columns_without_anything_to_learn_change_nothing(learn, made, interactions, name):
    usual = learn(name, interactions).answers()
    for said, (field, values) in NOTHING_TO_LEARN.items():
        columns = {"USER_ID": USERS[:12], "X": values}
        if said.startswith("constant"):
            columns = {"USER_ID": USERS, "X": values[:1] * len(USERS)}
        assert learn(name, interactions, made("Users", columns, field)).answers() == usual, said


@pytest.mark.parametrize("name", USES_ITEMS)
def test_a_number_counts_whatever_its_size(learn, made, interactions, name):
    # In the order of their texts, which is that of features.
    small, large = [1, 3, 2] * 4, [-(2**63), 2**53 + 1, 2**63 - 1] * 4
    field = Field("X", "long", nullable=True)
    answers = [
        learn(name, interactions, made("Items", BASE | {"X": values}, GENRE, field)).answers()
        for values in (small, large)
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("values", [1_000, 5_000])
@pytest.mark.parametrize(
    "name", ["aws-user-personalization", "aws-similar-items", "aws-item-affinity", "aws-hrnn-coldstart"]
)
def test_columns_of_many_values_are_learned_from(learn, made, interactions, name, values):
    catalogue = ITEMS + [f"new{item:05d}" for item in range(2 * values)]
    cells = [f"v{place % values}|v{(place + 1) % values}" for place in range(len(catalogue))]
    items = made("Items", {"ITEM_ID": catalogue, "GENRE": cells}, GENRE)
    learned = learn(name, interactions, items)
    assert len(learned.model.items) == len(catalogue)
    assert learned.answers()


STRANGE = [
    "Käse",
    "电影",
    "🎬",
    "two words",
    'a "quote"',
    "a,comma",
    "a|bar",
    "back\\slash",
    "'",
    "ΑΩ",
    "e\u0301",
    "é",
]


def test_ids_are_kept_as_they_are(learn, made, name):
    renamed = dict(zip(ITEMS, STRANGE, strict=True))
    plain = wandering()
    columns = plain | {
        "ITEM_ID": [renamed[item] for item in plain["ITEM_ID"]],
        "USER_ID": [f"{user} 用户 ü" for user in plain["USER_ID"]],
    }
    learned = learn(name, made("Interactions", columns))
    assert set(learned.model.items) == set(STRANGE)
    assert learned.answers()
    assert f"{USERS[3]} 用户 ü" in learned.model.users


@pytest.mark.parametrize("name", USES_ITEMS)
def test_items_that_nobody_took_and_users_without_events_are_known(learn, made, name):
    items = {
        "ITEM_ID": [*ITEMS, "new", "new", *ITEMS],
        "GENRE": [None] * 12 + ["horror", "drama"] + BASE["GENRE"],
    }
    users = {"USER_ID": [*USERS, "quiet", "quiet"], "GENRE": ["a", "b", "c"] * 10 + ["c", "a"]}
    learned = learn(
        name, made("Interactions", wandering()), made("Items", items, GENRE), made("Users", users, GENRE)
    )
    assert sorted(learned.model.items) == sorted([*ITEMS, "new"])
    assert learned.answers()
    # Of rows of one id the last one counts: the first ones have no genre, or another.
    once = {"ITEM_ID": [*ITEMS, "new"], "GENRE": [*BASE["GENRE"], "drama"]}
    users_once = {"USER_ID": [*USERS, "quiet"], "GENRE": ["a", "b", "c"] * 10 + ["a"]}
    same = learn(
        name, made("Interactions", wandering()), made("Items", once, GENRE), made("Users", users_once, GENRE)
    )
    assert same.answers() == learned.answers()


@pytest.mark.parametrize("name", USES_ITEMS)
def test_metadata_of_strangers_only(learn, made, interactions, name):
    items = made("Items", {"ITEM_ID": ["x", "y", "z", "w"], "GENRE": ["a", "a", "b", None]}, GENRE)
    users = made("Users", {"USER_ID": ["x", "y", "z"], "GENRE": ["a", "a", "b"]}, GENRE)
    learned = learn(name, interactions, items, users)
    assert sorted(learned.model.items) == sorted([*ITEMS, "w", "x", "y", "z"])
    assert learned.answers()


VALUE = Field("EVENT_VALUE", "double", nullable=True)
TYPE = Field("EVENT_TYPE", "string", nullable=False)


def test_events_without_value_count_unless_there_is_a_threshold(learn, made, name):
    values = [None, 3.0] * 120
    rows = wandering({"EVENT_VALUE": values})
    every = learn(name, made("Interactions", rows, VALUE))
    assert every.model.counts.sum() == 240
    assert every.answers() == learn(name, made("Interactions", wandering())).answers()
    half = learn(name, made("Interactions", rows, VALUE), solutionConfig={"eventValueThreshold": "3.0"})
    assert half.model.counts.sum() == 120
    assert half.answers()


@pytest.mark.parametrize("name", CONTEXTUAL)
@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_weights_and_contexts_go_together(learn, made, name, weight):
    device, hour = (
        Field("DEVICE", "string", nullable=True, categorical=True),
        Field("HOUR", "int", nullable=True),
    )
    more = {
        "EVENT_TYPE": ["view", "buy", "view"] * 80,
        "EVENT_VALUE": [None, 2.0] * 120,
        "DEVICE": ["tv", None, "phone|tv", "phone"] * 60,
        "HOUR": [None, *range(7)] * 30,
    }
    rules = [
        {"eventType": "view", "weight": weight},
        {"eventType": "buy", "eventValueThreshold": 1.0, "weight": weight},
    ]
    learned = learn(
        name,
        made("Interactions", wandering(more), TYPE, VALUE, device, hour),
        made("Items", BASE, GENRE),
        solutionConfig={"eventsConfig": {"eventParametersList": rules}},
    )
    assert learned.answers()
    assert learned.model.context.known == ("DEVICE", "HOUR")
    assert "normalized_discounted_cumulative_gain_with_event_weights_at_5" in learned.metrics
