"""What is uploaded: the code of each task, and the libraries that it needs as a Lambda layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import AssetHashType, IgnoreMode
from aws_cdk import aws_lambda as lambda_

from stacks.libraries import build_layer, layer_cache, library_fingerprint

ROOT = Path(__file__).resolve().parent.parent


def task_code(task: str, rooms: Sequence[str] = ("shared",)) -> lambda_.Code:
    """The task's own folder and the rooms that it shares with others; nothing else of the repository."""
    return lambda_.Code.from_asset(
        str(ROOT),
        ignore_mode=IgnoreMode.GIT,
        exclude=[
            "/*",
            "!/lambdas",
            "/lambdas/*",
            "!/lambdas/__init__.py",
            *(f"!/lambdas/{room}" for room in rooms),
            f"!/lambdas/{task}",
            "__pycache__",
        ],
    )


def layer_code(layer: str, *, architecture: str, python: str, built: bool) -> lambda_.Code:
    """The libraries of a layer, resolved for Lambda's platform; only their lock file when they are not `built`.

    The hash is that of what goes in, so that the template does not depend on whether the layer was built.
    """
    fingerprint = library_fingerprint(layer, architecture, python)
    if not built:
        return lambda_.Code.from_asset(
            str(ROOT / "lambdas"),
            asset_hash_type=AssetHashType.CUSTOM,
            asset_hash=fingerprint,
            ignore_mode=IgnoreMode.GIT,
            exclude=["/*", f"!/requirements-{layer}.txt"],
        )
    folder = layer_cache() / fingerprint
    build_layer(layer, architecture, python, folder)
    return lambda_.Code.from_asset(str(folder), asset_hash_type=AssetHashType.CUSTOM, asset_hash=fingerprint)
