"""Logger, tracer and metrics of the function this process is, configured by Lambda's environment.

The service name is POWERTOOLS_SERVICE_NAME, the log level POWERTOOLS_LOG_LEVEL, and POWERTOOLS_TRACE_DISABLED
turns tracing off. Handlers decorate themselves with these; the modules that do the work take none of them.
"""

from __future__ import annotations

import os

from aws_lambda_powertools import Logger, Metrics, Tracer

METRICS_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "PersonalizePipelines")

logger = Logger()
# Only botocore is traced: patching everything X-Ray knows would import libraries that no task uses.
tracer = Tracer(patch_modules=("botocore",))
metrics = Metrics(namespace=METRICS_NAMESPACE)

__all__ = ["logger", "metrics", "tracer"]
