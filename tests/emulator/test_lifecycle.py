"""States and their clock, failures of jobs, and their reasons."""

import time

import pytest

from emulator import Timing

ROLE = "arn:aws:iam::123456789012:role/r"


def test_timing_divides_what_aws_takes():
    assert Timing.instant().creation("solution_version") == (0.0, 0.0)
    assert Timing.realistic().creation("dataset_import_job") == (120.0, 600.0)
    assert Timing.scaled(60).creation("dataset_import_job") == (2.0, 10.0)
    with pytest.raises(ValueError, match="above 0"):
        Timing.scaled(0)


def seen_states(describe, key, **arn):
    """The states that a caller who asks often sees, in their order."""
    seen = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and seen[-1:] not in (["ACTIVE"], ["CREATE FAILED"]):
        status = describe(**arn)[key]["status"]
        seen += [] if seen[-1:] == [status] else [status]
        time.sleep(0.005)
    return seen


IN_ORDER = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_scaled_states_are_seen_one_after_the_other(start):
    service = start(timing=Timing.scaled(50))
    group = service.create_group()
    assert (
        seen_states(service.personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group)
        == IN_ORDER
    )


def test_the_states_of_jobs_are_seen_and_last_as_long_as_scaled(start, csv):
    service = start(timing=Timing.scaled(1200))
    group = service.create_group()
    service.settled("dataset_group", datasetGroupArn=group)
    dataset = service.create_dataset(group)
    service.settled("dataset", datasetArn=dataset)
    service.s3.put("s3://data/train.csv", csv())
    begun = time.monotonic()
    arn = service.personalize.create_dataset_import_job(
        jobName="j", datasetArn=dataset, dataSource={"dataLocation": "s3://data/train.csv"}, roleArn=ROLE
    )["datasetImportJobArn"]
    describe = service.personalize.describe_dataset_import_job
    assert seen_states(describe, "datasetImportJob", datasetImportJobArn=arn) == IN_ORDER
    assert time.monotonic() - begun >= 0.5


def test_a_failed_import_says_why_and_leaves_the_data_as_it_was(service, csv):
    group = service.ready_group()
    dataset = service.personalize.list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"]
    before = service.emulator.store.get(dataset).internal
    service.s3.put("s3://data/bad.csv", csv() + "u,i,soon\n")
    job = service.import_data(dataset, "s3://data/bad.csv", name="bad")
    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"].startswith("Failed to create a data import job for interactions dataset.")
    assert "Row 1202 of s3://data/bad.csv: TIMESTAMP must be of type long, not 'soon'" in job["failureReason"]
    assert service.emulator.store.get(dataset).internal == before
    assert service.emulator.folder.path(before["file"]).exists()


@pytest.mark.parametrize("location", ["s3://nowhere/x.csv", "s3://data/nothing.csv", "s3://data/empty/"])
def test_a_place_without_data_is_an_invalid_location(service, location):
    service.s3.put("s3://data/other.csv", "")
    job = service.import_data(service.create_dataset(service.create_group()), location)
    assert job["status"] == "CREATE FAILED"
    assert "Invalid Data location." in job["failureReason"]


def test_a_role_that_may_not_read_is_told_so(service):
    service.s3.denied.add("data")
    job = service.import_data(service.create_dataset(service.create_group()), "s3://data/x.csv")
    assert "Insufficient privileges for accessing data in Amazon S3." in job["failureReason"]
    assert service.s3.roles == ["arn:aws:iam::123456789012:role/personalize"]


def test_a_prefix_means_the_files_of_its_first_level(service, csv):
    header, *rows = csv().splitlines()
    for name, part in (("a.csv", rows[:600]), ("b.csv", rows[600:900]), ("c.csv", rows[900:])):
        service.s3.put(f"s3://data/train/{name}", "\n".join([header, *part]))
    service.s3.put("s3://data/train/deeper/d.csv", "not,a,csv,of,ours")
    service.s3.put("s3://data/train/", "")
    dataset = service.create_dataset(service.create_group())
    job = service.import_data(dataset, "s3://data/train/")
    assert job["status"] == "ACTIVE", job
    assert service.emulator.store.get(dataset).internal["rows"] == 1200


