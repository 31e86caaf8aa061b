"""What a patch is installed with: the settings it reads, and the replacing of attributes so that it can be undone."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class Credentials(Protocol):
    """What calls are signed with."""

    @property
    def access_key_id(self) -> str:
        """The public half."""

    @property
    def secret_access_key(self) -> str:
        """The secret half."""

    @property
    def session_token(self) -> str:
        """The token that goes with temporary credentials."""


class RoleCredentials(NamedTuple):
    """Temporary credentials of an assumed role."""

    access_key_id: str
    secret_access_key: str
    session_token: str


@dataclass(frozen=True)
class PatchSettings:
    """What the patches need to know of the platform around them.

    speed divides the seconds of Wait states, of pauses before a retry and of `.sync` polls (1 = as written).
    endpoint_url is the server that state machines call; None leaves moto's own (localhost on moto's port).
    credentials_for_role gives the credentials a state machine's calls are signed with; None leaves moto's
    fixed pair, which no role stands behind.
    """

    speed: float = 1.0
    endpoint_url: str | None = None
    credentials_for_role: Callable[[str], Credentials] | None = None

    def __post_init__(self) -> None:
        """Refuse a speed that would stop time or run it backwards."""
        if not self.speed > 0:
            raise ValueError(f"speed must be greater than 0, not {self.speed}")


@dataclass(frozen=True)
class _Replaced:
    owner: Any
    attribute: str
    original: Any


class Patcher:
    """Replaces attributes of moto's modules and classes, and remembers what was there."""

    def __init__(self, settings: PatchSettings) -> None:
        """Start with nothing replaced. Patches read `settings` when they run, so a change of it takes effect."""
        self.settings = settings
        self._replaced: list[_Replaced] = []

    def replace(self, owner: Any, attribute: str, make: Callable[[Any], Any]) -> None:
        """Set `owner.attribute` to make(what it is now). AttributeError if moto has no such attribute."""
        if isinstance(owner, type) and attribute in vars(owner):
            # The raw entry, so that a static or class method is put back as one.
            original = vars(owner)[attribute]
        else:
            original = getattr(owner, attribute)
        self._replaced.append(_Replaced(owner, attribute, original))
        setattr(owner, attribute, make(original))

    def replace_function(self, function: Callable[..., Any], package: str, replacement: Any) -> None:
        """Replace a function in its own module and in every module of `package` that imported it by name."""
        for name, module in list(sys.modules.items()):
            if not (name == package or name.startswith(f"{package}.")) or module is None:
                continue
            for attribute, value in list(vars(module).items()):
                if value is function:
                    self.replace(module, attribute, lambda _original: replacement)

    def undo(self) -> None:
        """Put everything back, last replaced first."""
        while self._replaced:
            entry = self._replaced.pop()
            setattr(entry.owner, entry.attribute, entry.original)
