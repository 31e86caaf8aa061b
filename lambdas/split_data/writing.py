"""The formats of the files a run goes on with: CSV to import, Parquet to judge by, lines to ask with."""

from __future__ import annotations

import json
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lambdas.split_data.ordering import codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from lambdas.split_data.schema import Column

# Few enough that their text stays below the 2 GB of an Arrow array, however long the values are.
_ROWS_AT_ONCE = 1 << 17
# Rendering is Arrow's work outside the interpreter's lock: two threads use the cores that Lambda gives.
_THREADS = 2


def write_csv(frame: pd.DataFrame, rows: NDArray[np.int64], columns: Sequence[Column], path: Path) -> None:
    """Write rows of the frame, in the order given, by the CSV rules of Personalize.

    An unquoted header in the schema's order; text with a comma, quote or backslash in double quotes, with a
    backslash before each quote and backslash inside (which is not RFC 4180); nothing for null. UTF-8.
    """
    sources = [_Source.of(frame, column, csv_text) for column in columns]

    def render(part: NDArray[np.int64]) -> Any:
        cells = [source.texts(part) for source in sources]
        cells[-1] = pc.binary_join_element_wise(cells[-1], "", "\n", null_handling="replace")
        lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace")
        # The buffer of texts that lie end to end is the file's content.
        return lines.buffers()[2]

    parts = (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))
    with path.open("wb") as target:
        target.write((",".join(column.name for column in columns) + "\n").encode())
        for content in _in_order(render, parts):
            target.write(content)


def csv_text(text: str) -> str:
    """A value as Personalize's CSV has it: quoted, with backslashes, where it holds a special character."""
    if any(special in text for special in ',"\\') or text != text.strip():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return text


def write_parquet(
    frame: pd.DataFrame,
    rows: NDArray[np.int64],
    columns: Sequence[Column],
    path: Path,
    *,
    plain_texts: bool = False,
) -> None:
    """Write rows of the frame, in the order given, as one Parquet file in the schema's columns and types.

    Readers get texts as dictionaries, or as texts when `plain_texts` is set.
    """
    arrays = [_Source.of(frame, column, str).values(rows).cast(column.arrow_type) for column in columns]
    table = pa.table(arrays, names=[column.name for column in columns])
    if plain_texts:
        texts = [pa.string() if column.type == "string" else column.arrow_type for column in columns]
        table = table.cast(pa.schema(list(zip(table.column_names, texts, strict=True))))
    pq.write_table(table, path, compression="zstd")


def write_ids(columns: Mapping[str, Sequence[str]], path: Path) -> None:
    """Write columns of ids, side by side, as one Parquet file."""
    table = pa.table({name: pa.array(ids, pa.string()) for name, ids in columns.items()})
    pq.write_table(table, path, compression="zstd")


def write_queries(member: str, ids: Sequence[str], path: Path) -> None:
    """Write one input line of a batch inference job for each id, which the job knows as `member`."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(encode({member: text}) + "\n" for text in ids)


def write_json(document: Any, path: Path) -> None:
    """Write a JSON document as indented UTF-8."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Source:
    """A column of the frame, ready to give Arrow the values of any rows: texts by their code in `words`."""

    array: Any
    words: Any | None

    @classmethod
    def of(cls, frame: pd.DataFrame, column: Column, spelled: Callable[[str], str]) -> _Source:
        if column.type != "string":
            return cls(frame[column.name].array, words=None)
        texts = [spelled(text) for text in frame[column.name].cat.categories.tolist()]
        return cls(codes(frame, column.name), words=pa.array(texts, pa.string()))

    def values(self, rows: NDArray[np.int64]) -> Any:
        """The values as an Arrow array; of text, as a dictionary array."""
        values = self.array[rows]
        if self.words is None:
            return pa.array(values, from_pandas=True)
        return pa.DictionaryArray.from_arrays(pa.array(values, mask=values < 0), self.words)

    def texts(self, rows: NDArray[np.int64]) -> Any:
        """The values as Arrow texts, null where there is none."""
        values = self.values(rows)
        return values.cast(pa.string()) if self.words is None else values.dictionary_decode()


def _in_order(render: Callable[[Any], Any], parts: Iterator[Any]) -> Iterator[Any]:
    """Results of `render` in the order of the parts; memory holds no more of them than there are threads."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[Any]] = deque()
        for part in parts:
            waiting.append(pool.submit(render, part))
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
