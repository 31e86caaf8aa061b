"""The libraries that the functions carry, resolved for Lambda's platform and slimmed: no Docker, no CDK in here.

`control` is for tasks that only call an API, `data` for those that read data. Each is locked, with hashes, in
`lambdas/requirements-<kind>.txt`, and becomes a Lambda layer: a folder with `python/` inside. Why it is done this
way, and what it weighs, is in docs/decisions/0003-lambda-libraries.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What Lambda accepts, unzipped: the function's code and all its layers together.
UNZIPPED_LIMIT = 262_144_000
# Room that a layer must leave for the code of the function.
CODE_ROOM = 2_000_000

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# Lambda's Python 3.12 and later run on Amazon Linux 2023, whose C library, 2.34, takes wheels made for these.
_MANYLINUX = (*(f"manylinux_2_{minor}" for minor in range(28, 16, -1)), "manylinux2014")

# The services whose definitions botocore keeps; X-Ray's recorder asks for its own.
_SERVICES = ("personalize", "personalize-runtime", "personalize-events", "s3", "sns", "sts", "xray")

# Nothing in these folders and files is imported at run time.
_UNUSED = (
    "bin",
    "*-stubs",
    "*/tests",
    "*/testing/tests",
    "*.pyi",
    "*.pyx",
    "*.pxd",
    "*.pxi",
    "*.c",
    "*.h",
    "*/py.typed",
    "*.a",
    "*/__pycache__",
    "boto3/examples",
    "numpy/_core/include",
    "numpy/f2py",
    "pyarrow/include",
    "pyarrow/includes",
    "pyarrow/src",
    # Arrow's other formats and remote file systems. libarrow_substrait stays: everything is linked to it.
    "pyarrow/_flight.*",
    "pyarrow/flight.py",
    "pyarrow/libarrow_flight.*",
    "pyarrow/libarrow_python_flight.*",
    "pyarrow/_s3fs.*",
    "pyarrow/libarrow_s3.*",
    "pyarrow/_gcsfs.*",
    "pyarrow/_azurefs.*",
    "pyarrow/_hdfs.*",
    "pyarrow/_orc.*",
    "pyarrow/orc.py",
    "pyarrow/_dataset_orc.*",
    "pyarrow/_substrait.*",
    "pyarrow/substrait.py",
    "pyarrow/_pyarrow_cpp_tests.*",
    # What pip notes about this installation, some of it about this machine. Names, versions and licences stay.
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
)
# A wheel holds no links, so a shared library lies there once under each of its names; only the one with the
# major version is what others are linked to.
_SHARED_LIBRARY = re.compile(r"(?P<stem>lib.+\.so)(\.\d+(\.\d+)+)?")


class LibraryError(Exception):
    """The libraries cannot be fetched, or are larger than Lambda takes."""


@dataclass(frozen=True, slots=True)
class LayerReport:
    """A layer as it lies on disk: bytes and files of its content, unzipped, and whether it was there before.

    `compiled` tells whether bytecode lies beside the sources.
    """

    folder: Path
    size: int
    files: int
    compiled: bool
    reused: bool


def layer_cache() -> Path:
    """Where layers are kept from one synth to the next, each in a folder named by its fingerprint."""
    return ROOT / ".cache" / "layers"


def lock_file(kind: str) -> Path:
    """The locked requirements of a kind of layer. Raises LibraryError for a kind that has none."""
    path = ROOT / "lambdas" / f"requirements-{kind}.txt"
    if not path.is_file():
        raise LibraryError(f"There is no kind of layer {kind!r}: {path.relative_to(ROOT)} does not exist.")
    return path


def library_fingerprint(kind: str, architecture: str, python_version: str) -> str:
    """SHA-256, in hex, of what decides a layer's content; the same whether or not the layer was built.

    Bytecode is left out of account: a layer with and one without it behave the same, only the start differs.
    """
    facts = (architecture, python_version, _MANYLINUX, _SERVICES, _UNUSED, _SHARED_LIBRARY.pattern)
    return hashlib.sha256(lock_file(kind).read_bytes() + repr(facts).encode()).hexdigest()


def build_layer(kind: str, architecture: str, python_version: str, destination: Path) -> LayerReport:
    """Put a layer's content below `destination`, or leave it as it is when it is there already.

    `architecture` is arm64 or x86_64, `python_version` such as "3.13". The folder appears when it is complete.
    Raises LibraryError when the packages cannot be fetched or are too large.
    """
    if destination.is_dir():
        return _report(destination, reused=True)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".building-") as folder:
        built = Path(folder) / "layer"
        _fetch(lock_file(kind), architecture, python_version, built / "python")
        _slim(built / "python")
        _compile(built / "python", python_version)
        _settle(built)
        report = _report(built, reused=False)
        if report.size > UNZIPPED_LIMIT - CODE_ROOM:
            raise LibraryError(
                f"The {kind} libraries for {architecture} have {report.size:,} bytes and Lambda takes "
                f"{UNZIPPED_LIMIT:,} with the code: drop a package, or what it does not need (stacks/libraries.py)."
            )
        built.rename(destination)
    return replace(report, folder=destination)


def _fetch(lock: Path, architecture: str, python_version: str, target: Path) -> None:
    """Let pip unpack the locked wheels for the platform; it uses the index that this machine is set up with."""
    machine = _MACHINES.get(architecture)
    if machine is None:
        raise LibraryError(
            f"Lambda has no architecture {architecture!r}: take one of {', '.join(_MACHINES)}."
        )
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--target", str(target), "--no-deps", "--no-compile", "--require-hashes"]
    command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", python_version]
    command += [part for tag in _MANYLINUX for part in ("--platform", f"{tag}_{machine}")]
    command += ["-r", str(lock)]
    # Nothing of the caller's virtual environment decides what a layer holds.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 (no shell, no outside input)
    if done.returncode:
        reason = next(
            (line for line in reversed(done.stderr.splitlines()) if "ERROR" in line), done.stderr[-500:]
        )
        raise LibraryError(
            f"pip could not fetch the packages of {lock.relative_to(ROOT)} for {architecture}, Python "
            f"{python_version}: {reason.strip()} Check that this machine reaches its package index "
            "(`pip config list` shows it) and that the index has wheels for Linux."
        )


def _slim(site: Path) -> None:
    """Take out what no task imports: tests, headers, stubs, other services' definitions, repeated libraries."""
    for path in sorted(site.rglob("*"), reverse=True):
        name = path.relative_to(site).as_posix()
        if (
            any(fnmatch(name, pattern) for pattern in _UNUSED)
            or _is_repeated(path)
            or _is_other_service(name)
        ):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_repeated(path: Path) -> bool:
    """Whether the file is a shared library that also lies beside it under its major version."""
    match = _SHARED_LIBRARY.fullmatch(path.name)
    return match is not None and any(
        re.fullmatch(re.escape(match["stem"]) + r"\.\d+", other.name)
        for other in path.parent.glob(f"{match['stem']}.*")
    )


