"""The stateful stack: what must outlive a deployment of the code."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config.models import Settings
from stacks.personalize_access import let_service_use_bucket, let_service_use_key

QUERY_RESULTS = "athena-results/"
"""Where in the reports bucket Athena puts its answers."""


class StorageStack(Stack):
    """Data, reports, access logs, and the key that encrypts them where the settings ask for one."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        """Make the buckets of a stage."""
        super().__init__(
            scope,
            construct_id,
            description=f"Personalize Pipelines, stage {settings.stage}: data and reports",
            termination_protection=settings.termination_protection,
        )
        self._removal = RemovalPolicy.RETAIN if settings.retains_data else RemovalPolicy.DESTROY
        self.key = self._customer_key() if settings.uses_customer_key else None
        self.log_bucket = self._log_bucket(settings)
        self.data_bucket = self._bucket("Data", self._data_rules(settings))
        self.reports_bucket = self._bucket("Reports", self._reports_rules(settings))
        let_service_use_bucket(self.data_bucket)
        CfnOutput(self, "DataBucket", value=self.data_bucket.bucket_name)
        CfnOutput(self, "ReportsBucket", value=self.reports_bucket.bucket_name)

    def _customer_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description="Data, reports and messages of Personalize Pipelines",
            enable_key_rotation=True,
            removal_policy=self._removal,
        )
        let_service_use_key(key)
        return key

    def _bucket(self, name: str, rules: list[s3.LifecycleRule]) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.KMS if self.key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.key,
            bucket_key_enabled=True if self.key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            server_access_logs_bucket=self.log_bucket,
            server_access_logs_prefix=f"{name.lower()}/",
            lifecycle_rules=rules,
            removal_policy=self._removal,
        )

    def _log_bucket(self, settings: Settings) -> s3.Bucket:
        # S3 delivers access logs only to buckets without a customer key.
        return s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="expire-access-logs",
                    expiration=Duration.days(settings.lifecycle.logs_expire_days),
                    noncurrent_version_expiration=Duration.days(1),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            removal_policy=self._removal,
        )

    @staticmethod
    def _data_rules(settings: Settings) -> list[s3.LifecycleRule]:
        return [
            s3.LifecycleRule(
                id="expire-runs",
                prefix="runs/",
                expiration=Duration.days(settings.lifecycle.runs_expire_days),
                noncurrent_version_expiration=Duration.days(7),
            ),
            s3.LifecycleRule(
                id="clean-up",
                abort_incomplete_multipart_upload_after=Duration.days(1),
                noncurrent_version_expiration=Duration.days(settings.lifecycle.runs_expire_days),
            ),
        ]

    @staticmethod
    def _reports_rules(settings: Settings) -> list[s3.LifecycleRule]:
        return [
            s3.LifecycleRule(
                id="clean-up",
                abort_incomplete_multipart_upload_after=Duration.days(1),
                noncurrent_version_expiration=Duration.days(settings.lifecycle.reports_noncurrent_days),
            ),
            s3.LifecycleRule(
                id="expire-query-results",
                prefix=QUERY_RESULTS,
                expiration=Duration.days(settings.lifecycle.query_results_expire_days),
                noncurrent_version_expiration=Duration.days(1),
            ),
        ]
