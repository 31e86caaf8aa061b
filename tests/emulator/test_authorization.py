"""What the authorizer is asked, and what a denial looks like."""

import json
import urllib.error
import urllib.request

import pytest

from emulator import AuthorizationRequest
from emulator.api.authorization import authorization_request
from emulator.api.models import service_models
from emulator.state.arns import Arns

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
ROLE = "arn:aws:iam::123456789012:role/r"
OPERATIONS = {operation.name: operation for operation in service_models().operations}
GROUP, DATASET, SOLUTION = (
    f"{PREFIX}dataset-group/g",
    f"{PREFIX}dataset/g/INTERACTIONS",
    f"{PREFIX}solution/s",
)
VERSION, CAMPAIGN = f"{SOLUTION}/0a1b2c3d", f"{PREFIX}campaign/c"


@pytest.mark.parametrize(
    ("operation", "params", "resources"),
    [
        ("ListSolutions", {"datasetGroupArn": GROUP}, ("*",)),
        ("ListTagsForResource", {"resourceArn": GROUP}, (GROUP,)),
        ("CreateDatasetGroup", {"name": "g"}, (GROUP,)),
        ("CreateSchema", {"name": "x", "schema": ""}, (f"{PREFIX}schema/x",)),
        (
            "CreateDataset",
            {"name": "x", "datasetGroupArn": GROUP, "datasetType": "Interactions"},
            (DATASET, GROUP),
        ),
        (
            "CreateDatasetImportJob",
            {"jobName": "j", "datasetArn": DATASET},
            (f"{PREFIX}dataset-import-job/j", DATASET),
        ),
        ("CreateSolution", {"name": "s", "datasetGroupArn": GROUP}, (SOLUTION, GROUP)),
        ("CreateSolutionVersion", {"solutionArn": SOLUTION}, (SOLUTION,)),
        ("DescribeSolutionVersion", {"solutionVersionArn": VERSION}, (VERSION,)),
        ("GetSolutionMetrics", {"solutionVersionArn": VERSION}, (VERSION,)),
        ("CreateCampaign", {"name": "c", "solutionVersionArn": VERSION}, (CAMPAIGN, VERSION)),
        (
            "CreateBatchInferenceJob",
            {"jobName": "j", "solutionVersionArn": VERSION},
            (f"{PREFIX}batch-inference-job/j", VERSION),
        ),
        (
            "CreateBatchSegmentJob",
            {"jobName": "j", "solutionVersionArn": VERSION},
            (f"{PREFIX}batch-segment-job/j",),
        ),
        (
            "DescribeBatchSegmentJob",
            {"batchSegmentJobArn": f"{PREFIX}batch-segment-job/j"},
            (f"{PREFIX}batch-segment-job/j",),
        ),
        ("ListBatchSegmentJobs", {"solutionVersionArn": VERSION}, ("*",)),
        ("CreateEventTracker", {"name": "t", "datasetGroupArn": GROUP}, (f"{PREFIX}event-tracker/*", GROUP)),
        ("UpdateCampaign", {"campaignArn": CAMPAIGN, "solutionVersionArn": VERSION}, (CAMPAIGN,)),
        ("GetRecommendations", {"campaignArn": CAMPAIGN, "userId": "u"}, (CAMPAIGN,)),
        ("GetRecommendations", {"recommenderArn": f"{PREFIX}recommender/r"}, (f"{PREFIX}recommender/r",)),
        (
            "GetPersonalizedRanking",
            {"campaignArn": CAMPAIGN, "userId": "u", "inputList": ["i"]},
            (CAMPAIGN,),
        ),
        ("PutEvents", {"trackingId": "t", "sessionId": "s"}, ("*",)),
        ("PutItems", {"datasetArn": DATASET}, (DATASET,)),
        (
            "DescribeRecipe",
            {"recipeArn": "arn:aws:personalize:::recipe/x"},
            ("arn:aws:personalize:::recipe/x",),
        ),
        ("DeleteSchema", {"schemaArn": f"{PREFIX}schema/x"}, (f"{PREFIX}schema/x",)),
    ],
)
def test_the_resources_of_a_call(operation, params, resources):
    request = authorization_request(OPERATIONS[operation], params, "AKID", Arns("123456789012", "us-east-1"))
    assert request == AuthorizationRequest("AKID", f"personalize:{operation}", resources, None)


def test_the_role_that_is_passed_is_named():
    params = {"name": "g", "roleArn": ROLE}
    request = authorization_request(
        OPERATIONS["CreateDatasetGroup"], params, "AKID", Arns("123456789012", "us-east-1")
    )
    assert request.passed_role == ROLE


def test_every_operation_has_resources():
    arns = Arns("123456789012", "us-east-1")
    for operation in OPERATIONS.values():
        members = operation.input_shape.members
        required = operation.input_shape.required_members
        params = {name: {} if members[name].type_name == "structure" else GROUP for name in required}
        assert authorization_request(operation, params, "AKID", arns).resources


def test_a_denial_is_answered_in_the_protocol_of_the_service_and_changes_nothing(start, refused):
    asked = []

    def deny(request):
        asked.append(request)
        return f"not allowed to perform {request.action}"

    service = start(authorize=deny)
    assert refused(service.personalize.create_dataset_group, name="g") == (
        "AccessDeniedException",
        400,
        "not allowed to perform personalize:CreateDatasetGroup",
    )
    assert refused(service.runtime.get_recommendations, campaignArn=CAMPAIGN, userId="u")[:2] == (
        "AccessDeniedException",
        403,
    )
    assert [request.access_key_id for request in asked] == ["AKIDEXAMPLE"] * 2
    assert service.emulator.store.of_kind("dataset_group") == []


def test_who_is_allowed_goes_on(start):
    assert start(authorize=lambda _request: None).create_group("g") == GROUP


def test_a_request_without_signature_is_refused_when_there_is_an_authorizer(start):
    service = start(authorize=lambda _request: None)
    headers = {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(service.endpoint, b"{}", headers))
    assert json.loads(caught.value.read())["__type"] == "MissingAuthenticationTokenException"
