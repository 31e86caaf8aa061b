"""Which files of the tables for SQL are a run's."""

from __future__ import annotations

import json
from pathlib import Path

from lambdas.shared.result_tables import METRICS_CSV, TABLES
from local.cli.results import METRICS_FILE


def table_keys(report: Path, scenario: str, run_id: str) -> list[str]:
    """Keys of the run's files, from its report folder; none where no result says by which date they are kept."""
    try:
        document = json.loads((report / METRICS_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    run_date = document.get("run_date") if isinstance(document, dict) else None
    if not isinstance(run_date, str):
        return []
    return [table.key(scenario, run_date, run_id) for table in (*TABLES, METRICS_CSV)]
