"""Lambda entry: what to delete in, `{arn, gone, status, left}` out; to be called again until `gone`.

In is either `{kind, arn}`, or `{kind, name, run_id, request}` as `create_resource` takes it: the resource is then found
as it would be there. Kinds of a run (campaigns) take `runs` besides: `this` (all attempts of the run, the default),
`others` (what earlier runs have left, this run's own excepted) or `all`. What is not there is `gone`.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.delete_resource.removal import remove, summary
from lambdas.shared.observability import logger, tracer
from lambdas.shared.resources import ArnScope
from lambdas.shared.service import personalize, waiting_is_named


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Begin the deletion, or say how far it has come; the state machine waits and asks again."""
    with waiting_is_named():
        deletions = remove(personalize(), ArnScope.of_function(context.invoked_function_arn), event)
    for each in deletions:
        logger.info("resource deletion", extra={"arn": each.arn, "status": each.status})
    return summary(deletions)
