"""Errors of the interpreter carry their code.

moto: the exceptions that came with the interpreter keep their code where moto's base class does not look, so a
client sees `An error occurred ()` and cannot tell InvalidDefinition from anything else.
AWS: answers InvalidDefinition, StateMachineDoesNotExist and so on.
Upstream: name the attribute TYPE in moto/stepfunctions/parser/api.py.
"""

from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.parser import api

from local.moto_patches.patcher import Patcher


def install(patcher: Patcher) -> None:
    """Give each of the interpreter's exceptions the code it was written with."""
    for exception in vars(api).values():
        if isinstance(exception, type) and issubclass(exception, AWSError) and exception is not AWSError:
            _name(patcher, exception)


def _name(patcher: Patcher, exception: Any) -> None:
    patcher.replace(exception, "TYPE", lambda _original: exception.code)
