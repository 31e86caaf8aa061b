"""Condition blocks of policy statements.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context
keys or values". The answer is three-valued: a condition that the engine cannot judge is `Unknown`, and the
one who asks decides against the caller (an Allow does not allow, a Deny denies).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.iam.context import RequestContext, UnknownKeyError
from local.iam.patterns import arn_like, matches, plain
from local.iam.variables import UnresolvedVariableError, substitute

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
Comparison = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The condition cannot be judged; `reason` names the key, operator or variable."""

    reason: str


def _equals(wanted: str, given: str) -> bool:
    return plain(wanted) == given


def _equals_ignoring_case(wanted: str, given: str) -> bool:
    return plain(wanted).lower() == given.lower()


def _numeric(compare: Callable[[float, float], bool]) -> Comparison:
    def test(wanted: str, given: str) -> bool:
        try:
            return compare(float(given), float(wanted))
        except ValueError:
            return False  # AWS: a value that is no number does not match

    return test


_COMPARISONS: dict[str, tuple[Comparison, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (matches, False),
    "StringNotLike": (matches, True),
    "ArnEquals": (arn_like, False),
    "ArnLike": (arn_like, False),
    "ArnNotEquals": (arn_like, True),
    "ArnNotLike": (arn_like, True),
    "Bool": (_equals_ignoring_case, False),
    "NumericEquals": (_numeric(lambda given, wanted: given == wanted), False),
    "NumericNotEquals": (_numeric(lambda given, wanted: given == wanted), True),
    "NumericLessThan": (_numeric(lambda given, wanted: given < wanted), False),
    "NumericLessThanEquals": (_numeric(lambda given, wanted: given <= wanted), False),
    "NumericGreaterThan": (_numeric(lambda given, wanted: given > wanted), False),
    "NumericGreaterThanEquals": (_numeric(lambda given, wanted: given >= wanted), False),
}
"""Operator → (whether one wanted value meets one given value, whether the operator negates that)."""


def evaluate(conditions: Conditions, context: RequestContext, version: str) -> bool | Unknown:
    """Whether every condition holds. One that certainly fails decides, whatever else is unknown."""
    unknown: Unknown | None = None
    for operator, tests in conditions.items():
        for key, wanted in tests.items():
            outcome = _judge(operator, key, wanted, context, version)
            if outcome is False:
                return False
            if isinstance(outcome, Unknown):
                unknown = unknown or outcome
    return unknown or True


def _judge(
    operator: str, key: str, wanted: tuple[str, ...], context: RequestContext, version: str
) -> bool | Unknown:
    try:
        given = context.get(key)
        patterns = [substitute(text, context, version) for text in wanted]
    except (UnknownKeyError, UnresolvedVariableError) as error:
        return Unknown(str(error))
    if operator == "Null":
        return (given is None) == (plain(patterns[0]).lower() == "true")
    qualifier, _, bare = operator.rpartition(":")
    if_exists = bare.endswith("IfExists")
    comparison = _COMPARISONS.get(bare.removesuffix("IfExists"))
    if comparison is None or qualifier not in {"", "ForAllValues", "ForAnyValue"}:
        return Unknown(f"condition operator {operator} is unknown to the local IAM engine")
    compare, negated = comparison
    if given is None and if_exists:
        return True
    return _combine(
        qualifier,
        negated,
        [any(compare(pattern, value) for pattern in patterns) != negated for value in given or ()],
    )


def _combine(qualifier: str, negated: bool, verdicts: list[bool]) -> bool:
    """One answer for all values of a key; `verdicts` is empty when the key is absent."""
    if qualifier == "ForAllValues":
        return all(verdicts)
    if qualifier == "ForAnyValue":
        return any(verdicts)
    return all(verdicts) if negated else any(verdicts)
