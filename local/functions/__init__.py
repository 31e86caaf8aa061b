"""AWS Lambda on a laptop: each function in processes of its own, under AWS's own runtime client."""

from local.functions.code import directory_marker
from local.functions.credentials import AssumedRoles
from local.functions.runtime import FunctionRuntime

__all__ = ["AssumedRoles", "FunctionRuntime", "directory_marker"]
