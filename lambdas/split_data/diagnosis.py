"""The diagnosis: what the data is, as a JSON document that reports show and that seals a split.

Version 1. Times are Unix seconds, shares lie between 0 and 1, counts are of events unless named otherwise.

    schema_version    1
    scenario, run_id
    data_fingerprint  SHA-256 over the raw objects and the settings; a rerun with another one is refused
    source            {location, files, bytes}
    split             {method, fraction, cut}: cut is the last second of the past, null for per_user
    counts            {rows_read, duplicates, interactions, users, items, train_interactions,
                       holdout_interactions, train_users, train_items, holdout_users, query_users,
                       holdout_users_without_past, users_without_future}
                      query_users have a past and a future: they are asked for and evaluated
    time              {first, last, days, histogram: [{from, to, interactions}]}
    history           {shortest, median, mean, p90, longest, histogram: [{from, to, users}]}: events a user
    long_tail         {top_items: [{share_of_items, items, share_of_interactions}],
                       items_with_one_interaction}
    repeats           {share_of_interactions, share_of_holdout}: the user had an event with the item before;
                      of the holdout: before the cut
    future            {new_items, share_of_holdout_with_new_items, new_users, share_of_holdout_of_new_users}:
                      what training has never seen
    warnings          [{code, count, message}]

It is written after all other files of the split: a run without it has no split that may be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.split_data.checks import warnings

if TYPE_CHECKING:
    from lambdas.split_data.measures import Measures
    from lambdas.split_data.request import SplitSettings

SCHEMA_VERSION = 1


def diagnose(measures: Measures, settings: SplitSettings, now: int) -> dict[str, Any]:
    """The part of the document that the data decides; `now` (Unix seconds) tells times in the future."""
    return {
        "split": {"method": settings.method, "fraction": settings.fraction, "cut": measures.split.cut},
        "counts": measures.counts,
        "time": measures.time(),
        "history": measures.history(),
        "long_tail": measures.long_tail(),
        "repeats": measures.repeats(),
        "future": measures.future(),
        "warnings": warnings(measures, now),
    }
