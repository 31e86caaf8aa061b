"""Compare what a request asks for with what the service describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# The service does not repeat these in a description.
NOT_DESCRIBED = frozenset({"tags"})


def differences(request: Mapping[str, Any], description: Mapping[str, Any]) -> list[str]:
    """What the request asks for and the description does not show, one sentence a member.

    Members that the request leaves out are the service's to choose and do not count. Dataset types are compared
    without regard to case, since the service answers in upper case.
    """
    wanted = {member: value for member, value in request.items() if member not in NOT_DESCRIBED}
    return list(_differences("", wanted, description))


def _differences(path: str, wanted: Any, found: Any) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for member, value in wanted.items():
            yield from _differences(f"{path}.{member}".lstrip("."), value, found.get(member))
    elif not _equal(path, wanted, found):
        yield f"{path} is {found!r}, the settings ask for {wanted!r}"


def _equal(path: str, wanted: Any, found: Any) -> bool:
    if path == "datasetType":
        return str(wanted).casefold() == str(found).casefold()
    return bool(wanted == found)
