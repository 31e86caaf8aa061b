"""Trends on counts that can be checked by hand, their accuracy, and how campaigns follow what is put."""

import numpy as np
import pytest

from emulator.recipes.contract import Side, fit
from emulator.recipes.events import Events
from emulator.recipes.trending import FREQUENCY, TrendingRecommender, TrendingTrainer
from emulator.training.trend_accuracy import TREND_PREDICTION_ACCURACY, trend_prediction_accuracy

HOUR = 3600
NOW = 1_600_000_000
PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
NOBODY = [np.empty(0, np.int32)]


def events_of(*groups, n_items=None):
    """Events from (item, seconds before NOW, how many) groups; every one is of another user."""
    items = np.concatenate([np.full(count, item) for item, _, count in groups]).astype(np.int32)
    times = np.concatenate([np.full(count, NOW - before) for _, before, count in groups])
    n_items = n_items or int(items.max()) + 1
    return Events(np.arange(len(items), dtype=np.int32), items, len(items), n_items, times=times)


def best(model):
    return [item for item in model.recommend(NOBODY, 50).items[0].tolist() if item >= 0]


STEADY = ((0, 3 * HOUR, 10), (0, 0, 10))


def test_rising_items_come_first_and_then_popular_ones():
    falling, fast, slow = ((1, 3 * HOUR, 7), (1, 0, 2)), ((2, 3 * HOUR, 1), (2, 0, 7)), ((3, 0, 4),)
    # Rises: item 2 by 6 / sqrt(8) = 2.12, item 3 by 4 / sqrt(4) = 2; item 4 by 1 / sqrt(1), no more than its error.
    model = fit(TrendingTrainer, events_of(*STEADY, *falling, *fast, *slow, (4, 0, 1)), {})
    assert best(model) == [2, 3, 0, 1, 4]


def test_a_large_increase_of_a_popular_item_may_be_less_than_its_error():
    # 110 after 100 is an increase of 10 with an error of sqrt(210) = 14.5; 5 after 1 one of 4 with an error of 2.4.
    model = fit(TrendingTrainer, events_of((0, 3 * HOUR, 100), (0, 0, 110), (1, 3 * HOUR, 1), (1, 0, 5)), {})
    assert best(model) == [1, 0]


def test_equal_rises_go_by_popularity_and_then_by_code():
    before = ((0, 9 * HOUR, 30), (1, 9 * HOUR, 6), (2, 9 * HOUR, 6), (3, 9 * HOUR, 1))
    model = fit(TrendingTrainer, events_of(*before, (3, 0, 4), (2, 0, 4), (1, 0, 4)), {})
    assert best(model) == [1, 2, 3, 0]


def test_an_interval_ends_with_the_newest_event_and_begins_after_the_one_before_it():
    steady = ((0, 9 * HOUR, 9), (0, 0, 1))
    # Exactly one interval back is the older interval, exactly two intervals back is outside.
    assert best(fit(TrendingTrainer, events_of(*steady, (1, 2 * HOUR - 1, 4)), {})) == [1, 0]
    assert best(fit(TrendingTrainer, events_of(*steady, (1, 2 * HOUR, 4)), {})) == [0, 1]
    outside = events_of(*steady, (1, 4 * HOUR, 4), (1, HOUR, 4))
    assert best(fit(TrendingTrainer, outside, {})) == [1, 0]
    inside = events_of(*steady, (1, 4 * HOUR - 1, 4), (1, HOUR, 4))
    assert best(fit(TrendingTrainer, inside, {})) == [0, 1]


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        ("30 minutes", [2, 0, 1, 3]),
        ("1 hour", [1, 0, 2, 3]),
        ("2 hours", [2, 1, 0, 3]),
        ("3 Hours", [1, 2, 0, 3]),
        ("1 day", [1, 2, 3, 0]),
    ],
)
def test_the_frequency_is_the_length_of_an_interval(frequency, expected):
    minute = HOUR // 60
    popular = ((0, 100 * HOUR, 20), (0, 0, 1))
    first = ((1, 10 * minute, 4), (1, 50 * minute, 6), (1, 150 * minute, 5))
    second = ((2, 10 * minute, 5), (2, 90 * minute, 7))
    events = events_of(*popular, *first, *second, (3, 20 * HOUR, 3))
    assert best(fit(TrendingTrainer, events, {FREQUENCY: frequency})) == expected


