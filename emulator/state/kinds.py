"""The table of resource kinds: how each is named on the wire and in its ARN."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    noun: as in `Describe<noun>`; arn_type: as in `arn:…:<arn_type>/<name>`; arn_member, name_member,
    describe_member, list_member: members of the API's shapes; list_filter: the member by which its List call
    narrows (always the ARN of the parent); has_work: a job must run before it is ACTIVE. Updates are resources of
    their own that the API shows only within the one they belong to.
    """

    key: str
    noun: str
    arn_type: str
    describe_member: str
    list_member: str
    list_filter: str | None
    name_member: str = "name"
    has_status: bool = True
    has_work: bool = False
    taggable: bool = True

    @property
    def arn_member(self) -> str:
        """The member that carries the ARN, `datasetGroupArn` for a dataset group."""
        return self.noun[0].lower() + self.noun[1:] + "Arn"


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("dataset_group", "DatasetGroup", "dataset-group", "datasetGroup", "datasetGroups", None),
        Kind("schema", "Schema", "schema", "schema", "schemas", None, has_status=False, taggable=False),
        Kind("dataset", "Dataset", "dataset", "dataset", "datasets", "datasetGroupArn"),
        Kind(
            "dataset_import_job",
            "DatasetImportJob",
            "dataset-import-job",
            "datasetImportJob",
            "datasetImportJobs",
            "datasetArn",
            name_member="jobName",
            has_work=True,
        ),
        Kind("solution", "Solution", "solution", "solution", "solutions", "datasetGroupArn"),
        Kind(
            "solution_version",
            "SolutionVersion",
            "solution",
            "solutionVersion",
            "solutionVersions",
            "solutionArn",
            has_work=True,
        ),
        Kind("campaign", "Campaign", "campaign", "campaign", "campaigns", "solutionArn"),
        Kind("campaign_update", "CampaignUpdate", "campaign", "", "", None, taggable=False),
        Kind("dataset_update", "DatasetUpdate", "dataset", "", "", None, taggable=False),
        Kind(
            "event_tracker",
            "EventTracker",
            "event-tracker",
            "eventTracker",
            "eventTrackers",
            "datasetGroupArn",
        ),
        Kind("filter", "Filter", "filter", "filter", "Filters", "datasetGroupArn"),
        Kind(
            "batch_inference_job",
            "BatchInferenceJob",
            "batch-inference-job",
            "batchInferenceJob",
            "batchInferenceJobs",
            "solutionVersionArn",
            name_member="jobName",
            has_work=True,
        ),
        Kind(
            "batch_segment_job",
            "BatchSegmentJob",
            "batch-segment-job",
            "batchSegmentJob",
            "batchSegmentJobs",
            "solutionVersionArn",
            name_member="jobName",
            has_work=True,
        ),
    )
}
