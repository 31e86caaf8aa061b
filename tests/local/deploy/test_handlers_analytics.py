"""Glue and Athena: databases, tables, workgroups and named queries arrive in the API as the template has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.deploy import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy import Clients, DeployedApp

    Deploy = Callable[..., DeployedApp]

ACCOUNT = "123456789012"
DATABASE = {
    "Type": "AWS::Glue::Database",
    "Properties": {
        "CatalogId": {"Ref": "AWS::AccountId"},
        "DatabaseInput": {"Name": "pp_dev", "Description": "Results"},
    },
}


def table(**changes: Any) -> dict[str, Any]:
    columns = [{"Name": "run_id", "Type": "string", "Comment": "Which run"}]
    described = {
        "Name": "runs",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "projection.enabled": "true",
            "storage.location.template": {"Fn::Join": ["", ["s3://", "b", "/runs/scenario=${scenario}/"]]},
        },
        "PartitionKeys": [{"Name": "scenario", "Type": "string"}],
        "StorageDescriptor": {"Columns": columns, "Location": "s3://b/runs/", "SerdeInfo": {}},
        **changes,
    }
    properties = {
        "CatalogId": {"Ref": "AWS::AccountId"},
        "DatabaseName": {"Ref": "Database"},
        "TableInput": described,
    }
    return {"Type": "AWS::Glue::Table", "Properties": properties}


def test_a_table_in_its_database(clients: Clients, deploy_resources: Deploy) -> None:
    app = deploy_resources(
        {"Table": table(), "Database": DATABASE}, Outputs={"Name": {"Value": {"Ref": "Database"}}}
    )
    assert app.outputs["app"]["Name"] == "pp_dev"
    glue = clients("glue")
    assert glue.get_database(Name="pp_dev")["Database"]["Description"] == "Results"
    found = glue.get_table(DatabaseName="pp_dev", Name="runs")["Table"]
    assert found["StorageDescriptor"]["Columns"] == [
        {"Name": "run_id", "Type": "string", "Comment": "Which run"}
    ]
    assert found["PartitionKeys"] == [{"Name": "scenario", "Type": "string"}]
    assert found["Parameters"]["storage.location.template"] == "s3://b/runs/scenario=${scenario}/"


def test_a_workgroup_and_its_named_query(clients: Clients, deploy_resources: Deploy) -> None:
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
        "ResultConfiguration": {
            "OutputLocation": "s3://b/athena-results/",
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
    }
    workgroup = {
        "Type": "AWS::Athena::WorkGroup",
        "Properties": {
            "Name": "pp-dev",
            "Description": "Questions",
            "RecursiveDeleteOption": True,
            "WorkGroupConfiguration": configuration,
            "Tags": [{"Key": "stage", "Value": "dev"}],
        },
    }
    query = {
        "Type": "AWS::Athena::NamedQuery",
        "Properties": {
            "Name": "Latest",
            "Description": "What is the latest?",
            "Database": "pp_dev",
            "QueryString": "-- name: Latest\nselect 1",
            "WorkGroup": {"Ref": "Workgroup"},
        },
    }
    app = deploy_resources({"Query": query, "Workgroup": workgroup})
    athena = clients("athena")
    found = athena.get_work_group(WorkGroup="pp-dev")["WorkGroup"]
    assert found["Description"] == "Questions"
    assert found["Configuration"].items() >= configuration.items()
    (deployed,) = app.of_type("AWS::Athena::NamedQuery")
    named = athena.get_named_query(NamedQueryId=deployed.physical_id)["NamedQuery"]
    assert (named["Name"], named["WorkGroup"]) == ("Latest", "pp-dev")
    assert named["QueryString"] == "-- name: Latest\nselect 1"
    (group,) = app.of_type("AWS::Athena::WorkGroup")
    assert [omitted.path for omitted in group.not_applied] == ["RecursiveDeleteOption"]


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (table(Name=""), r"TableInput\.Name: is missing"),
        (table(Colour="red"), 'Unknown parameter in TableInput: "Colour"'),
        (
            {"Type": "AWS::Glue::Database", "Properties": {"CatalogId": "9", "DatabaseInput": {"Name": "x"}}},
            "CatalogId: 9 is another account's",
        ),
        (
            {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "x", "State": "DISABLED"}},
            "does not know: State",
        ),
        (
            {
                "Type": "AWS::Athena::WorkGroup",
                "Properties": {"Name": "x", "WorkGroupConfiguration": {"Limit": 1}},
            },
            'Unknown parameter in Configuration: "Limit"',
        ),
        ({"Type": "AWS::Athena::NamedQuery", "Properties": {"Database": "d"}}, "QueryString: is missing"),
    ],
)
def test_what_is_not_wholly_understood_is_refused(
    deploy_resources: Deploy, resource: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeploymentError, match=said):
        deploy_resources({"X": resource, "Database": DATABASE})
