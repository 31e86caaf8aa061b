"""User segments beside other resources: bounds, who refuses what, what stands in whose way."""

import pytest

from emulator import Timing
from emulator.settings import Limits

ROLE = "arn:aws:iam::123456789012:role/r"
REQUEST = {
    "jobName": "j",
    "roleArn": ROLE,
    "jobInput": {"s3DataSource": {"path": "s3://data/queries/"}},
    "jobOutput": {"s3DataDestination": {"path": "s3://data/segments/"}},
}
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "KIND", "type": "string", "categorical": True},
]
ITEMS = "ITEM_ID,KIND\n" + "".join(f"i{item:03d},{'odd' if item % 2 else 'even'}\n" for item in range(60))


@pytest.fixture
def trained(service):
    """(service, group, version of aws-item-affinity)."""
    group = service.ready_group()
    return service, group, service.train(group, "aws-item-affinity")["solutionVersionArn"]


def test_recipes_for_segments_answer_segment_jobs_only(trained, refused):
    service, group, version = trained
    says = "The recipe aws-item-affinity makes user segments only; use CreateBatchSegmentJob."
    batch = service.personalize.create_batch_inference_job
    for call, members in (
        (service.personalize.create_campaign, {"name": "c"}),
        (batch, REQUEST),
    ):
        assert refused(call, **members, solutionVersionArn=version)[::2] == ("InvalidInputException", says)
    other = service.train(group, "aws-popularity-count", name="popular")["solutionVersionArn"]
    segments = service.personalize.create_batch_segment_job
    code, _, message = refused(segments, **REQUEST, solutionVersionArn=other)
    assert code == "InvalidInputException"
    assert message.startswith(
        "The recipe aws-popularity-count makes no user segments; use CreateBatchInferenceJob"
    )
    # A campaign cannot come to such a version by itself; where one has, it still recommends nothing.
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=other)["campaignArn"]
    service.emulator.store.update(campaign, body={"solutionVersionArn": version})
    ask = service.runtime.get_recommendations
    assert refused(ask, campaignArn=campaign, userId="u001", itemId="i001")[::2] == (
        "InvalidInputException",
        says,
    )


@pytest.mark.parametrize("recipe", ["aws-item-affinity", "aws-item-attribute-affinity"])
def test_there_is_nothing_to_search_for(service, refused, recipe):
    arn = f"arn:aws:personalize:::recipe/{recipe}"
    code, _, message = refused(
        service.personalize.create_solution,
        name="s",
        datasetGroupArn=service.create_group(),
        recipeArn=arn,
        performHPO=True,
    )
    assert (code, message) == (
        "InvalidInputException",
        f"performHPO is not supported by the recipe {recipe}",
    )


@pytest.mark.parametrize(
    ("members", "code", "said"),
    [
        ({"numResults": 0}, "InvalidInput", "numResults must be from 1 to 5000000, not 0"),
        ({"numResults": 5_000_001}, "InvalidInput", "not 5000001"),
        (
            {"jobOutput": {"s3DataDestination": {"path": "s3://data/queries"}}},
            "InvalidInput",
            "Invalid S3 output path",
        ),
        (
            {"filterArn": "arn:aws:personalize:us-east-1:123456789012:filter/none"},
            "ResourceNotFound",
            "filter/none does not exist",
        ),
        (
            {"solutionVersionArn": "arn:aws:personalize:us-east-1:123456789012:solution/solution/00000000"},
            "ResourceNotFound",
            "does not exist",
        ),
    ],
)
def test_jobs_that_are_refused(trained, refused, members, code, said):
    service, _, version = trained
    request = REQUEST | {"solutionVersionArn": version} | members
    answered, _, message = refused(service.personalize.create_batch_segment_job, **request)
    assert answered == f"{code}Exception"
    assert said in message


