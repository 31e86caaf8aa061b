"""metrics.json: what was measured, as a document with a version. docs/metrics.md tells its members."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.interactions import HEAD_SHARE, RECENT_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.evaluate.bootstrap import Estimate
    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.results import RunResults

SCHEMA_VERSION = "1.0"


def metrics_document(results: RunResults, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The whole document. `files` holds, by name, size and SHA-256 of the files written beside it."""
    request, evaluation, verdict = results.request, results.evaluation, results.verdict
    service = results.service_metrics
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": request.scenario,
        "run_id": request.run_id,
        "model": {"name": request.model_name, "solution_version_arn": request.solution_version_arn},
        "outcome": verdict.outcome.value,
        "verdict": verdict.sentence,
        "primary": verdict.as_document(),
        "settings": evaluation.settings.as_document(),
        "users": _users(evaluation),
        "recommendations": _recommendations(evaluation),
        "data": _data(evaluation),
        "values": list(value_rows(evaluation)),
        "differences": list(difference_rows(evaluation)),
        "service_metrics": dict(service) if service is not None else None,
        "facts": finite(request.facts),
        "files": {name: dict(entry) for name, entry in files.items()},
    }


def value_rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """One row for every list, metric and cut-off."""
    for (name, metric, k), estimate in evaluation.values.items():
        yield {
            "source": name.source,
            "list": name.treatment,
            "metric": metric,
            "k": k,
            **_interval("value", estimate),
            "users": evaluation.users[name, metric, k],
        }


def difference_rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """One row for every list of the model, baseline, metric and cut-off."""
    for (model, baseline, metric, k), difference in evaluation.differences.items():
        relative = difference.relative
        yield {
            "list": model.treatment,
            "baseline": baseline.source,
            "metric": metric,
            "k": k,
            **_interval("difference", difference.absolute),
            "relative_difference": relative.value,
            "relative_low": relative.low,
            "relative_high": relative.high,
            "users": min(evaluation.users[model, metric, k], evaluation.users[baseline, metric, k]),
        }


def finite(value: Any) -> Any:
    """A document that JSON can hold: NaN and infinities become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def _interval(name: str, estimate: Estimate) -> dict[str, float | None]:
    return {name: estimate.value, "low": estimate.low, "high": estimate.high}


def _users(evaluation: Evaluation) -> dict[str, Any]:
    data, found = evaluation.data, evaluation.recommendations
    answered = int(found.answered.sum())
    return {
        "evaluated": data.n_users,
        "held_out": data.n_users + data.users_without_past,
        "without_past": data.users_without_past,
        "answered": answered,
        "unanswered": data.n_users - answered,
        "short_lists": {name.treatment: count for name, count in evaluation.short_lists.items()},
        "lists_with_repeats": evaluation.lists_with_repeats,
    }


def _recommendations(evaluation: Evaluation) -> dict[str, Any]:
    found = evaluation.recommendations
    return {
        "records": found.records,
        "failed_records": found.failed_records,
        "duplicate_records": found.duplicate_records,
        "records_of_other_users": found.records_of_other_users,
        "unknown_items": found.unknown_items,
        "errors": list(found.errors),
    }


def _data(evaluation: Evaluation) -> dict[str, Any]:
    data = evaluation.data
    held_out_items = int(data.truth.sizes.sum())
    return {
        "train_interactions": int(data.counts.sum()),
        "train_users": data.train_users,
        "catalogue_items": data.catalogue_size,
        "held_out_interactions": data.held_out_interactions,
        "held_out_items": held_out_items,
        "held_out_items_seen_before": evaluation.held_out_items_seen,
        "held_out_items_unknown_to_training": len(data.items) - data.catalogue_size,
        "popular_items": data.head_size,
        "popular_head_share": HEAD_SHARE,
        "recent_share": RECENT_SHARE,
    }
