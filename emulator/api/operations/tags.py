"""Tags: up to 50 a resource, read by their own call only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import InvalidInputError, TooManyTagsError

if TYPE_CHECKING:
    from emulator.engine import Emulator

Params = dict[str, Any]


def add(emulator: Emulator, arn: str, tags: list[dict[str, str]]) -> None:
    """Puts tags on a resource; raises InvalidInputError and TooManyTagsError."""
    given = {tag["tagKey"]: tag["tagValue"] for tag in tags}
    if len(given) < len(tags):
        raise InvalidInputError("A tag key is given twice")
    reserved = [key for key in given if key.lower().startswith("aws:")]
    if reserved:
        raise InvalidInputError(f"Tag keys that begin with aws: are reserved: {', '.join(reserved)}")
    allowed = emulator.limits.tags_per_resource
    if len(emulator.store.tags(arn) | given) > allowed:
        raise TooManyTagsError(f"A resource takes at most {allowed} tags.")
    emulator.store.put_tags(arn, given)


def tag_resource(emulator: Emulator, params: Params) -> dict[str, Any]:
    """TagResource."""
    add(emulator, _taggable(emulator, params), params["tags"])
    return {}


def untag_resource(emulator: Emulator, params: Params) -> dict[str, Any]:
    """UntagResource."""
    emulator.store.remove_tags(_taggable(emulator, params), params["tagKeys"])
    return {}


def list_tags(emulator: Emulator, params: Params) -> dict[str, Any]:
    """ListTagsForResource."""
    tags = emulator.store.tags(_taggable(emulator, params))
    return {"tags": [{"tagKey": key, "tagValue": value} for key, value in tags.items()]}


def _taggable(emulator: Emulator, params: Params) -> str:
    resource = emulator.store.get(params["resourceArn"])
    if not resource.kind.taggable:
        raise InvalidInputError(f"Resources of the kind {resource.kind.noun} take no tags")
    return resource.arn
