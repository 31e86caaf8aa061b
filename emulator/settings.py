"""What may differ between an account and another, or is not confirmed about the service: settings, not constants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Quotas and minima (defaults: the published ones for a new account).

    `solutions_per_group` is published as both 10 and 20; the lower one is the default, so that what fits here
    fits there. `batch_results` is by analogy with the runtime; the model states no upper bound. `ranking_items`
    (different items of a list to rank) is published for the runtime and taken for batch jobs by analogy.
    `batch_input_…` count for segment jobs, too; `segment_…_queries` are lines of one input file.
    """

    dataset_groups: int = 5
    schemas: int = 500
    pending_import_jobs: int = 5
    pending_solution_versions: int = 20
    pending_batch_inference_jobs: int = 5
    pending_batch_segment_jobs: int = 5
    solutions_per_group: int = 10
    campaigns_per_group: int = 5
    filters_per_group: int = 30
    fields_per_filter: int = 10
    filter_fields_per_group: int = 20
    tags_per_resource: int = 50
    import_interactions: int = 1000
    training_interactions: int = 1000
    training_users: int = 25
    training_user_interactions: int = 2
    training_user_share: float = 0.01
    batch_input_files: int = 1000
    batch_input_bytes: int = 1 << 30
    batch_results: int = 500
    ranking_items: int = 500
    segment_users: int = 5_000_000
    segment_item_queries: int = 500
    segment_attribute_queries: int = 10
    id_characters: int = 256
    string_characters: int = 1000


@dataclass(frozen=True)
class Behaviour:
    """Choices where the service's own behaviour is not confirmed, or where the emulator may be kinder.

    legacy_recipes: train `aws-hrnn` and its kin, which the service no longer does.
    millisecond_timestamps: import TIMESTAMP values that can only be milliseconds (the column is a plain long, so
    the service is taken to accept them); `False` fails the import with the row.
    workers: how many jobs run at the same time.
    """

    legacy_recipes: bool = True
    millisecond_timestamps: bool = True
    workers: int = 2
