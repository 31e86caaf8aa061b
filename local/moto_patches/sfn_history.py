"""GetExecutionHistory pages and can run backwards.

moto: returns every event in one answer and ignores maxResults, nextToken and reverseOrder, so "the last event"
(reverseOrder with maxResults 1) gives the first ones.
AWS: pages of 100 events unless asked otherwise (at most 1,000), newest first with reverseOrder.
Upstream: the slice below; the token is opaque on AWS too.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.responses import StepFunctionResponse

from local.moto_patches.patcher import Patcher

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000


def install(patcher: Patcher) -> None:
    """Replace the API call."""
    patcher.replace(StepFunctionResponse, "get_execution_history", lambda _original: _get_execution_history)


def _get_execution_history(self: Any) -> ActionResult:
    history = self.stepfunction_backend.get_execution_history(self._get_param("executionArn"))
    events = history["events"]
    token = self._get_param("nextToken")
    if token is not None and not str(token).isdigit():
        raise InvalidToken("the token is not one that GetExecutionHistory gave")
    if self._get_param("reverseOrder"):
        events = events[::-1]
    size = min(int(self._get_param("maxResults") or 0) or _DEFAULT_PAGE, _LARGEST_PAGE)
    start = int(token or 0)
    page: dict[str, Any] = {"events": events[start : start + size]}
    if start + size < len(events):
        page["nextToken"] = str(start + size)
    return ActionResult(page)
