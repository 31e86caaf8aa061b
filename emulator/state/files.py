"""Files of the state folder: imported data and models.

Each is written beside its place and then moved there, so a killed process leaves either the whole file or none that
anything refers to.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from emulator.errors import StateFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator


class StateFolder:
    """The folder of one emulator. Without a path it is a temporary one that `close` removes.

    Raises StateFolderError when another process uses the folder.
    """

    def __init__(self, path: Path | None) -> None:
        self.durable = path is not None
        self.root = Path(tempfile.mkdtemp(prefix="personalize-")) if path is None else Path(path)
        for part in ("datasets", "models", "scratch"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        for left in (self.root / "scratch").iterdir():
            _remove(left)

    def _take_lock(self) -> IO[str]:
        lock = (self.root / "lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise StateFolderError(
                f"State folder {self.root} is in use by another emulator; stop it or choose another folder."
            ) from error
        return lock

    @property
    def database(self) -> Path:
        """The SQLite file with all resources."""
        return self.root / "resources.sqlite"

    def path(self, relative: str) -> Path:
        """The file or folder that a resource's row refers to."""
        return self.root / relative

    @contextmanager
    def replacing(self, relative: str) -> Iterator[Path]:
        """Gives a scratch path; when the block ends well, what was written there is moved to `relative`."""
        target = self.root / relative
        scratch = Path(tempfile.mkdtemp(dir=self.root / "scratch"))
        try:
            yield scratch / target.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                # A folder cannot be replaced in one step; nothing refers to it before its row says so.
                shutil.rmtree(target)
            (scratch / target.name).replace(target)
        finally:
            _remove(scratch)

    @contextmanager
    def scratch_file(self) -> Iterator[Path]:
        """A path for a temporary file that is gone afterwards."""
        scratch = Path(tempfile.mkdtemp(dir=self.root / "scratch"))
        try:
            yield scratch / "file"
        finally:
            _remove(scratch)

    def remove(self, relative: str) -> None:
        """Deletes a file or folder, if it is there."""
        _remove(self.root / relative)

    def keep_only(self, used: set[str]) -> None:
        """Deletes datasets and models that nothing refers to: what a killed process had written but not recorded."""
        for part in ("datasets", "models"):
            for path in (self.root / part).iterdir():
                if f"{part}/{path.name}" not in used:
                    _remove(path)

    def close(self) -> None:
        """Gives the folder free; removes it if it was temporary."""
        if self._lock.closed:
            return
        self._lock.close()
        if not self.durable:
            shutil.rmtree(self.root)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
