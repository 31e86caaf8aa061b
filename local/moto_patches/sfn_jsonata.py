"""JSONata expressions are evaluated, by jsonata-python.

moto: has LocalStack's grammar for JSONata, but evaluates it in a Java virtual machine that it does not bring, so
every expression fails. Variables are pasted into the expression's text without escaping, so that a quote in a
value changes the expression; `$` in a predicate is refused; $hash and $uuid are missing.
AWS: evaluates `{% ... %}` with $states and the workflow's variables, with its own $partition, $range, $hash,
$random, $uuid and $parse and without $eval; anything that goes wrong is States.QueryEvaluationError.
Upstream: an optional dependency on jsonata-python and this body of StringJSONata._eval_body.
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata

from local.moto_patches.failures import evaluation_failed
from local.moto_patches.jsonata import JsonataError, evaluate
from local.moto_patches.patcher import Patcher
from local.moto_patches.sfn_output_scope import visible_variables


def install(patcher: Patcher) -> None:
    """Replace the evaluation of one JSONata string."""
    patcher.replace(StringJSONata, "_eval_body", lambda _original: _eval_body)


def _eval_body(self: Any, env: Any) -> None:
    try:
        env.stack.append(evaluate(self.expression, {**visible_variables(env), "states": _states(env)}))
    except JsonataError as error:
        where = f" specified for the field '{env.next_field_name}'" if env.next_field_name else ""
        cause = f"The JSONata expression '{self.expression}'{where} failed: {error}"
        raise evaluation_failed(env, StatesErrorNameType.StatesQueryEvaluationError, cause) from error


def _states(env: Any) -> dict[str, Any]:
    """$states: input and context always, result and errorOutput only where there is one."""
    held = env.states._states_data  # noqa: SLF001 - moto's accessors copy, and raise for what is absent
    return {name: value for name, value in held.items() if value is not None or name == "input"}
