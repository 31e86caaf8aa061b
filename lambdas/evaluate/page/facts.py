"""What was run, as names and texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.page.wording import variant_label
from lambdas.evaluate.settings import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.evaluate.request import EvaluateRequest
    from lambdas.evaluate.settings import EvaluationSettings

# Facts that the page shows in places of their own.
_SHOWN_ELSEWHERE = frozenset({"stages"})
# Settings that play a part in some kinds of evaluation only.
_ONLY_IN = {
    "genre_column": (Kind.COLD_ITEMS,),
    "overlap_k": (Kind.REPLAY,),
    "rbo_p": (Kind.REPLAY,),
    **dict.fromkeys(
        ("cutoffs", "baselines", "primary_metric", "primary_cutoff"),
        (Kind.USERS, Kind.RELATED_ITEMS, Kind.COLD_ITEMS),
    ),
}


def facts(request: EvaluateRequest) -> Iterator[tuple[str, str, bool]]:
    """Name, text and whether the text is a JSON document; those of the variants last."""
    if len(request.variants) == 1:
        yield "solution version", plain(request.variants[0].solution_version_arn), False
    yield from _facts(request.facts, "")
    for variant in request.variants:
        name = f"{variant_label(variant.name)}: " if len(request.variants) > 1 else ""
        if name:
            yield f"{name}solution version", plain(variant.solution_version_arn), False
        yield from _facts(variant.facts, name)


def shown_settings(settings: EvaluationSettings) -> Iterator[tuple[str, str]]:
    """The settings that play a part."""
    for key, value in settings.as_document().items():
        if settings.kind in _ONLY_IN.get(key, tuple(Kind)):
            yield key.replace("_", " "), plain(value)


def plain(value: Any) -> str:
    """A value in words."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "not given" if value is None else str(value)


def _facts(found: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, bool]]:
    for key, value in found.items():
        if key in _SHOWN_ELSEWHERE:
            continue
        structured = isinstance(value, (dict, list))
        text = json.dumps(value, indent=2, ensure_ascii=False) if structured else plain(value)
        yield f"{prefix}{key.replace('_', ' ')}", text, structured
