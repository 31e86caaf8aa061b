"""Order, uniqueness, quotas, deletion, tags and pages."""

import json

from emulator import Limits, Timing

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
ROLE = "arn:aws:iam::123456789012:role/r"


def test_arns_are_made_of_names(service):
    group = service.create_group("g")
    assert group == f"{PREFIX}dataset-group/g"
    dataset = service.create_dataset(group, name="anything")
    assert dataset == f"{PREFIX}dataset/g/INTERACTIONS"
    shown = service.personalize.describe_dataset(datasetArn=dataset)["dataset"]
    assert (shown["name"], shown["datasetType"]) == ("anything", "INTERACTIONS")


def test_a_name_can_be_used_once(service, refused):
    service.create_group("g")
    code, status, message = refused(service.personalize.create_dataset_group, name="g")
    assert (code, status) == ("ResourceAlreadyExistsException", 400)
    assert message == f"Another resource with Arn {PREFIX}dataset-group/g already exists."


def test_a_group_has_one_dataset_of_a_type(service, refused, schema):
    group = service.create_group()
    service.create_dataset(group)
    code, _, _ = refused(
        service.personalize.create_dataset,
        name="second",
        datasetGroupArn=group,
        schemaArn=f"{PREFIX}schema/interactions",
        datasetType="interactions",
    )
    assert code == "ResourceAlreadyExistsException"


def test_a_dataset_needs_a_group_that_is_active(start, refused, schema):
    service = start(timing=Timing.scaled(1))
    group = service.create_group()
    arn = service.personalize.create_schema(name="s", schema=json.dumps(schema()))["schemaArn"]
    request = {"name": "d", "datasetGroupArn": group, "schemaArn": arn, "datasetType": "Interactions"}
    code, status, message = refused(service.personalize.create_dataset, **request)
    assert (code, status) == ("ResourceInUseException", 400)
    assert "CREATE PENDING" in message


def test_a_dataset_takes_a_schema_of_its_type(service, refused):
    group = service.create_group()
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]
    text = json.dumps({"type": "record", "name": "Items", "fields": fields})
    arn = service.personalize.create_schema(name="items", schema=text)["schemaArn"]
    request = {"name": "d", "datasetGroupArn": group, "schemaArn": arn}
    code, _, message = refused(service.personalize.create_dataset, datasetType="Interactions", **request)
    assert code == "InvalidInputException"
    assert "is for Items" in message
    assert service.personalize.create_dataset(datasetType="ITEMS", **request)["datasetArn"].endswith("/ITEMS")


def test_quotas_are_settings(start, refused):
    service = start(limits=Limits(dataset_groups=1))
    service.create_group("one")
    assert refused(service.personalize.create_dataset_group, name="two")[0] == "LimitExceededException"
    assert (
        refused(service.personalize.create_dataset_group, name="one")[0] == "ResourceAlreadyExistsException"
    )
    service.personalize.delete_dataset_group(datasetGroupArn=f"{PREFIX}dataset-group/one")
    service.create_group("two")


def test_so_many_imports_can_be_under_way(start, refused):
    service = start(timing=Timing.scaled(100), limits=Limits(pending_import_jobs=2))
    group = service.create_group()
    service.settled("dataset_group", datasetGroupArn=group)
    dataset = service.create_dataset(group)
    service.settled("dataset", datasetArn=dataset)
    request = {"datasetArn": dataset, "dataSource": {"dataLocation": "s3://data/x.csv"}, "roleArn": ROLE}
    for name in ("one", "two"):
        service.personalize.create_dataset_import_job(jobName=name, **request)
    code, _, message = refused(service.personalize.create_dataset_import_job, jobName="three", **request)
    assert code == "LimitExceededException"
    assert message == "More than 2 resources with PENDING or IN_PROGRESS status."


