"""The runs whose pages are looked at: one of every kind, and those that could go wrong on a page."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser import made_up
from tests.browser.published import DATA, REPORTS, Run, Stage
from tests.lambdas.evaluate.conftest import RunFiles, record

PAGES = {
    "users": "hrnn/monday/report.html",
    "users again": "hrnn/tuesday/report.html",
    "related items": "sims/monday/report.html",
    "variants": "metadata/monday/report.html",
    "cold items": "coldstart/monday/report.html",
    "replay": "put_events/monday/report.html",
    "hostile": "hrnn/hostile/report.html",
    "hostile replay": "put_events/hostile/report.html",
    "one user": "hrnn/one-user/report.html",
    "nobody": "hrnn/nobody/report.html",
    "loses": "hrnn/loses/report.html",
    "comparison": "hrnn/tuesday/comparison.html",
    "hostile comparison": "hrnn/hostile/comparison.html",
    "comparison of nobody": "hrnn/nobody/comparison.html",
    "comparison of replays": "put_events/hostile/comparison.html",
    "index": "index.html",
}
# The pages that differ in what they hold; the others differ in what it says.
KINDS = (
    *("users again", "related items", "variants", "cold items", "replay", "hostile"),
    *("comparison", "comparison of replays", "index"),
)


def publish_runs(stage: Stage, folder: Path) -> None:
    """Leave all of them in the reports bucket. folder: for files on the way, empty."""
    _users(stage)
    _related_items(stage)
    _variants(stage)
    _cold_items(stage)
    _replays(stage, folder)
    _odd(stage, folder)
    _not_succeeded(stage)
    stage.index()


def _users(stage: Stage) -> None:
    """The same scenario with the same data on two days, the second time better; a baseline that wins; hostile words."""
    for run_id, skill, dimension in (("monday", 0.4, "149"), ("tuesday", 0.7, "43"), ("loses", 0.0, "43")):
        run = stage.split("hrnn", run_id)
        answers = stage.answered(run, made_up.answers_for_users(stage.truth(run), skill))
        solution = {"solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": dimension}}}
        stage.evaluate(run, recommendations=answers, facts={"solution": solution})
    hostile = stage.split("hrnn", "hostile", titles=made_up.HOSTILE)
    script = made_up.HOSTILE[0]
    stage.evaluate(
        hostile,
        recommendations=stage.answered(hostile, made_up.answers_for_users(stage.truth(hostile), 0.5)),
        solution_version_arn=f"arn:aws:personalize:::solution/{script}",
        facts={
            "recipe_arn": f"arn:aws:personalize:::recipe/{made_up.HOSTILE[2]}",
            "solution": dict(zip(made_up.HOSTILE, made_up.HOSTILE, strict=True)),
            "stages": [{"stage": text, "seconds": 1.5} for text in made_up.HOSTILE],
        },
    )


def _related_items(stage: Stage) -> None:
    causes = {"kind": "items", "causes": {"named": ["i07"], "popular": 3, "middling": 3, "rare": 3}}
    run = stage.split("sims", "monday", titles=made_up.HOSTILE, queries=causes)
    asked = {made_up.item(number) for number in range(made_up.ITEMS)}
    lines = list(made_up.answers_for_causes(sorted(asked)))
    variants = [
        {"name": name, "recommendations": stage.answered(run, lines, name)} for name in ("default", "hpo")
    ]
    stage.evaluate(run, kind="related_items", variants=variants, reference_variant="default")


def _variants(stage: Stage) -> None:
    run = stage.split("metadata", "monday")
    truth = stage.truth(run)
    variants = [
        {"name": name, "recommendations": stage.answered(run, made_up.answers_for_users(truth, skill), name)}
        for name, skill in (("metadata", 0.6), ("plain", 0.5), ("items", 0.55))
    ]
    for variant in variants:
        variant["solution_version_arn"] = f"arn:aws:personalize:::solution/{variant['name']}"
    stage.evaluate(run, variants=variants, reference_variant="plain", headline="reference")


def _cold_items(stage: Stage) -> None:
    split = {"method": "cold_items", "fraction": 0.2, "cold_share": 0.4, "truth": "future"}
    run = stage.split("coldstart", "monday", split=split, needs_features=True)
    truth = stage.truth(run)
    cold = sorted({taken for items in truth.values() for taken in items})
    variants = []
    for weight, skill in ((0.0, 0.5), (0.3, 0.3), (1.0, 0.1)):
        name = f"explore_{weight}"
        lines = made_up.answers_for_users(truth, skill, seed=int(10 * weight), offered=cold)
        variants.append({"name": name, "recommendations": stage.answered(run, lines, name)})
    stage.evaluate(run, kind="cold_items", variants=variants)


def _replays(stage: Stage, folder: Path) -> None:
    """60 pairs with plain titles; 4 pairs, fewer than a verdict needs, with hostile ones."""
    for run_id, pairs, titles in (("monday", 60, ()), ("hostile", 4, made_up.HOSTILE)):
        files = RunFiles(folder / f"replay-{run_id}")
        files.folder.mkdir()
        files.write_replay(made_up.replay_rows(pairs))
        items = made_up.items(titles)
        files.write_catalogue(ITEM_ID=[row[0] for row in items], TITLE=[row[1] for row in items])
        run = stage.uploaded("put_events", run_id, files)
        base = f"s3://{DATA}/{run.base}"
        stage.evaluate(
            run,
            kind="replay",
            replay=f"{base}lists.parquet",
            catalogue=f"{base}items.parquet",
            solution_version_arn="arn:aws:personalize:::solution/replayed",
        )


def _odd(stage: Stage, folder: Path) -> None:
    """One user, who was recommended the right item; and nobody to judge, where no metric is defined."""
    for run_id, held_out in (("one-user", "ann"), ("nobody", "zoe")):
        files = RunFiles(folder / run_id)
        files.folder.mkdir()
        files.write_train([("ann", "a", 1), ("bob", "b", 2)])
        files.write_holdout([(held_out, "b", 9)])
        files.write_answers([record("ann", ["b", "a"])])
        run = stage.uploaded("hrnn", run_id, files)
        base = f"s3://{DATA}/{run.base}"
        stage.evaluate(
            run,
            train=f"{base}train/",
            holdout=f"{base}holdout/",
            recommendations=f"{base}recommendations/",
        )


def _not_succeeded(stage: Stage) -> None:
    """Runs that failed, with hostile words; whose metrics.json is cut off or old; that have only a table."""
    stage.fail(Run("sims", "failed"), f"Not enough interactions {' '.join(made_up.HOSTILE)}")
    stage.put("reports/metadata/broken/metrics.json", b'{"schema_version": "2.0", "ver', REPORTS)
    stage.put("reports/metadata/older/metrics.json", _as_of_version_1(stage), REPORTS)
    stage.put("reports/metadata/half/metrics.csv", b"scenario,run_id\n", REPORTS)


def _as_of_version_1(stage: Stage) -> bytes:
    """A metrics.json of before there were variants, kinds and groups of users."""
    document = json.loads(stage.read(f"s3://{REPORTS}/reports/hrnn/monday/metrics.json"))
    later = (
        "kind",
        "variants",
        "reference_variant",
        "scenario_section",
        "run_date",
        "segments",
        "cost",
        "previous",
    )
    kept = {name: value for name, value in document.items() if name not in later}
    return json.dumps({**kept, "schema_version": "1.0", "scenario": "metadata", "run_id": "older"}).encode()
