"""What batch jobs share: every file under the input prefix gets its `.out` under the output prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import JobFailedError
from emulator.jobs import s3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from emulator.settings import Limits
    from emulator.state.files import StateFolder
    from emulator.state.resources import Resource

READ_BYTES = 1 << 20
CHECK_OBJECT = "_CHECK"
"""The service probes the output prefix by writing this object, and leaves it there."""


@dataclass(frozen=True)
class BatchFiles:
    """Reads and writes the files of jobs. Output goes through a scratch file: memory does not grow with the input."""

    folder: StateFolder
    s3_for_role: Callable[[str | None], Any]
    limits: Limits

    def answer(self, job: Resource, answer_file: Callable[[Iterable[bytes], Path], None]) -> None:
        """answer_file: writes the answers to the lines of one file to a path.

        Raises JobFailedError when the input cannot be read, the output not written, or a bound is passed.
        """
        source, target = job.body["jobInput"]["s3DataSource"], job.body["jobOutput"]["s3DataDestination"]
        location, prefix = s3.parse_location(source["path"]), s3.parse_location(target["path"])
        if location is None or prefix is None:
            raise JobFailedError("Invalid S3 input path or output path: both must be s3://bucket/prefix")
        output = _Output(prefix, target.get("kmsKeyArn"))
        with s3.explained("Invalid S3 input path.", location):
            client = self.s3_for_role(job.body["roleArn"])
            inputs = self._inputs(client, location)
        with s3.explained("Invalid S3 output path.", prefix), self.folder.scratch_file() as path:
            path.write_bytes(b"")
            output.write(client, CHECK_OBJECT, path)
        for entry in inputs:
            with self.folder.scratch_file() as path:
                with s3.explained("Invalid S3 input path.", location):
                    body = client.get_object(Bucket=entry.location.bucket, Key=entry.location.key)["Body"]
                    answer_file(body.iter_lines(READ_BYTES), path)
                with s3.explained("Invalid S3 output path.", prefix):
                    output.write(client, _file_name(entry) + ".out", path)

    def _inputs(self, client: Any, location: s3.Location) -> list[s3.S3Object]:
        """Every object whose key begins with the input path, as on the service: `/a` matches `/ab/…` too."""
        found = s3.list_objects(client, location, first_level=False)
        if not found:
            raise JobFailedError(f"Invalid S3 input path. (There is no file under {location})")
        if len(found) > self.limits.batch_input_files:
            raise JobFailedError(
                f"A batch job reads at most {self.limits.batch_input_files} files; {location} has {len(found)}."
            )
        size = sum(entry.size for entry in found)
        if size > self.limits.batch_input_bytes:
            raise JobFailedError(
                f"A batch job reads at most {self.limits.batch_input_bytes} bytes; {location} has {size}."
            )
        names = [_file_name(entry) for entry in found]
        if len(set(names)) < len(names):
            raise JobFailedError(
                f"Two files under {location} have the same name, and so would their answers."
            )
        return found


@dataclass(frozen=True)
class _Output:
    prefix: s3.Location
    kms_key_arn: str | None

    def write(self, client: Any, name: str, path: Path) -> None:
        key = self.prefix.key
        folder = key if not key or key.endswith("/") else key + "/"
        s3.write_file(client, s3.Location(self.prefix.bucket, folder + name), path, self.kms_key_arn)


def _file_name(entry: s3.S3Object) -> str:
    return entry.location.key.rpartition("/")[2]