def test_parts_add_up_whichever_holds_the_newest_event():
    events = events_of(*STEADY, (1, 3 * HOUR, 2), (1, 0, 8), (2, HOUR, 5), (3, 8 * HOUR, 9))
    whole = best(fit(TrendingTrainer, events, {}))
    assert whole == [2, 1, 0, 3]
    for first in (events.items == 3, events.items != 3):
        trainer = TrendingTrainer.start(events.item_counts, {}, Side())
        for part in (first, ~first):
            trainer.add(events.where(part))
            trainer.recommender()
        assert best(trainer.recommender()) == whole


def test_following_events_equals_training_on_them_whatever_their_order(tmp_path):
    random = np.random.default_rng(7)
    items = random.integers(0, 8, 400).astype(np.int32)
    times = NOW + np.sort(random.integers(0, 20 * HOUR, 400))
    every = Events(np.arange(400, dtype=np.int32), items, 400, 8, times=times)
    model = fit(TrendingTrainer, every.where(every.users < 100), {})
    for number, start in enumerate((100, 150, 300)):
        part = np.arange(start, {100: 150, 150: 300, 300: 400}[start])
        random.shuffle(part)
        folder = tmp_path / str(number)
        folder.mkdir()
        model.save(folder)
        model = TrendingRecommender.load(folder).followed(items[part], times[part], 8)
        assert best(model) == best(fit(TrendingTrainer, every.where(every.users <= part.max()), {}))


def test_new_items_that_follow_are_recommended():
    model = fit(TrendingTrainer, events_of(*STEADY), {}).followed(
        np.array([2, 2, 2, 1], np.int32), np.full(4, NOW + 60), 3
    )
    assert best(model) == [2, 0, 1]


# Before the last interval items 0 and 1 rose. In it they rise by 3 and 6, item 2 falls by 3, and item 3 is new with 6:
# at most 15 could be had, 3 + 6 - 3 = 6 are.
RISING = (
    *((0, 5 * HOUR, 1), (0, 3 * HOUR, 9), (0, 0, 12)),
    *((1, 3 * HOUR, 4), (1, 0, 10)),
    *((2, 5 * HOUR, 5), (2, 3 * HOUR, 5), (2, 0, 2)),
    (3, 0, 6),
)


def test_accuracy_is_the_increase_that_was_found_over_what_there_was():
    assert trend_prediction_accuracy(events_of(*RISING), {}) == pytest.approx(6 / 15)


def test_accuracy_looks_at_a_list_of_25_and_at_the_25_that_rose_most():
    # Thirty items rise from 4 to 4 + their number; before they rose all alike, so the first 25 are recommended.
    groups = [(item, 3 * HOUR, 4) for item in range(30)] + [(item, 0, 4 + item) for item in range(30)]
    expected = sum(range(25)) / sum(range(5, 30))
    assert trend_prediction_accuracy(events_of(*groups), {}) == pytest.approx(expected)


@pytest.mark.parametrize(
    "events",
    [
        events_of((0, 3 * HOUR, 5), (1, 0, 1), (0, 0, 1)),
        events_of((0, 3 * HOUR, 5), (0, 0, 5)),
        events_of((0, 0, 5)),
        Events(np.zeros(3, np.int32), np.zeros(3, np.int32), 1, 1),
    ],
    ids=["what was recommended fell", "nothing rose", "no past", "no times"],
)
def test_accuracy_is_never_below_zero(events):
    assert trend_prediction_accuracy(events, {}) == 0


