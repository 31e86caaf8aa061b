"""Who makes a request: a session of a role, or a service of AWS itself."""

from __future__ import annotations

from dataclasses import dataclass

ADMINISTRATOR_ACCESS_KEY_ID = "LOCALADMINISTRATOR00"
"""The platform's own access key (deployer, command line, progress display): exempt from every check.

Twenty capitals and digits, for moto finds no other key in a request; not the form of a real key.
"""
ADMINISTRATOR_SECRET_ACCESS_KEY = "local"  # noqa: S105 moto checks no signature: there is no secret to keep


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller as policies name it. A role session has ARNs and an account, a service only its name."""

    name: str
    arns: frozenset[str] = frozenset()
    account_names: frozenset[str] = frozenset()
    service: str | None = None

    @classmethod
    def of_service(cls, service: str) -> Principal:
        """A service principal such as `personalize.amazonaws.com`."""
        return cls(name=service, service=service)


@dataclass(frozen=True, slots=True)
class RoleSession:
    """An assumed role: what an access key stands for.

    `service` is the service principal that assumed the role for itself (a function's or machine's role), with
    the ARN of the resource it acts for; both None when another role called sts:AssumeRole.
    """

    role_arn: str
    session_name: str
    service: str | None = None
    source_arn: str | None = None

    @property
    def account_id(self) -> str:
        """The role's account."""
        return self.role_arn.split(":")[4]

    @property
    def arn(self) -> str:
        """The session's ARN, as it stands in messages of AWS."""
        partition = self.role_arn.split(":")[1]
        role_name = self.role_arn.rsplit("/", 1)[-1]
        return f"arn:{partition}:sts::{self.account_id}:assumed-role/{role_name}/{self.session_name}"

    @property
    def principal(self) -> Principal:
        """The session as policies name it."""
        partition = self.role_arn.split(":")[1]
        return Principal(
            name=self.arn,
            arns=frozenset({self.role_arn, self.arn}),
            account_names=frozenset({self.account_id, f"arn:{partition}:iam::{self.account_id}:root"}),
        )