def _is_other_service(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 3 and parts[:2] == ["botocore", "data"] and _names_other_service(parts[2])


def _names_other_service(entry: str) -> bool:
    """Whether an entry of botocore's data folder is the definition of a service that no task calls."""
    return not entry.endswith(".json") and entry not in _SERVICES


def _compile(site: Path, python_version: str) -> None:
    """Lay bytecode beside the sources where this machine has the Python that Lambda will run.

    A layer is read-only, so Lambda would compile every module again at every cold start: bytecode halves the
    start. It is of the unchecked kind, which holds no time, and names the path in Lambda: the same everywhere.
    """
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = sys.executable if running == python_version else shutil.which(f"python{python_version}")
    if python is None:
        return
    command = [python, "-I", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(site), "-p", "/opt/python", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (no shell, no outside input)
    if done.returncode:
        raise LibraryError(
            f"{python} could not compile the packages: {done.stdout[-500:]}{done.stderr[-500:]}"
        )


def _settle(folder: Path) -> None:
    """Make the same content the same bytes: one time and plain modes for everything."""
    for path in _files(folder):
        path.chmod(0o755 if path.suffix == ".so" else 0o644)
        os.utime(path, (0, 0))


def _report(folder: Path, *, reused: bool) -> LayerReport:
    sizes = {path: path.stat().st_size for path in _files(folder)}
    compiled = any(path.suffix == ".pyc" for path in sizes)
    return LayerReport(folder, sum(sizes.values()), len(sizes), compiled=compiled, reused=reused)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
