"""IAM for the local platform: a policy engine, and the hooks that let moto and the emulator ask it."""

from local.iam.authorizer import AssumeRoleDeniedError, Authorizer, IamMode, RoleCredentials
from local.iam.call_log import RecordedCall
from local.iam.principals import ADMINISTRATOR_ACCESS_KEY_ID, ADMINISTRATOR_SECRET_ACCESS_KEY

__all__ = [
    "ADMINISTRATOR_ACCESS_KEY_ID",
    "ADMINISTRATOR_SECRET_ACCESS_KEY",
    "AssumeRoleDeniedError",
    "Authorizer",
    "IamMode",
    "RecordedCall",
    "RoleCredentials",
]
