"""Filters: grammar, the rules of CreateFilter, and what they leave of a catalogue."""

import json
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.data.datasets import Snapshot
from emulator.data.schema import parse_schema
from emulator.errors import InvalidInputError, UnsupportedOperationError
from emulator.filters.apply import FilterOnCatalogue, Situation
from emulator.filters.columns import Rows
from emulator.filters.expressions import Condition, FieldName, Number, Placeholder, Values
from emulator.filters.history import BulkHistory, newest
from emulator.filters.parse import parse_filter
from emulator.filters.rules import check_filter

NULLABLE = ["null", "string"]


def schema_of(record, *fields):
    key = {"Items": "ITEM_ID", "Users": "USER_ID"}[record]
    return parse_schema(
        json.dumps({"type": "record", "name": record, "fields": [{"name": key, "type": "string"}, *fields]})
    )


ITEMS = schema_of(
    "Items",
    {"name": "GENRES", "type": NULLABLE, "categorical": True},
    {"name": "PRICE", "type": ["null", "float"]},
    {"name": "COLD", "type": NULLABLE},
    {"name": "HOT", "type": "boolean"},
    {"name": "PLOT", "type": NULLABLE, "textual": True},
)
USERS = schema_of("Users", {"name": "AGE", "type": ["null", "int"]}, {"name": "GENDER", "type": NULLABLE})
SCHEMAS = {"ITEMS": ITEMS, "USERS": USERS}

CATALOGUE = {
    "a": ("comedy|drama", 1.0, "true"),
    "b": ("Comedy", 2.0, "false"),
    "c": ("drama", None, "true"),
    "d": (None, 4.0, None),
}
DEEDS = {"u": [("watch", "a"), ("buy", "b"), ("", "z")], "v": []}


def items_table():
    genres, prices, cold = zip(*CATALOGUE.values(), strict=True)
    return pa.table(
        {
            "ITEM_ID": list(CATALOGUE),
            "GENRES": genres,
            "PRICE": pa.array(prices, pa.float64()),
            "COLD": cold,
            "HOT": [True] * 4,
            "PLOT": ["x"] * 4,
        }
    )


def users_table():
    return pa.table({"USER_ID": ["u", "v"], "AGE": pa.array([30, None], pa.int32()), "GENDER": ["M", None]})


def ready(expression):
    """A filter over the catalogue and one more item that the items dataset does not have."""
    return FilterOnCatalogue(
        parse_filter(expression),
        Rows(Snapshot(items_table(), ITEMS, ()), "ITEM_ID", [*CATALOGUE, "e"]),
        Rows(Snapshot(users_table(), USERS, ()), "USER_ID", ["u", "v"]),
        lambda user: DEEDS.get(user, []),
    )


def left(expression, user="u", item="", **values):
    flags = ready(expression).allowed(Situation(user, item, values))
    return "".join(name for name, flag in zip("abcde", flags, strict=True) if flag)


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ('INCLUDE ItemID WHERE Items.GENRES IN ("comedy")', "a"),
        ('INCLUDE ItemID WHERE Items.GENRES IN ("comedy", "Comedy")', "ab"),
        ('EXCLUDE ItemID WHERE Items.GENRES IN ("drama")', "bde"),
        ('INCLUDE ItemID WHERE Items.GENRES NOT IN ("drama")', "bde"),
        ("INCLUDE ItemID WHERE Items.PRICE >= 2", "bd"),
        ("INCLUDE ItemID WHERE Items.PRICE < 2.5", "ab"),
        ("INCLUDE ItemID WHERE Items.PRICE = 4", "d"),
        ("INCLUDE ItemID WHERE Items.PRICE != 4", "ab"),
        ('INCLUDE ItemID WHERE Items.COLD IN ("true")', "ac"),
        ('include itemid where ITEMS.genres in ("drama") and items.price > 0', "a"),
        ('INCLUDE ItemID WHERE Items.GENRES IN ("Comedy") OR Items.PRICE > 3', "bd"),
        # AND binds tighter than OR.
        ('INCLUDE ItemID WHERE Items.PRICE > 3 OR Items.GENRES IN ("drama") AND Items.PRICE = 1', "ad"),
        ('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("WATCH")', "bcde"),
        ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy", "click")', "b"),
        ('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")', "cde"),
        ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)", "cde"),
        ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ("watch")', "b"),
        ("EXCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.AGE > 18", "ce"),
        (
            'EXCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.AGE > 18 AND CurrentUser.GENDER IN ("F")',
            "abcde",
        ),
        ("INCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.AGE < 18", "abcde"),
        ("INCLUDE ItemID WHERE Items.PRICE = 1 | INCLUDE ItemID WHERE Items.PRICE = 2", "ab"),
        ("EXCLUDE ItemID WHERE Items.PRICE = 1 | EXCLUDE ItemID WHERE Items.PRICE = 2", "cde"),
        (
            'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch") | INCLUDE ItemID WHERE Items.COLD IN ("true")',
            "c",
        ),
    ],
)
def test_what_is_left(expression, kept):
    assert left(expression) == kept


