"""Campaigns, and what they answer. A campaign serves the version it was made for; updates are still to come."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from emulator.api.operations.batch_inference import check_exploration
from emulator.api.operations.common import (
    Params,
    check_quota,
    create,
    require_active,
    require_settled,
    unsupported,
)
from emulator.errors import InvalidInputError, UnsupportedOperationError, not_found

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.state.resources import Resource

DEFAULT_RESULTS = 25
MOST_RESULTS = 500


def create_campaign(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateCampaign."""
    config = params.get("campaignConfig") or {}
    unsupported(
        config,
        syncWithLatestSolutionVersion="following the newest version",
        enableMetadataWithRecommendations="metadata in answers",
        rankingInfluence="influence of popularity and freshness",
    )
    if params["solutionVersionArn"].endswith("/$LATEST"):
        raise UnsupportedOperationError("$LATEST is not part of this emulator yet; name a solution version.")
    version = require_active(emulator.store.get(params["solutionVersionArn"], "solution_version"))
    check_exploration(config.get("itemExplorationConfig") or {}, version.body["recipeArn"])
    body = {
        "solutionVersionArn": version.arn,
        "minProvisionedTPS": params.get("minProvisionedTPS", 1),
        "campaignConfig": params.get("campaignConfig"),
    }
    campaign = create(emulator, "campaign", params, parent=version.parent, body=body)
    check_quota(_in_group(emulator, version) - 1, emulator.limits.campaigns_per_group, "campaign")
    return {"campaignArn": campaign.arn}


def delete_campaign(emulator: Emulator, params: Params) -> None:
    """DeleteCampaign."""
    campaign = emulator.store.get(params["campaignArn"], "campaign")
    require_settled(campaign)
    emulator.lifecycle.delete(campaign)


def get_recommendations(emulator: Emulator, params: Params) -> dict[str, Any]:
    """GetRecommendations by user. What a user did after the training is not known yet: that needs event trackers."""
    unsupported(
        params,
        recommenderArn="domain recommenders",
        filterArn="applying filters",
        promotions="promotions",
        context="contextual metadata",
        metadataColumns="metadata in answers",
    )
    arn = params.get("campaignArn")
    if not arn:
        raise InvalidInputError("campaignArn or recommenderArn is required")
    campaign = emulator.store.find(arn, "campaign")
    if campaign is None:
        raise not_found(arn)
    require_active(campaign)
    if not params.get("userId"):
        raise InvalidInputError("userId is required by the recipe of this campaign")
    count = params.get("numResults", DEFAULT_RESULTS)
    if not 0 <= count <= MOST_RESULTS:
        raise InvalidInputError(f"numResults must be from 0 to {MOST_RESULTS}, not {count}")
    return {
        "itemList": _items(emulator, campaign, params["userId"], count or DEFAULT_RESULTS),
        "recommendationId": f"RID-{uuid.uuid4()}",
    }


def _items(emulator: Emulator, campaign: Resource, user_id: str, count: int) -> list[dict[str, Any]]:
    model = emulator.model(campaign.body["solutionVersionArn"])
    ranking = model.for_users([user_id], count)
    items = [{"itemId": model.items[code]} for code in ranking.items[0].tolist()]
    if ranking.scores is None:
        return list(items)
    return [item | {"score": score} for item, score in zip(items, ranking.scores[0].tolist(), strict=True)]


def _in_group(emulator: Emulator, version: Resource) -> int:
    solutions = emulator.store.of_kind("solution", version.body["datasetGroupArn"])
    return sum(emulator.store.count("campaign", solution.arn) for solution in solutions)
