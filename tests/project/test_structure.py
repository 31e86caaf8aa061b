"""Who may import whom: the rules that keep the rooms apart."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "stacks", "statemachines", "config", "lambdas", "emulator", "local")

# What a room may import besides itself. `lambdas.shared` is the vocabulary that infrastructure and tasks share;
# `lambdas.reports` is what tasks that write pages share, and the command line that shows them.
ALLOWED = {
    "app": {"stacks", "config"},
    "stacks": {"statemachines", "config", "lambdas.shared"},
    "statemachines": {"config", "lambdas.shared"},
    "config": {"lambdas.shared"},
    "lambdas": set(),
    "emulator": set(),
    "local": {"emulator", "app", "stacks", "config", "lambdas.shared", "lambdas.reports"},
}
# A control task answers in under a second: the libraries of tables take longer to import than that.
CONTROL_TASKS = ("create_resource", "describe_resource", "delete_resource", "record_failure")
# Writes pages from figures that others have computed; a page of all runs must not wait for libraries either.
PAGE_TASKS = ("publish_index",)
TABLE_LIBRARIES = {"pandas", "numpy", "pyarrow", "scipy"}


def sources(room: str) -> list[Path]:
    single = ROOT / f"{room}.py"
    return [single] if single.exists() else sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_the_architecture_allows(room):
    allowed = {room, *ALLOWED[room]}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources(room)
        for module in imports(path)
        if ours(module)
        and not any(module == name or module.startswith(f"{name}.") for name in allowed)
        and module != "lambdas"
    ]
    assert sources(room)
    assert wrong == []


def test_tasks_import_only_themselves_and_what_is_shared():
    tasks = [path.name for path in (ROOT / "lambdas").iterdir() if path.is_dir() and path.name[0] != "_"]
    assert len(tasks) >= 5
    for task in tasks:
        for path in (ROOT / "lambdas" / task).rglob("*.py"):
            for module in filter(ours, imports(path)):
                room = module.split(".")[:2]
                shared = ["lambdas", "shared"], ["lambdas", "reports"]
                assert room in (*shared, ["lambdas", task]), (path, module)


@pytest.mark.parametrize("task", [*CONTROL_TASKS, *PAGE_TASKS])
def test_tasks_without_tables_import_no_table_library_even_indirectly(task):
    files, seen = [ROOT / "lambdas" / task / "handler.py"], set()
    while files:
        path = files.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in imports(path):
            assert module.split(".")[0] not in TABLE_LIBRARIES, f"{path.relative_to(ROOT)} imports {module}"
            candidate = ROOT / Path(*module.split(".")).with_suffix(".py")
            if ours(module) and candidate.exists():
                files.append(candidate)
    assert len(seen) > 3


def test_the_emulator_uses_nothing_but_libraries():
    standard = set(sys.stdlib_module_names)
    foreign = {
        module.split(".")[0]
        for path in sources("emulator")
        for module in imports(path)
        if module.split(".")[0] not in standard | {"emulator", "__future__"}
    }
    assert not foreign & set(ROOMS)


def test_no_module_is_called_utils():
    assert not [
        path for room in ROOMS for path in sources(room) if path.stem in {"utils", "util", "helpers", "misc"}
    ]
