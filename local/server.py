"""AWS's endpoint on a laptop: moto's services and the Personalize emulator on one port, in this process."""

import logging
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from local.moto_patches.sfn_stop import stop_running_executions

HOST = "127.0.0.1"
_PERSONALIZE = "personalize"
# moto reads the account of a request from this header before it looks at the access key.
_MOTO_ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LocalServer:
    """A server on 127.0.0.1, one thread a connection, that answers every AWS service this product calls.

    Requests signed for the service `personalize` (control plane, runtime and events all are) go to emulator_app,
    everything else to moto. With emulator_app None everything goes to moto.

    moto keeps its resources in the process, not in the server: two servers in one process see the same buckets
    and machines. `reset` empties them.
    """

    def __init__(
        self,
        emulator_app: WsgiApp | None = None,
        region: str = "us-east-1",
        account_id: str = "123456789012",
        port: int = 0,
    ) -> None:
        """Prepare a server; port 0 takes a free one when it starts."""
        self.region = region
        self.account_id = account_id
        self._port = port
        self._app = _Dispatcher(emulator_app, account_id)
        self._interpreter_before: Any = None
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def endpoint_url(self) -> str:
        """The address to give to clients. RuntimeError before start."""
        if self._server is None:
            raise RuntimeError("the server has no address yet: call start() first")
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> str:
        """Listen, and return the endpoint's URL. Started again it goes on. OSError if the port is taken."""
        if self._server is not None:
            return self.endpoint_url
        # moto has its interpreter for state machines switched off by default.
        self._interpreter_before = default_user_config.get("stepfunctions")
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        # Without any handler Python prints moto's warnings to stderr; with this one they go where logging is set
        # up to send them, and nowhere else.
        logging.getLogger("moto").addHandler(logging.NullHandler())
        self._server = make_server(HOST, self._port, self._app, threaded=True, request_handler=_QuietHandler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="local-aws", daemon=True
        )
        self._thread.start()
        return self.endpoint_url

    def stop(self) -> None:
        """End running executions and stop listening. Safe to call twice."""
        stop_running_executions()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            _restore(self._interpreter_before)
        self._server = None
        self._thread = None

    @staticmethod
    def reset() -> None:
        """Forget every resource of moto in this process, in every account and region."""
        stop_running_executions()
        BackendDict.reset()
        reset_model_data()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def _restore(interpreter: Any) -> None:
    """Give moto, which has one configuration per process, its setting of the interpreter back."""
    if interpreter is None:
        default_user_config.pop("stepfunctions", None)
    else:
        default_user_config["stepfunctions"] = interpreter


class _Dispatcher:
    """Sends a request to the emulator or to moto by the service it was signed for."""

    def __init__(self, emulator_app: WsgiApp | None, account_id: str) -> None:
        self._emulator_app = emulator_app
        self._account_id = account_id
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._emulator_app is not None and signed_service(environ) == _PERSONALIZE:
            return self._emulator_app(environ, start_response)
        environ.setdefault(_MOTO_ACCOUNT_HEADER, self._account_id)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer


def signed_service(environ: dict[str, Any]) -> str | None:
    """Return the service in a request's SigV4 credential scope, or None if it is not signed so.

    The scope is `access key/date/region/service/aws4_request` in the Authorization header.
    """
    for field in environ.get("HTTP_AUTHORIZATION", "").replace(",", " ").split():
        if field.startswith("Credential="):
            scope = field.removeprefix("Credential=").split("/")
            return scope[-2] if len(scope) >= 5 else None
    return None


class _QuietHandler(MotoRequestHandler):
    """Answers at once and says nothing."""

    # Headers and body leave in two writes, which Nagle's algorithm would hold back for 40 ms.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log no request: there are thousands, and IAM's record holds the calls."""
