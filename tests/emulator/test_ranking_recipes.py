"""Lists of the caller's in the order for a user: through campaigns, live events, filters and batch jobs."""

import json

import pytest

from emulator import Limits
from emulator.jobs.batch_lines import parse_line

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
RECIPES = ["aws-personalized-ranking-v2", "aws-personalized-ranking"]
ITEMS = [f"i{number:03d}" for number in range(0, 60, 5)]
GENRES = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": ["null", "string"], "categorical": True},
]


@pytest.fixture(params=RECIPES)
def ranking(service, request):
    """A campaign on the conftest's ring: (service, group, version, ask); ask(user, items, …) gives (ids, scores)."""
    group = service.ready_group()
    version = service.train(group, request.param)["solutionVersionArn"]
    campaign = service.create_campaign(version)

    def ask(user, items, **members):
        answer = service.runtime.get_personalized_ranking(
            campaignArn=campaign, userId=user, inputList=items, **members
        )
        assert answer["recommendationId"].startswith("RID-")
        assert len(answer["recommendationId"]) == 40
        listed = answer["personalizedRanking"]
        return [item["itemId"] for item in listed], [item.get("score") for item in listed]

    return service, group, version, ask


@pytest.fixture
def put(service):
    """put(group, items, …): events of `watch`, each a second after the one before it."""
    sent = iter(range(1_700_000_000, 1_800_000_000))

    def send(group, items, session="s", **members):
        trackers = service.personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]
        if not trackers:
            service.personalize.create_event_tracker(name="t", datasetGroupArn=group)
            trackers = service.personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]
        arn = trackers[0]["eventTrackerArn"]
        tracker = service.personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
        events = [{"eventType": "watch", "itemId": item, "sentAt": next(sent)} for item in items]
        service.events.put_events(
            trackingId=tracker["trackingId"], sessionId=session, eventList=events, **members
        )

    return send


def test_all_items_come_back_in_another_order_with_scores_that_sum_to_1(ranking):
    _, _, _, ask = ranking
    items, scores = ask("u001", ITEMS)
    assert sorted(items) == ITEMS
    assert items != ITEMS
    assert sum(scores) == pytest.approx(1)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_the_order_does_not_depend_on_that_of_the_request_and_goes_by_user(ranking):
    _, _, _, ask = ranking
    assert ask("u001", ITEMS) == ask("u001", ITEMS[::-1])
    assert len({tuple(ask(f"u{user:03d}", ITEMS)[0]) for user in range(10)}) > 1


def test_scores_are_those_of_the_catalogue_shared_out_among_the_list(ranking):
    service, _, version, ask = ranking
    model = service.emulator.model(version)
    every = model.for_users(["u001"], 60)
    probability = {
        model.items[code]: score for code, score in zip(every.items[0], every.scores[0], strict=True)
    }
    items, scores = ask("u001", ITEMS)
    whole = sum(probability[item] for item in ITEMS)
    assert scores == pytest.approx([probability[item] / whole for item in items])


def test_items_without_events_in_the_training_come_last_as_they_were_given(ranking):
    _, _, _, ask = ranking
    items, scores = ask("u001", ["new b", *ITEMS[:3], "new a", ITEMS[4]])
    assert items[4:] == ["new b", "new a"]
    assert scores[4:] == [None, None]
    assert sum(scores[:4]) == pytest.approx(1)
    assert (items[:4], scores[:4]) == ask("u001", [*ITEMS[:3], ITEMS[4]])
    assert ask("u001", ["nobody", "knows"]) == (["nobody", "knows"], [None, None])


def test_an_item_that_only_the_items_dataset_has_has_no_score_either(service):
    group = service.ready_group()
    service.add_dataset(group, "Items", GENRES, "ITEM_ID,GENRES\ni001,A\ni002,A\nnew,A\n")
    version = service.train(group, RECIPES[0])["solutionVersionArn"]
    answer = service.runtime.get_personalized_ranking(
        campaignArn=service.create_campaign(version), userId="u001", inputList=["new", "i001"]
    )
    assert answer["personalizedRanking"] == [{"itemId": "i001", "score": 1.0}, {"itemId": "new"}]