def trend_csv(*columns):
    """Twenty items that everybody took in turn some days ago, and two that rise now: hot 5 times, warm 3 times."""
    rows = [
        (f"u{user:02d}", f"i{(user + step) % 20:03d}", NOW - 200_000 + step * 1000)
        for user in range(30)
        for step in range(40)
    ]
    rows += [(f"u{user:02d}", "hot", NOW - user) for user in range(5)]
    rows += [(f"u{user:02d}", "warm", NOW - user) for user in range(3)]
    lines = ["USER_ID,ITEM_ID,TIMESTAMP", *(f"{user},{item},{time}" for user, item, time in rows)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def trending(service):
    """A campaign on trend_csv with intervals of two hours: (service, version, ask, put).

    ask(**members) gives the ids of the five best items; put(item, seconds after NOW, how many) sends events.
    """
    group = service.ready_group(trend_csv())
    version = service.train(group, "aws-trending-now")["solutionVersionArn"]
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    tracker = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]

    def ask(**members):
        answer = service.runtime.get_recommendations(campaignArn=campaign, **{"numResults": 5} | members)
        assert all(set(item) == {"itemId"} for item in answer["itemList"])
        return [item["itemId"] for item in answer["itemList"]]

    def put(item, after, count=1):
        for number in range(count):
            events = [{"eventType": "watch", "itemId": item, "sentAt": NOW + after}]
            service.events.put_events(trackingId=tracker, sessionId=f"{item}{number}", eventList=events)

    return service, version, ask, put


def test_everybody_gets_the_same_list_and_nobody_needs_to_say_who_asks(trending):
    _, _, ask, _ = trending
    assert ask() == ask(userId="u01") == ask(userId="stranger") == ["hot", "warm", "i000", "i001", "i002"]
    assert sorted(ask(numResults=500)) == sorted(["hot", "warm", *(f"i{item:03d}" for item in range(20))])


def test_events_change_the_trend_without_a_training_and_bring_new_items(trending):
    _, _, ask, put = trending
    put("brand new", 60, 7)
    put("i004", 60, 4)
    assert ask() == ["brand new", "hot", "i004", "warm", "i000"]
    put("i003", 60)
    assert ask() == ["brand new", "hot", "i004", "warm", "i003"]


def test_a_trend_ends_when_time_goes_on(trending):
    _, _, ask, put = trending
    put("i003", 3 * HOUR)
    assert ask() == ["i003", "i000", "i001", "i002", "i004"]
    assert ask(numResults=500)[-2:] == ["hot", "warm"]


def test_the_trend_is_computed_when_events_came_and_not_at_each_request(trending, monkeypatch):
    service, _, ask, put = trending
    streams, read = service.emulator.streams, []

    def reading(dataset, after=0):
        found = type(streams).all_events(streams, dataset, after)
        read.append(len(found))
        return found

    monkeypatch.setattr(streams, "all_events", reading)
    ask(), ask()
    put("hot", 1, 3)
    ask(), ask()
    put("hot", 2)
    ask(), ask()
    assert read == [3, 1]


def test_a_restart_changes_no_trend(trending):
    service, _, ask, put = trending
    put("new 1", 60, 4)
    ask()
    put("new 2", 60, 6)
    before = ask(numResults=500)
    service.emulator.answers.trends._kept.clear()
    service.emulator._models.clear()
    assert ask(numResults=500) == before
    assert before[:3] == ["new 2", "hot", "new 1"]


def test_events_that_the_solution_does_not_train_on_make_no_trend(service, schema):
    group = service.create_group()
    rows = trend_csv().splitlines()
    typed = [f"{rows[0]},EVENT_TYPE", *(f"{row},buy" for row in rows[1:])]
    service.s3.put("s3://data/train.csv", "\n".join(typed))
    dataset = service.create_dataset(group, schema({"name": "EVENT_TYPE", "type": "string"}))
    service.import_data(dataset, "s3://data/train.csv")
    version = service.train(group, "aws-trending-now", eventType="buy")["solutionVersionArn"]
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    tracker = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
    for event_type, item in (("watch", "seen"), ("buy", "bought")):
        events = [{"eventType": event_type, "itemId": item, "sentAt": NOW}] * 9
        service.events.put_events(trackingId=tracker, sessionId="s", eventList=events)
    answer = service.runtime.get_recommendations(campaignArn=campaign, numResults=500)
    listed = [item["itemId"] for item in answer["itemList"]]
    assert listed[:2] == ["bought", "hot"]
    assert "seen" not in listed