def test_deletion_goes_from_the_leaves_to_the_root(service, refused):
    personalize, group = service.personalize, service.ready_group()
    version = service.train(group)
    solution, dataset = version["solutionArn"], f"{PREFIX}dataset/group/INTERACTIONS"
    schema = f"{PREFIX}schema/interactions"
    campaign = personalize.create_campaign(name="c", solutionVersionArn=version["solutionVersionArn"])[
        "campaignArn"
    ]
    filter_arn = personalize.create_filter(
        name="f",
        datasetGroupArn=group,
        filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    )["filterArn"]
    in_order = [
        (personalize.delete_campaign, {"campaignArn": campaign}),
        (personalize.delete_solution, {"solutionArn": solution}),
        (personalize.delete_filter, {"filterArn": filter_arn}),
        (personalize.delete_dataset, {"datasetArn": dataset}),
        (personalize.delete_schema, {"schemaArn": schema}),
        (personalize.delete_dataset_group, {"datasetGroupArn": group}),
    ]
    for delete, arn in (in_order[1], in_order[3], in_order[4], in_order[5]):
        assert refused(delete, **arn)[0] == "ResourceInUseException"
    for delete, arn in in_order:
        delete(**arn)
    gone = personalize.describe_solution_version
    assert refused(gone, solutionVersionArn=version["solutionVersionArn"])[0] == "ResourceNotFoundException"
    assert not [
        *service.emulator.folder.path("models").iterdir(),
        *service.emulator.folder.path("datasets").iterdir(),
    ]


def test_what_is_under_way_cannot_be_deleted_and_nothing_is_deleted_twice(start, refused):
    service = start(timing=Timing.scaled(30))
    group = service.create_group()
    assert (
        refused(service.personalize.delete_dataset_group, datasetGroupArn=group)[0]
        == "ResourceInUseException"
    )
    service.settled("dataset_group", datasetGroupArn=group)
    service.personalize.delete_dataset_group(datasetGroupArn=group)
    shown = service.personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"]
    assert shown in ("DELETE PENDING", "DELETE IN_PROGRESS")
    assert (
        refused(service.personalize.delete_dataset_group, datasetGroupArn=group)[0]
        == "ResourceInUseException"
    )


def test_pages(start, refused):
    service = start(limits=Limits(dataset_groups=10))
    names = [f"g{number}" for number in range(5)]
    for name in names:
        service.create_group(name)
    paginator = service.personalize.get_paginator("list_dataset_groups")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    sizes = [len(page["datasetGroups"]) for page in pages]
    assert sizes == [2, 2, 1]
    assert [group["name"] for page in pages for group in page["datasetGroups"]] == names
    token = service.personalize.list_dataset_groups(maxResults=2)["nextToken"]
    for call, wrong in (
        (service.personalize.list_dataset_groups, "rubbish"),
        (service.personalize.list_dataset_groups, token[:-6]),
        (service.personalize.list_dataset_groups, "a" * 40),
        (service.personalize.list_schemas, token),
    ):
        assert refused(call, nextToken=wrong)[0] == "InvalidNextTokenException"


def test_tags_are_read_by_their_own_call(service, refused):
    personalize = service.personalize
    tags = [{"tagKey": "team", "tagValue": "a"}]
    arn = personalize.create_dataset_group(name="g", tags=tags)["datasetGroupArn"]
    personalize.tag_resource(resourceArn=arn, tags=[{"tagKey": "stage", "tagValue": "dev"}])
    personalize.tag_resource(resourceArn=arn, tags=[{"tagKey": "team", "tagValue": "b"}])
    personalize.untag_resource(resourceArn=arn, tagKeys=["stage", "absent"])
    assert personalize.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"tagKey": "team", "tagValue": "b"}
    ]
    assert "tags" not in personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
    many = [{"tagKey": f"k{number}", "tagValue": ""} for number in range(50)]
    assert refused(personalize.tag_resource, resourceArn=arn, tags=many)[0] == "TooManyTagsException"
    assert len(personalize.list_tags_for_resource(resourceArn=arn)["tags"]) == 1


def test_a_job_with_a_filter_is_refused_while_the_filter_is_not_active(service, refused):
    group = service.ready_group()
    version = service.train(group)["solutionVersionArn"]
    expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
    arn = service.personalize.create_filter(name="f", datasetGroupArn=group, filterExpression=expression)[
        "filterArn"
    ]
    job = {
        "jobName": "j",
        "solutionVersionArn": version,
        "roleArn": ROLE,
        "jobInput": {"s3DataSource": {"path": "s3://data/a/"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://data/b/"}},
        "filterArn": arn,
    }
    call = service.personalize.create_batch_inference_job
    service.emulator.store.update(arn, status="CREATE IN_PROGRESS", next_at=4e9)
    assert refused(call, **job)[0] == "ResourceInUseException"
    service.emulator.store.update(arn, status="CREATE FAILED")
    assert refused(call, **job)[0] == "InvalidInputException"
    assert service.personalize.list_batch_inference_jobs()["batchInferenceJobs"] == []
