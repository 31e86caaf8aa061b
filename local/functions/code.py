"""Where a function's code lies on disk while it runs."""

import hashlib
import io
import threading
import zipfile
from pathlib import Path

_MARKER = "local-code-directory.txt"


def directory_marker(directory: Path) -> bytes:
    """Make a zip that stands for a directory of code, which then runs in place instead of from a copy.

    A deployer that would zip the same files for every run uploads these few bytes instead.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # A fixed time, so that the same directory gives the same bytes.
        archive.writestr(zipfile.ZipInfo(_MARKER), str(directory.resolve()))
    return buffer.getvalue()


class CodeStore:
    """Unpacks each package once, under a folder named by its content."""

    def __init__(self, root: Path) -> None:
        """Keep packages below root, which is made when the first one is unpacked."""
        self._root = root
        self._lock = threading.Lock()

    def directory(self, package: bytes) -> Path:
        """Return the folder of a package's files.

        Raises FileNotFoundError for a marker whose directory is gone, zipfile.BadZipFile if it is no zip.
        """
        digest = hashlib.sha256(package).hexdigest()
        target = self._root / digest[:16]
        with self._lock, zipfile.ZipFile(io.BytesIO(package)) as archive:
            if archive.namelist() == [_MARKER]:
                return _existing(Path(archive.read(_MARKER).decode()))
            if not target.is_dir():
                unfinished = target.with_suffix(".unfinished")
                archive.extractall(unfinished)
                unfinished.rename(target)
        return target


def _existing(directory: Path) -> Path:
    if not directory.is_dir():
        raise FileNotFoundError(
            f"the function's code is {directory}, which does not exist any more: deploy it again"
        )
    return directory
