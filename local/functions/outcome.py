"""What an invocation ends in, and the shapes of Lambda's own errors."""

import datetime as dt
import json
from dataclasses import dataclass

# Lambda's quotas for a synchronous invocation, in bytes. A response may be 100 bytes larger than a request.
MAX_REQUEST_BYTES = 6 * 1024 * 1024
MAX_RESPONSE_BYTES = MAX_REQUEST_BYTES + 100


@dataclass(frozen=True)
class Outcome:
    """The JSON that an invocation gives back, and whether it is an error of the function."""

    payload: bytes
    failed: bool = False


def failure(error_type: str, message: str) -> Outcome:
    """Make an error that Lambda itself reports, not the function: errorType and errorMessage, no stackTrace."""
    return Outcome(json.dumps({"errorType": error_type, "errorMessage": message}).encode(), failed=True)


def timed_out(request_id: str, seconds: float) -> Outcome:
    """The function was still at work when its timeout was over."""
    now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return failure("Sandbox.Timedout", f"{now} {request_id} Task timed out after {seconds:.2f} seconds")


def exited(request_id: str, return_code: int) -> Outcome:
    """The function's process ended without an answer; return_code as subprocess gives it (negative: a signal)."""
    how = f"signal {-return_code}" if return_code < 0 else f"exit status {return_code}"
    return failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}")


def init_too_slow(request_id: str, seconds: float) -> Outcome:
    """The function's module was still being imported when Lambda's patience was over."""
    return failure("Sandbox.Timedout", f"RequestId: {request_id} Error: Init timed out after {seconds:.0f} s")


def response_too_large(size: int) -> Outcome:
    """The function answered with more than Lambda passes on."""
    return failure(
        "Function.ResponseSizeTooLarge",
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
        f"({MAX_RESPONSE_BYTES} bytes).",
    )
