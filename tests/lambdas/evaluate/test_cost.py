"""The estimate of a run's cost: amounts by hand, what is not known, and how it is told."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.evaluate.cost import Cost, CostItem, Prices, Training, Usage, estimate_cost
from lambdas.evaluate.page.cost import cost_view, money
from lambdas.evaluate.request import Kind
from lambdas.evaluate.usage import usage_of_run
from lambdas.shared.errors import RequestError

REGION = "eu-west-1"
SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/pp-test"
SIMS = "arn:aws:personalize:::recipe/aws-sims"
V2 = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
PRICES = Prices(
    currency="EUR",
    ingestion_per_gb=0.05,
    training_per_hour=0.24,
    training_v2_per_million=2.0,
    batch_per_thousand=0.067,
    batch_v2_per_thousand=0.15,
    campaign_per_tps_hour=0.2,
    campaign_v2_per_tps_hour=0.0,
    requests_v2_per_thousand=0.3,
)


def usage(**members) -> Usage:
    known = {
        "v2": False,
        "imported_bytes": 3 * 10**9,
        "trainings": (Training(v2=False, hours=1.5),),
        "interactions": 4_000_000,
        "batch_records": 2_500,
    }
    return Usage(**{**known, **members})


def amounts(cost: Cost) -> dict[str, float | None]:
    return {f"{item.name}, {item.unit}": item.amount for item in cost.items}


def test_a_classic_recipe_is_billed_by_training_hours_and_batch_records():
    cost = estimate_cost(usage(), PRICES, charged=True)
    assert amounts(cost) == pytest.approx(
        {
            "data imported, GB": 3 * 0.05,
            "training, training hours": 1.5 * 0.24,
            "batch recommendations, thousand": 2.5 * 0.067,
        }
    )
    assert cost.total == pytest.approx(0.15 + 0.36 + 0.1675)


def test_a_v2_recipe_is_billed_by_interactions_at_its_own_prices():
    trained = (Training(v2=True, hours=1.5), Training(v2=True, hours=9))
    cost = estimate_cost(usage(v2=True, trainings=trained), PRICES, charged=True)
    assert amounts(cost) == pytest.approx(
        {
            "data imported, GB": 0.15,
            "training, million interactions": 2 * 4 * 2.0,
            "batch recommendations, thousand": 2.5 * 0.15,
        }
    )


def test_a_campaign_is_billed_by_the_hour_and_in_v2_by_the_request():
    replayed = {"batch_records": 0, "campaign_hours": 1.25, "requests": 3_000, "streamed_events": 10}
    classic = estimate_cost(usage(**replayed), PRICES, charged=True)
    assert amounts(classic)["campaign, TPS-hours"] == pytest.approx(0.25)
    v2 = amounts(estimate_cost(usage(v2=True, **replayed), PRICES, charged=True))
    assert v2["real-time recommendations, thousand"] == pytest.approx(0.9)
    assert v2["campaign, TPS-hours"] == 0, "the price is known to be nothing, and so is the amount"
    assert "real-time recommendations, thousand" not in amounts(classic)
    assert "batch recommendations, thousand" not in v2
    assert v2["events streamed, GB"] is None, "nobody but the service counts their bytes"


def test_what_is_not_known_is_never_nothing():
    unknown = usage(
        imported_bytes=None,
        trainings=(Training(v2=False, hours=2), Training(v2=False, hours=None)),
        campaign_hours=None,
    )
    cost = estimate_cost(unknown, Prices(currency="USD", batch_per_thousand=0.067), charged=True)
    assert amounts(cost) == {
        "data imported, GB": None,
        "training, training hours": None,
        "batch recommendations, thousand": pytest.approx(0.1675),
        "campaign, TPS-hours": None,
    }
    assert cost.total == pytest.approx(0.1675)
    assert [item.name for item in cost.unknown] == ["data imported", "training", "campaign"]
    nothing = estimate_cost(unknown, Prices(currency="USD"), charged=True)
    assert nothing.total is None
    assert nothing.as_document()["total"] is None


def test_the_document_has_the_members_of_the_contract():
    document = estimate_cost(usage(imported_bytes=None), PRICES, charged=False).as_document()
    assert set(document) == {"currency", "estimated", "charged", "items", "total"}
    assert (document["currency"], document["estimated"], document["charged"]) == ("EUR", True, False)
    assert document["items"][0] == {
        "name": "data imported",
        "quantity": None,
        "unit": "GB",
        "unit_price": 0.05,
        "amount": None,
    }


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ({}, "currency must be a text"),
        ({"currency": "USD", "training_per_hour": "free"}, "training_per_hour 'free' must be a number"),
        ({"currency": "USD", "ingestion_per_gb": -1}, "ingestion_per_gb -1 must be a number of 0 or more"),
        ({"currency": "USD", "ingestion_per_gb": True}, "ingestion_per_gb True must be a number"),
        ({"currency": "USD", "luck": 1}, "luck is not known"),
    ],
)
def test_prices_that_cannot_be_used_are_named(prices, told):
    with pytest.raises(RequestError, match=told):
        Prices.parse(prices)


def test_prices_that_are_left_out_are_not_known():
    """An unset setting is null, and the state machine's definition drops what is null."""
    assert Prices.parse({"currency": "USD", "training_per_hour": None}) == Prices(currency="USD")


def test_an_event_without_prices_has_no_estimate(make_request):
    assert make_request().prices is None
    assert make_request(prices={"currency": "USD", "batch_per_thousand": 1}).prices.batch_per_thousand == 1


