"""The operations that behave. What is not in this table is answered with an error that names the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.api.operations import (
    batch_inference,
    batch_segment,
    campaigns,
    datasets,
    events,
    filters,
    rankings,
    recipes,
    recommendations,
    solutions,
    tags,
)
from emulator.api.operations.common import described, listed

if TYPE_CHECKING:
    from emulator.api.operations.common import Handler

HANDLERS: dict[str, Handler] = {
    "CreateDatasetGroup": datasets.create_dataset_group,
    "DescribeDatasetGroup": described("dataset_group"),
    "ListDatasetGroups": listed("dataset_group"),
    "DeleteDatasetGroup": datasets.delete_dataset_group,
    "CreateSchema": datasets.create_schema,
    "DescribeSchema": described("schema"),
    "ListSchemas": listed("schema"),
    "DeleteSchema": datasets.delete_schema,
    "CreateDataset": datasets.create_dataset,
    "DescribeDataset": datasets.describe_dataset,
    "UpdateDataset": datasets.update_dataset,
    "ListDatasets": listed("dataset"),
    "DeleteDataset": datasets.delete_dataset,
    "CreateDatasetImportJob": datasets.create_dataset_import_job,
    "DescribeDatasetImportJob": described("dataset_import_job"),
    "ListDatasetImportJobs": listed("dataset_import_job"),
    "CreateSolution": solutions.create_solution,
    "DescribeSolution": solutions.describe_solution,
    "ListSolutions": listed("solution"),
    "DeleteSolution": solutions.delete_solution,
    "CreateSolutionVersion": solutions.create_solution_version,
    "DescribeSolutionVersion": described("solution_version"),
    "ListSolutionVersions": listed("solution_version"),
    "GetSolutionMetrics": solutions.get_solution_metrics,
    "CreateBatchInferenceJob": batch_inference.create_batch_inference_job,
    "DescribeBatchInferenceJob": described("batch_inference_job"),
    "ListBatchInferenceJobs": listed("batch_inference_job"),
    "CreateBatchSegmentJob": batch_segment.create_batch_segment_job,
    "DescribeBatchSegmentJob": described("batch_segment_job"),
    "ListBatchSegmentJobs": listed("batch_segment_job"),
    "CreateFilter": filters.create_filter,
    "DescribeFilter": described("filter"),
    "ListFilters": listed("filter"),
    "DeleteFilter": filters.delete_filter,
    "CreateCampaign": campaigns.create_campaign,
    "DescribeCampaign": campaigns.describe_campaign,
    "UpdateCampaign": campaigns.update_campaign,
    "ListCampaigns": listed("campaign"),
    "DeleteCampaign": campaigns.delete_campaign,
    "CreateEventTracker": events.create_event_tracker,
    "DescribeEventTracker": described("event_tracker"),
    "ListEventTrackers": listed("event_tracker"),
    "DeleteEventTracker": events.delete_event_tracker,
    "GetPersonalizedRanking": rankings.get_personalized_ranking,
    "GetRecommendations": recommendations.get_recommendations,
    "PutEvents": events.put_events,
    "PutItems": events.put_items,
    "PutUsers": events.put_users,
    "DescribeRecipe": recipes.describe_recipe,
    "ListRecipes": recipes.list_recipes,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags,
}
