"""The CDK app: for every stage a storage stack and a pipelines stack."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from config.models import Settings
from stacks.pipelines import PipelinesStack
from stacks.storage import StorageStack

# Set here and not in cdk.json, so that `python app.py` and `cdk synth` give the same template.
FEATURE_FLAGS = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-iam:standardizedServicePrincipals": True,
    "@aws-cdk/aws-s3:createDefaultLoggingPolicy": True,
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/aws-lambda:recognizeVersionProps": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/core:stackRelativeExports": True,
    "@aws-cdk/core:enablePartitionLiterals": True,
}


DEFAULT_STAGE = "dev"


def stages_asked_for() -> list[str]:
    """The stages in the CDK CLI's context (`-c stage=dev,prod`), which it hands on in CDK_CONTEXT_JSON."""
    context = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    return [stage.strip() for stage in str(context.get("stage", DEFAULT_STAGE)).split(",")]


def build(
    stages: Iterable[Settings], *, outdir: Path | None = None, libraries: bool = True, checks: bool = True
) -> App:
    """Make the app of one or more stages.

    `libraries` false leaves the Lambda layers empty, for a platform that supplies the packages itself; the
    template is the same to the byte. `checks` runs cdk-nag's AwsSolutions rules at synth and fails it on a finding.
    """
    app = App(context=FEATURE_FLAGS, analytics_reporting=False, outdir=str(outdir) if outdir else None)
    for settings in stages:
        name = f"{settings.prefix}-{settings.stage}"
        storage = StorageStack(app, f"{name}-storage", settings=settings)
        pipelines = PipelinesStack(
            app, f"{name}-pipelines", settings=settings, storage=storage, libraries=libraries
        )
        for stack in (storage, pipelines):
            for key, value in {**settings.tags, "stage": settings.stage}.items():
                Tags.of(stack).add(key, value)
    if checks:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app
