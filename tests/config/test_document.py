from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from config.document import document, rows_of
from config.models import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_reference_of_settings_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == document(), "run: python -m config.document > docs/settings.md"


def test_every_setting_is_explained():
    def unexplained(model: type[BaseModel]) -> set[str]:
        return {
            f"{model.__name__}.{name}" for name, field in model.model_fields.items() if not field.description
        }

    models, queue = set(), [Settings]
    while queue:
        model = queue.pop()
        models.add(model)
        queue += [
            field.annotation
            for field in model.model_fields.values()
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        ]
    assert len(models) > 10
    assert set().union(*map(unexplained, models)) == set()


def test_rows_have_the_path_the_default_and_the_limits():
    rows = {row.path: row for row in rows_of(Settings, "")}
    assert str(rows["functions.evaluate.timeout_seconds"]) == (
        "| `functions.evaluate.timeout_seconds` | `900` | s, ≥ 1, ≤ 900 | How long one call may take. |"
    )
    assert rows["scenarios.hrnn.data.interactions.schema.fields[].type"].default == "required"
    assert rows["scenarios.hrnn.split.method"].limits == "`per_user` / `global_time`"
