"""A few users' lists with titles: the same users in every run, so that runs can be compared by eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.examples import SHOWN_ITEMS
from lambdas.evaluate.page.wording import list_label
from lambdas.evaluate.timelines import FUTURE_ITEMS
from lambdas.reports.numbers import count_text, integer_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.examples import Example, ListedItem, ListedItems

_UNKNOWN = "an item that the data does not know"


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item by its title, or its id where it has none. detail: the id beside a title. hit: whether it is marked."""

    name: str
    detail: str
    hit: bool


@dataclass(frozen=True, slots=True)
class ShownList:
    """Items under a heading."""

    title: str
    remark: str
    items: tuple[ShownItem, ...]


@dataclass(frozen=True, slots=True)
class ShownUser:
    """A user with the lists beside each other."""

    name: str
    lists: tuple[ShownList, ...]


@dataclass(frozen=True, slots=True)
class ExamplesView:
    """What the section shows."""

    note: str
    users: tuple[ShownUser, ...]


def examples_view(examples: Sequence[Example], catalogue: Catalogue | None) -> ExamplesView | None:
    """The view; None without an example."""
    if not examples:
        return None
    which = "One user" if len(examples) == 1 else f"{integer_text(len(examples))} users"
    return ExamplesView(
        note=f"{which}, chosen by a hash of the user id and nothing else: the same in every run of the same users, "
        f"whatever the model answers. Marked items are hits. Lists are shown to their first {SHOWN_ITEMS}.",
        users=tuple(
            ShownUser(f"User {example.user_id}", tuple(_lists(example, catalogue))) for example in examples
        ),
    )


def _lists(example: Example, catalogue: Catalogue | None) -> Iterator[ShownList]:
    """Past, future, then the lists: the first variant's in front."""
    titles = _titles(example, catalogue)
    first = example.lists[0]
    found = {item.item_id for item in first.items if item.hit}
    yield ShownList(
        "What the user did last",
        f"newest first, of {count_text(example.train_interactions, 'training interaction')}",
        tuple(_item(item, titles, hit=False) for item in example.past),
    )
    more = "" if example.held_out_items <= FUTURE_ITEMS else f", the first {FUTURE_ITEMS}"
    yield ShownList(
        "What came next",
        f"oldest first, of {count_text(example.held_out_items, 'held-out item')}{more}",
        tuple(_item(item, titles, hit=item in found) for item in example.future),
    )
    for listed in example.lists:
        unanswered = listed is first and not example.answered
        yield ShownList(
            _heading(listed),
            "no answer" if unanswered else _hits(listed.items),
            tuple(_item(item.item_id, titles, hit=item.hit) for item in listed.items),
        )


def _heading(listed: ListedItems) -> str:
    label = list_label(listed.name)
    return label[0].upper() + label[1:]


def _hits(items: Sequence[ListedItem]) -> str:
    return f"{count_text(sum(item.hit for item in items), 'hit')} in the first {integer_text(len(items))}"


def _item(item_id: str | None, titles: dict[str, str], *, hit: bool) -> ShownItem:
    if item_id is None:
        return ShownItem(_UNKNOWN, "", hit)
    title = titles.get(item_id)
    return ShownItem(title or item_id, f"id\u00a0{item_id}" if title else "", hit)


def _titles(example: Example, catalogue: Catalogue | None) -> dict[str, str]:
    """Titles by item id, of those that have one."""
    if catalogue is None:
        return {}
    listed = (item.item_id for entry in example.lists for item in entry.items if item.item_id is not None)
    ids = list(dict.fromkeys((*example.past, *example.future, *listed)))
    return {item: title for item, title in zip(ids, catalogue.titles_of(ids), strict=True) if title}
