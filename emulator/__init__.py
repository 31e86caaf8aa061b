"""An emulator of Amazon Personalize that really learns: all three of its APIs, for any AWS SDK, on one machine.

    emulator = Emulator(None, "123456789012", "us-east-1", s3_for_role=lambda role_arn: boto3.client("s3"))
    app = create_app(emulator)  # a WSGI application that answers personalize, personalize-runtime, personalize-events

It stands alone: it imports nothing of the application around it.
"""

from emulator.api.app import create_app
from emulator.api.authorization import AuthorizationRequest
from emulator.engine import Emulator
from emulator.settings import Behaviour, Limits
from emulator.state.timing import Timing

__all__ = ["AuthorizationRequest", "Behaviour", "Emulator", "Limits", "Timing", "create_app"]
