"""From a YAML file to checked settings, or to the list of everything that is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from config.checks.columns import COLUMN_RULES
from config.checks.hyperparameters import HYPERPARAMETER_RULES
from config.checks.recipe import RECIPE_RULES
from config.checks.rule import Finding, Subject, overlap, run_rules
from config.checks.run import RUN_RULES
from config.checks.schedule import SCHEDULE_RULES
from config.checks.sharing import SHARING_RULES
from config.checks.stage import stage_findings
from config.model_problems import refusals, without
from config.models import Settings
from config.problems import KeyPath, Problem, SettingsError, did_you_mean, path_text
from config.service_requests import request_findings
from config.yaml_source import YamlDocument, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS_DIR = Path(__file__).parent
VARIANT_RULES = (*RECIPE_RULES, *HYPERPARAMETER_RULES, *COLUMN_RULES)
RULES = (*RECIPE_RULES, *HYPERPARAMETER_RULES, *COLUMN_RULES, *SCHEDULE_RULES, *SHARING_RULES, *RUN_RULES)

_STAND_INS = {"stage": "dev"}
"""For required settings that are missing or wrong, so that the rest can be checked in the same go."""


def load_settings(stage_or_path: str | Path) -> Settings:
    """The settings of a stage (`dev`: the file `config/dev.yaml`) or of a YAML file given by its path.

    Raises SettingsError with every problem of the file, in the order of its lines.
    """
    path = settings_file(stage_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(stage_or_path), [Problem("", f"cannot be read: {error}")]) from error
    settings = parse_settings(text, source=str(path))
    if path.parent == SETTINGS_DIR and settings.stage != path.stem:
        message = (
            f"{settings.stage!r} in the file of stage {path.stem!r}: it would deploy over that other stage"
        )
        raise SettingsError(str(path), [Problem("stage", message)])
    return settings


def settings_file(stage_or_path: str | Path) -> Path:
    """The file that a stage or path means. Raises SettingsError naming the stages there are."""
    path = Path(stage_or_path)
    if isinstance(stage_or_path, Path) or path.suffix or len(path.parts) != 1:
        return path
    path = SETTINGS_DIR / f"{stage_or_path}.yaml"
    if not path.is_file():
        stages = sorted(file.stem for file in SETTINGS_DIR.glob("*.yaml"))
        message = (
            f"there is no such stage.{did_you_mean(stage_or_path, stages)} There are: {', '.join(stages)}."
        )
        raise SettingsError(str(stage_or_path), [Problem("", message)])
    return path


def parse_settings(text: str, *, source: str = "settings") -> Settings:
    """Settings from the text of a YAML document. Raises SettingsError with every problem."""
    document = read_yaml(text)
    if document.problems:
        raise SettingsError(source, document.problems)
    if not isinstance(document.data, dict):
        raise SettingsError(source, [Problem("", "must be a mapping of settings, for example `stage: dev`")])
    settings, findings = _read(document.data)
    findings += _rule_findings(settings, [path for path, _ in findings])
    if findings:
        raise SettingsError(source, _in_order(document, findings))
    return settings


def _read(data: dict[str, object]) -> tuple[Settings, list[Finding]]:
    """The settings that the models accept, defaults in place of refused ones, and the refusals."""
    findings: list[Finding] = []
    while True:  # every turn takes something out of `data`, and an empty one has the stand-ins
        try:
            # JSON mode is strict about types, yet lets a list stand for a tuple.
            return Settings.model_validate_json(json.dumps(data)), findings
        except ValidationError as error:
            refused = list(refusals(error, Settings, data))
        findings += [finding for finding in refused if finding[0] not in {path for path, _ in findings}]
        data = {**_STAND_INS, **without(data, [path for path, _ in refused])}


def _rule_findings(settings: Settings, refused: list[KeyPath]) -> list[Finding]:
    """What the service's model and the rules find in what could be read."""
    found: list[Finding] = []
    for name, scenario in settings.scenarios.items():
        base: KeyPath = ("scenarios", name)
        found += [((*base, *path), message) for path, message in request_findings(scenario)]
        known_wrong = [*refused, *(path for path, _ in found)]
        found += run_rules(RULES, Subject(name, scenario, settings), base, known_wrong)
        if not any(overlap(base, path) for path in [*refused, *(path for path, _ in found)]):
            found += [((*base, *path), message) for path, message in _variant_findings(name, settings)]
    found += stage_findings(settings, [*refused, *(path for path, _ in found)])
    return found


def _variant_findings(name: str, settings: Settings) -> list[Finding]:
    """What is wrong with the requests of a scenario's variants, told of the setting that they come from."""
    scenario = dict(settings.scenarios.items())[name]
    found: dict[Finding, None] = {}
    for variant in scenario.trained_variants().values():
        requests = {"solution": variant.solution, "batch_inference": variant.batch_inference}
        as_variant = scenario.model_copy(update=requests)
        findings = [*request_findings(as_variant)]
        refused = [path for path, _ in findings]
        findings += run_rules(VARIANT_RULES, Subject(name, as_variant, settings), (), refused)
        found |= {(scenario.origin(path), message): None for path, message in findings}
    return list(found)


def _in_order(document: YamlDocument, findings: list[Finding]) -> list[Problem]:
    """Problems by line; what stands in the same line, or in none, keeps the order of the checks."""
    unique = dict.fromkeys(findings)
    problems = [Problem(path_text(path), message, document.line(path)) for path, message in unique]
    return sorted(problems, key=lambda problem: problem.line or 0)


def stages() -> Iterator[str]:
    """The stages that have a file."""
    yield from sorted(file.stem for file in SETTINGS_DIR.glob("*.yaml"))
