"""Rules about the stage as a whole: names and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.checks.rule import overlap
from config.service_shapes import check_shape
from lambdas.shared.naming import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from config.checks.rule import Finding
    from config.models import Settings
    from config.problems import KeyPath

LONGEST_NAME_TAIL = f"-put-events-interactions-{'0' * 8}"
"""The longest readable name after prefix and stage; a longer one is cut, and no longer says what it names."""

MAX_TAGS = 50
OWN_TAGS = ("stage", "scenario", "run_id")
"""The pipeline's own, on top of the user's."""

SERVICE_BLOCKS = ("dataset_group", "dataset_import", "solution", "solution_version", "batch_inference")


def stage_findings(settings: Settings, refused: Collection[KeyPath]) -> Iterator[Finding]:
    """What is wrong with the settings outside of the scenarios, and with tags everywhere."""
    broken = {path[0] for path in refused if path}
    if not broken & {"prefix", "stage"}:
        yield from _name_length(settings)
    if "tags" not in broken:
        yield from _tags(settings)
    for name, scenario in settings.scenarios.items():
        for block in SERVICE_BLOCKS:
            path: KeyPath = ("scenarios", name, block, "tags")
            if not any(overlap(path, wrong) for wrong in refused):
                yield from _block_tags(path, getattr(scenario, block).get("tags", []), settings.tags)


def _name_length(settings: Settings) -> Iterator[Finding]:
    most = MAX_LENGTH - len(LONGEST_NAME_TAIL) - 1
    together = len(settings.prefix) + len(settings.stage)
    if together > most:
        yield (
            ("prefix",),
            (
                f"prefix and stage have {together} characters together; names of Personalize have {MAX_LENGTH} and "
                f"leave room for {most}"
            ),
        )


def _tags(settings: Settings) -> Iterator[Finding]:
    most = MAX_TAGS - len(OWN_TAGS)
    if len(settings.tags) > most:
        yield ("tags",), f"has {len(settings.tags)} tags; AWS takes {MAX_TAGS}, of which {most} are yours"
    for key, value in settings.tags.items():
        path: KeyPath = ("tags", key)
        for _, message in check_shape("TagKey", key):
            yield path, f"the key {message}"
        for _, message in check_shape("TagValue", value):
            yield path, f"the value {message}"
        yield from _reserved(path, key)


def _block_tags(path: KeyPath, tags: list[dict[str, str]], stage_tags: Collection[str]) -> Iterator[Finding]:
    """Tags of one request come on top of the stage's; the service refuses a key that is there twice."""
    keys = [tag["tagKey"] for tag in tags]
    total = len({*keys, *stage_tags, *OWN_TAGS})
    if total > MAX_TAGS and keys:
        yield path, f"makes {total} tags with those of the stage and the pipeline; AWS takes {MAX_TAGS}"
    for position, key in enumerate(keys):
        where = (*path, position, "tagKey")
        if key in keys[:position]:
            yield where, f"{key!r} is there twice"
        elif key in stage_tags:
            yield where, f"{key!r} is one of the stage's tags already"
        yield from _reserved(where, key)


def _reserved(path: KeyPath, key: str) -> Iterator[Finding]:
    if key.lower().startswith("aws:"):
        yield path, "keys that start with aws: are reserved"
    if key in OWN_TAGS:
        yield path, "this tag is set by the pipeline"