def test_metadata_of_items_and_users_changes_the_order(service):
    group = service.ready_group()
    plain = service.create_campaign(service.train(group, RECIPES[0])["solutionVersionArn"])
    service.add_dataset(
        group, "Items", GENRES, "ITEM_ID,GENRES\n" + "".join(f"i{n:03d},{'AB'[n % 2]}\n" for n in range(60))
    )
    users = [
        {"name": "USER_ID", "type": "string"},
        {"name": "TASTE", "type": ["null", "string"], "categorical": True},
    ]
    rows = "".join(f"u{n:03d},{'AB'[n % 2]}\n" for n in range(40)) + "stranger,A\n"
    service.add_dataset(group, "Users", users, "USER_ID,TASTE\n" + rows)
    version = service.train(group, RECIPES[0], name="with")["solutionVersionArn"]
    told = service.create_campaign(version, "with")

    def ask(campaign, user):
        listed = service.runtime.get_personalized_ranking(campaignArn=campaign, userId=user, inputList=ITEMS)
        return [(item["itemId"], item["score"]) for item in listed["personalizedRanking"]]

    assert ask(plain, "stranger") == ask(plain, "nobody")
    assert ask(told, "stranger") != ask(told, "nobody")
    assert ask(told, "u001") != ask(plain, "u001")


def test_what_happened_a_moment_ago_changes_the_next_ranking(ranking, put):
    _, group, _, ask = ranking
    far, near = "i050", "i015"
    put(group, [f"i{item:03d}" for item in range(40, 49)], userId="u001")
    assert ask("u001", [near, far])[0] == [far, near]
    put(group, [f"i{item:03d}" for item in range(5, 14)], userId="u001")
    assert ask("u001", [near, far])[0] == [near, far]


def test_unknown_users_get_popular_items_first_until_they_do_something(ranking, put):
    service, group, version, ask = ranking
    popular = [item for item in service.emulator.model(version).items if item in ITEMS]
    assert ask("stranger", ITEMS)[0] == popular
    assert ask("session-1", ITEMS)[0] == popular
    put(group, ["i013", "i014"], session="session-1")
    assert ask("session-1", ITEMS)[0][0] == "i015"
    assert ask("stranger", ITEMS)[0] == popular


def test_an_item_that_is_named_twice_is_listed_once(ranking):
    _, _, _, ask = ranking
    assert ask("u001", ITEMS + ITEMS) == ask("u001", ITEMS)


