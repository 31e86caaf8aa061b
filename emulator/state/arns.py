"""ARNs of Amazon Personalize: how they are built and what can be read out of them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Arns:
    """Builds the ARNs of one account and region."""

    account_id: str
    region: str

    def of(self, arn_type: str, name: str) -> str:
        """`arn:aws:personalize:<region>:<account>:<type>/<name>`."""
        return f"arn:aws:personalize:{self.region}:{self.account_id}:{arn_type}/{name}"

    def dataset(self, dataset_group_arn: str, dataset_type: str) -> str:
        """A dataset is named by its group and type; its own name is not part of the ARN."""
        return self.of("dataset", f"{dataset_group_arn.rpartition('/')[2]}/{dataset_type.upper()}")


def solution_version_arn(solution_arn: str) -> str:
    """A new ARN under the solution: eight hexadecimal digits, as the service makes them."""
    return f"{solution_arn}/{secrets.token_hex(4)}"