@pytest.mark.parametrize(
    ("recipe", "most"), [("aws-item-affinity", 500), ("aws-item-attribute-affinity", 10)]
)
def test_a_file_has_so_many_queries(service, recipe, most):
    group = service.ready_group()
    service.add_dataset(group, "Items", ITEM_FIELDS, ITEMS)
    version = service.train(group, recipe)["solutionVersionArn"]
    job, text = service.segment(version, *["{}"] * (most + 1), name="more")
    assert (job["status"], text) == ("CREATE FAILED", "")
    assert job["failureReason"].endswith(f"at most {most} queries.")
    assert service.segment(version, *["{}"] * most)[0]["status"] == "ACTIVE"


def test_bounds_are_settings(start, refused):
    limits = Limits(
        batch_input_files=1, segment_users=9, segment_item_queries=1, pending_batch_segment_jobs=1
    )
    service = start(limits=limits)
    version = service.train(service.ready_group(), "aws-item-affinity")["solutionVersionArn"]
    call, request = service.personalize.create_batch_segment_job, REQUEST | {"solutionVersionArn": version}
    assert refused(call, **request)[2] == "numResults must be from 1 to 9, not 25"
    assert "at most 1 queries" in service.segment(version, "{}", "{}", numResults=9)[0]["failureReason"]
    service.s3.put("s3://data/queries/other.jsonl", "{}")
    job, _ = service.segment(version, "{}", name="files", numResults=9)
    assert "at most 1 files" in job["failureReason"]
    service.emulator.lifecycle._timing = Timing.realistic()
    call(**request, numResults=9)
    code, _, message = refused(call, **(request | {"jobName": "k", "numResults": 9}))
    assert (code, message) == (
        "LimitExceededException",
        "More than 1 resources with PENDING or IN_PROGRESS status.",
    )


def test_what_a_job_uses_cannot_be_deleted_under_it(trained, refused):
    service, group, version = trained
    personalize = service.personalize
    service.add_dataset(
        group,
        "Users",
        [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}],
        "USER_ID,AGE\nu001,20\n",
    )
    arn = personalize.create_filter(
        name="f", datasetGroupArn=group, filterExpression="INCLUDE UserID WHERE Users.AGE < 24"
    )["filterArn"]
    service.emulator.lifecycle._timing = Timing.realistic()
    job = personalize.create_batch_segment_job(**REQUEST, solutionVersionArn=version, filterArn=arn)
    solution = version.rpartition("/")[0]
    assert refused(personalize.delete_filter, filterArn=arn)[0] == "ResourceInUseException"
    assert refused(personalize.delete_solution, solutionArn=solution)[0] == "ResourceInUseException"
    service.emulator.store.update(job["batchSegmentJobArn"], status="CREATE FAILED", outcome="x")
    personalize.delete_filter(filterArn=arn)
    personalize.delete_solution(solutionArn=solution)


def test_a_dataset_stays_while_a_job_is_under_way(trained, refused):
    service, group, version = trained
    service.emulator.lifecycle._timing = Timing.realistic()
    service.personalize.create_batch_segment_job(**REQUEST, solutionVersionArn=version)
    (dataset,) = service.personalize.list_datasets(datasetGroupArn=group)["datasets"]
    code, _, message = refused(service.personalize.delete_dataset, datasetArn=dataset["datasetArn"])
    assert code == "ResourceInUseException"
    assert "batch-segment-job/j (CREATE PENDING)" in message


def test_a_job_is_listed_tagged_and_can_be_made_to_fail(trained):
    service, _, version = trained
    service.emulator.fail_next("batch_segment_job", "seg", "Lost.")
    tags = [{"tagKey": "team", "tagValue": "a"}]
    job, _ = service.segment(version, {"itemId": "i001"}, tags=tags)
    assert (job["status"], job["failureReason"]) == ("CREATE FAILED", "Lost.")
    arn = "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/segments"
    assert job["batchSegmentJobArn"] == arn
    assert service.personalize.list_tags_for_resource(resourceArn=arn)["tags"] == tags
    (listed,) = service.personalize.list_batch_segment_jobs(solutionVersionArn=version)["batchSegmentJobs"]
    assert listed["batchSegmentJobArn"] == arn
    assert (
        service.personalize.list_batch_segment_jobs(solutionVersionArn=version + "0")["batchSegmentJobs"]
        == []
    )
