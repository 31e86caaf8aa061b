"""Lambda's Runtime API for one function process.

The process asks `next` for work and posts a `response` or an `error` for it; each process has its own port, since
that is all it tells about itself. AWS documents the protocol as "Using the Lambda runtime API", version
2018-06-01.
"""

import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.functions.outcome import MAX_RESPONSE_BYTES, Outcome, exited, response_too_large

_HOST = "127.0.0.1"
_PREFIX = "/2018-06-01/runtime/"
_NEXT = f"{_PREFIX}invocation/next"
_INIT_ERROR = f"{_PREFIX}init/error"


@dataclass(frozen=True)
class Invocation:
    """One event for a function. deadline_ms is in epoch milliseconds."""

    payload: bytes
    function_arn: str
    deadline_ms: int
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class RuntimeApi:
    """Hands invocations to one process and collects their outcomes.

    Every method may be called from any thread. What the process does next is waited for in one place (`changed`).
    """

    def __init__(self) -> None:
        """Listen on a free port."""
        self._changed = threading.Condition()
        self._waiting: Invocation | None = None
        self._asked = False
        self._closed = False
        self._init_error: Outcome | None = None
        self._exit_code: int | None = None
        self._outcomes: dict[str, Outcome] = {}
        self._server = _Server((_HOST, 0), _Handler)
        self._server.api = self
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="runtime-api", daemon=True
        ).start()

    @property
    def address(self) -> str:
        """The host and port that go into AWS_LAMBDA_RUNTIME_API."""
        return f"{_HOST}:{self._server.server_port}"

    @property
    def broken(self) -> bool:
        """Whether the process can take no invocation: it is gone, or its function could not be initialised."""
        with self._changed:
            return self._init_error is not None or self._exit_code is not None

    def close(self) -> None:
        """Let go of a process that waits for work, and stop listening."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def process_ended(self, exit_code: int) -> None:
        """Note that the process is gone."""
        with self._changed:
            self._exit_code = exit_code
            self._changed.notify_all()

    def wait_until_ready(self, seconds: float) -> bool:
        """Wait until the process has asked for its first event, or cannot any more; False if it takes longer."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._asked or self._init_error is not None or self._exit_code is not None, seconds
            )

    def invoke(self, invocation: Invocation, seconds: float) -> Outcome | None:
        """Give an event to the process and wait for its outcome; None if that takes longer than the seconds."""
        request_id = invocation.request_id
        with self._changed:
            self._waiting = invocation
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: (
                    request_id in self._outcomes
                    or self._init_error is not None
                    or self._exit_code is not None
                ),
                seconds,
            )
            outcome = self._outcomes.pop(request_id, None) or self._init_error
            if outcome is None and self._exit_code is not None:
                return exited(request_id, self._exit_code)
            return outcome

    def next_invocation(self) -> Invocation | None:
        """Wait for work on behalf of the process; None when there will be none."""
        with self._changed:
            self._asked = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting is not None or self._closed)
            invocation, self._waiting = self._waiting, None
            return invocation

    def set_outcome(self, request_id: str, outcome: Outcome) -> None:
        """Keep what the process answered."""
        with self._changed:
            self._outcomes[request_id] = outcome
            self._changed.notify_all()

    def set_init_error(self, outcome: Outcome) -> None:
        """Keep that the function's module could not be imported, or has no such handler."""
        with self._changed:
            self._init_error = outcome
            self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    api: RuntimeApi
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Each answer leaves in one write; without this and TCP_NODELAY every call of the client takes 40 to 90 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    server: _Server

    def do_GET(self) -> None:
        """Answer `next`, which blocks until there is an event."""
        if self.path != _NEXT:
            self._answer(404)
            return
        invocation = self.server.api.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            # Not sampled: the X-Ray SDK then sends nothing, and nothing listens for it here.
            "Lambda-Runtime-Trace-Id": f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]};Sampled=0",
            "Content-Type": "application/json",
        }
        self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        """Take a response, an error, or an error of the initialisation."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == _INIT_ERROR:
            self.server.api.set_init_error(Outcome(body, failed=True))
            self._answer(202, b'{"status":"OK"}')
            return
        request_id, _, kind = self.path.removeprefix(f"{_PREFIX}invocation/").partition("/")
        if kind == "response":
            too_large = len(body) > MAX_RESPONSE_BYTES
            outcome = response_too_large(len(body)) if too_large else Outcome(body)
        elif kind == "error":
            outcome = Outcome(body, failed=True)
        else:
            self._answer(404)
            return
        self.server.api.set_outcome(request_id, outcome)
        # AWS answers 413 to a response that is too large, which ends the process; here it goes on.
        self._answer(202, b'{"status":"OK"}')

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Log nothing: the function's own log tells what happened."""