def test_the_current_item_is_compared_with():
    expression = "INCLUDE ItemID WHERE Items.PRICE > CurrentItem.PRICE"
    assert left(expression, item="a") == "bd"
    assert left("INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES", item="c") == "ac"
    assert left("EXCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES", item="c") == "bde"
    assert left(expression, item="unknown") == ""
    assert left(expression, item="c") == "", "an item without price is compared with nothing"


def test_an_unknown_user_has_no_history_and_fulfils_no_if():
    assert left('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")', user="nobody") == "abcde"
    assert left("EXCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.AGE > 1", user="nobody") == "abcde"
    assert left("EXCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.AGE > 1", user="v") == "abcde"


def test_values_come_with_the_request():
    expression = "INCLUDE ItemID WHERE Items.GENRES IN ($G) AND Items.PRICE < $most"
    assert left(expression, G='"drama","Comedy"', most="1.5") == "a"
    assert left(expression, G='"drama"', most='"10"') == "a"
    assert left("INCLUDE ItemID WHERE Items.COLD = $C", C='"false"') == "b"


@pytest.mark.parametrize(
    ("expression", "values", "said"),
    [
        ("INCLUDE ItemID WHERE Items.GENRES IN ($G)", {}, "must have a value for G"),
        ("INCLUDE ItemID WHERE Items.GENRES IN ($G)", {"g": '"x"'}, "must have a value for G"),
        (
            "INCLUDE ItemID WHERE Items.GENRES IN ($G)",
            {"G": '"x"', "H": "1"},
            "no placeholder for filterValues: H",
        ),
        ("INCLUDE ItemID WHERE Items.GENRES IN ($G)", {"G": "drama"}, "strings in double quotes"),
        ("INCLUDE ItemID WHERE Items.PRICE > $P", {"P": "much"}, "filterValues.P must be a number"),
        ("INCLUDE ItemID WHERE Items.COLD > $P", {"P": "1"}, "not numeric"),
    ],
)
def test_values_that_are_missing_or_cannot_be_read(expression, values, said):
    with pytest.raises(InvalidInputError, match=said):
        left(expression, **values)


def test_an_exclusion_without_its_values_is_left_out():
    assert left("EXCLUDE ItemID WHERE Items.GENRES IN ($G) | EXCLUDE ItemID WHERE Items.PRICE = 4") == "abce"


simple = st.sampled_from(
    [
        'Items.GENRES IN ("drama")',
        'Items.GENRES NOT IN ("comedy")',
        "Items.PRICE > 1",
        'Items.COLD IN ("true") OR Items.PRICE = 4',
        'Interactions.EVENT_TYPE IN ("buy")',
    ]
)


@given(st.lists(st.tuples(st.booleans(), simple), min_size=1, max_size=5), st.randoms())
@settings(max_examples=60, deadline=None)
def test_chains_are_unions_of_inclusions_less_unions_of_exclusions_in_any_order(chain, random):
    def matches(condition):
        return set(left(f"INCLUDE ItemID WHERE {condition}"))

    included = [matches(condition) for include, condition in chain if include]
    excluded = [matches(condition) for include, condition in chain if not include]
    expected = (set().union(*included) if included else set("abcde")) - set().union(*excluded)
    shuffled = random.sample(chain, len(chain))
    text = " | ".join(f"{'INCLUDE' if include else 'EXCLUDE'} ItemID WHERE {c}" for include, c in shuffled)
    assert set(left(text)) == expected


