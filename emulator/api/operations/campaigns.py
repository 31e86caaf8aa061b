"""Campaigns: made, updated, deleted.

An update is a resource of its own under the campaign: while it is under way the campaign serves what it did before,
and when it is ACTIVE its members stand in for those of the campaign.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from emulator.api.operations.batch_inference import check_exploration
from emulator.api.operations.common import (
    Params,
    check_quota,
    create,
    refuse_segments,
    require_active,
    require_none,
    require_settled,
    unsupported,
)
from emulator.errors import InvalidInputError, ResourceInUseError
from emulator.state.resources import ACTIVE, CREATE_FAILED, CREATING

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.state.resources import Resource

LATEST = "/$LATEST"
MEMBERS = ("solutionVersionArn", "minProvisionedTPS", "campaignConfig")


def create_campaign(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateCampaign."""
    version = _checked(emulator, params)
    body = {"minProvisionedTPS": 1} | {member: params[member] for member in MEMBERS if member in params}
    campaign = create(emulator, "campaign", params, parent=version.parent, body=body)
    others = _in_group(emulator, version.body["datasetGroupArn"]) - 1
    check_quota(others, emulator.limits.campaigns_per_group, "campaign")
    return {"campaignArn": campaign.arn}


def update_campaign(emulator: Emulator, params: Params) -> dict[str, Any]:
    """UpdateCampaign: any of version, throughput and settings; the rest stays."""
    campaign = emulator.store.get(params["campaignArn"], "campaign")
    if campaign.status not in (ACTIVE, CREATE_FAILED):
        raise ResourceInUseError(f"The campaign {campaign.arn} is in status {campaign.status}.")
    updates = emulator.store.of_kind("campaign_update", campaign.arn)
    require_none([update for update in updates if update.creating], "update the campaign")
    current = serving(emulator, campaign)
    wanted = {member: params.get(member, current.get(member)) for member in MEMBERS}
    version = _checked(emulator, {key: value for key, value in wanted.items() if value is not None})
    if version.parent != campaign.parent:
        raise InvalidInputError(
            f"The version {version.arn} is not of the campaign's solution {campaign.parent}"
        )
    create(
        emulator,
        "campaign_update",
        {},
        parent=campaign.arn,
        arn=f"{campaign.arn}/update/{secrets.token_hex(4)}",
        name=campaign.name,
        body=wanted,
    )
    return {"campaignArn": campaign.arn}


def describe_campaign(emulator: Emulator, params: Params) -> dict[str, Any]:
    """DescribeCampaign: what it serves now, and its latest update if there ever was one."""
    campaign = emulator.store.get(params["campaignArn"], "campaign")
    document = campaign.document() | serving(emulator, campaign)
    updates = emulator.store.of_kind("campaign_update", campaign.arn)
    if updates:
        document["latestCampaignUpdate"] = updates[-1].document()
        document["lastUpdatedDateTime"] = max(campaign.updated, updates[-1].updated)
    return {"campaign": document}


def delete_campaign(emulator: Emulator, params: Params) -> None:
    """DeleteCampaign."""
    campaign = emulator.store.get(params["campaignArn"], "campaign")
    require_settled(campaign)
    updates = emulator.store.of_kind("campaign_update", campaign.arn, CREATING)
    require_none(updates, "delete the campaign")
    emulator.lifecycle.delete(campaign)


def serving(emulator: Emulator, campaign: Resource) -> dict[str, Any]:
    """Version, throughput and settings in force: those of the newest update that succeeded, else of the campaign."""
    updates = emulator.store.of_kind("campaign_update", campaign.arn, [ACTIVE])
    body = (updates[-1] if updates else campaign).body
    return {member: body[member] for member in MEMBERS if member in body}


def serving_version(emulator: Emulator, campaign: Resource) -> Resource:
    """The solution version that a campaign answers from; `$LATEST` is the newest ACTIVE one of its solution."""
    return _version(emulator, serving(emulator, campaign)["solutionVersionArn"])


def _version(emulator: Emulator, arn: str) -> Resource:
    if not arn.endswith(LATEST):
        return require_active(emulator.store.get(arn, "solution_version"))
    solution = emulator.store.get(arn.removesuffix(LATEST), "solution")
    versions = emulator.store.of_kind("solution_version", solution.arn, [ACTIVE])
    if not versions:
        raise InvalidInputError(f"The solution {solution.arn} has no ACTIVE version yet.")
    return versions[-1]


def _checked(emulator: Emulator, params: Params) -> Resource:
    """The version of a request whose settings are in order."""
    config = params.get("campaignConfig") or {}
    unsupported(
        config,
        enableMetadataWithRecommendations="metadata in answers",
        rankingInfluence="influence of popularity and freshness",
    )
    follows = params["solutionVersionArn"].endswith(LATEST)
    if follows != bool(config.get("syncWithLatestSolutionVersion")):
        raise InvalidInputError(
            "syncWithLatestSolutionVersion and a solutionVersionArn that ends with /$LATEST need each other"
        )
    version = _version(emulator, params["solutionVersionArn"])
    refuse_segments(version.body["recipeArn"])
    check_exploration(config.get("itemExplorationConfig") or {}, version.body["recipeArn"])
    return version


def _in_group(emulator: Emulator, group_arn: str) -> int:
    solutions = emulator.store.of_kind("solution", group_arn)
    return sum(emulator.store.count("campaign", solution.arn) for solution in solutions)
