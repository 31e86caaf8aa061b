"""The section of a run by cold items: whose genres they are, and what exploring costs or brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.lists import WITHOUT_SEEN, ListName
from lambdas.evaluate.page.wording import list_label, short_label, variant_label
from lambdas.reports.numbers import count_text, integer_text, percent_text, value_text
from lambdas.reports.plots import curve_chart, dot_chart, linear_axis, tick_value
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from lambdas.evaluate.cold_items import ColdItems
    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.reports.charts import Chart

# Genres that the picture shows; the table has all.
_DRAWN_GENRES = 20


@dataclass(frozen=True, slots=True)
class ColdView:
    """What the section shows: counts, genres as a picture and a table, quality against exploration weight."""

    counts: tuple[tuple[str, str], ...]
    genres: Chart | None
    genre_table: Table | None
    agreement: Table | None
    exploration: Chart | None


def cold_view(section: ColdItems, evaluation: Evaluation) -> ColdView:
    """The view of the section."""
    return ColdView(
        counts=tuple(_counts(section)),
        genres=_genres(section, evaluation) if section.genres_known else None,
        genre_table=_genre_table(section) if section.genres_known else None,
        agreement=_agreement(evaluation) if section.genres_known else None,
        exploration=_exploration(section, evaluation),
    )


def _counts(section: ColdItems) -> list[tuple[str, str]]:
    counts = [
        ("cold items that could be recommended", integer_text(section.candidates)),
        ("of these touched by an evaluated user", integer_text(section.candidates_touched)),
        ("of these without a genre", integer_text(section.candidates_without_genre)),
    ]
    wrong = {variant: errors.places for variant, errors in section.not_cold.items() if errors.places}
    for variant, places in wrong.items():
        name = f"{variant_label(variant)}: " if len(section.not_cold) > 1 else ""
        counts.append((f"{name}recommended places that are not cold (errors)", integer_text(places)))
    if not wrong:
        counts.append(("recommended places that are not cold (errors)", integer_text(0)))
    return counts


def _genres(section: ColdItems, evaluation: Evaluation) -> Chart:
    first = evaluation.primary.source
    legend = (
        ("users' histories", "rival"),
        (f"{short_label(evaluation.primary)}, first {section.cutoff}", "primary"),
        ("all cold items", "baseline"),
    )
    rows = [
        (shares.genre, (shares.history, shares.recommended[first], shares.cold_items))
        for shares in section.genres[:_DRAWN_GENRES]
    ]
    hidden = len(section.genres) - len(rows)
    more = f", the {_DRAWN_GENRES} most frequent of {len(section.genres)}" if hidden > 0 else ""
    return dot_chart(
        "genres",
        (f"Genres of histories, of recommended and of all cold items{more}", "share, mean over users"),
        legend,
        rows,
        percent_text,
    )


def _genre_table(section: ColdItems) -> Table:
    variants = list(section.not_cold)
    rows = tuple(
        (
            shares.genre,
            tuple(
                Cell(percent_text(value))
                for value in (
                    shares.history,
                    *(shares.recommended[variant] for variant in variants),
                    shares.cold_items,
                )
            ),
        )
        for shares in section.genres
    )
    named = [
        f"{variant_label(variant)}, first {section.cutoff}"
        if len(variants) > 1
        else f"first {section.cutoff}"
        for variant in variants
    ]
    heads = ("users' histories", *named, "all cold items")
    return Table("Every genre's mean share", heads, rows, group=1, corner="genre")


def _agreement(evaluation: Evaluation) -> Table:
    """Genre agreement of all lists at the primary cut-off."""
    k = evaluation.cutoff
    shown = [name for name in evaluation.lists if name.is_baseline or name.treatment == WITHOUT_SEEN]
    rows = []
    for name in shown:
        estimate = evaluation.values[name, "genre_agreement", k]
        interval = (
            ""
            if estimate.low is None or estimate.high is None
            else f"{value_text(estimate.low)} to {value_text(estimate.high)}"
        )
        users = count_text(evaluation.users[name, "genre_agreement", k], "user")
        rows.append((short_label(name), (Cell(value_text(estimate.value)), Cell(interval), Cell(users))))
    heads = (evaluation.label("genre_agreement", k), "interval", "over")
    return Table("Agreement of genres with the user's history", heads, tuple(rows), group=1, corner="list")


def _exploration(section: ColdItems, evaluation: Evaluation) -> Chart | None:
    """Quality against weight; None without two different weights."""
    weighed = sorted((weight, name) for name, weight in section.exploration.items())
    if len({weight for weight, _ in weighed}) < 2:
        return None
    metric, k, treatment = evaluation.metric, evaluation.cutoff, evaluation.primary.treatment
    curve = [evaluation.values[ListName(name, treatment), metric, k] for _, name in weighed]
    title = evaluation.label(metric, k)
    return curve_chart(
        "exploration",
        f"{title} against exploration weight",
        linear_axis("exploration weight", [weight for weight, _ in weighed], tick_value),
        {(f"{title}, lists without seen", "primary"): curve},
        value_text,
        rules=[(list_label(name), evaluation.values[name, metric, k]) for name in evaluation.baselines],
    )
