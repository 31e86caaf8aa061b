"""The chart library in the pages is the locked one, untouched, and its licences stand beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
VENDOR = ROOT / "lambdas" / "reports" / "page" / "vendor"
PACKAGES = {"d3": "dist/d3.min.js", "@observablehq/plot": "dist/plot.umd.min.js"}
TITLES = {"d3": "d3", "@observablehq/plot": "Observable Plot"}


@pytest.mark.parametrize(("package", "file"), PACKAGES.items())
def test_a_vendored_script_is_the_one_that_npm_delivers(package, file):
    delivered = ROOT / "node_modules" / package / file
    assert delivered.is_file(), "run `make tools`"
    assert (VENDOR / delivered.name).read_bytes() == delivered.read_bytes(), "run `make vendor`"


@pytest.mark.parametrize("package", PACKAGES)
def test_licences_name_the_locked_versions_and_are_whole(package):
    version = json.loads((ROOT / "package.json").read_text())["devDependencies"][package]
    licences = (VENDOR / "LICENSES").read_text()
    assert f"{TITLES[package]} {version}\n" in licences
    assert (ROOT / "node_modules" / package / "LICENSE").read_text().strip() in licences


def test_nothing_else_is_vendored():
    scripts = {path.name for path in VENDOR.iterdir()}
    assert scripts == {Path(file).name for file in PACKAGES.values()} | {"LICENSES"}
