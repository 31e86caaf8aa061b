"""Whether users of two runs can be compared with themselves, and their values if they can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.reports.comparison.changes import Basis
from lambdas.reports.comparison.differences import CommonUsers, common_users
from lambdas.reports.comparison.run import UnreadableRunError
from lambdas.reports.comparison.wording import noun_of
from lambdas.reports.numbers import count_text, integer_text

if TYPE_CHECKING:
    from lambdas.reports.comparison.common import Common
    from lambdas.reports.comparison.user_values import UserReader


def pair_users(common: Common, readers: tuple[UserReader, UserReader]) -> tuple[CommonUsers | None, Basis]:
    """The users of both runs with their values then and now, or None and the reason.

    readers: of the users' values of both runs. That they cannot be read is a reason, too; nothing is raised.
    """
    users, reason = _read(common, readers)
    number = len(users) if users is not None else None
    if users is not None and not reason:
        return users, Basis(paired=True, users=number, reason="", confidence=common.now.confidence)
    return None, Basis(paired=False, users=number, reason=reason, confidence=common.confidence)


def _read(common: Common, readers: tuple[UserReader, UserReader]) -> tuple[CommonUsers | None, str]:
    then, now = common.then, common.now
    if not common.judged_alike:
        return None, f"the runs are judged by different things ({then.kind}, {now.kind})"
    if not common.metrics:
        return None, "the runs have no metric in common"
    try:
        users = common_users(readers[0](common.wanted(then)), readers[1](common.wanted(now)))
    except UnreadableRunError as error:
        return None, f"the users' values cannot be read: {str(error).rstrip('.')}"
    if not len(users):
        return users, "no user was evaluated in both runs"
    if users.other_future:
        changed, everybody = users.other_future, count_text(len(users), noun_of(now))
        those = f"all {everybody}" if changed == len(users) else f"{integer_text(changed)} of {everybody}"
        have = "has" if changed == 1 else "have"
        return users, f"{those} of both runs {have} another future than then (more or fewer held-out items)"
    return users, ""
