"""A Choice without a matching rule fails with States.NoChoiceMatched, and Default runs only when no rule matched.

moto: raises a RuntimeError, which becomes States.Runtime; and runs the Assign and Output of Default also when a
rule matched whose Next is the same state.
AWS: fails with States.NoChoiceMatched; a rule's and the default's Assign and Output belong to what matched.
Upstream: these two method bodies.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice

from local.moto_patches.failures import task_failed
from local.moto_patches.patcher import Patcher

_RULE_MATCHED = "choice-rule-matched"


def install(patcher: Patcher) -> None:
    """Replace how a Choice finds its next state, and guard the default's own fields."""
    patcher.replace(StateChoice, "_eval_state", lambda _original: _eval_state)
    patcher.replace(StateChoice, "_eval_state_output", _default_only_without_match)


def _eval_state(self: Any, env: Any) -> None:
    for rule in self.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.heap[_RULE_MATCHED] = True
            env.stack.append(rule.next_stmt.name)
            return
    if self.default_state is None:
        cause = (
            f"An error occurred while executing the state '{self.name}'. Failed to transition out of the "
            "state. The state does not point to a next state."
        )
        raise task_failed(env, StatesErrorNameType.StatesNoChoiceMatched, cause)
    env.stack.append(self.default_state.state_name)


def _default_only_without_match(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def evaluate(self: Any, env: Any) -> None:
        if env.heap.get(_RULE_MATCHED) and not self._is_language_query_jsonpath():
            # A JSONata rule has evaluated its own Assign and Output; only the step to its state is left.
            env.next_state_name = env.stack.pop()
            return
        original(self, env)

    return evaluate
