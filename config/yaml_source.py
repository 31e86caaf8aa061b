"""Reading YAML so that nothing is lost: duplicate keys are errors, and every key knows its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.problems import KeyPath, Problem, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_JSON_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null")
)


class _JsonLikeLoader(yaml.SafeLoader):
    """YAML's data model without dates: `2026-01-01` stays text, as the service wants it."""


_JsonLikeLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _JSON_TAGS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """What a file holds (JSON types only), the line of every key, and what is wrong with its form."""

    data: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: KeyPath) -> int | None:
        """The line of a path or, when the file does not hold it, of the nearest key above it."""
        return next(
            (self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), None
        )


def read_yaml(text: str) -> YamlDocument:
    """Parse one YAML document. Syntax errors come back as the one problem that they are."""
    loader = _JsonLikeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return YamlDocument({})
        lines: dict[KeyPath, int] = {}
        problems = list(_form_problems(node, (), lines))
        data = None if problems else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(filter(None, (error.context, error.problem)))
        return YamlDocument(None, {}, [Problem("", f"not YAML: {what}", mark.line + 1 if mark else None)])
    except yaml.YAMLError as error:
        return YamlDocument(None, {}, [Problem("", f"not YAML: {error}")])
    finally:
        loader.dispose()
    return YamlDocument(data, lines, problems)


def _form_problems(node: Node, path: KeyPath, lines: dict[KeyPath, int]) -> Iterator[Problem]:
    """Problems of form below a node; notes the line of every key on the way."""
    if node.tag not in _JSON_TAGS:
        yield Problem(path_text(path), f"the YAML tag {node.tag} is not used here", node.start_mark.line + 1)
    elif isinstance(node, SequenceNode):
        for position, item in enumerate(node.value):
            lines[(*path, position)] = item.start_mark.line + 1
            yield from _form_problems(item, (*path, position), lines)
    elif isinstance(node, MappingNode):
        yield from _mapping_problems(node, path, lines)


def _mapping_problems(node: MappingNode, path: KeyPath, lines: dict[KeyPath, int]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            shown = key.value if isinstance(key, ScalarNode) else "this key"
            yield Problem(path_text(path), f"{shown!r} is not text: put the key in quotes", line)
            continue
        child = (*path, key.value)
        if key.value in seen:
            message = f"written twice, first in line {seen[key.value]}: keep one"
            yield Problem(path_text(child), message, line)
            continue
        seen[key.value] = lines[child] = line
        yield from _form_problems(value, child, lines)
