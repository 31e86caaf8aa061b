"""Whatever a metrics.json holds, runs are compared or an error says what is wrong: nothing else is ever raised."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from lambdas.reports.comparison.compare import compare_folders
from lambdas.reports.comparison.page import Links, render_comparison
from lambdas.reports.comparison.run import UnreadableRunError

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**30),
    st.floats(),
    st.text(max_size=5),
    st.just("ndcg@10"),
    st.lists(st.none() | st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none() | st.integers(), max_size=2),
)
SEGMENT = {
    "by": "history",
    "group": "001-009",
    "label": "1 to 9",
    "users": 40,
    "value": 0.5,
    "low": 0.4,
    "high": 0.6,
}
SEGMENT |= {"difference": 0.4, "difference_low": 0.3, "difference_high": 0.5}
MEMBERS = {
    "segments": [SEGMENT],
    "data": {"train_interactions": 5, "first_event": 0, "last_event": 10},
    "facts": {
        "solution": {"recipeArn": "r"},
        "started_at": "2026-11-24T07:41:06Z",
        "split": {"a": [1, {"b": 2}]},
    },
}


def places(value, path=()):
    """Every place in a document."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


@pytest.fixture
def folders(make, users):
    scores = {name: 0.5 + 0.001 * place for place, name in enumerate(users(40))}
    return make("a", scores, members=MEMBERS), make("b", scores, members=MEMBERS)


def said(then, now):
    """What must be told, and the text that must tell it: the sentence on the page, or the file in the error."""
    try:
        found = compare_folders(then, now)
    except UnreadableRunError as error:
        return str(then / "metrics.json"), str(error)
    return escape(found.sentence), render_comparison(found, Links())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_document_with_something_odd_in_it(folders, data):
    then, now = folders
    file = then / "metrics.json"
    whole = json.loads((now / "metrics.json").read_text()) | {"run_id": "a"}
    odd = copy.deepcopy(whole)
    *way, last = data.draw(st.sampled_from(list(places(odd))))
    holder = odd
    for key in way:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[last] = data.draw(ODD)
    else:
        del holder[last]
    file.write_text(json.dumps(odd))
    told, somewhere = said(then, now)
    assert told in somewhere


@pytest.mark.parametrize("moment", [1e300, -1e18, 0.5])
def test_a_time_that_no_calendar_has(folders, moment):
    then, now = folders
    document = json.loads((then / "metrics.json").read_text())
    document["data"]["first_event"] = moment
    (then / "metrics.json").write_text(json.dumps(document))
    assert "first event" in render_comparison(compare_folders(then, now), Links())
