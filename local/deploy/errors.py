"""The one error of the deployer: it always says which stack, resource and property it is about."""

from __future__ import annotations


class DeploymentError(Exception):
    """The assembly cannot be deployed faithfully. `where` is `stack/logical id (type) property.path`."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem
