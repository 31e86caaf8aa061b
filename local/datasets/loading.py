"""From a path, or none, to a data set that a scenario can run on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from local.datasets.converting import convert
from local.datasets.dataset import Dataset, DatasetError, Wanted
from local.datasets.fetching import movielens_100k
from local.datasets.layouts import GROUPLENS, find_layout
from local.datasets.tables import column_names, find_tables

_WORK = Path(__file__).resolve().parents[2] / ".cache" / "datasets" / "work"
_KEYS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
_KNOWN = (
    "Give a folder with MovieLens as GroupLens publishes it (u.data, ratings.dat or ratings.csv), a RecBole data set "
    "(*.inter), or CSV files whose first line has USER_ID, ITEM_ID and TIMESTAMP."
)


def load_dataset(
    path: Path | None,
    work: Path | None = None,
    *,
    columns: Sequence[str] = _KEYS,
    item_columns: Sequence[str] | None = None,
    user_columns: Sequence[str] | None = None,
) -> Dataset:
    """The data at `path`, a file or a folder, or MovieLens-100K when there is none.

    Ratings in a known layout are written anew, below the folder `work` (the project's cache when None), with the
    columns of the scenario's schemas (see `local.datasets` for those that there are): of the interactions the
    three keys when none are given, of items and users all. CSVs with Personalize's names stay where and as they
    are. Raises DatasetError when there is nothing to read, or not a column that is asked for.
    """
    work = work or _WORK
    wanted = Wanted(columns, item_columns, user_columns)
    if path is None:
        folder, origin = movielens_100k()
        return _convert(folder, wanted, work, origin)
    if not path.exists():
        raise DatasetError(f"{path}: there is no such file or folder. {_KNOWN}")
    if path.suffix == ".zip":
        raise DatasetError(f"{path}: it is packed. Unpack it and name the folder.")
    return _load_file(path, wanted, work) if path.is_file() else _load_folder(path, wanted, work)


def _load_file(path: Path, wanted: Wanted, work: Path) -> Dataset:
    ratings = {layout.ratings.file for layout in GROUPLENS}
    own = find_tables([path], path.stem, str(path)) if path.suffix == ".csv" else None
    if own is None and (path.name in ratings or path.suffix == ".inter"):
        return _convert(path.parent, wanted, work, str(path))
    if own is None:
        found = ", ".join(column_names(path)[:10]) or "nothing"
        raise DatasetError(f"{path}, line 1: no interactions, but {found[:200]}. {_KNOWN}")
    return own


def _load_folder(folder: Path, wanted: Wanted, work: Path) -> Dataset:
    """The data in a folder, or in the only folder inside that has any, as archives unpack."""
    places = [folder, *sorted(place for place in folder.iterdir() if place.is_dir())]
    for place in places:
        own = find_tables(sorted(place.glob("*.csv")), place.name, str(place))
        if own:
            return own
        if find_layout(place):
            return _convert(place, wanted, work, str(place))
    names = ", ".join(sorted(entry.name for entry in folder.iterdir())[:10]) or "nothing"
    raise DatasetError(f"{folder}: no data that can be read (found: {names}). {_KNOWN}")


def _convert(folder: Path, wanted: Wanted, work: Path, origin: str) -> Dataset:
    layout = find_layout(folder)
    if layout is None:
        raise DatasetError(f"{folder}: no data that can be read. {_KNOWN}")
    return convert(folder, layout, wanted, work / layout.name, origin)