def test_a_filter_takes_items_out_of_the_ranking_and_leaves_the_scores(service, put):
    group = service.ready_group()
    rows = "".join(f"i{n:03d},{'AB'[n % 2]}\n" for n in range(60)) + "new b,B\nnew a,A\n"
    service.add_dataset(group, "Items", GENRES, "ITEM_ID,GENRES\n" + rows)
    campaign = service.create_campaign(service.train(group, RECIPES[0])["solutionVersionArn"])
    # Items that come after the training are filtered by what the items dataset says of them now.
    dataset = f"{PREFIX}dataset/group/ITEMS"
    service.events.put_items(
        datasetArn=dataset,
        items=[{"itemId": f"newer {genre}", "properties": f'{{"genres": "{genre}"}}'} for genre in "AB"],
    )

    def filtered(name, expression):
        arn = service.personalize.create_filter(
            name=name, datasetGroupArn=group, filterExpression=expression
        )["filterArn"]
        return {"filterArn": arn}

    def ask(items, **members):
        listed = service.runtime.get_personalized_ranking(
            campaignArn=campaign, userId="u001", inputList=items, **members
        )["personalizedRanking"]
        return [(item["itemId"], item.get("score")) for item in listed]

    asked = [*ITEMS, "new a", "new b", "newer A", "newer B", "nobody knows"]
    free = ask(asked)
    genre = filtered("genre", "INCLUDE ItemID WHERE Items.GENRES IN ($G)")
    odd = [pair for pair in free if pair[0] in ("new b", "newer B") or pair[0] in ITEMS[1::2]]
    assert ask(asked, filterValues={"G": '"B"'}, **genre) == odd
    assert len(odd) == 8
    done = filtered("done", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    put(group, ["nobody knows", "i005"], userId="u001")
    left = [item for item, _ in ask(["nobody knows", "i005", "newer A"], **done)]
    assert left == ["newer A"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"inputList": []}, "must hold from 1 to 500 different items, not 0"),
        ({"inputList": [f"i{n}" for n in range(501)]}, "must hold from 1 to 500 different items, not 501"),
        ({"userId": ""}, "userId"),
        ({"filterValues": {"G": '"A"'}}, "filterValues were given without a filter"),
    ],
)
def test_requests_that_cannot_be_answered(service, refused, members, said):
    campaign = service.create_campaign(service.train(service.ready_group(), RECIPES[0])["solutionVersionArn"])
    request = {"campaignArn": campaign, "userId": "u001", "inputList": ITEMS} | members
    code, status, message = refused(service.runtime.get_personalized_ranking, **request)
    assert (code, status) == ("InvalidInputException", 400)
    assert said in message
    listed = [f"i{n}" for n in range(500)]
    request |= {"userId": "u001", "inputList": listed, "filterValues": {}}
    assert len(service.runtime.get_personalized_ranking(**request)["personalizedRanking"]) == 500


def test_how_many_items_may_be_ranked_is_a_setting(start, refused):
    service = start(limits=Limits(ranking_items=2))
    campaign = service.create_campaign(service.train(service.ready_group(), RECIPES[0])["solutionVersionArn"])
    ask = {"campaignArn": campaign, "userId": "u001"}
    call = service.runtime.get_personalized_ranking
    assert "from 1 to 2 different items, not 3" in refused(call, inputList=["a", "b", "c"], **ask)[2]
    assert len(call(inputList=["a", "b", "a"], **ask)["personalizedRanking"]) == 2


def test_what_is_not_built_is_refused(service, refused):
    code, _, message = refused(
        service.runtime.get_personalized_ranking,
        campaignArn=f"{PREFIX}campaign/c",
        userId="u",
        inputList=["a"],
        metadataColumns={"ITEMS": ["GENRES"]},
    )
    assert code == "UnsupportedOperationException"
    assert "metadataColumns: metadata in answers" in message


def test_each_recipe_has_its_own_operation(service, refused):
    group = service.ready_group()
    ranks = service.create_campaign(service.train(group, RECIPES[0])["solutionVersionArn"])
    counts = service.train(group, "aws-popularity-count", name="counts")["solutionVersionArn"]
    recommends = service.create_campaign(counts, "counts")
    ask, rank = service.runtime.get_recommendations, service.runtime.get_personalized_ranking
    assert refused(ask, campaignArn=ranks, userId="u")[::2] == (
        "InvalidInputException",
        "The recipe aws-personalized-ranking-v2 answers GetPersonalizedRanking only",
    )
    assert refused(rank, campaignArn=recommends, userId="u", inputList=["a"])[::2] == (
        "InvalidInputException",
        "The recipe aws-popularity-count answers GetRecommendations only",
    )
    missing = refused(rank, campaignArn=f"{PREFIX}campaign/none", userId="u", inputList=["a"])
    assert missing[:2] == ("ResourceNotFoundException", 404)