@pytest.fixture
def s3():
    with mock_aws():
        client = boto3.client("s3", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        client.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
        for name, size in {"interactions/a.csv": 1000, "interactions/b.csv": 24, "items/i.csv": 500}.items():
            client.put_object(Bucket="data", Key=f"runs/hrnn/r1/train/{name}", Body=b"x" * size)
        yield client


def version(arn, recipe, hours) -> dict[str, object]:
    told = {} if hours is None else {"trainingHours": hours}
    return {"solutionVersion": {"solutionVersionArn": arn, "recipeArn": recipe, "status": "ACTIVE", **told}}


@pytest.fixture
def personalize():
    """A client that knows two solution versions and says so once for each; the second has no training hours."""
    client = boto3.client("personalize", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        for number, (recipe, hours) in enumerate([(SIMS, 2.135), (V2, None)]):
            arn = f"{SOLUTION}/{number}"
            stub.add_response(
                "describe_solution_version", version(arn, recipe, hours), {"solutionVersionArn": arn}
            )
        yield client


def test_usage_of_variants_counts_a_shared_version_once(community, make_request, s3, personalize):
    variants = [
        {"name": name, "recommendations": "s3://data/r/", "solution_version_arn": f"{SOLUTION}/{number}"}
        for name, number in (("a", 0), ("b", 1), ("c", 0))
    ]
    for variant in variants:
        community.write_variant(variant["name"], community.answers[0].read_text().splitlines())
    request = make_request(
        variants=variants, facts={"recipe_arn": SIMS, "imported": ["interactions"]}, solution_version_arn=None
    )
    found = community.measure(Kind.USERS).comparison
    assert usage_of_run(request, found, None, s3, personalize) == Usage(
        v2=False,
        imported_bytes=1024,
        trainings=(Training(v2=False, hours=2.135), Training(v2=True, hours=None)),
        interactions=240,
        batch_records=120,
    )


def test_usage_counts_every_dataset_that_was_imported(community, make_request, s3):
    request = make_request(
        solution_version_arn=None, facts={"recipe_arn": V2, "imported": ["interactions", "items"]}
    )
    found = usage_of_run(request, community.evaluate(), None, s3, None)
    assert found.imported_bytes == 1524
    assert found.trainings == (Training(v2=True, hours=None),), "a version that nobody names is not known"
    assert found.v2
    unsaid = make_request(solution_version_arn=None, facts={})
    assert usage_of_run(unsaid, community.evaluate(), None, s3, None).imported_bytes is None


REPLAYED = [
    (pair, f"a{pair}", f"b{pair}", events, ["x"], ["y"])
    for pair, last in ((0, 4), (1, 2))
    for events in (0, 1, last)
]
STAGES = [("campaign", 300), ("event tracker", 60), ("Replay events", 1740)]


@pytest.mark.parametrize(
    ("facts", "hours"),
    [
        ({"campaign": {"minProvisionedTPS": 3}}, 3 * 1800 / 3600),
        ({"campaign": {}}, 0.5),
        ({}, None),
        ({"campaign": {"minProvisionedTPS": 3}, "stages": []}, None),
    ],
)
def test_usage_of_a_replay(run, make_request, s3, facts, hours):
    """The campaign is billed from when it is there, which the seconds of its own stage come before."""
    run.write_replay(REPLAYED)
    stages = [{"stage": name, "seconds": seconds} for name, seconds in STAGES]
    request = make_request(
        kind="replay",
        replay="s3://data/replay",
        solution_version_arn=None,
        facts={"recipe_arn": SIMS, "stages": stages, **facts},
    )
    diagnosis = {"counts": {"train_interactions": 77}}
    found = usage_of_run(request, run.measure(Kind.REPLAY).comparison, diagnosis, s3, None)
    assert found.campaign_hours == hours
    assert (found.batch_records, found.interactions) == (0, 77)
    assert (found.requests, found.streamed_events) == (6 + 2, 4 + 2)


def test_the_view_tells_sum_prices_and_what_is_missing():
    cost = estimate_cost(usage(imported_bytes=1_592_816), PRICES, charged=True)
    view = cost_view(cost)
    assert view.total == "Estimated: EUR 0.528"
    (head, cells), *_ = view.table.rows
    assert head == "data imported"
    assert [cell.text for cell in cells] == ["0.00159\u202fGB", "EUR 0.05", "EUR 0.0000796"]
    assert len(view.notes) == 1
    lacking = cost_view(
        estimate_cost(
            usage(trainings=(Training(v2=True, hours=1),), interactions=None), PRICES, charged=False
        )
    )
    assert lacking.total == "Estimated: EUR 0.318; not known, and not in it: training (million interactions)"
    assert "nothing was charged on this machine" in lacking.notes[0]
    assert [cell.text for cell in dict(lacking.table.rows)["training"]] == [
        "not known",
        "EUR 2.00",
        "not known",
    ]


def test_a_sum_below_a_cent_is_told_without_its_digits():
    cost = Cost("USD", (CostItem("data imported", 0.001, "GB", 0.05),), charged=True)
    assert cost_view(cost).total == "Estimated: less than USD 0.01"
    assert cost_view(Cost("USD", (CostItem("data imported", 0.0, "GB", 0.05),), charged=True)).total.endswith(
        "USD 0.00"
    )


def test_a_cost_of_which_nothing_is_known_is_told_so():
    view = cost_view(Cost("USD", (CostItem("training", None, "training hours", 0.24),), charged=True))
    assert view.total == "Estimated: not known, because no part is"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "USD 0.00"),
        (0.1, "USD 0.10"),
        (0.067, "USD 0.067"),
        (0.0412345, "USD 0.0412"),
        (0.0000796408, "USD 0.0000796"),
        (1.005, "USD 1.00"),
        (1234.5, "USD 1\u202f234.50"),
        (None, "not known"),
    ],
)
def test_small_amounts_keep_three_digits(amount, text):
    assert money(amount, "USD") == text
