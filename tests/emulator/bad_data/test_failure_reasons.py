"""What a solution version says when there is too little to train on, through the API; and ids through the whole way."""

import pytest

ROW = "{user},{item},{time}"
HEADER = "USER_ID,ITEM_ID,TIMESTAMP"
NOON = 1_600_000_000


def csv_of(rows):
    """rows: user and item of each event, a second apart."""
    lines = [ROW.format(user=user, item=item, time=NOON + place) for place, (user, item) in enumerate(rows)]
    return "\n".join([HEADER, *lines]) + "\n"


TOO_LITTLE = {
    "one user": (
        [("u", f"i{place % 9}") for place in range(1000)],
        "fewer than 25 users with at least 2 interactions each",
    ),
    "one event each": (
        [(f"u{place}", f"i{place % 9}") for place in range(1000)],
        "fewer than 25 users with at least 2 interactions each",
    ),
    "few come back": (
        [(f"u{place}", f"i{place % 9}") for place in range(3000)]
        + [(f"u{place}", "i") for place in range(29)],
        "Fewer than 1% of the users have at least 2 interactions each",
    ),
}


@pytest.mark.parametrize(("rows", "said"), TOO_LITTLE.values(), ids=TOO_LITTLE)
@pytest.mark.parametrize(
    "recipe", ["aws-user-personalization-v2", "aws-sims", "aws-trending-now", "aws-item-affinity"]
)
def test_a_version_says_what_is_too_little(service, recipe, rows, said):
    version = service.train(service.ready_group(csv_of(rows)), recipe)
    assert version["status"] == "CREATE FAILED"
    assert said in version["failureReason"]


def test_duplicates_do_not_count(service):
    rows = csv_of([(f"u{place % 30}", f"i{place % 9}") for place in range(600)]).splitlines()
    version = service.train(service.ready_group("\n".join(rows + rows[1:]) + "\n"), "aws-sims")
    assert version["status"] == "CREATE FAILED"
    assert "fewer than 1000 interactions" in version["failureReason"]


def test_the_filter_that_leaves_too_little_is_named(service, schema):
    group = service.create_group()
    lines = csv_of([(f"u{place % 30}", f"i{place % 9}") for place in range(1000)]).splitlines()
    text = "\n".join([lines[0] + ",EVENT_TYPE,EVENT_VALUE", *(line + ",view," for line in lines[1:])])
    service.s3.put("s3://data/train.csv", text)
    columns = (
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
    )
    job = service.import_data(service.create_dataset(group, schema(*columns)), "s3://data/train.csv")
    assert job["status"] == "ACTIVE", job
    named = {
        "by event type: buy": {"eventType": "buy"},
        "by event type: view by event value of at least 0.5": {
            "eventType": "view",
            "solutionConfig": {"eventValueThreshold": "0.5"},
        },
    }
    for place, (said, members) in enumerate(named.items()):
        version = service.train(group, "aws-user-personalization-v2", name=f"s{place}", **members)
        assert version["status"] == "CREATE FAILED"
        assert f"fewer than 1000 interactions after filtering {said}." in version["failureReason"]


def test_a_recipe_that_needs_attributes_says_so(service):
    version = service.train(service.ready_group(), "aws-item-attribute-affinity")
    assert version["status"] == "CREATE FAILED"
    assert "needs an items dataset" in version["failureReason"]


STRANGE = ["Käse", "电影", "🎬", "two words", 'a "quote"', "a,comma", "it's", "back\\slash", "<&>", "{}"]


def quoted(text):
    """Inside quotes a backslash escapes what follows."""
    text = text.replace("\\", "\\\\")
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize("recipe", ["aws-user-personalization-v2", "aws-sims"])
def test_ids_in_any_script_come_back_as_they_are(service, recipe):
    rows = [(quoted(f"用户 {place % 30}, ü"), quoted(STRANGE[place * 7 % 10])) for place in range(1010)]
    version = service.train(service.ready_group(csv_of(rows)), recipe)
    assert version["status"] == "ACTIVE", version
    by_item = recipe == "aws-sims"
    questions = [{"itemId": item} for item in STRANGE] if by_item else [{"userId": "用户 7, ü"}]
    lines = service.answers(questions, version["solutionVersionArn"])
    for line, question in zip(lines, questions, strict=True):
        assert line["input"] == question
        listed = set(line["output"]["recommendedItems"])
        assert listed == set(STRANGE) - set(question.values())