def test_filters_know_new_items(trending):
    service, _, ask, put = trending
    group = f"{PREFIX}dataset-group/group"
    fields = [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "GENRES", "type": ["null", "string"], "categorical": True},
    ]
    service.add_dataset(group, "Items", fields, "ITEM_ID,GENRES\nhot,A\nwarm,B\nbrand new,B\nnever seen,B\n")
    arn = service.personalize.create_filter(
        name="f", datasetGroupArn=group, filterExpression='INCLUDE ItemID WHERE Items.GENRES IN ("B")'
    )["filterArn"]
    assert ask(filterArn=arn) == ["warm"]
    put("brand new", 60, 7)
    assert ask(filterArn=arn) == ["brand new", "warm"]


def test_metrics_are_the_share_of_the_items_listed_and_the_accuracy_of_the_last_trend(service):
    rows = [
        (f"u{user}", f"i{user % 40:02d}", NOW - 100_000 + step) for user in range(40) for step in range(25)
    ]
    rows += [(f"u{user}", "up", NOW - 3 * HOUR) for user in range(5)]
    rows += [(f"u{user}", "up", NOW) for user in range(9)] + [(f"u{user}", "new", NOW) for user in range(12)]
    lines = ["USER_ID,ITEM_ID,TIMESTAMP", *(f"{user},{item},{time}" for user, item, time in rows)]
    version = service.train(service.ready_group("\n".join(lines)), "aws-trending-now")["solutionVersionArn"]
    metrics = service.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    # 25 of 42 items; of the rise of 4 (up) and 12 (new) the first could be foreseen.
    assert metrics == {"coverage": 0.5952, TREND_PREDICTION_ACCURACY: 0.25}


def test_the_solution_chooses_the_interval_and_is_told_what_there_is(service, refused):
    group = service.ready_group(trend_csv())
    members = {"datasetGroupArn": group, "recipeArn": "arn:aws:personalize:::recipe/aws-trending-now"}
    config = {"featureTransformationParameters": {FREQUENCY: "2 days"}}
    code, _, message = refused(
        service.personalize.create_solution, name="s", solutionConfig=config, **members
    )
    assert code == "InvalidInputException"
    assert "trend_discovery_frequency must be one of 30 minutes, 1 hour, 2 hours, 3 hours, 1 day" in message
    config["featureTransformationParameters"][FREQUENCY] = "30 minutes"
    assert service.train(group, "aws-trending-now", solutionConfig=config)["status"] == "ACTIVE"


def test_there_is_no_batch_inference(trending, refused):
    service, version, _, _ = trending
    code, _, message = refused(
        service.personalize.create_batch_inference_job,
        jobName="j",
        solutionVersionArn=version,
        roleArn="arn:aws:iam::123456789012:role/r",
        jobInput={"s3DataSource": {"path": "s3://data/queries/"}},
        jobOutput={"s3DataDestination": {"path": "s3://data/answers/"}},
    )
    assert code == "InvalidInputException"
    assert "aws-trending-now has no batch inference" in message


def test_a_ranking_cannot_be_asked_for(trending, refused):
    service, _, _, _ = trending
    code, status, message = refused(
        service.runtime.get_personalized_ranking,
        campaignArn=f"{PREFIX}campaign/c",
        userId="u01",
        inputList=["hot"],
    )
    assert (code, status) == ("InvalidInputException", 400)
    assert message == "The recipe aws-trending-now answers GetRecommendations only"
