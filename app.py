"""The CDK entry: settings in, stacks out.

`cdk deploy -c stage=prod` takes config/prod.yaml; without a stage it is config/dev.yaml. Several stages, separated
by commas, go into one app.
"""

from __future__ import annotations

import sys

from config import SettingsError, load_settings
from stacks.application import build, stages_asked_for


def main() -> None:
    """Synthesize the stages that were asked for, or say all that is wrong with their settings."""
    try:
        settings = [load_settings(stage) for stage in stages_asked_for()]
    except SettingsError as error:
        sys.exit(str(error))
    build(settings).synth()


if __name__ == "__main__":
    main()