def test_batch_lines_are_answered_as_campaigns_answer(ranking):
    service, _, version, ask = ranking
    query = {"userId": "u001", "itemList": ["new", *ITEMS[:3]]}
    (line,) = service.answers([query], version, numResults=2)
    items, scores = ask("u001", query["itemList"])
    assert (line["input"], line["output"]["recommendedItems"], line["error"]) == (query, items, None)
    assert items[3] == "new"
    shown = ",".join(f"{score:.7g}" for score in scores[:3])
    text = service.s3.text("s3://data/answers/q.jsonl.out")
    assert text.endswith(f'"scores":[{shown},null]}},"error":null}}\n')


def test_lines_that_cannot_be_ranked_say_why_and_spoil_no_other(start):
    service = start(limits=Limits(ranking_items=4))
    group = service.ready_group()
    service.add_dataset(group, "Items", GENRES, "ITEM_ID,GENRES\ni000,A\ni005,B\n")
    version = service.train(group, RECIPES[0])["solutionVersionArn"]
    arn = service.personalize.create_filter(
        name="f", datasetGroupArn=group, filterExpression="INCLUDE ItemID WHERE Items.GENRES IN ($G)"
    )["filterArn"]
    value = {"filterValues": {"G": '"A"'}}
    good = {"userId": "u001", "itemList": ["i000", "i005"]}
    bad = [
        {"userId": "u001"},
        {"userId": "u001", "itemList": "i000"},
        {"userId": "u001", "itemList": []},
        {"userId": "u001", "itemList": ["i000", 5]},
        {"userId": ["u001"], "itemList": ["i000"]},
        {"itemList": ["i000"]},
    ]
    lines = [good | value, *bad, {"userId": "u1", "itemList": list("abcde")} | value, good, good | value]
    answers = service.answers(lines, version, filterArn=arn)
    assert [json.dumps(answer["input"]) for answer in answers] == [json.dumps(line) for line in lines]
    required = "User error: Required fields for the provided recipe are userId, itemList"
    assert [answer["error"] for answer in answers[1:-3]] == [required] * len(bad)
    assert "itemList) must hold from 1 to 4 different items, not 5" in answers[-3]["error"]
    assert "must have a value for G" in answers[-2]["error"]
    assert [answer["output"]["recommendedItems"] for answer in (answers[0], answers[-1])] == [["i000"]] * 2
    assert all(answer["output"] == {"recommendedItems": []} for answer in answers[1:-1])


def test_half_a_surrogate_pair_is_no_item():
    query = parse_line(rb'{"userId": "u", "itemList": ["a", "\ud800"]}', "userId", "itemList")
    assert query.error == "User error: itemList holds half a surrogate pair, which no id can have"
    assert query.echo == {"userId": "u", "itemList": ["a", "\ud800"]}


@pytest.mark.parametrize("recipe", RECIPES)
def test_metrics_are_those_of_recommendations_to_the_held_out_users(service, recipe):
    group = service.ready_group()
    other = recipe.replace("personalized-ranking", "user-personalization")
    found = []
    for number, name in enumerate((recipe, other)):
        version = service.train(group, name, name=f"s{number}")["solutionVersionArn"]
        found.append(service.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"])
    assert found[0] == found[1]
    assert found[0]["mean_reciprocal_rank_at_25"] > 0


def test_the_network_parameters_can_be_set_and_searched_for(service):
    group = service.ready_group()
    config = {"algorithmHyperParameters": {"hidden_dimension": "64", "bptt": "8", "recency_mask": "false"}}
    ring = {"userId": "u001", "inputList": ITEMS}
    answers = []
    for number, members in enumerate(({}, {"solutionConfig": config})):
        version = service.train(group, RECIPES[1], name=f"s{number}", **members)["solutionVersionArn"]
        campaign = service.create_campaign(version, f"c{number}")
        answer = service.runtime.get_personalized_ranking(campaignArn=campaign, **ring)
        answers.append(answer["personalizedRanking"])
    assert answers[0] != answers[1]
    tuned = service.train(group, RECIPES[1], name="tuned", performHPO=True)["tunedHPOParams"]
    assert set(tuned["algorithmHyperParameters"]) == {"hidden_dimension", "bptt", "recency_mask"}
