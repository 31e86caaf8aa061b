import hashlib
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.moto_patches.jsonata import JsonataError, evaluate

STATES = {"input": {"name": 'a "quoted" name', "n": 3, "nothing": None, "items": [1, 2, 3], "empty": []}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.n + 1", 4),
        ("$states.input.n / 2", 1.5),
        ("4 / 2", 2),
        ("$states.input.name & '!'", 'a "quoted" name!'),
        ("$states.input.nothing", None),
        ("[1..3]", [1, 2, 3]),
        ("{'list': [1..2], 'null': null}", {"list": [1, 2], "null": None}),
        ("$states.input.items[$ > 1]", [2, 3]),
        ("$states.input.empty", []),
        ("$count($states.input.items)", 3),
        ("$flag", None),
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('input data', 'SHA-1')", hashlib.sha1(b"input data").hexdigest()),
        ("$hash('input data', 'SHA-512')", hashlib.sha512(b"input data").hexdigest()),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$random(7) = $random(7)", True),
    ],
)
def test_an_expression_gives_the_value_that_step_functions_gives(expression, value):
    assert evaluate(expression, {"states": STATES, "flag": None}) == value


def test_whole_quotients_are_whole_numbers():
    assert isinstance(evaluate("4 / 2", {}), int)


def test_uuid_gives_a_new_version_4_uuid_every_time():
    first, second = evaluate("[$uuid(), $uuid()]", {})
    assert first != second
    assert uuid.UUID(first).version == 4


def test_random_lies_between_0_and_1():
    assert 0 <= evaluate("$random()", {}) < 1


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("$states.input.missing", r"returned nothing \(undefined\)"),
        ("$missing", r"returned nothing \(undefined\)"),
        ("$states.input.", "end of expression"),
        ("1 / 0", "zero"),
        ("$error('my own message')", "my own message"),
        ("$sum", "unsupported result type"),
        ("function($x) { $x }", "unsupported result type"),
        ("$hash('x', 'CRC')", "SHA-256"),
        ("$eval('1+1')", "non-function"),
        ("$parse('{')", "Expecting property name"),
        ("$states.input.name + 1", "must evaluate to a number"),
    ],
)
def test_what_is_not_a_json_value_is_an_error_that_says_why(expression, complaint):
    with pytest.raises(JsonataError, match=complaint):
        evaluate(expression, {"states": STATES})


def test_evaluating_does_not_change_the_variables():
    variables = {"states": json.loads(json.dumps(STATES))}
    evaluate("$merge([$states.input, {'n': 4}])", variables)
    assert variables == {"states": STATES}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_a_variable_comes_back_as_it_was_put_in(value):
    assert evaluate("$v", {"v": value}) == value
