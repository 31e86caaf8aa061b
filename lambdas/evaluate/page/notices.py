"""What a reader must know before trusting the figures, and what the batch jobs gave, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.cold_items import ColdItems
from lambdas.evaluate.page.wording import LIST_LABELS, variant_label
from lambdas.evaluate.related_section import RelatedItems
from lambdas.evaluate.replay_verdict import INTENDED_PAIRS
from lambdas.evaluate.settings import Kind
from lambdas.reports.estimates import MINIMUM_USERS
from lambdas.reports.numbers import count_text, integer_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.replay import Replay

# The share of users or items from which an oddity is told at the top; it is always counted at the foot.
_WORTH_A_NOTICE = 0.01


def notices(evaluation: Evaluation) -> Iterator[str]:
    """Oddities of the data, then of every variant's answers."""
    data = evaluation.data
    if not data.n_users and evaluation.settings.kind is Kind.COLD_ITEMS:
        yield "No user with a past touched any held-out item: nothing can be measured. Hold out a larger share."
    elif data.n_users < MINIMUM_USERS:
        yield f"Only {count_text(data.n_users, 'user')} could be evaluated: below {MINIMUM_USERS} nothing is claimed."
    for variant in evaluation.variants:
        name = f"{variant_label(variant)}: " if len(evaluation.variants) > 1 else ""
        yield from (f"{name}{text}" for text in _of_variant(evaluation, variant))
    section = evaluation.section
    if isinstance(section, ColdItems):
        yield from _of_cold_items(section)
    elif isinstance(section, RelatedItems) and section.users_without_cause:
        yield f"{count_text(section.users_without_cause, 'user')} have no cause item and count with zero."
    pairs = int(data.truth.sizes.sum())
    if evaluation.held_out_items_seen > _WORTH_A_NOTICE * pairs:
        yield (
            f"{percent_text(evaluation.held_out_items_seen / pairs)} of the held-out items had been seen by their "
            "user before: lists without seen items cannot hit them. Look at the lists as returned, too."
        )


def replay_notices(replay: Replay) -> Iterator[str]:
    """Oddities of a replay."""
    source = replay.source
    if len(source.pairs) < INTENDED_PAIRS:
        claim = f": below {MINIMUM_USERS} nothing is claimed" if len(source.pairs) < MINIMUM_USERS else ""
        yield (
            f"Only {count_text(len(source.pairs), 'pair')} could be replayed, fewer than the {INTENDED_PAIRS} that "
            f"a replay is meant to have{claim}."
        )
    if source.incomplete_pairs:
        yield (
            f"{count_text(source.incomplete_pairs, 'pair')} lack a list before the first event or after one, and "
            "are left out."
        )
    if replay.undefined_pairs:
        yield f"{count_text(replay.undefined_pairs, 'pair')} have no list of B at some step, and are left out there."
    if source.duplicate_rows:
        yield f"{count_text(source.duplicate_rows, 'row')} repeat a pair and a step: the first one counts."


def answers(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """What the batch jobs gave, counted; by variant when there are several."""
    by_item = evaluation.settings.kind is Kind.RELATED_ITEMS
    who = "cause item" if by_item else "user"
    for variant in evaluation.variants:
        found = evaluation.answers[variant]
        tally, name = found.tally, f"{variant_label(variant)}: " if len(evaluation.variants) > 1 else ""
        yield f"{name}records in the batch output", integer_text(tally.records)
        yield f"{name}records that failed", integer_text(tally.failed_records)
        yield f"{name}further records of a {who}, not used", integer_text(tally.duplicate_records)
        others = "items nobody asked for" if by_item else "users without a held-out future"
        yield f"{name}records of {others}", integer_text(tally.records_of_others)
        yield f"{name}evaluated users without an answer", integer_text(found.unanswered)
        for lists, count in evaluation.short_lists.items():
            if lists.source == variant:
                treatment = LIST_LABELS[lists.treatment]
                yield (
                    f"{name}users with fewer than {evaluation.settings.longest} items, {treatment}",
                    integer_text(count),
                )
        yield f"{name}lists that repeat an item", integer_text(evaluation.lists_with_repeats[variant])
        yield f"{name}recommended items that the data does not know", integer_text(found.unknown_items)


def replay_answers(replay: Replay) -> Iterator[tuple[str, str]]:
    """What the replay gave, counted."""
    yield "lists recorded", integer_text(replay.source.rows)
    yield "further rows of a pair and step, not used", integer_text(replay.source.duplicate_rows)
    yield "pairs judged", integer_text(len(replay.source.pairs))
    yield "pairs left out, without a list before or after", integer_text(replay.source.incomplete_pairs)
    yield "pairs with an empty list of B at some step", integer_text(replay.undefined_pairs)


def _of_variant(evaluation: Evaluation, variant: str) -> Iterator[str]:
    data, found, longest = evaluation.data, evaluation.answers[variant], evaluation.settings.longest
    tally, unanswered = found.tally, found.unanswered
    if unanswered:
        why = (
            "have a cause without an answer and count" if isinstance(evaluation.section, RelatedItems) else ""
        )
        yield (
            f"{count_text(unanswered, 'user')} of {integer_text(data.n_users)} "
            f"{why or 'got no recommendations and count'} "
            f"with zero; {count_text(tally.failed_records, 'record')} of the batch job failed."
        )
    yield from (f"The batch job says: {reason}" for reason in tally.errors)
    for name, count in evaluation.short_lists.items():
        if name.source == variant and count - unanswered > _WORTH_A_NOTICE * data.n_users:
            yield (
                f"{count_text(count - unanswered, 'user')} had fewer than {longest} items left "
                f"({LIST_LABELS[name.treatment]}): the missing places count as misses. Ask the batch job for more "
                "results."
            )
    repeats = evaluation.lists_with_repeats[variant]
    if repeats:
        yield f"{count_text(repeats, 'list')} repeat an item: it counts at its first place."
    if tally.duplicate_records:
        who = "a cause item" if isinstance(evaluation.section, RelatedItems) else "a user"
        yield f"{count_text(tally.duplicate_records, 'record')} repeat {who}: the first one counts."


def _of_cold_items(section: ColdItems) -> Iterator[str]:
    for variant, errors in section.not_cold.items():
        if errors.places:
            name = f"{variant_label(variant)}: " if len(section.not_cold) > 1 else ""
            yield (
                f"{name}{count_text(errors.places, 'recommended place')} ({percent_text(errors.share)}, of "
                f"{count_text(errors.users, 'user')}) hold items that are not cold: an error of the run. They cannot "
                "hit. Check the filter of the batch job."
            )
    if not section.genres_known:
        yield (
            "No item has a genre: baselines by genre are left out, and the verdict compares with random held-out "
            "items only."
        )
