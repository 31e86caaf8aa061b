"""A replay's part of metrics.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
