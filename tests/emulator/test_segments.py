"""Batch segment jobs through the API: who is in a segment, how lines are written, what is refused."""

import json

import pytest

from emulator.serving.segments import Segments

RING = 10
EVENT_TYPE = {"name": "EVENT_TYPE", "type": "string"}
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": ["null", "string"], "categorical": True},
    {"name": "YEAR", "type": ["null", "int"]},
    {"name": "TITLE", "type": ["null", "string"], "textual": True},
    {"name": "NEW", "type": ["null", "boolean"]},
]
USER_FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "AGE", "type": "int"},
    {"name": "PLAN", "type": "string", "categorical": True},
]


def two_rings(users=40, length=30):
    """Even users walk the ring of a, odd users that of b; user u ends at item (u // 2) % 10 of the ring."""
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"]
    for user in range(users):
        for step in range(length):
            item = (user // 2 - length + 1 + step) % RING
            kind = "buy" if user < 4 and step == 0 else "view"
            lines.append(f"u{user:02d},{'ab'[user % 2]}{item},{1_600_000_000 + step},{kind}")
    return "\n".join(lines) + "\n"


def items_csv():
    lines = ["ITEM_ID,GENRES,YEAR,TITLE,NEW"]
    for item in range(RING):
        lines.append(f"a{item},{'Comedy|Action' if item == 4 else 'Comedy'},{1990 + item},t,true")
        lines.append(f"b{item},Action,{2000 + item},t,false")
    return "\n".join([*lines, "c0,Drama|Comedy,1950,t,true"]) + "\n"


def users_csv():
    rows = [f"u{user:02d},{20 + user},{'gold' if user % 4 < 2 else 'tin'}" for user in range(40)]
    return "\n".join(["USER_ID,AGE,PLAN", *rows, "stranger,90,gold"]) + "\n"


@pytest.fixture
def rings(service, schema):
    """A service with a group whose users walk two rings: (service, group ARN)."""
    return service, ring_group(service, schema)


def ring_group(service, schema):
    group = service.create_group()
    service.s3.put("s3://data/train.csv", two_rings())
    job = service.import_data(service.create_dataset(group, schema(EVENT_TYPE)), "s3://data/train.csv")
    assert job["status"] == "ACTIVE", job
    return group


@pytest.fixture
def by_item(rings):
    service, group = rings
    return service, train(service, group)


@pytest.fixture
def by_attribute(rings):
    service, group = rings
    service.add_dataset(group, "Items", ITEM_FIELDS, items_csv())
    return service, train(service, group, "aws-item-attribute-affinity")


def train(service, group, recipe="aws-item-affinity", **members):
    version = service.train(group, recipe, **members)
    assert version["status"] == "ACTIVE", version
    return version["solutionVersionArn"]


def users_of(service, version, *queries, **members):
    """The lists of a job whose lines are all answered."""
    job, text = service.segment(version, *queries, **members)
    assert job["status"] == "ACTIVE", job
    answers = [json.loads(line) for line in text.splitlines()]
    assert [answer["input"] for answer in answers] == list(queries)
    assert [answer["error"] for answer in answers] == [None] * len(queries)
    return [answer["output"]["usersList"] for answer in answers]


def test_the_users_who_come_to_an_item_next_are_found(by_item):
    service, version = by_item
    queries = [{"itemId": f"{ring}{item}"} for item in range(RING) for ring in "ab"]
    found = users_of(service, version, *queries, numResults=2)
    for place, users in enumerate(found):
        before = (place // 2 - 1) % RING * 2 + place % 2
        assert users == [f"u{before:02d}", f"u{before + 2 * RING:02d}"]


def test_lines_have_the_services_form_and_25_users(by_item):
    service, version = by_item
    job, text = service.segment(version, '{"itemId":"a3"}', '{"item":"Zoë"}')
    answer = json.loads(text.splitlines()[0])
    assert len(answer["output"]["usersList"]) == job["numResults"] == 25
    quoted = ", ".join(f'"{user}"' for user in answer["output"]["usersList"])
    assert text == (
        f'{{"input": {{"itemId": "a3"}}, "output": {{"usersList": [{quoted}]}}, "error": null}}\n'
        '{"input": {"item": "Zoë"}, "output": {"usersList": []}, '
        '"error": "User error: Required fields for the provided recipe are itemId"}\n'
    )
    written = sorted(key for _, key in service.s3.objects if key.startswith("segments/"))
    assert written == ["segments/_CHECK", "segments/q.jsonl.out"]


def test_a_line_that_cannot_be_answered_does_not_spoil_its_neighbours(by_item):
    service, version = by_item
    lines = [
        "rubbish",
        {"itemId": "a1"},
        "",
        {"itemId": "none"},
        {"itemId": "b1", "filterValues": {"A": "1"}},
    ]
    _, text = service.segment(version, *lines, {"itemId": "b1"}, numResults=1)
    answers = [json.loads(line) for line in text.splitlines()]
    assert [answer["output"]["usersList"] for answer in answers] == [[], ["u00"], [], [], ["u01"]]
    errors = [answer["error"] for answer in answers]
    assert errors[1] is errors[4] is None
    assert errors[0] == "User error: The line is not valid JSON"
    assert errors[2].startswith("User error: itemId none is not in the data")
    assert errors[3] == "User error: filterValues were given without a filter"


def test_a_segment_holds_no_more_users_than_have_events(rings):
    service, group = rings
    service.add_dataset(group, "Users", USER_FIELDS, users_csv())
    (users,) = users_of(service, train(service, group), {"itemId": "a0"}, numResults=5_000_000)
    assert sorted(users) == [f"u{user:02d}" for user in range(40)], "stranger is known by metadata only"


def test_attributes_find_the_users_of_the_items_that_have_them(by_attribute):
    service, version = by_attribute
    queries = [
        {"itemAttributes": 'ITEMS.GENRES = "Action"'},
        {"itemAttributes": 'ITEMS.GENRES = "Comedy"'},
        {"itemAttributes": 'ITEMS.GENRES = "Comedy" AND ITEMS.GENRES = "Action"'},
        {"itemAttributes": "ITEMS.YEAR = 2003"},
    ]
    odd, even = ([f"u{user:02d}" for user in range(first, 40, 2)] for first in (1, 0))
    found = users_of(service, version, *queries, numResults=20)
    assert [sorted(users) for users in found] == [odd, even, even, odd]


@pytest.mark.parametrize(
    ("expression", "items"),
    [
        ('ITEMS.GENRES = "Comedy" AND ITEMS.GENRES = "Action"', ["a4"]),
        ('items.genres="Action"AND Items.Year = 2004', ["b4"]),
        ('ITEMS.YEAR = "1997"', ["a7"]),
        ('ITEMS.GENRES = "Drama"', ["c0"]),
        ('ITEMS.GENRES = "Drama" and ITEMS.GENRES = "Comedy" And ITEMS.YEAR = 1950', ["c0"]),
        ('ITEMS.GENRES = "Comedy"', ["c0", *(f"a{item}" for item in range(RING))]),
    ],
)
def test_all_conditions_must_hold_and_only_values_are_spelled_exactly(by_attribute, expression, items):
    service, version = by_attribute
    model = service.emulator.model(version)
    found = [model.items[code] for code in Segments(model)._items(expression)]
    assert sorted(found) == sorted(items)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('ITEMS.GENRES = "Comedy" OR ITEMS.GENRES = "Action"', "joined by AND"),
        ('ITEMS.GENRES != "Comedy"', "not ITEMS.GENRES with !="),
        ("ITEMS.YEAR < 1995", "not ITEMS.YEAR with <"),
        ('ITEMS.GENRES IN ("Comedy")', "joined by AND"),
        ('USERS.GENRES = "Comedy"', "not USERS.GENRES"),
        ('Films.GENRES = "Comedy"', "Films is not a dataset"),
        ("ITEMS.GENRES = $GENRE", "joined by AND"),
        ('ITEMS.TITLE = "t"', "ITEMS.TITLE cannot be asked for in itemAttributes"),
        ('ITEMS.NEW = "true"', "this solution version takes: GENRES, YEAR"),
        ('ITEMS.GENRES = "comedy"', "No item in the data"),
        ('ITEMS.GENRES = "Drama" AND ITEMS.YEAR = 2003', "No item in the data"),
        ("a1", "joined by AND"),
    ],
)
def test_attributes_that_cannot_be_asked_for(by_attribute, expression, said):
    service, version = by_attribute
    _, text = service.segment(version, {"itemAttributes": expression})
    answer = json.loads(text)
    assert answer["output"] == {"usersList": []}
    assert answer["error"].startswith("User error: ")
    assert said in answer["error"]


