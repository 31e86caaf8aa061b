"""Made-up interactions, items and recommendations, small enough to be split and judged in a moment."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

USERS, EVENTS, ITEMS = 90, 30, 60
START, DAY = 1_600_000_000, 86_400

# A script that ran would leave this property on the window.
FLAG = "hijacked"

HOSTILE = (
    f"<script>window.{FLAG}=1</script>",
    f"</script><script>window.{FLAG}=2</script>",
    f'<img src="https://example.invalid/x.png" onerror="window.{FLAG}=3">',
    f"\"'><svg onload=window.{FLAG}=4>",
    f"javascript:window.{FLAG}=5",
    f"<!--<script>window.{FLAG}=6",
    "قطار آخر الليل: الجزء 2 (2019)",
    "רכבת הלילה (1998)",
    "\u202egnp.exe\u202c turned round",
    "👩‍🚀🎬🏳️‍🌈 emoji 👨‍👩‍👧‍👦",
    "W" * 500,
    "a title of five hundred characters " * 14 + "and ten",
    "{{ 7 * 7 }} {% raw %} ${7 * 7}",
    "line\u2028separator &amp; <b>bold</b> \\u003c",
)


def item(number: int) -> str:
    """An item's id."""
    return f"i{number:02}"


def interactions(seed: int = 3, users: int = USERS) -> list[tuple[str, str, int]]:
    """User, item and time: every user has a favourite corner of the catalogue; low numbers are popular."""
    chance = random.Random(seed)
    weights = [1 / (number + 1) for number in range(ITEMS)]
    rows = []
    for user in range(users):
        corner = [(user * 7 + step) % ITEMS for step in range(12)]
        events = EVENTS + user % 40 * 3
        for event in range(events):
            popular = chance.random() < 0.5
            chosen = chance.choices(range(ITEMS), weights)[0] if popular else chance.choice(corner)
            rows.append((f"u{user:02}", item(chosen), START + event * DAY + chance.randrange(DAY)))
    return rows


def csv_lines(head: str, rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file in which every cell is quoted as RFC 4180 has it."""
    quoted = (",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in rows)
    return "\n".join([head, *quoted, ""]).encode()


def items(titles: Sequence[str] = ()) -> list[tuple[str, str, str]]:
    """Id, title and genres of every item; `titles` are given to the most popular ones."""
    genres = ("Comedy", "Drama|War", "Crime", "Drama")
    return [
        (item(number), titles[number] if number < len(titles) else f"Number {number}", genres[number % 4])
        for number in range(ITEMS)
    ]


def answer(member: str, asked: str, found: Sequence[str]) -> str:
    """A line of batch output."""
    return json.dumps({"input": {member: asked}, "output": {"recommendedItems": list(found)}, "error": None})


def answers_for_users(
    truth: Mapping[str, Sequence[str]], skill: float, seed: int = 5, offered: Sequence[str] = ()
) -> Iterator[str]:
    """Lists of 25 of the items offered; with a chance of `skill` the first hold what the user will really take."""
    chance = random.Random(seed)
    for user, taken in truth.items():
        known = [found for found in taken if chance.random() < skill]
        others = list(offered) or [item(number) for number in range(ITEMS)]
        chance.shuffle(others)
        yield answer("userId", user, list(dict.fromkeys([*known, *others]))[:25])


def answers_for_causes(causes: Iterable[str]) -> Iterator[str]:
    """The items that come next by number."""
    for cause in causes:
        number = int(cause[1:])
        yield answer("itemId", cause, [item((number + step) % ITEMS) for step in range(1, 26)])


def replay_rows(pairs: int) -> list[tuple[int, str, str, int, list[str], list[str]]]:
    """Pair, both users, events sent, A's list and B's: A's comes nearer to B's with every event."""
    theirs = [item(number) for number in range(25)]
    mine = [item(number) for number in range(30, 55)]
    return [
        (pair, f"a{pair}", f"b{pair}", sent, [*theirs[:near], *mine[near:]], theirs)
        for pair in range(pairs)
        for sent, near in ((0, pair % 3), (1, 3 + pair % 4), (5, 9), (10, 13 + pair % 5), (20, 20))
    ]
