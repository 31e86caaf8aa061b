"""A replay's part of metrics.json, and its rows of per_user.parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lambdas.evaluate.rows import interval_members

if TYPE_CHECKING:
    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.replay_file import Items


def replay_document(replay: Replay, catalogue: Catalogue | None) -> dict[str, Any]:
    """The curve, how soon it has come half of its way, and the pair that is told."""
    return {
        "kind": "replay",
        "overlap_k": replay.settings.overlap_k,
        "rbo_p": replay.settings.rbo_p,
        "pairs": len(replay.source.pairs),
        "incomplete_pairs": replay.source.incomplete_pairs,
        "undefined_pairs": replay.undefined_pairs,
        "curve": [
            {
                "events": step.events,
                "mean_events_sent": step.sent,
                "pairs_with_fewer_events": step.exhausted,
                "overlap": interval_members("value", step.overlap),
                "rbo": interval_members("value", step.rbo),
            }
            for step in replay.steps
        ],
        "halfway_events": interval_members("value", replay.halfway),
        "story": _story_document(replay, catalogue),
    }


def pair_columns(replay: Replay) -> dict[str, pa.Array]:
    """One row per pair, ascending by its number: users, events, and values before and after all events."""
    pairs, k = replay.source.pairs, replay.settings.overlap_k
    columns: dict[str, pa.Array] = {
        "user_id": pa.array([pair.user_a for pair in pairs], pa.string()),
        "other_user_id": pa.array([pair.user_b for pair in pairs], pa.string()),
        "pair": pa.array([pair.number for pair in pairs], pa.int32()),
        "events": pa.array([pair.all_events for pair in pairs], pa.int32()),
    }
    for source, place in (("replay", -1), ("no_events", 0)):
        for metric, values in replay.pair_values.items():
            shown = values[:, place]
            columns[f"{source}_{metric}_at_{k}"] = pa.array(shown.astype(np.float32), mask=np.isnan(shown))
    return columns


def _story_document(replay: Replay, catalogue: Catalogue | None) -> dict[str, Any] | None:
    story = replay.story
    if story is None:
        return None

    def told(items: Items) -> list[dict[str, str | None]]:
        ids = list(items[: replay.settings.overlap_k])
        titles = catalogue.titles_of(ids) if catalogue else [None] * len(ids)
        return [{"item_id": item, "title": title} for item, title in zip(ids, titles, strict=True)]

    return {
        "pair": story.pair.number,
        "user_a": story.pair.user_a,
        "user_b": story.pair.user_b,
        "events": story.pair.all_events,
        "before": told(story.before),
        "between_events": story.events,
        "between": told(story.between),
        "after": told(story.after),
        "target": told(story.target),
    }
