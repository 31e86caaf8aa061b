"""Intrinsic functions of CloudFormation, and what a value refers to.

Supported: Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select, Fn::Split, Fn::If, Fn::FindInMap, Fn::ImportValue,
Fn::Base64 and the pseudo parameters; in conditions Fn::Equals, Fn::And, Fn::Or, Fn::Not, Condition. Anything else
that begins with `Fn::` is an error.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from local.deploy.errors import DeploymentError

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


class _NoValue:
    """`Ref: AWS::NoValue`: the property that holds it is as if it were not there."""


NO_VALUE: Final = _NoValue()


class Names(Protocol):
    """What a template's names mean while its stack is being deployed."""

    def ref(self, name: str) -> Any:
        """The value of a parameter, pseudo parameter or resource. LookupError if there is none."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute of a resource. LookupError if there is none."""

    def exported(self, name: str) -> Any:
        """A value that another stack exports. LookupError if there is none."""

    def condition(self, name: str) -> bool:
        """The value of one of the template's conditions. LookupError if there is none."""

    def mapped(self, mapping: str, top: str, second: str) -> Any:
        """An entry of the template's mappings. LookupError if there is none."""


def function_of(value: Any) -> str | None:
    """The name of the intrinsic function that a value is, None if it is an ordinary value."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    name, argument = next(iter(value.items()))
    if name in {"Ref", "Condition"}:
        return str(name) if isinstance(argument, str) else None  # a policy's Condition is an object
    return str(name) if str(name).startswith("Fn::") else None


def references(value: Any) -> Iterator[str]:
    """Names that a value refers to by Ref, Fn::GetAtt or Fn::Sub (logical ids and parameters)."""
    if isinstance(value, list):
        for member in value:
            yield from references(member)
        return
    if not isinstance(value, Mapping):
        return
    name = function_of(value)
    if name == "Ref":
        yield str(value["Ref"])
    elif name == "Fn::GetAtt":
        yield _attribute_of(value["Fn::GetAtt"])[0]
    elif name == "Fn::Sub":
        text, variables = _sub_arguments(value["Fn::Sub"])
        yield from (match[2].split(".")[0] for match in _PLACEHOLDER.finditer(text) if not match[1])
        yield from references(variables)
    else:
        for member in value.values():
            yield from references(member)


class Resolver:
    """Replaces intrinsic functions by values. `where` names the resource in errors."""

    def __init__(self, names: Names, where: str) -> None:
        self._names = names
        self._where = where
        self._functions: dict[str, Callable[[Any, str], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": self._base64,
            "Fn::Equals": self._equals,
            "Fn::And": self._and,
            "Fn::Or": self._or,
            "Fn::Not": self._not,
        }

    def resolve(self, value: Any, path: str = "") -> Any:
        """The value without intrinsics; members that are AWS::NoValue are left out."""
        name = function_of(value)
        if name is not None:
            return self._call(name, value[name], path)
        if isinstance(value, Mapping):
            resolved = {
                key: self.resolve(member, f"{path}.{key}".strip(".")) for key, member in value.items()
            }
            return {key: member for key, member in resolved.items() if member is not NO_VALUE}
        if isinstance(value, list):
            members = [self.resolve(member, f"{path}[{index}]") for index, member in enumerate(value)]
            return [member for member in members if member is not NO_VALUE]
        return value

    def _call(self, name: str, argument: Any, path: str) -> Any:
        function = self._functions.get(name)
        if function is None:
            raise DeploymentError(f"{self._where} {path}", f"the intrinsic function {name} is not supported")
        try:
            return function(argument, path)
        except LookupError as error:
            raise DeploymentError(f"{self._where} {path}", f"{name} {argument!r}: {error.args[0]}") from error
        except (TypeError, ValueError) as error:
            raise DeploymentError(
                f"{self._where} {path}", f"{name} {argument!r}: wrong arguments ({error})"
            ) from error

    def _ref(self, argument: Any, _path: str) -> Any:
        return NO_VALUE if argument == "AWS::NoValue" else self._names.ref(str(argument))

    def _get_att(self, argument: Any, _path: str) -> Any:
        return self._names.attribute(*_attribute_of(argument))

    def _join(self, argument: Any, path: str) -> str:
        delimiter, members = argument
        return str(delimiter).join(_text(member) for member in self.resolve(members, path))

    def _sub(self, argument: Any, path: str) -> str:
        text, variables = _sub_arguments(argument)
        values = self.resolve(variables, path)

        def replacement(match: re.Match[str]) -> str:
            escaped, name = match.groups()
            if escaped:
                return f"${{{name}}}"
            if name in values:
                return _text(values[name])
            logical_id, _, attribute = name.partition(".")
            return _text(self._names.attribute(logical_id, attribute) if attribute else self._names.ref(name))

        return _PLACEHOLDER.sub(replacement, text)

    def _select(self, argument: Any, path: str) -> Any:
        index, members = argument
        return self.resolve(members, path)[int(self.resolve(index, path))]

    def _split(self, argument: Any, path: str) -> list[str]:
        delimiter, text = argument
        return _text(self.resolve(text, path)).split(delimiter)

    def _if(self, argument: Any, path: str) -> Any:
        condition, when_true, when_false = argument
        return self.resolve(when_true if self._names.condition(condition) else when_false, path)

    def _import_value(self, argument: Any, path: str) -> Any:
        return self._names.exported(_text(self.resolve(argument, path)))

    def _find_in_map(self, argument: Any, path: str) -> Any:
        mapping, top, second = self.resolve(argument, path)
        return self._names.mapped(mapping, top, second)

    def _base64(self, argument: Any, path: str) -> str:
        return base64.b64encode(_text(self.resolve(argument, path)).encode()).decode()

    def _equals(self, argument: Any, path: str) -> bool:
        first, second = self.resolve(argument, path)
        return _text(first) == _text(second)

    def _and(self, argument: Any, path: str) -> bool:
        return all(self.resolve(argument, path))

    def _or(self, argument: Any, path: str) -> bool:
        return any(self.resolve(argument, path))

    def _not(self, argument: Any, path: str) -> bool:
        (value,) = self.resolve(argument, path)
        return not value

    def _condition(self, argument: Any, _path: str) -> bool:
        return self._names.condition(argument)


def _attribute_of(argument: Any) -> tuple[str, str]:
    """`[logical id, attribute]`, or the same as one text with a dot."""
    if isinstance(argument, str):
        logical_id, _, name = argument.partition(".")
        return logical_id, name
    logical_id, name = argument
    return str(logical_id), str(name)


def _sub_arguments(argument: Any) -> tuple[str, Mapping[str, Any]]:
    """`text`, or `[text, {variable: value}]`."""
    if isinstance(argument, str):
        return argument, {}
    text, variables = argument
    return text, variables


def _text(value: Any) -> str:
    """A scalar as CloudFormation writes it into text. Raises TypeError for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"{value!r} cannot stand in text")
