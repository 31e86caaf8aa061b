"""Output sees the variables as they were before the same state's Assign.

moto: evaluates Assign first and then Output, so Output reads the new values.
AWS: evaluates both from the values at the state's start ("Assign and Output are evaluated in parallel"); a
workflow that reads a fresh variable in Output works under moto and fails, or is wrong, on AWS.
Upstream: evaluate Output before assigning, or keep the scope as here.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.outputdecl import Output

from local.moto_patches.patcher import Patcher

# env.heap is moto's own scratch space of one state: it is cleared when the state is left.
_BEFORE_ASSIGN = "variables-before-assign"
_IN_OUTPUT = "evaluating-output"


def install(patcher: Patcher) -> None:
    """Wrap the evaluation of Assign and of Output."""
    patcher.replace(AssignDecl, "_eval_body", _remember_scope)
    patcher.replace(Output, "_eval_body", _use_remembered_scope)


def visible_variables(env: Any) -> dict[str, Any]:
    """Return the workflow variables an expression sees now, by name without $."""
    if env.heap.get(_IN_OUTPUT) and _BEFORE_ASSIGN in env.heap:
        before: dict[str, Any] = env.heap[_BEFORE_ASSIGN]
        return before
    return _all_variables(env)


def _all_variables(env: Any) -> dict[str, Any]:
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope}  # noqa: SLF001 - moto has no other way to list them


def _remember_scope(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def evaluate(self: Any, env: Any) -> None:
        before = _all_variables(env)
        original(self, env)
        env.heap[_BEFORE_ASSIGN] = before

    return evaluate


def _use_remembered_scope(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def evaluate(self: Any, env: Any) -> None:
        env.heap[_IN_OUTPUT] = True
        try:
            original(self, env)
        finally:
            env.heap[_IN_OUTPUT] = False

    return evaluate
