"""Whatever the data, training makes a sound model or says why not; and the order of rows does not matter."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.data.schema import Field
from emulator.errors import JobFailedError
from emulator.recipes.catalogue import RECIPES
from emulator.settings import Limits

TRAINED = sorted(recipe.name for recipe in RECIPES.values() if recipe.trainer)
TIMES = st.one_of(st.integers(-3, 3), st.integers(0, 20_000), st.sampled_from([-(2**63), 2**63 - 1, 2**33]))
IDS = st.sampled_from(["a", "b", "ü", "🎬", "c d", "|", "10", "9"])
CATEGORIES = st.one_of(st.none(), st.sampled_from(["x", "y", "x|y", "|", "z"]))
NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1e300, -1e300]), st.floats(allow_nan=True))
COLUMNS = {
    "EVENT_TYPE": Field("EVENT_TYPE", "string", nullable=False),
    "EVENT_VALUE": Field("EVENT_VALUE", "double", nullable=True),
    "DEVICE": Field("DEVICE", "string", nullable=True, categorical=True),
    "NUMBER": Field("NUMBER", "double", nullable=True),
    "CREATION_TIMESTAMP": Field("CREATION_TIMESTAMP", "long", nullable=True),
}
TYPES = st.sampled_from(["view", "buy"])
EVENTS = st.lists(st.tuples(IDS, IDS, TIMES, TYPES, NUMBERS, CATEGORIES), min_size=1, max_size=40)
ITEMS = st.none() | st.lists(st.tuples(IDS, CATEGORIES, NUMBERS, st.none() | TIMES), min_size=1, max_size=12)
USERS = st.none() | st.lists(st.tuples(IDS, CATEGORIES, NUMBERS), min_size=1, max_size=12)
CONFIGS = st.sampled_from(
    [
        {},
        {"eventType": "view"},
        {"solutionConfig": {"eventValueThreshold": "0"}},
        {
            "solutionConfig": {
                "eventsConfig": {
                    "eventParametersList": [
                        {"eventType": "view", "weight": 0.2},
                        {"eventType": "buy", "eventValueThreshold": 1.0, "weight": 0.9},
                    ]
                }
            }
        },
    ]
)
RARELY = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def datasets(made, events, items, users):
    names = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "DEVICE")
    yield _dataset(made, "Interactions", names, events)
    if items is not None:
        yield _dataset(made, "Items", ("ITEM_ID", "DEVICE", "NUMBER", "CREATION_TIMESTAMP"), items)
    if users is not None:
        yield _dataset(made, "Users", ("USER_ID", "DEVICE", "NUMBER"), users)


def _dataset(made, record, names, rows):
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return made(record, columns, *(COLUMNS[name] for name in names if name in COLUMNS))


@RARELY
@given(
    name=st.sampled_from(TRAINED),
    rows=st.tuples(EVENTS, ITEMS, USERS),
    config=CONFIGS,
    has_minima=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_training_ends_in_a_sound_model_or_in_a_reason(
    learn, made, *, name, rows, config, has_minima, chance
):
    events, items, users = rows
    limits = {"limits": Limits(training_interactions=20, training_users=3)} if has_minima else {}
    shuffled = chance.sample(events, len(events))
    found = []
    for ordered in (events, shuffled):
        try:
            learned = learn(name, *datasets(made, ordered, items, users), **limits, **config)
        except JobFailedError as error:
            found.append(str(error))
            assert found[-1].startswith("Create failed. ")
        else:
            found.append((learned.answers(), learned.metrics))
    assert found[0] == found[1]
