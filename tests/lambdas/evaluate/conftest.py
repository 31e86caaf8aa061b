"""A small run on disk: training CSV, held-out Parquet and batch output from plain tuples."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import settings

from lambdas.evaluate.evaluation import Evaluation, evaluate_files
from lambdas.evaluate.inputs import InputFiles, Measured, measure
from lambdas.evaluate.request import Design, EvaluateRequest, EvaluationSettings, Kind
from lambdas.reports.page import render as page_render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# How long an example takes says nothing about the code on a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ARN = "arn:aws:personalize:eu-west-1:123456789012:solution/pp-test-hrnn/1a2b3c4d"


VOID = {"meta", "br", "hr", "img", "input", "link"}
# Drawn elements that close themselves.
DRAWN = {"rect", "line", "circle"}


@dataclass
class Document(HTMLParser):
    """The parsed page: elements with their attributes, text by element, and whether tags were balanced."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    scripts: list[tuple[dict[str, str | None], str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID and not (tag in DRAWN and self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append((self.elements[-1][1], data))
        else:
            self.text.append(data)

    def data_of(self, key):
        """The data of a chart."""
        (found,) = (text for attributes, text in self.scripts if attributes.get("data-for") == key)
        return json.loads(found)

    def running_scripts(self):
        return [text for attributes, text in self.scripts if attributes.get("type") != "application/json"]

    def attributes(self, name):
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def count(self, tag):
        return sum(1 for name, _ in self.elements if name == tag)


@pytest.fixture
def parsed() -> Callable[[str], tuple[str, Document]]:
    """A page's text with its parsed form; fails when tags are not balanced."""

    def parse(text: str) -> tuple[str, Document]:
        document = Document()
        document.feed(text)
        document.close()
        assert document.open == []
        runs_only_own_scripts(document)
        return text, document

    return parse


def runs_only_own_scripts(document: Document) -> None:
    """Asserts that scripts are files of ours, allowed by their hashes alone, and that every picture has its data."""
    folder = Path(page_render.__file__).parent
    ours = {path.read_text(encoding="utf-8") for path in folder.rglob("*.js")}
    running = document.running_scripts()
    assert len(running) >= len(page_render.SCRIPTS)
    assert set(running) <= ours
    (policy,) = (a["content"] for tag, a in document.elements if tag == "meta" and "http-equiv" in a)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in running]
    assert policy.endswith("script-src " + " ".join(f"'sha256-{digest}'" for digest in hashes))
    assert policy.startswith("default-src 'none'; ")
    plots = [a["id"] for tag, a in document.elements if tag == "div" and a.get("class") == "plot"]
    assert plots
    assert sorted(plots) == sorted(a["data-for"] for a, _ in document.scripts if "data-for" in a)
    for attributes, text in document.scripts:
        if attributes.get("type") == "application/json":
            json.loads(text)
    assert not any(name.startswith("on") for _, attributes in document.elements for name in attributes)


