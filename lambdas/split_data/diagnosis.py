"""The diagnosis: what the data is, as a JSON document that reports show and that seals a split.

Version 1. Times are Unix seconds, shares lie between 0 and 1, counts are of events unless named otherwise.

    schema_version    1
    scenario, run_id
    data_fingerprint  SHA-256 over the raw objects and the settings; a rerun with another one is refused
    source            {location, files, bytes}
    split             {method, fraction, cut}: cut is the last second of the past, null for a cut per user;
                      of cold_items also {cold_share, truth, seed}, with a sample of users {max_users, seed}
    counts            {rows_read, duplicates, interactions, users, items, train_interactions,
                       holdout_interactions, train_users, train_items, holdout_users, query_users,
                       holdout_users_without_past, users_without_future}
                      query_users have a past and a future: they are asked for and evaluated;
                      where there are any by design {unused_interactions}: neither trained on nor judged;
                      where items are held out {cold_items}: how many
    time              {first, last, days, histogram: [{from, to, interactions}]}
    history           {shortest, median, mean, p90, longest, histogram: [{from, to, users}]}: events a user
    long_tail         {top_items: [{share_of_items, items, share_of_interactions}],
                       items_with_one_interaction}
    repeats           {share_of_interactions, share_of_holdout}: the user had an event with the item before;
                      of the holdout: before the cut
    future            {new_items, share_of_holdout_with_new_items, new_users, share_of_holdout_of_new_users}:
                      what training has never seen
    items, users      of each dataset that the scenario has: {source: {location, files, bytes}, rows,
                       duplicates, without_interactions, missing, missing_interactions,
                       columns: [{name, kind, filled, distinct, trains}]}
                      without_interactions: ids that nobody has touched or seen; missing: ids of interactions
                      that have no row; filled: share of rows with a value; distinct: different values, of
                      categories each of those joined by `|`; trains: whether training can use the column
    warnings          [{code, count, message}]

It is written after all other files of the split: a run without it has no split that may be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.split_data.checks import warnings
from lambdas.split_data.problems import warning_documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.split_data.coverage import Coverage
    from lambdas.split_data.measures import Measures
    from lambdas.split_data.settings import SplitSettings

SCHEMA_VERSION = 1


def diagnose(
    measures: Measures, settings: SplitSettings, now: int, coverages: Mapping[str, Coverage] | None = None
) -> dict[str, Any]:
    """The part of the document that the data decides; `now` (Unix seconds) tells times in the future.

    `coverages` has those of `items` and `users` that there are.
    """
    described = coverages or {}
    return {
        "split": {**_settings(settings), "cut": measures.split.cut},
        "counts": measures.counts,
        "time": measures.time(),
        "history": measures.history(),
        "long_tail": measures.long_tail(),
        "repeats": measures.repeats(),
        "future": measures.future(),
        **{name: coverage.document() for name, coverage in described.items()},
        "warnings": [
            *warnings(measures, now),
            *warning_documents(told for coverage in described.values() for told in coverage.warnings()),
        ],
    }


def _settings(settings: SplitSettings) -> dict[str, Any]:
    """The settings that the method heeds."""
    told: dict[str, Any] = {"method": settings.method, "fraction": settings.fraction}
    if settings.method == "cold_items":
        told |= {"cold_share": settings.cold_share, "truth": settings.truth, "seed": settings.seed}
    if settings.max_users is not None:
        told |= {"max_users": settings.max_users, "seed": settings.seed}
    return told
