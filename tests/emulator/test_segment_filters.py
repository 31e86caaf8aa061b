"""Filters of user segments: which users they keep, what they may say."""

import json

import pytest

EVENT_TYPE = {"name": "EVENT_TYPE", "type": "string"}
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "KIND", "type": "string", "categorical": True},
]
USER_FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "AGE", "type": "int"},
    {"name": "PLAN", "type": "string", "categorical": True},
]
ITEMS = "ITEM_ID,KIND\n" + "".join(f"i{item:03d},{'odd' if item % 2 else 'even'}\n" for item in range(60))
USERS = "USER_ID,AGE,PLAN\n" + "".join(
    f"u{user:03d},{20 + user},{'gold' if user < 3 else 'tin'}\n" for user in range(40)
)


@pytest.fixture
def group(service, schema, csv):
    """The ARN of a group of forty users of whom u000 to u004 have bought something, and all have viewed."""
    group = service.create_group()
    rows = csv().splitlines()
    typed = [f"{rows[0]},EVENT_TYPE"]
    for row in rows[1:]:
        first = row.endswith(str(1_600_000_000 + int(row[1:4])))
        typed.append(f"{row},{'Buy' if first and int(row[1:4]) < 5 else 'view'}")
    service.s3.put("s3://data/typed.csv", "\n".join(typed))
    dataset = service.create_dataset(group, schema(EVENT_TYPE))
    assert service.import_data(dataset, "s3://data/typed.csv")["status"] == "ACTIVE"
    service.add_dataset(group, "Items", ITEM_FIELDS, ITEMS)
    service.add_dataset(group, "Users", USER_FIELDS, USERS)
    return group


@pytest.fixture
def trained(service, group):
    """(service, group, version of aws-item-affinity)."""
    return service, group, service.train(group, "aws-item-affinity")["solutionVersionArn"]


def make_filter(service, group, expression, name="f"):
    return service.personalize.create_filter(name=name, datasetGroupArn=group, filterExpression=expression)[
        "filterArn"
    ]


def found(service, version, *queries, **members):
    job, text = service.segment(version, *queries, numResults=40, **members)
    assert job["status"] == "ACTIVE", job
    return [json.loads(line) for line in text.splitlines()]


def ids(*numbers):
    return [f"u{number:03d}" for number in numbers]


@pytest.mark.parametrize(
    ("expression", "users"),
    [
        ("INCLUDE UserID WHERE Users.AGE < 24", ids(0, 1, 2, 3)),
        ('EXCLUDE UserID WHERE Users.PLAN IN ("tin")', ids(0, 1, 2)),
        ('INCLUDE userid WHERE users.plan IN ("gold") AND Users.AGE > 20', ids(1, 2)),
        ('INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")', ids(0, 1, 2, 3, 4)),
        (
            'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("*") | EXCLUDE UserID WHERE Users.AGE > 20',
            ids(0),
        ),
        ('EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("view")', []),
        (
            'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy") | EXCLUDE UserID WHERE Users.AGE < 23',
            ids(3, 4),
        ),
    ],
)
def test_filters_choose_among_users(trained, expression, users):
    service, group, version = trained
    (free,) = found(service, version, {"itemId": "i010"}, name="free")
    (kept,) = found(service, version, {"itemId": "i010"}, filterArn=make_filter(service, group, expression))
    assert sorted(kept["output"]["usersList"]) == users
    assert kept["output"]["usersList"] == [user for user in free["output"]["usersList"] if user in users]


def test_values_of_a_filter_come_with_each_line(trained):
    service, group, version = trained
    arn = make_filter(service, group, "INCLUDE UserID WHERE Users.AGE < $AGE")
    queries = [
        {"itemId": "i010", "filterValues": {"AGE": "22"}},
        {"itemId": "i010", "filterValues": {"AGE": "21"}},
        {"itemId": "i010"},
        {"itemId": "i020", "filterValues": {"AGE": "22"}},
        {"itemId": "i010", "filterValues": {"AGE": "old"}},
    ]
    answers = found(service, version, *queries, filterArn=arn)
    assert [sorted(answer["output"]["usersList"]) for answer in answers] == [
        ids(0, 1),
        ids(0),
        [],
        ids(0, 1),
        [],
    ]
    assert (
        answers[2]["error"]
        == "User error: filterValues must have a value for AGE: the filter includes by it."
    )
    assert answers[4]["error"] == "User error: filterValues.AGE must be a number, not old"


def test_filters_see_what_users_did_since_the_training(trained):
    service, group, version = trained
    tracker = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
    event = {"eventType": "buy", "itemId": "i001", "sentAt": 1_700_000_000}
    service.events.put_events(trackingId=tracker, userId="u030", sessionId="s", eventList=[event])
    arn = make_filter(service, group, 'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")')
    (kept,) = found(service, version, {"itemId": "i010"}, filterArn=arn)
    assert sorted(kept["output"]["usersList"]) == ids(0, 1, 2, 3, 4, 30)


@pytest.mark.parametrize(
    ("expression", "case"),
    [
        ('EXCLUDE ItemID WHERE Items.KIND IN ("odd")', ("aws-item-affinity", "is not for users")),
        ('EXCLUDE UserID WHERE Items.KIND IN ("odd")', ("aws-item-affinity", "condition on ITEMS.KIND")),
        (
            "EXCLUDE UserID WHERE Users.AGE > 5 IF CurrentUser.AGE = 5",
            ("aws-item-affinity", "asks for CurrentUser"),
        ),
        (
            "EXCLUDE UserID WHERE Users.PLAN IN CurrentItem.KIND",
            ("aws-item-affinity", "condition on USERS.PLAN"),
        ),
        (
            'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")',
            ("aws-item-attribute-affinity", "on Interactions, which this recipe does not take"),
        ),
    ],
)
def test_filters_that_say_nothing_about_users_are_refused(service, group, refused, expression, case):
    recipe, said = case
    version = service.train(group, recipe)["solutionVersionArn"]
    arn = make_filter(service, group, expression)
    request = {
        "jobName": "j",
        "solutionVersionArn": version,
        "roleArn": "arn:aws:iam::123456789012:role/r",
        "jobInput": {"s3DataSource": {"path": "s3://data/queries/"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://data/segments/"}},
        "filterArn": arn,
    }
    code, _, message = refused(service.personalize.create_batch_segment_job, **request)
    assert code == "InvalidInputException"
    assert said in message
    assert service.personalize.list_batch_segment_jobs()["batchSegmentJobs"] == []


def test_filters_of_users_are_refused_where_items_are_recommended(service, group, refused):
    version = service.train(group, "aws-popularity-count")["solutionVersionArn"]
    arn = make_filter(service, group, "INCLUDE UserID WHERE Users.AGE < 24")
    code, _, message = refused(service.infer, version=version, filterArn=arn)
    assert (code, message) == (
        "InvalidInputException",
        f"The filter {arn} is for users; recommendations need one for ItemID.",
    )
