"""The page and the document of every kind of evaluation, as people and programs get them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import lambdas.evaluate
from lambdas.evaluate.documents import metrics_document
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.render import render_run
from lambdas.evaluate.request import EvaluateRequest, Kind
from lambdas.evaluate.task import results_of

SCHEMA = json.loads((Path(lambdas.evaluate.__file__).parent / "metrics.schema.json").read_text())
NASTY = "<script>alert(1)</script>\"'&, 🎬"
GROUPS = ("popular", "middling", "rare", "named")
FILES = {
    name: f"s3://data/{name}"
    for name in ("train/", "holdout/", "catalogue", "user_causes", "causes", "replay")
}


def line(member, asked, items, error=None) -> str:
    return json.dumps({"input": {member: asked}, "output": {"recommendedItems": items}, "error": error})


def words(document) -> str:
    return re.sub(r"[ \n]+", " ", " ".join(document.text))  # no-break spaces stay


@pytest.fixture
def told(run, event, parsed):
    """Measures the run's files as a kind; returns the page's text, its parsed form, and metrics.json."""

    def told(
        kind, *, evaluation=None, variants=None, reference=None, headline=None, service=None, **measuring
    ):
        settings = {"cutoffs": [1, 2], "primary_cutoff": 2, "overlap_k": 4, "bootstrap_resamples": 100}
        settings |= evaluation or {}
        own = {key.rstrip("/"): value for key, value in FILES.items()}
        members = {**event, **own, "kind": kind.value, "evaluation": settings, "diagnosis": None}
        names = variants or sorted(run.inputs.answers)
        if kind is not Kind.REPLAY and names != ["model"]:
            members["variants"] = [{"name": name, "recommendations": "s3://data/r/"} for name in names]
            members |= {"reference_variant": reference, "headline": headline}
        request = EvaluateRequest.parse(members)
        measured = run.measure(
            kind,
            reference=reference,
            against_reference=headline == "reference",
            **measuring,
            **settings,
        )
        results = results_of(request, measured, service_metrics=service or {})
        document = json.loads(json.dumps(metrics_document(results, {}), allow_nan=False))
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        text, page = parsed(render_run(page_of(results)))
        assert not re.search(r">\s*(nan|None)\s*<", text)
        identifiers = page.attributes("id")
        assert len(identifiers) == len(set(identifiers))
        return text, page, document

    return told


def sections(text) -> list[str]:
    return re.findall(r'<section id="([\w-]+)"', text)


@pytest.fixture
def related(run):
    """40 users whose causes are two items, with titles that try to break out."""
    users = [f"u{n:02}" for n in range(40)]
    run.write_train([(user, "a" if n % 2 else "b", n) for n, user in enumerate(users)])
    run.write_holdout([(user, "c", 99) for user in users])
    run.write_catalogue(ITEM_ID=["a", "b", "c"], TITLE=[NASTY, "B", "C, the <b>third</b> 🎬"])
    run.write_user_causes({user: "a" if n % 2 else "b" for n, user in enumerate(users)})
    for name in ("default", "hpo"):
        run.write_variant(name, [line("itemId", "a", ["c", "b"]), line("itemId", "b", ["b", "c", "a"])])
    return run


CAUSES = [
    {"item_id": item, "group": group, "train_interactions": 20}
    for item, group in zip(("a", "b", "c", "gone"), GROUPS, strict=True)
]


def test_related_items_have_their_section(related, told):
    text, page, document = told(Kind.RELATED_ITEMS, causes=CAUSES, reference="default")
    assert sections(text) == [
        "figures",
        "comparison",
        "for-whom",
        "examples",
        "variants",
        "related",
        "data",
        "service",
        "method",
        "run",
    ]
    shown = words(page)
    for piece in (
        NASTY,
        "C, the <b>third</b> 🎬",
        "no answer",
        "List distance in the first 2",
        "all causes",
        "id a · 20",
    ):
        assert piece in shown, piece
    assert "1 cause stood in their own list" in shown
    section = document["scenario_section"]
    assert section["kind"] == document["kind"] == "related_items"
    assert [entry["name"] for entry in section["variants"]] == ["default", "hpo"]
    example = section["variants"][0]["examples"][0]
    assert example["cause"] == {"item_id": "a", "title": NASTY, "train_interactions": 20}
    assert example["neighbours"][0] == {
        "item_id": "c",
        "title": "C, the <b>third</b> 🎬",
        "train_interactions": 0,
    }


def test_related_items_without_titles_or_a_table_of_causes_have_a_page(related, told):
    (related.folder / "items.parquet").unlink()
    text, page, _ = told(Kind.RELATED_ITEMS)
    assert "Causes and their nearest neighbours" not in words(page)
    assert "related" in sections(text)


def test_variants_have_a_table_and_pictures(related, told):
    figures = {"default": {"coverage": 0.25}, "hpo": {"coverage": 0.75}}
    _, page, document = told(
        Kind.RELATED_ITEMS, causes=CAUSES, reference="hpo", headline="reference", service=figures
    )
    shown = words(page)
    for piece in ("Variants on the same split", "NDCG@2 over hpo", "default adds 0", "reference", "0.7500"):
        assert piece in shown, piece
    assert document["reference_variant"] == "hpo"
    assert [entry["service_metrics"] for entry in document["variants"]] == [
        {"coverage": 0.25},
        {"coverage": 0.75},
    ]
    assert document["service_metrics"] == {"coverage": 0.25}
    assert document["primary"]["source"] == "default"
    assert document["primary"]["baseline"] == "hpo"


@pytest.fixture
def cold(run):
    """40 users, two genres, an exploration weight of 0 and one of 1, which lets a warm item through."""
    users = [f"u{n:02}" for n in range(40)]
    run.write_train([(user, "war" if n % 2 else "crime", n) for n, user in enumerate(users)])
    run.write_holdout([(user, "war9" if n % 2 else "crime9", 99) for n, user in enumerate(users)])
    items = {"war": "war", "crime": NASTY, "war9": "war", "crime9": NASTY, "x9": None}
    run.write_catalogue(
        ITEM_ID=list(items), GENRES=list(items.values()), COLD=[item.endswith("9") for item in items]
    )
    run.write_variant("explore_0", [line("userId", u, ["war9", "crime9"]) for u in users])
    run.write_variant("explore_1", [line("userId", u, ["x9", "war"]) for u in users])
    return run


WEIGHTS = {"explore_0": 0.0, "explore_1": 1.0}


def test_cold_items_have_their_section(cold, told):
    text, page, document = told(Kind.COLD_ITEMS, exploration=WEIGHTS)
    assert sections(text) == [
        "figures",
        "comparison",
        "for-whom",
        "examples",
        "variants",
        "cold",
        "data",
        "service",
        "method",
        "run",
    ]
    shown = words(page)
    for piece in (
        "cold-item NDCG@2 against exploration weight",
        "cold-item precision@2",
        "Agreement of genres with the user's history",
        NASTY,
        "explore 1: 40 recommended places (50\u202f%, of 40 users) hold items that are not cold",
        "cold items that could be recommended",
    ):
        assert piece in shown, piece
    section = document["scenario_section"]
    assert [entry["exploration_weight"] for entry in section["variants"]] == [0.0, 1.0]
    assert section["variants"][1]["not_cold"] == {"places": 40, "users": 40, "share": 0.5}
    assert (section["cold_items"], section["cold_items_touched"], section["cold_items_without_genre"]) == (
        3,
        2,
        1,
    )


def test_one_exploration_weight_makes_no_curve(cold, told):
    _, page, _ = told(Kind.COLD_ITEMS, exploration={"explore_0": 0.5, "explore_1": 0.5})
    assert "against exploration weight" not in words(page)


def test_cold_items_without_genres_say_so(cold, told):
    cold.write_catalogue(ITEM_ID=["war", "war9", "crime9"], COLD=[False, True, True])
    _, page, document = told(Kind.COLD_ITEMS)
    shown = words(page)
    assert "No item has a genre: baselines by genre are left out" in shown
    assert "The catalogue tells no genres" in shown
    assert document["primary"]["baseline"] == "random_held_out"
    assert document["scenario_section"]["genre_shares"]["genres"] == []


def test_cold_items_that_nobody_touched_still_have_a_page(cold, told):
    cold.write_holdout([("stranger", "war9", 99)])
    text, page, document = told(Kind.COLD_ITEMS, exploration=WEIGHTS)
    assert 'class="masthead cannot-tell"' in text
    assert "No user with a past touched any held-out item" in words(page)
    assert document["primary"]["value"] is None


B = ["p", "q", "r", "s"]


def replay_rows(pairs):
    lists = {0: ["x"], 1: ["p"], 5: ["p", "q"], 20: B}
    return [
        (number, f"a{number}", f"b{number}", events, items, B)
        for number in range(pairs)
        for events, items in lists.items()
    ]


def test_a_replay_has_its_page(run, told):
    run.write_replay(replay_rows(60))
    run.write_catalogue(ITEM_ID=["p", "q", "x"], TITLE=[NASTY, "Q", "🎬, <i>X</i>"])
    text, page, document = told(Kind.REPLAY)
    assert sections(text) == [
        "figures",
        "replay",
        "comparison",
        "data",
        "service",
        "method",
        "run",
    ]
    shown = words(page)
    for piece in (
        "How A's list comes near to B's",
        "after 5 of B's events A's list shares 50\u202f% (50\u202f% to 50\u202f%) with B's",
        "half of the way after 5 events, on 60 pairs: better",
        NASTY,
        "🎬, <i>X</i>",
        "A after all 20",
        "shares 2 of 4",
        "events sent, mean",
    ):
        assert piece in shown, piece
    section = document["scenario_section"]
    assert [step["events"] for step in section["curve"]] == [0, 1, 5, None]
    assert section["story"]["before"] == [{"item_id": "x", "title": "🎬, <i>X</i>"}]
    assert document["data"] is None
    assert document["users"]["evaluated"] == 60
    (row,) = (row for row in document["values"] if (row["source"], row["metric"]) == ("replay", "overlap"))
    assert (row["k"], row["value"], row["users"]) == (4, 1.0, 60)
    assert document["differences"][0]["baseline"] == "no_events"


def test_few_pairs_without_titles_are_told_plainly(run, told):
    run.write_replay(replay_rows(4))
    text, page, _ = told(Kind.REPLAY)
    assert "Only 4 pairs could be replayed, fewer than the 50" in words(page)
    assert 'class="masthead cannot-tell"' in text


@pytest.mark.parametrize("rows", [[], [(1, "a", "b", 0, ["x"], []), (1, "a", "b", 3, ["y"], None)]])
def test_a_replay_that_is_undefined_for_every_pair_has_a_page(run, told, rows):
    run.write_replay(rows)
    text, page, document = told(Kind.REPLAY)
    assert 'class="masthead cannot-tell"' in text
    assert "Lists do not come nearer" in words(page)
    assert document["scenario_section"]["story"] is None
    assert document["primary"]["value"] is None


def test_every_kind_is_told_how_it_was_computed(run, related, told):
    _, page, _ = told(Kind.RELATED_ITEMS, causes=CAUSES)
    assert "Every user's cause is the last item" in words(page)