def test_full_replaces_and_incremental_adds(service, csv, refused):
    dataset = service.create_dataset(service.create_group())
    service.s3.put("s3://data/one.csv", csv(seed=1))
    service.s3.put("s3://data/two.csv", csv(seed=2))
    rows = lambda: service.emulator.store.get(dataset).internal["rows"]  # noqa: E731 - asked again each time
    request = {"datasetArn": dataset, "dataSource": {"dataLocation": "s3://data/one.csv"}, "roleArn": ROLE}
    call = service.personalize.create_dataset_import_job
    assert refused(call, jobName="x", importMode="INCREMENTAL", **request)[0] == "InvalidInputException"
    service.import_data(dataset, "s3://data/one.csv", name="one")
    assert rows() == 1200
    service.import_data(dataset, "s3://data/two.csv", name="two", importMode="INCREMENTAL")
    assert 2300 < rows() < 2400, "a few rows of the two files are alike"
    service.import_data(dataset, "s3://data/two.csv", name="three")
    assert rows() == 1200
    assert len(list(service.emulator.folder.path("datasets").iterdir())) == 1


def test_training_without_data_fails(service):
    version = service.train(service.create_group())
    assert version["status"] == "CREATE FAILED"
    assert "fewer than 1000 interactions" in version["failureReason"]


def test_training_on_too_few_users_fails_in_the_services_words(service, csv):
    version = service.train(service.ready_group(csv(users=24, per_user=50)))
    assert version["status"] == "CREATE FAILED"
    assert (
        version["failureReason"]
        == "Create failed. Dataset has fewer than 25 users with at least 2 interactions each."
    )


def test_too_few_events_of_a_type_fail_the_training(service, csv, schema):
    header, *rows = csv().splitlines()
    text = "\n".join(
        [f"{header},EVENT_TYPE", *(f"{row},{'view' if n % 2 else 'buy'}" for n, row in enumerate(rows))]
    )
    service.s3.put("s3://data/typed.csv", text)
    group = service.create_group()
    dataset = service.create_dataset(group, schema({"name": "EVENT_TYPE", "type": "string"}))
    assert service.import_data(dataset, "s3://data/typed.csv")["status"] == "ACTIVE"
    version = service.train(group, eventType="buy")
    assert version["failureReason"] == (
        "Create failed. Dataset has fewer than 1000 interactions after filtering by event type: buy."
    )


def test_metrics_are_there_once_the_version_is_active(service, refused):
    version = service.train(service.ready_group())["solutionVersionArn"]
    metrics = service.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    assert len(metrics) == 8
    assert all(0 <= value <= 1 and round(value, 4) == value for value in metrics.values())
    assert metrics["precision_at_5"] > 0


def test_metrics_of_a_version_that_is_being_trained_or_failed_are_refused(start, refused):
    service = start()
    failed = service.train(service.create_group())["solutionVersionArn"]
    call = service.personalize.get_solution_metrics
    assert refused(call, solutionVersionArn=failed)[0] == "InvalidInputException"
    service.emulator.store.update(failed, status="CREATE PENDING", next_at=4e9)
    assert refused(call, solutionVersionArn=failed)[0] == "ResourceInUseException"


def test_a_defect_in_a_job_fails_it_and_is_logged(service, csv, monkeypatch, caplog):
    monkeypatch.setattr(service.s3, "objects", None)
    job = service.import_data(service.create_dataset(service.create_group()), "s3://data/x.csv")
    assert job["status"] == "CREATE FAILED"
    assert "Internal error of the emulator" in job["failureReason"]
    assert "Traceback" in caplog.text


def test_the_same_data_gives_the_same_answers_whatever_the_order_of_its_rows(service, csv):
    header, *rows = csv().splitlines()
    answers = []
    service.s3.put("s3://data/queries/q.jsonl", "\n".join(f'{{"userId":"u{n:03d}"}}' for n in range(40)))
    for number, lines in enumerate((rows, rows[::-1], sorted(rows))):
        group = service.create_group(f"g{number}")
        service.s3.put(f"s3://data/{number}.csv", "\n".join([header, *lines]))
        arn = (
            service.personalize.create_dataset(
                name="d",
                datasetGroupArn=group,
                datasetType="Interactions",
                schemaArn=service.personalize.list_schemas()["schemas"][0]["schemaArn"],
            )["datasetArn"]
            if number
            else service.create_dataset(group)
        )
        service.import_data(arn, f"s3://data/{number}.csv", name=f"i{number}")
        version = service.train(group, name=f"s{number}")["solutionVersionArn"]
        service.infer(version, name=f"b{number}")
        metrics = service.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
        answers.append((service.s3.text("s3://data/answers/q.jsonl.out"), metrics))
    assert answers[0] == answers[1] == answers[2]