def csv_cell(text: str) -> str:
    """Personalize's quoting: double quotes around, a backslash before inner quotes and backslashes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def record(user: str, items: Sequence[str], error: str | None = None) -> str:
    """A line of batch output as the service writes it."""
    scores = [round(1 / (place + 2), 7) for place in range(len(items))]
    document = {
        "input": {"userId": user},
        "output": {"recommendedItems": list(items), "scores": scores},
        "error": error,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class RunFiles:
    """The inputs of an evaluation in a folder."""

    folder: Path

    @property
    def train(self) -> Path:
        return self.folder / "train"

    @property
    def holdout(self) -> Path:
        return self.folder / "holdout"

    @property
    def answers(self) -> list[Path]:
        return sorted((self.folder / "recommendations").glob("*.out"))

    def write_train(self, rows: Iterable[tuple[str, str, int]], name: str = "interactions.csv") -> None:
        lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
        lines += [f"{csv_cell(user)},{csv_cell(item)},{time}" for user, item, time in rows]
        self._put("train", name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write_holdout(self, rows: Iterable[tuple[str, str, int]], name: str = "interactions.parquet") -> None:
        users, items, times = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), ())
        table = pa.table(
            {
                "USER_ID": pa.array(users, pa.string()),
                "ITEM_ID": pa.array(items, pa.string()),
                "TIMESTAMP": pa.array(times, pa.int64()),
            }
        )
        pyarrow.parquet.write_table(table, self._put("holdout", name))

    def write_answers(self, lines: Iterable[str], name: str = "users.jsonl.out") -> None:
        text = "".join(f"{line}\n" for line in lines)
        self._put("recommendations", name).write_text(text, encoding="utf-8")

    def write_variant(self, name: str, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        self._put(f"recommendations-{name}", "part.jsonl.out").write_text(text, encoding="utf-8")

    def write_catalogue(self, **columns: Sequence[object]) -> None:
        """Columns by name, as `ITEM_ID=[...], TITLE=[...]`."""
        kinds = {"COLD": pa.bool_()}
        table = pa.table({name: pa.array(v, kinds.get(name, pa.string())) for name, v in columns.items()})
        pyarrow.parquet.write_table(table, self.folder / "items.parquet")

    def write_user_causes(self, causes: Mapping[str, str]) -> None:
        table = pa.table({"USER_ID": list(causes), "ITEM_ID": list(causes.values())})
        pyarrow.parquet.write_table(table, self.folder / "user_causes.parquet")

    def write_replay(
        self, rows: Iterable[tuple[int, str, str, int, list[str] | None, list[str] | None]]
    ) -> Path:
        """Rows of pair, user A, user B, events, A's list, B's list."""
        names = ("pair", "user_a", "user_b", "events", "list_a", "list_b")
        items = pa.list_(pa.string())
        kinds = (pa.int32(), pa.string(), pa.string(), pa.int32(), items, items)
        schema = pa.schema(list(zip(names, kinds, strict=True)))
        table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema)
        pyarrow.parquet.write_table(table, self.folder / "lists.parquet")
        return self.folder / "lists.parquet"

    @property
    def inputs(self) -> InputFiles:
        """Whatever of a run's files is there; the variants in the order of their names."""

        def there(name: str) -> Path | None:
            return self.folder / name if (self.folder / name).exists() else None

        variants = {
            folder.name.removeprefix("recommendations-"): sorted(folder.glob("*.out"))
            for folder in sorted(self.folder.glob("recommendations-*"))
        }
        return InputFiles(
            train=there("train"),
            holdout=there("holdout"),
            answers=variants or {"model": self.answers},
            catalogue=there("items.parquet"),
            user_causes=there("user_causes.parquet"),
            replay=there("lists.parquet"),
        )

    def measure(
        self,
        kind: Kind,
        *,
        reference: str | None = None,
        against_reference: bool = False,
        causes: Sequence[Mapping[str, object]] = (),
        exploration: Mapping[str, float] | None = None,
        **members: object,
    ) -> Measured:
        """Measure the files that are there. members: of the settings."""
        files = replace(self.inputs, causes={"causes": list(causes)}, exploration=exploration or {})
        design = Design(tuple(files.answers), reference, against_reference)
        chosen = EvaluationSettings.parse({"bootstrap_resamples": 200, **members}, kind)
        return measure(files, chosen, design)

    def evaluate(self, **members: object) -> Evaluation:
        chosen = EvaluationSettings.parse({"bootstrap_resamples": 200, **members})
        return evaluate_files(self.train, self.holdout, self.answers, chosen)

    def _put(self, folder: str, name: str) -> Path:
        path = self.folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture
def run(tmp_path: Path) -> RunFiles:
    """An empty run: tests write what they need."""
    return RunFiles(tmp_path)


@pytest.fixture
def community(run: RunFiles) -> RunFiles:
    """40 users with a past of 5 items and 2 held-out items; the model finds one of them first, then the other.

    Item popularity falls with the item's number; nobody's held-out items are popular.
    """
    past = [(f"u{user:02}", f"i{place}", 10 * place) for user in range(40) for place in range(5)]
    past += [(f"u{user:02}", f"i{5 + user % 10}", 100 + user) for user in range(40)]
    run.write_train(past)
    run.write_holdout(
        (f"u{user:02}", f"i{5 + (user + step) % 10}", 500) for user in range(40) for step in (1, 2)
    )
    run.write_answers(
        record(
            f"u{user:02}",
            ["i0", f"i{5 + (user + 1) % 10}", f"i{5 + (user + 7) % 10}", f"i{5 + (user + 2) % 10}"],
        )
        for user in range(40)
    )
    return run


@pytest.fixture
def make_request(event: dict[str, object]) -> Callable[..., EvaluateRequest]:
    """A parsed event with members replaced."""

    def make(**members: object) -> EvaluateRequest:
        return EvaluateRequest.parse({**event, **members})

    return make


@pytest.fixture
def event() -> dict[str, object]:
    """What the state machine sends."""
    return {
        "scenario": "hrnn",
        "run_id": "r1",
        "data_bucket": "data",
        "reports_bucket": "reports",
        "train": "s3://data/runs/hrnn/r1/train/interactions/",
        "holdout": "s3://data/runs/hrnn/r1/holdout/",
        "recommendations": "s3://data/runs/hrnn/r1/recommendations/",
        "diagnosis": "s3://data/runs/hrnn/r1/diagnosis.json",
        "solution_version_arn": ARN,
        "evaluation": {"cutoffs": [2, 5], "primary_cutoff": 5, "bootstrap_resamples": 200},
        "facts": {
            "recipe_arn": "arn:aws:personalize:::recipe/aws-user-personalization-v2",
            "solution": {"solutionConfig": {"algorithmHyperParameters": {"exploration": "<b>&</b>"}}},
            "stages": [{"stage": "split_data", "seconds": 1.25}, {"stage": "train", "seconds": 61}],
        },
    }
