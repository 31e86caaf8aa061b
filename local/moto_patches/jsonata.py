"""JSONata as AWS Step Functions evaluates it: an expression and its bound variables in, a JSON value out.

The language itself is jsonata-python's; here are the bindings, the functions that Step Functions adds and takes
away, and the rule that a result must be JSON. Nothing here knows moto.
"""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from jsonata import JException, Jsonata, Utils

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class JsonataError(ValueError):
    """An expression that cannot be evaluated, or whose result is not JSON."""


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Evaluate an expression (without its {% %}) with variables named without their $.

    Raises JsonataError if the expression is malformed, fails, or returns nothing (undefined) or a function.
    """
    bindings = dict(_step_functions_functions())
    bindings.update({name: Utils.NULL_VALUE if value is None else value for name, value in variables.items()})
    try:
        compiled = Jsonata(expression)
        compiled.set_output_convert_nulls(False)
        result = compiled.evaluate(None, bindings)
    except JException as error:
        raise JsonataError(f"{error} at character {error.location}") from error
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        # jsonata-python lets some of Python's own errors through, such as a division by zero.
        raise JsonataError(str(error)) from error
    if result is None:
        raise JsonataError("returned nothing (undefined)")
    return _to_json_value(result)


def _to_json_value(value: Any) -> Any:
    """Copy a result out of jsonata-python's own list, number and null types."""
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        # JSON knows one kind of number: 2.0 is printed as 2, as JavaScript does.
        return int(value) if value.is_integer() else value
    if isinstance(value, list):
        # By index, since a range ([1..3]) is a list of jsonata-python's that holds no elements.
        return [_to_json_value(value[index]) for index in range(len(value))]
    if isinstance(value, dict):
        return {key: _to_json_value(item) for key, item in value.items()}
    raise JsonataError("returned an unsupported result type (a function)")


def _partition(array: list[Any], size: int, *_: Any) -> list[list[Any]]:
    return [array[start : start + size] for start in range(0, len(array), size)]


def _range(first: int, last: int, step: int, *_: Any) -> list[int]:
    return list(range(first, last + (1 if step > 0 else -1), step))


def _hash(data: Any, algorithm: str, *_: Any) -> str:
    if algorithm not in _HASHES:
        raise JsonataError(f"$hash knows {', '.join(_HASHES)}, not {algorithm!r}")
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _random(seed: float | None = None, *_: Any) -> float:
    return random.Random(seed).random()  # noqa: S311 - $random is not for secrets on AWS either


def _uuid(*_: Any) -> str:
    return str(uuid.uuid4())


def _parse(text: str, *_: Any) -> Any:
    return json.loads(text)


def _step_functions_functions() -> Mapping[str, Any]:
    """Step Functions' own functions with JSONata signatures, and without $eval, which it does not offer."""

    def function(implementation: Callable[..., Any], signature: str) -> Any:
        return Jsonata.JFunction(Jsonata.JLambda(implementation), signature)

    return {
        "partition": function(_partition, "<an:a>"),
        "range": function(_range, "<nnn:a>"),
        "hash": function(_hash, "<xs:s>"),
        "random": function(_random, "<n?:n>"),
        "uuid": function(_uuid, "<:s>"),
        "parse": function(_parse, "<s:x>"),
        "eval": None,
    }
