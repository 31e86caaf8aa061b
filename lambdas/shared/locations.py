"""Where a run keeps its things in S3: the one place that spells the keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.errors import RequestError

if TYPE_CHECKING:
    from lambdas.shared.result_tables import ResultTable

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
VARIANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class S3Location:
    """An object or prefix in S3. A prefix ends in `/`, or is empty for the whole bucket."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> S3Location:
        """Read `s3://bucket/key`. Raises RequestError for anything else."""
        scheme, _, rest = uri.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise RequestError(f"{uri!r} is not an S3 location: write s3://bucket/key.")
        return cls(bucket, key)

    def __str__(self) -> str:
        """The location as a URI."""
        return f"s3://{self.bucket}/{self.key}"

    def __truediv__(self, name: str) -> S3Location:
        """The object or prefix `name` below this prefix."""
        base = self.key if not self.key or self.key.endswith("/") else f"{self.key}/"
        return S3Location(self.bucket, f"{base}{name}")


@dataclass(frozen=True, slots=True)
class RunLocations:
    """The prefixes and objects of one run of one scenario.

    Everything of a run sits below three prefixes: `runs/` in the data bucket for what the machine needs on the
    way, `reports/` in the reports bucket for people, and `tables/` beside it for SQL.
    """

    scenario: str
    run_id: str
    run: S3Location
    report: S3Location
    latest: S3Location

    @classmethod
    def of(cls, *, scenario: str, run_id: str, data_bucket: str, reports_bucket: str) -> RunLocations:
        """Locations of a run. Raises RequestError when the run id cannot be part of a key and a name."""
        if not RUN_ID.fullmatch(run_id):
            raise RequestError(
                f"run id {run_id!r} cannot be used: take 1 to 80 letters, digits, hyphens and underscores, "
                "starting with a letter or digit (it becomes part of S3 keys and resource names)."
            )
        return cls(
            scenario=scenario,
            run_id=run_id,
            run=S3Location(data_bucket, f"runs/{scenario}/{run_id}/"),
            report=S3Location(reports_bucket, f"reports/{scenario}/{run_id}/"),
            latest=S3Location(reports_bucket, f"reports/{scenario}/latest/"),
        )

    def in_table(self, table: ResultTable, run_date: str) -> S3Location:
        """The file that the run has in a table for SQL. run_date: as 2026-11-24."""
        return S3Location(self.report.bucket, table.key(self.scenario, run_date, self.run_id))

    @property
    def train(self) -> S3Location:
        """CSV files with the past: what is imported (one dataset type per folder below it)."""
        return self.run / "train/"

    @property
    def holdout(self) -> S3Location:
        """The held-out future, never imported (Parquet)."""
        return self.run / "holdout/"

    @property
    def queries(self) -> S3Location:
        """Input lines of the batch inference job."""
        return self.run / "queries/"

    @property
    def recommendations(self) -> S3Location:
        """Output of the batch inference job, or a prefix for each of several (see `recommendations_of`)."""
        return self.run / "recommendations/"

    def recommendations_of(self, variant: str) -> S3Location:
        """Output of the batch inference job of one variant.

        Raises RequestError when the variant's name cannot be part of a key.
        """
        if not VARIANT.fullmatch(variant):
            raise RequestError(
                f"variant name {variant!r} cannot be used: take 1 to 63 letters, digits, dots, hyphens and "
                "underscores, starting with a letter or digit (it becomes part of S3 keys)."
            )
        return self.recommendations / f"{variant}/"

    @property
    def catalogue(self) -> S3Location:
        """The items with their attributes, for evaluation and reports (Parquet)."""
        return self.run / "catalogue/"

    @property
    def replay(self) -> S3Location:
        """The lists that users got before and after events were sent in their names (Parquet)."""
        return self.run / "replay/"

    @property
    def diagnosis(self) -> S3Location:
        """What `split_data` found in the data (JSON)."""
        return self.run / "diagnosis.json"
