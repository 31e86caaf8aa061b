"""A cloud assembly on disk: its stacks in the order of their dependencies, and their files to upload."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from local.deploy.errors import DeploymentError

_WITHOUT_EFFECT = {"cdk:tree", "cdk:feature-flag-report"}
"""Artifacts that say something about the app and deploy nothing."""


@dataclass(frozen=True, slots=True)
class FileAsset:
    """A file or directory that belongs into S3. Bucket and key may hold `${AWS::AccountId}` and the like."""

    source: Path
    is_directory: bool
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of the assembly."""

    artifact_id: str
    name: str
    template: Mapping[str, Any]
    assets: tuple[FileAsset, ...]


def read_assembly(folder: Path) -> list[Stack]:
    """Stacks of a `cdk.out`, each after those it depends on. Raises DeploymentError."""
    manifest = _read(folder / "manifest.json")
    artifacts: dict[str, Any] = manifest.get("artifacts", {})
    stacks = {key: body for key, body in artifacts.items() if body["type"] == "aws:cloudformation:stack"}
    for key, body in artifacts.items():
        _check_artifact(key, body["type"])
    graph = {key: body.get("dependencies", []) for key, body in artifacts.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise DeploymentError(
            str(folder), f"artifacts depend on each other in a circle: {error.args[1]}"
        ) from error
    return [_stack(folder, key, artifacts) for key in order if key in stacks]


def _check_artifact(key: str, kind: str) -> None:
    known = {"aws:cloudformation:stack", "cdk:asset-manifest"} | _WITHOUT_EFFECT
    if kind == "cdk:cloud-assembly":
        raise DeploymentError(key, "is a nested assembly (a CDK stage): deploy its own folder instead")
    if kind not in known:
        raise DeploymentError(key, f"artifacts of type {kind} are not supported")


def _stack(folder: Path, key: str, artifacts: Mapping[str, Any]) -> Stack:
    body = artifacts[key]
    properties = body["properties"]
    if properties.get("parameters"):
        raise DeploymentError(key, "stack parameters in the manifest are not supported")
    template_file = properties["templateFile"]
    manifests = [
        artifacts[name]["properties"]["file"]
        for name in body.get("dependencies", [])
        if artifacts[name]["type"] == "cdk:asset-manifest"
    ]
    return Stack(
        artifact_id=key,
        name=properties.get("stackName", key),
        template=_read(folder / template_file),
        assets=tuple(asset for file in manifests for asset in _assets(folder, file, template_file)),
    )


def _assets(folder: Path, manifest_file: str, template_file: str) -> list[FileAsset]:
    """Files of an asset manifest, without the stack's own template: nobody reads that from S3 here."""
    manifest = _read(folder / manifest_file)
    if manifest.get("dockerImages"):
        raise DeploymentError(manifest_file, f"holds container images: {', '.join(manifest['dockerImages'])}")
    return [
        _asset(folder, f"{manifest_file} {name}", entry["source"], destination)
        for name, entry in manifest.get("files", {}).items()
        if entry.get("source", {}).get("path") != template_file
        for destination in entry["destinations"].values()
    ]


def _asset(folder: Path, where: str, source: Mapping[str, Any], destination: Mapping[str, Any]) -> FileAsset:
    if "path" not in source:
        raise DeploymentError(where, "has no path: assets made by a command are not supported")
    path = folder / source["path"]
    if not path.exists():
        raise DeploymentError(where, f"its file {source['path']} is not in the assembly: synthesize again")
    return FileAsset(
        source=path,
        is_directory=source.get("packaging", "file") == "zip",
        bucket=destination["bucketName"],
        key=destination["objectKey"],
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DeploymentError(
            str(path), "does not exist: synthesize the app into this folder first"
        ) from error
    except json.JSONDecodeError as error:
        raise DeploymentError(str(path), f"is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise DeploymentError(str(path), "is not a JSON object")
    return content
