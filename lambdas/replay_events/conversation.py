"""Talking to the service about one pair: ask for lists, send events, wait for their effect."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambdas.replay_events.plan import Pair
    from lambdas.replay_events.progress import Progress
    from lambdas.replay_events.request import ReplayRequest

EVENTS_A_CALL = 10  # the service's limit
NO_ANSWER = (NoConnectionError, HTTPClientError)
"""What boto3 raises when it is not the service that says no."""


class OutOfTimeError(Exception):
    """There is no time left for the next call: pause the pair."""


class LostAnswerError(Exception):
    """Events were sent and nobody knows whether they arrived: the pair cannot be gone on with."""


@dataclass(frozen=True, slots=True)
class Service:
    """The two endpoints, and the clock. Clients of boto3 may be shared by threads.

    `has_time(seconds)` says whether so many seconds, and what it takes to write down the progress, are left.
    """

    runtime: Any
    events: Any
    has_time: Callable[[float], bool]
    sleep: Callable[[float], None]


def checkpoints(counts: Sequence[int], events: int) -> list[int]:
    """After how many events A is asked: at every count that is reached, and after all of them."""
    return sorted({count for count in counts if count < events} | {events})


def converse(service: Service, request: ReplayRequest, pair: Pair, progress: Progress) -> None:
    """Replay the pair to its end, from where `progress` says; every answer is noted there as it comes.

    A is asked before the first event, so that the curve begins with a list that no event has touched. PutEvents takes
    all events of a call or none, so `progress` is exact after any error but LostAnswerError. Raises OutOfTimeError
    before a call for which there is no time, and what the clients raise.
    """
    talk = _Conversation(service, request, pair, progress)
    if progress.list_b is None:
        progress.list_b = talk.ask(pair.user_b)
    for count in checkpoints(request.counts, len(pair.events)):
        if count in progress.lists:
            continue
        talk.send_until(count)
        progress.lists[count] = talk.ask(pair.user_a, wait=request.settle_seconds if count else 0)


def sent_at(progress: Progress, pair: Pair, index: int) -> int:
    """The time that an event carries: a second apart, in B's order, the last one when the replay began.

    None lies in the future, and all lie after whatever A did itself.
    """
    return progress.last_sent_at - (len(pair.events) - 1 - index)


def trouble_inside(error: ClientError) -> bool:
    """Whether the service failed, rather than refused the call."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500


class _Conversation:
    def __init__(self, service: Service, request: ReplayRequest, pair: Pair, progress: Progress) -> None:
        self._service, self._request, self._pair, self._progress = service, request, pair, progress
        self._session = f"{request.run_id}-{pair.number}"

    def ask(self, user: str, *, wait: float = 0) -> list[str]:
        self._need_time(wait)
        if wait:
            self._service.sleep(wait)
        narrowed = {"filterArn": self._request.filter_arn} if self._request.filter_arn else {}
        answer = self._service.runtime.get_recommendations(
            campaignArn=self._request.campaign_arn,
            userId=user,
            numResults=self._request.list_length,
            **narrowed,
        )
        return [item["itemId"] for item in answer["itemList"]]

    def send_until(self, count: int) -> None:
        steps = [*range(self._progress.sent, count, EVENTS_A_CALL), count]
        for start, end in pairwise(steps):
            self._need_time(0)
            self._send([self._event(index) for index in range(start, end)])
            self._progress.sent = end

    def _send(self, events: list[dict[str, Any]]) -> None:
        try:
            self._service.events.put_events(
                trackingId=self._request.tracking_id,
                userId=self._pair.user_a,
                sessionId=self._session,
                eventList=events,
            )
        except NO_ANSWER as error:
            raise LostAnswerError(f"PutEvents: {error}") from error
        except ClientError as error:
            if trouble_inside(error):
                raise LostAnswerError(str(error)) from error
            raise

    def _event(self, index: int) -> dict[str, Any]:
        event = self._pair.events[index]
        value = {} if event.event_value is None else {"eventValue": event.event_value}
        return {
            # The service keeps one of two events that are equal in everything, should the SDK repeat a call.
            "eventId": f"{self._session}-{index}",
            "eventType": event.event_type or self._request.event_type,
            "itemId": event.item_id,
            "sentAt": sent_at(self._progress, self._pair, index),
            **value,
        }

    def _need_time(self, seconds: float) -> None:
        if not self._service.has_time(seconds):
            raise OutOfTimeError
