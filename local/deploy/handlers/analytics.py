"""Glue databases and tables, Athena workgroups and named queries. moto keeps them and answers no query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags

if TYPE_CHECKING:
    from local.deploy.properties import Block


def create_database(request: ResourceRequest) -> Created:
    """A database of the account's own catalogue."""
    block = request.properties
    _check_catalogue(request)
    described = block.document("DatabaseInput")
    name = _name_in(block, "DatabaseInput", described)
    request.clients("glue").create_database(DatabaseInput=described)
    return Created(name)


def create_table(request: ResourceRequest) -> Created:
    """A table; botocore checks its description member by member."""
    block = request.properties
    _check_catalogue(request)
    described = block.document("TableInput")
    name = _name_in(block, "TableInput", described)
    request.clients("glue").create_table(DatabaseName=block.required("DatabaseName"), TableInput=described)
    return Created(name)


def create_workgroup(request: ResourceRequest) -> Created:
    """A workgroup; botocore checks its configuration member by member."""
    block = request.properties
    name = block.required("Name")
    block.ignore("RecursiveDeleteOption", "a local workgroup is never deleted")
    parameters = block.given({"Description": "Description"})
    if "WorkGroupConfiguration" in block:
        parameters["Configuration"] = block.document("WorkGroupConfiguration")
    request.clients("athena").create_work_group(Name=name, Tags=api_tags(block), **parameters)
    return Created(name)


def create_named_query(request: ResourceRequest) -> Created:
    """A query that people find by its name."""
    block = request.properties
    created = request.clients("athena").create_named_query(
        Name=request.named("Name", 128),
        Database=block.required("Database"),
        QueryString=block.required("QueryString"),
        **block.given({"Description": "Description", "WorkGroup": "WorkGroup"}),
    )
    return Created(created["NamedQueryId"], {"NamedQueryId": created["NamedQueryId"]})


def _check_catalogue(request: ResourceRequest) -> None:
    """The catalogue of moto is that of the account that is deployed to."""
    catalogue = request.properties.required("CatalogId")
    if catalogue != request.identity.account_id:
        raise request.properties.error("CatalogId", f"{catalogue} is another account's")


def _name_in(block: Block, key: str, described: Any) -> str:
    if not isinstance(described, dict) or not described.get("Name"):
        raise block.error(f"{key}.Name", "is missing")
    return str(described["Name"])


HANDLERS: dict[str, Handler] = {
    "AWS::Glue::Database": create_database,
    "AWS::Glue::Table": create_table,
    "AWS::Athena::WorkGroup": create_workgroup,
    "AWS::Athena::NamedQuery": create_named_query,
}