def test_the_tree_of_an_expression():
    parsed = parse_filter(
        r'EXCLUDE ItemID WHERE Items.A IN ("x\"y", "z") AND Items.B >= -1.5e1 IF CurrentUser.C = $V'
    )
    (expression,) = parsed.expressions
    assert expression.alternatives == (
        (
            Condition(FieldName("ITEMS", "A"), "IN", Values(('x"y', "z"))),
            Condition(FieldName("ITEMS", "B"), ">=", Number(-15.0)),
        ),
    )
    assert expression.only_if == (Condition(FieldName("CURRENTUSER", "C"), "=", Placeholder("V")),)
    assert expression.placeholders() == {"V"}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "it ends too early"),
        ("KEEP ItemID WHERE Items.A = 1", "at character 1: 'KEEP"),
        ("INCLUDE ItemID WHERE", "it ends too early"),
        ("INCLUDE ItemID WHERE Items.A IN", "it ends too early"),
        ('INCLUDE ItemID WHERE Items.A IN ("x"', "it ends too early"),
        ("INCLUDE ItemID WHERE Items.A IN ('x')", "at character 34"),
        ('INCLUDE ItemID WHERE Items.A = "x"', "at character 32"),
        ("INCLUDE ItemID WHERE Items.A IN ($X, $Y)", "at character 36"),
        ("INCLUDE ItemID WHERE Items.A = 1 |", "it ends too early"),
        ("INCLUDE ItemID WHERE Shoes.A = 1", "Shoes is not a dataset"),
        ("INCLUDE ItemID WHERE Items.A = 1 IF CurrentUser.B = 1 OR CurrentUser.C = 2", "at character 55"),
    ],
)
def test_what_cannot_be_read_is_shown(expression, said):
    with pytest.raises(InvalidInputError) as caught:
        parse_filter(expression)
    assert caught.value.message.startswith("Could not create filter. Invalid Expression: ")
    assert said in caught.value.message


@given(st.text(max_size=80) | st.text("INCLUDEXMWHRSTOAF().,|*$\"' =<>!123", max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text):
    # Any other exception than this one fails the test.
    with suppress(InvalidInputError):
        assert parse_filter(text).expressions


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("Items.NOTHING = 1", "there is no column for ITEMS.NOTHING"),
        ("Items.HOT = 1", "is a boolean field"),
        ('Items.PLOT IN ("x")', "is a textual field"),
        ("Items.GENRES > 1", "GENRES is not numeric"),
        ('Items.GENRES IN ("*")', "* is for Interactions.EVENT_TYPE only"),
        ('Items.PRICE > 1 AND Interactions.EVENT_TYPE IN ("x")', "must use one dataset"),
        ("CurrentUser.AGE = 1", "belong behind IF"),
        ("Items.PRICE > 1 IF Items.PRICE > 1", "IF takes conditions on CurrentUser only"),
        ("Items.PRICE > Items.PRICE", "only CurrentItem can stand on the right-hand side"),
        ("Items.PRICE > CurrentItem.GENRES", "GENRES is not numeric"),
        ('Interactions.ITEM_ID IN ("x")', "can be filtered by EVENT_TYPE only"),
        ("Interactions.EVENT_TYPE = 1", "takes IN or NOT IN with a list"),
        ("Actions.VALUE > 1", "no dataset for ACTIONS.VALUE"),
    ],
)
def test_what_breaks_the_rules_is_told(condition, said):
    with pytest.raises(InvalidInputError) as caught:
        check_filter(parse_filter(f"INCLUDE ItemID WHERE {condition}"), SCHEMAS, 10)
    assert caught.value.message.startswith("Could not create filter. Invalid Expression")
    assert said in caught.value.message


def test_placeholders_do_not_go_with_not_in():
    with pytest.raises(InvalidInputError) as caught:
        check_filter(parse_filter("EXCLUDE ItemID WHERE Items.GENRES NOT IN ($param)"), SCHEMAS, 10)
    assert caught.value.message == (
        "Could not create filter. Invalid input symbol: $param. "
        "Placeholders are not allowed with NOT_IN operator."
    )


def test_filters_of_actions_are_refused():
    with pytest.raises(UnsupportedOperationError):
        check_filter(parse_filter("INCLUDE ActionID WHERE Actions.VALUE > 1"), SCHEMAS, 10)


def test_a_filter_reads_so_many_fields():
    text = 'INCLUDE ItemID WHERE Items.PRICE > CurrentItem.PRICE AND Items.GENRES IN ("x") IF CurrentUser.AGE > 1'
    check_filter(parse_filter(text), SCHEMAS, 3)
    with pytest.raises(InvalidInputError, match="at most 2 distinct fields, this one 3"):
        check_filter(parse_filter(text), SCHEMAS, 2)


def test_the_newest_hundred_of_each_event_type_count():
    deeds = [("watch", f"i{n}") for n in range(150)] + [("buy", "x")]
    assert newest(deeds) == deeds[50:]


def test_bulk_history_is_in_the_order_of_time():
    table = pa.table(
        {
            "USER_ID": ["u", "v", "u"],
            "ITEM_ID": ["b", "c", "a"],
            "TIMESTAMP": [5, 1, 3],
            "EVENT_TYPE": ["Buy"] * 3,
        }
    )
    history = BulkHistory(table)
    assert history.deeds("u") == [("buy", "a"), ("buy", "b")]
    assert history.deeds("w") == []
