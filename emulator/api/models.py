"""botocore's models of the three services, and which operation a request names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session

from emulator.errors import UnknownOperationError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTROL = "personalize"
SERVICES = (CONTROL, "personalize-runtime", "personalize-events")


@dataclass(frozen=True)
class Operation:
    """An operation of one of the services. `rest` tells REST-JSON from AWS JSON 1.1. Shapes are botocore's."""

    name: str
    service: str
    rest: bool
    input_shape: Any
    output_shape: Any

    @property
    def action(self) -> str:
        """The IAM action; all three services share one prefix."""
        return f"personalize:{self.name}"


@cache
def service_models() -> ServiceModels:
    """The models, read once in a process."""
    return ServiceModels()


class ServiceModels:
    """All operations, found by target header or by path."""

    def __init__(self) -> None:
        self._by_target: dict[str, Operation] = {}
        self._by_path: dict[tuple[str, str], Operation] = {}
        session = botocore.session.Session()
        for service in SERVICES:
            model = session.get_service_model(service)
            rest = model.metadata["protocol"] == "rest-json"
            for name in model.operation_names:
                shapes = model.operation_model(name)
                operation = Operation(name, service, rest, shapes.input_shape, shapes.output_shape)
                if rest:
                    self._by_path[shapes.http["method"], shapes.http["requestUri"]] = operation
                else:
                    self._by_target[f"{model.metadata['targetPrefix']}.{name}"] = operation

    @property
    def operations(self) -> list[Operation]:
        """Every operation of the three services."""
        return [*self._by_target.values(), *self._by_path.values()]

    @property
    def paths(self) -> dict[tuple[str, str], Operation]:
        """The operations of the REST-JSON services by method and path."""
        return dict(self._by_path)

    def route(self, method: str, path: str, target: str | None) -> Operation:
        """The operation that a request names; raises UnknownOperationError."""
        if target is not None:
            operation = self._by_target.get(target) if method == "POST" else None
        else:
            operation = self._by_path.get((method, path.rstrip("/") or "/"))
        if operation is None:
            asked = f"target {target}" if target is not None else f"{method} {path} without X-Amz-Target"
            raise UnknownOperationError(f"Amazon Personalize has no operation for {asked[:200]}")
        return operation

    def speaks_rest(self, environ: Mapping[str, Any]) -> bool:
        """Which protocol an error is answered in when no operation was found."""
        return "HTTP_X_AMZ_TARGET" not in environ and environ.get("PATH_INFO", "/") != "/"
