"""Policy variables: `${aws:PrincipalAccount}` and the like in Resource elements and condition values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.iam.patterns import literal

if TYPE_CHECKING:
    from local.iam.context import RequestContext

VARIABLES_SINCE = "2012-10-17"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,\s]+)\s*,\s*'([^']*)'\s*")
_ESCAPES = {"*": literal("*"), "?": literal("?"), "$": "$"}


class UnresolvedVariableError(LookupError):
    """A policy variable has no value in this request and no default: the statement cannot be judged."""


def substitute(text: str, context: RequestContext, version: str) -> str:
    """`text` with its variables replaced, as a pattern (see `local.iam.patterns`).

    Policies of versions before 2012-10-17 have no variables: `${` is then plain text. Raises
    UnresolvedVariableError for a key that is absent, multi-valued or, from the context, unknown.
    """
    if version != VARIABLES_SINCE or "${" not in text:
        return text
    return _VARIABLE.sub(lambda match: _value(match.group(1), context), text)


def _value(name: str, context: RequestContext) -> str:
    if name in _ESCAPES:
        return _ESCAPES[name]
    with_default = _DEFAULT.fullmatch(name)
    key, default = with_default.groups() if with_default else (name.strip(), None)
    values = context.get(key)
    if values is None and default is not None:
        return literal(default)
    if values is None or len(values) != 1:
        raise UnresolvedVariableError(f"policy variable ${{{name}}} has no single value in this request")
    return literal(values[0])
