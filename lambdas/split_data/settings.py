"""How to split, whom or what to ask for, and how to pair users: the blocks of the event, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from lambdas.shared.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

Method = Literal["per_user", "global_time", "cold_items", "new_items"]
Truth = Literal["future", "all_time"]
QueryKind = Literal["users", "items", "none"]


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """How the future is cut off (see `splitting` for the methods), and its fraction.

    cold_share: share of the items that `cold_items` holds out. truth: whether they are judged by the future
    part or by all of time. max_users: how many users to judge at most, drawn by the seed; None for all.
    """

    method: Method
    fraction: float
    cold_share: float = 0.5
    seed: int = 7
    truth: Truth = "future"
    max_users: int | None = None

    @property
    def holds_items_out(self) -> bool:
        """Whether the split is about items that training must not know."""
        return self.method in ("cold_items", "new_items")


@dataclass(frozen=True, slots=True)
class CauseSettings:
    """The items of the table of related items: by name, and how many of each group (see `causes`)."""

    named: tuple[str, ...] = ()
    popular: int = 5
    middling: int = 5
    rare: int = 5


@dataclass(frozen=True, slots=True)
class QuerySettings:
    """What recommendations are asked for: users, or items (the causes), or nothing in batch."""

    kind: QueryKind = "users"
    causes: CauseSettings = CauseSettings()


@dataclass(frozen=True, slots=True)
class PairSettings:
    """How many pairs of users to draw, by which seed, and how many of the second's events to replay.

    `draw` tells draws of one seed apart: events that were sent stay, so every run wants other users.
    """

    count: int
    seed: int
    events: int
    draw: str = ""


def split_settings(block: Mapping[str, Any]) -> SplitSettings:
    """Read the block `split`. Raises RequestError for a value that cannot be used."""
    defaults = SplitSettings(method=block["method"], fraction=block["fraction"])
    return SplitSettings(
        method=_choice("split method", block["method"], get_args(Method)),
        fraction=_share("split's fraction", block["fraction"]),
        cold_share=_share("split's cold_share", block.get("cold_share", defaults.cold_share)),
        seed=_whole("split's seed", block.get("seed", defaults.seed)),
        truth=_choice("split's truth", block.get("truth", defaults.truth), get_args(Truth)),
        max_users=None
        if block.get("max_users") is None
        else _whole("split's max_users", block["max_users"], least=1),
    )


def query_settings(block: Mapping[str, Any] | None) -> QuerySettings:
    """Read the block `queries`; users where there is none. Raises RequestError as above."""
    if block is None:
        return QuerySettings()
    causes, defaults = block.get("causes") or {}, CauseSettings()
    numbers = {
        name: _whole(f"number of {name} causes", causes.get(name, getattr(defaults, name)), least=0)
        for name in ("popular", "middling", "rare")
    }
    return QuerySettings(
        kind=_choice("kind of queries", block["kind"], get_args(QueryKind)),
        causes=CauseSettings(named=tuple(dict.fromkeys(map(str, causes.get("named", ())))), **numbers),
    )


def pair_settings(block: Mapping[str, Any] | None) -> PairSettings | None:
    """Read the block `pairs`, if there is one. Raises RequestError as above."""
    if block is None:
        return None
    return PairSettings(
        count=_whole("number of pairs", block["count"], least=1),
        seed=_whole("seed of the pairs", block.get("seed", 7)),
        events=_whole("number of events of a pair", block.get("events", 20), least=1),
        draw=str(block.get("draw", "")),
    )


def _choice(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        raise RequestError(f"The {name} {value!r} is unknown: take one of {', '.join(choices)}.")
    return value


def _share(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise RequestError(f"The {name} is {value!r}: take a number between 0 and 1, such as 0.1.")
    return float(value)


def _whole(name: str, value: Any, least: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
        bound = "" if least is None else f" of {least} or more"
        raise RequestError(f"The {name} is {value!r}: take a whole number{bound}.")
    return value