def test_items_are_those_of_the_training(by_attribute):
    service, version = by_attribute
    dataset = next(
        entry["datasetArn"]
        for entry in service.personalize.list_datasets()["datasets"]
        if entry["datasetType"] == "ITEMS"
    )
    query = {"itemAttributes": 'ITEMS.GENRES = "Action"'}
    before = users_of(service, version, query, name="before")
    service.s3.put("s3://data/later.csv", items_csv().replace("Action", "Western"))
    assert service.import_data(dataset, "s3://data/later.csv", name="later")["status"] == "ACTIVE"
    assert users_of(service, version, query, name="after") == before


def test_attributes_need_items(rings):
    service, group = rings
    version = service.train(group, "aws-item-attribute-affinity")
    assert version["status"] == "CREATE FAILED"
    assert "needs an items dataset" in version["failureReason"]


def test_metrics_are_those_of_segments(by_attribute):
    service, version = by_attribute
    metrics = service.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    assert set(metrics) == {"coverage", "hits_at_1_percent", "recall_at_1_percent"}
    assert metrics["hits_at_1_percent"] == 1.0, "of 40 users the likeliest one"


def test_a_restart_changes_no_segment(start, schema, tmp_path):
    service = start(state_dir=tmp_path)
    group = ring_group(service, schema)
    service.add_dataset(group, "Items", ITEM_FIELDS, items_csv())
    service.add_dataset(group, "Users", USER_FIELDS, users_csv())
    version = train(service, group, "aws-item-attribute-affinity")
    queries = [{"itemAttributes": f'ITEMS.GENRES = "{genre}"'} for genre in ("Action", "Drama")]
    before = users_of(service, version, *queries, numResults=40)
    assert users_of(service, version, *queries, name="again", numResults=40) == before
    service.emulator.close()
    restarted = start(state_dir=tmp_path)
    assert users_of(restarted, version, *queries, name="after", numResults=40) == before
