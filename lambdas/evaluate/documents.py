"""metrics.json: what was measured, as a document with a version. docs/metrics.md tells its members."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lambdas.evaluate.evaluation import Evaluation
from lambdas.evaluate.interactions import HEAD_SHARE, RECENT_SHARE
from lambdas.evaluate.replay_documents import replay_document
from lambdas.evaluate.rows import difference_rows, value_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.evaluate.recommendations import Recommendations
    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.results import RunResults

SCHEMA_VERSION = "2.0"


def metrics_document(results: RunResults, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The whole document. `files` holds, by name, size and SHA-256 of the files written beside it."""
    request, found, verdict = results.request, results.evaluation, results.verdict
    service = results.first_service_metrics
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": request.scenario,
        "run_id": request.run_id,
        "run_date": results.run_date,
        "evaluated_at": results.evaluated_at,
        "kind": request.settings.kind.value,
        "model": {
            "name": request.model_name,
            "solution_version_arn": request.variants[0].solution_version_arn,
        },
        "outcome": verdict.outcome.value,
        "verdict": verdict.sentence,
        "primary": verdict.as_document(),
        "settings": found.settings.as_document(),
        "users": _users(found),
        "recommendations": _first_recommendations(found),
        "data": _data(found, results.diagnosis) if isinstance(found, Evaluation) else None,
        "reference_variant": request.design.reference,
        "variants": list(_variants(results)),
        "values": list(value_rows(found)),
        "differences": list(difference_rows(found)),
        "segments": [segment.as_row() for segment in found.segments],
        "scenario_section": _section(results),
        "service_metrics": dict(service) if service is not None else None,
        "facts": finite(request.facts),
        "cost": results.cost.as_document() if results.cost else None,
        "previous": results.previous.as_document() if results.previous else None,
        "files": {name: dict(entry) for name, entry in files.items()},
    }


def users_evaluated(found: Evaluation | Replay) -> int:
    """Over how many users a result is; in a replay every pair stands for its user A."""
    return found.data.n_users if isinstance(found, Evaluation) else len(found.source.pairs)


def finite(value: Any) -> Any:
    """A document that JSON can hold: NaN and infinities become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def _section(results: RunResults) -> dict[str, Any] | None:
    found = results.evaluation
    if not isinstance(found, Evaluation):
        section: dict[str, Any] = finite(replay_document(found, results.catalogue))
        return section
    return found.section.as_document() if found.section else None


def _users(found: Evaluation | Replay) -> dict[str, Any]:
    if isinstance(found, Evaluation):
        return {
            "evaluated": found.data.n_users,
            "held_out": found.data.n_users + found.data.users_without_past,
            "without_past": found.data.users_without_past,
            **_answered(found, found.primary.source),
        }
    pairs, k = len(found.source.pairs), found.settings.overlap_k
    short = sum(any(len(mine) < k for mine, _ in pair.lists.values()) for pair in found.source.pairs)
    return {
        "evaluated": pairs,
        "held_out": pairs + found.source.incomplete_pairs,
        "without_past": 0,
        "answered": pairs,
        "unanswered": found.source.incomplete_pairs,
        "short_lists": {"as_returned": short, "without_seen": 0},
        "lists_with_repeats": 0,
    }


def _answered(found: Evaluation, variant: str) -> dict[str, Any]:
    answers = found.answers[variant]
    return {
        "answered": int(np.count_nonzero(answers.answered)),
        "unanswered": answers.unanswered,
        "short_lists": {
            name.treatment: count for name, count in found.short_lists.items() if name.source == variant
        },
        "lists_with_repeats": found.lists_with_repeats[variant],
    }


def _first_recommendations(found: Evaluation | Replay) -> dict[str, Any]:
    if isinstance(found, Evaluation):
        return _recommendations(found.recommendations)
    return {
        "records": found.source.rows,
        "failed_records": 0,
        "duplicate_records": found.source.duplicate_rows,
        "records_of_other_users": 0,
        "unknown_items": 0,
        "errors": [],
    }


def _recommendations(answers: Recommendations) -> dict[str, Any]:
    tally = answers.tally
    return {
        "records": tally.records,
        "failed_records": tally.failed_records,
        "duplicate_records": tally.duplicate_records,
        "records_of_other_users": tally.records_of_others,
        "unknown_items": answers.unknown_items,
        "errors": list(tally.errors),
    }


def _variants(results: RunResults) -> Iterator[dict[str, Any]]:
    """What there is to tell of every variant, whose values stand with the others'."""
    found = results.evaluation
    for variant in results.request.variants:
        service = results.service_metrics.get(variant.name)
        judged = found if isinstance(found, Evaluation) else None
        yield {
            "name": variant.name,
            "solution_version_arn": variant.solution_version_arn,
            "users": _answered(judged, variant.name) if judged else None,
            "recommendations": _recommendations(judged.answers[variant.name]) if judged else None,
            "service_metrics": dict(service) if service is not None else None,
            "facts": finite(variant.facts),
        }


def _data(evaluation: Evaluation, diagnosis: Mapping[str, Any] | None) -> dict[str, Any]:
    data, time = evaluation.data, (diagnosis or {}).get("time") or {}
    return {
        "train_interactions": int(data.counts.sum()),
        "train_users": data.train_users,
        "catalogue_items": data.catalogue_size,
        "held_out_interactions": data.held_out_interactions,
        "held_out_items": int(data.truth.sizes.sum()),
        "held_out_items_seen_before": evaluation.held_out_items_seen,
        "held_out_items_unknown_to_training": data.held_out_items_new,
        "popular_items": data.head_size,
        "popular_head_share": HEAD_SHARE,
        "recent_share": RECENT_SHARE,
        "first_event": time.get("first"),
        "last_event": time.get("last"),
    }
