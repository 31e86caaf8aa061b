"""Cloud assemblies: order of stacks, assets, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from local.deploy import Clients, DeploymentError, deploy, zip_directory
from local.deploy.assembly import read_assembly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCOUNT = "123456789012"
REGION = "us-east-1"
EMPTY: dict[str, Any] = {"Resources": {}}
BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"


def file_asset(path: str, packaging: str, bucket: str = BUCKET, key: str = "k") -> dict[str, Any]:
    return {
        "source": {"path": path, "packaging": packaging},
        "destinations": {"current": {"bucketName": bucket, "objectKey": key, "assumeRoleArn": "r"}},
    }


def test_stacks_come_after_those_they_depend_on(write_assembly: Callable[..., Path]) -> None:
    folder = write_assembly({"a": EMPTY, "b": EMPTY, "c": EMPTY}, dependencies={"a": ["c"], "c": ["b"]})
    assert [stack.name for stack in read_assembly(folder)] == ["b", "c", "a"]


def test_a_value_travels_from_stack_to_stack(endpoint_url: str, write_assembly: Callable[..., Path]) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}
    storage = {
        "Resources": {"Topic": topic},
        "Outputs": {"Out": {"Value": {"Ref": "Topic"}, "Export": {"Name": "storage:Topic"}}},
    }
    pipelines = {"Resources": {}, "Outputs": {"Copy": {"Value": {"Fn::ImportValue": "storage:Topic"}}}}
    folder = write_assembly(
        {"pipelines": pipelines, "storage": storage}, dependencies={"pipelines": ["storage"]}
    )
    app = deploy(folder, endpoint_url=endpoint_url, account_id=ACCOUNT, region=REGION)
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
    assert app.outputs == {"storage": {"Out": arn}, "pipelines": {"Copy": arn}}


def test_assets_are_uploaded_to_the_bootstrap_bucket(
    endpoint_url: str, clients: Clients, write_assembly: Callable[..., Path]
) -> None:
    files = {
        "1": file_asset("asset.1", "zip", key="one.zip"),
        "2": file_asset("asset.2.json", "file", key="two.json"),
        "3": file_asset("app.template.json", "file", key="template.json"),
    }
    folder = write_assembly({"app": EMPTY}, files=files)
    (folder / "asset.1" / "lambdas").mkdir(parents=True)
    (folder / "asset.1" / "lambdas" / "handler.py").write_text("x = 1\n")
    (folder / "asset.2.json").write_text("{}")
    deploy(folder, endpoint_url=endpoint_url, account_id=ACCOUNT, region=REGION)

    bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
    s3 = clients("s3")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [
        "one.zip",
        "two.json",
    ]
    package = s3.get_object(Bucket=bucket, Key="one.zip")["Body"].read()
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"lambdas/handler.py": b"x = 1\n"}
    assert s3.get_object(Bucket=bucket, Key="two.json")["Body"].read() == b"{}"


def test_a_directory_may_be_packed_in_another_way(
    endpoint_url: str, clients: Clients, write_assembly: Callable[..., Path]
) -> None:
    folder = write_assembly({"app": EMPTY}, files={"1": file_asset("asset.1", "zip", bucket="code")})
    (folder / "asset.1").mkdir()
    deploy(
        folder,
        endpoint_url=endpoint_url,
        account_id=ACCOUNT,
        region=REGION,
        pack_directory=lambda path: f"at {path.name}".encode(),
    )
    assert clients("s3").get_object(Bucket="code", Key="k")["Body"].read() == b"at asset.1"


def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    for name, order in (("one", "ab"), ("two", "ba")):
        for letter in order:
            (tmp_path / name / letter).mkdir(parents=True)
            (tmp_path / name / letter / "file.py").write_text(letter)
    assert zip_directory(tmp_path / "one") == zip_directory(tmp_path / "two")
    (tmp_path / "two" / "a" / "file.py").write_text("changed")
    assert zip_directory(tmp_path / "one") != zip_directory(tmp_path / "two")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"files": {"1": file_asset("gone", "zip")}}, "its file gone is not in the assembly"),
        ({"files": {"1": {"source": {"executable": ["x"]}, "destinations": {"d": {}}}}}, "made by a command"),
        (
            {"dependencies": {"app": ["other"]}, "more_artifacts": {"other": {"type": "aws:x"}}},
            "type aws:x are not",
        ),
        ({"more_artifacts": {"s": {"type": "cdk:cloud-assembly"}}}, "deploy its own folder"),
    ],
)
def test_what_an_assembly_may_not_hold(
    write_assembly: Callable[..., Path], change: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeploymentError, match=said):
        read_assembly(write_assembly({"app": EMPTY}, **change))


def test_stacks_in_a_circle_are_an_error(write_assembly: Callable[..., Path]) -> None:
    with pytest.raises(DeploymentError, match="in a circle"):
        read_assembly(write_assembly({"a": EMPTY, "b": EMPTY}, dependencies={"a": ["b"], "b": ["a"]}))


def test_container_images_are_an_error(write_assembly: Callable[..., Path]) -> None:
    folder = write_assembly({"app": EMPTY})
    (folder / "app.assets.json").write_text(json.dumps({"files": {}, "dockerImages": {"img": {}}}))
    with pytest.raises(DeploymentError, match="container images: img"):
        read_assembly(folder)


def test_a_folder_without_an_assembly_says_to_synthesize(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="synthesize the app into this folder first"):
        read_assembly(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(DeploymentError, match="is not JSON"):
        read_assembly(tmp_path)


def test_an_unknown_placeholder_in_a_destination_is_an_error(
    endpoint_url: str, write_assembly: Callable[..., Path]
) -> None:
    folder = write_assembly({"app": EMPTY}, files={"1": file_asset("asset.1", "zip", bucket="b-${Odd}")})
    (folder / "asset.1").mkdir()
    with pytest.raises(DeploymentError, match="placeholder"):
        deploy(folder, endpoint_url=endpoint_url, account_id=ACCOUNT, region=REGION)


def test_a_server_of_another_account_is_an_error(
    endpoint_url: str, write_assembly: Callable[..., Path]
) -> None:
    with pytest.raises(DeploymentError, match="serves account 123456789012, not 210987654321"):
        deploy(
            write_assembly({"app": EMPTY}),
            endpoint_url=endpoint_url,
            account_id="210987654321",
            region=REGION,
        )
