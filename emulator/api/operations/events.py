"""Event trackers, and what is put record by record: events, items and users."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from emulator.api.operations.common import Params, create, require_active, require_settled
from emulator.data.records import event_row, metadata_row
from emulator.errors import InvalidInputError, ResourceAlreadyExistsError, not_found
from emulator.state.streams import Event

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.state.resources import Resource


def create_event_tracker(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateEventTracker: one for each dataset group. Its ARN and tracking id are made by the service."""
    group = require_active(emulator.store.get(params["datasetGroupArn"], "dataset_group"))
    taken = emulator.store.of_kind("event_tracker")
    if any(tracker.parent == group.arn for tracker in taken):
        raise ResourceAlreadyExistsError(f"The dataset group {group.arn} has an event tracker already.")
    if any(tracker.name == params["name"] for tracker in taken):
        raise ResourceAlreadyExistsError(
            f"Another event tracker with the name {params['name']} already exists."
        )
    tracker = create(
        emulator,
        "event_tracker",
        params,
        parent=group.arn,
        arn=emulator.arns.of("event-tracker", secrets.token_hex(4)),
        body={
            "accountId": emulator.arns.account_id,
            "trackingId": str(uuid.uuid4()),
            "datasetGroupArn": group.arn,
        },
    )
    return {"eventTrackerArn": tracker.arn, "trackingId": tracker.body["trackingId"]}


def delete_event_tracker(emulator: Emulator, params: Params) -> None:
    """DeleteEventTracker: events that came through it stay in the dataset."""
    tracker = emulator.store.get(params["eventTrackerArn"], "event_tracker")
    require_settled(tracker)
    emulator.lifecycle.delete(tracker)


def put_events(emulator: Emulator, params: Params) -> None:
    """PutEvents: all events of the request or none."""
    dataset = _tracked(emulator, params["trackingId"])
    schema = emulator.datasets.schema(dataset)
    events = []
    for number, event in enumerate(params["eventList"], 1):
        row = event_row(event, _properties(event.get("properties"), f"eventList.{number}"), schema)
        events.append(Event(params["sessionId"], params.get("userId"), row["ITEM_ID"], row["TIMESTAMP"], row))
    emulator.streams.add_events(dataset.arn, events)


def put_items(emulator: Emulator, params: Params) -> None:
    """PutItems: adds items, or replaces those of the same id."""
    _put(emulator, params["datasetArn"], "ITEMS", [(item["itemId"], item) for item in params["items"]])


def put_users(emulator: Emulator, params: Params) -> None:
    """PutUsers: adds users, or replaces those of the same id."""
    _put(emulator, params["datasetArn"], "USERS", [(user["userId"], user) for user in params["users"]])


def _put(
    emulator: Emulator, dataset_arn: str, dataset_type: str, records: list[tuple[str, dict[str, Any]]]
) -> None:
    dataset = emulator.store.find(dataset_arn, "dataset")
    if dataset is None:
        raise not_found(dataset_arn)
    if dataset.body["datasetType"] != dataset_type:
        raise InvalidInputError(f"The dataset {dataset_arn} is not of type {dataset_type}")
    require_active(dataset)
    schema = emulator.datasets.schema(dataset)
    rows = [
        (entity, metadata_row(entity, _properties(record.get("properties"), entity), schema))
        for entity, record in records
    ]
    with emulator.store.transaction():
        for entity, row in rows:
            emulator.streams.put_record(dataset.arn, entity, row)


def _tracked(emulator: Emulator, tracking_id: str) -> Resource:
    """The interactions dataset behind a tracking id."""
    for tracker in emulator.store.of_kind("event_tracker"):
        if tracker.body["trackingId"] == tracking_id:
            require_active(tracker)
            dataset = emulator.datasets.find(tracker.parent, "INTERACTIONS")
            if dataset is None:
                raise InvalidInputError(
                    f"The dataset group {tracker.parent} has no item interactions dataset"
                )
            return require_active(dataset)
    raise InvalidInputError(f"There is no event tracker with the tracking id {tracking_id}")


def _properties(text: str | None, where: str) -> dict[str, Any]:
    try:
        document = json.loads(text) if text else {}
        # Half a surrogate pair can be escaped in JSON but is no character; it could not be kept.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"properties of {where} are not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidInputError(f"properties of {where} must be a JSON object")
    return document
