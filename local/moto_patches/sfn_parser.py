"""Strings of a definition are JSON strings, a rejected definition leaves nothing behind, and each is parsed once.

moto: reads strings as Python literals, and names and keys not at all, so an emoji that is escaped as JSON does it
breaks the execution, and a quote in a key keeps its backslash. The stack of query languages is a class attribute
of the preprocessor: a definition that mixes JSONata and JSONPath raises in the middle, its entries stay on the
stack, and every later definition is read as if it stood inside the broken one. Each definition is parsed when it
is created, and again for each execution (some 0.5 s for 60 states).
AWS: a definition is JSON, and is judged by itself.
Upstream: decode strings with the json module; make the stack an attribute of the instance. The parsed program
holds no state of an execution, so it can be kept by its text.
"""

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.antlr.runtime.ASLLexer import ASLLexer
from moto.stepfunctions.parser.asl.antlt4utils.antlr4utils import from_string_literal, is_terminal
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from local.moto_patches.patcher import Patcher

_KEPT_DEFINITIONS = 32


def install(patcher: Patcher) -> None:
    """Decode strings, give every preprocessor its own stack, and keep the last programs by their text."""
    patcher.replace_function(from_string_literal, "moto.stepfunctions", _decode)
    patcher.replace(Preprocessor, "_inner_string_of", lambda _original: staticmethod(_decode_unless_null))
    patcher.replace(Preprocessor, "__init__", _own_stack)
    patcher.replace(
        AmazonStateLanguageParser,
        "parse",
        lambda original: staticmethod(functools.lru_cache(_KEPT_DEFINITIONS)(original.__func__)),
    )


def _own_stack(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def initialize(self: Any) -> None:
        original(self)
        self._query_language_per_scope = []

    return initialize


def _decode(parser_rule_context: Any) -> str:
    """Return the value of a JSON string in the parse tree, and other text as it stands."""
    text: str = parser_rule_context.getText()
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    # Not strict: moto's grammar lets a line break stand in a string, as people write long expressions.
    return str(json.loads(text, strict=False))


def _decode_unless_null(parser_rule_context: Any) -> str | None:
    return None if is_terminal(parser_rule_context, ASLLexer.NULL) else _decode(parser_rule_context)
