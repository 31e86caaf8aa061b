"""Durable S3: what moto holds in memory is written through to a folder and read back at the next start.

One file an object, `<root>/<bucket>/<first two digits>/<SHA-256 of the key>`: a line of JSON (the key and what is
known of the object), then the object's bytes. A hash, because a key may be longer than a file name, differ from
another in case only, hold anything but a NUL, and be both `a` and `a/b`. A file appears by rename, so a process
that is killed leaves the old object or the new one. Of a versioned bucket the latest version is kept.
"""

import contextlib
import datetime as dt
import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from moto.s3.models import FakeKey, S3Backend, s3_backends
from moto.s3.responses import S3Response

from local.moto_patches.patcher import Patcher, PatchSettings

_BUCKET_FILE = "bucket.json"
_UNFINISHED = ".unfinished"
_PARTITION = "aws"
# What is kept of an object besides its bytes, by the names that moto gives them.
_KEPT_ATTRIBUTES = (
    "encryption",
    "kms_key_id",
    "bucket_key_enabled",
    "checksum_algorithm",
    "checksum_value",
    "checksum_type",
    "website_redirect_location",
)


class S3StoreError(RuntimeError):
    """A file of the store cannot be read as an object."""


@dataclass
class _Request(threading.local):
    """What the request that this thread works on has changed: bucket and key, or the bucket (key None)."""

    depth: int = 0
    changed: dict[tuple[str, str | None], None] = field(default_factory=dict)


class S3Store:
    """Writes moto's buckets and objects of one account through to a folder.

    An object is on disk before the client's call returns. Nothing is flushed to the disk's platters: the store
    survives a kill of the process, not a power cut.
    """

    def __init__(self, root: Path, account_id: str = "123456789012", region: str = "us-east-1") -> None:
        """Keep objects below root, which is made if need be. Buckets are restored into the region they had."""
        self._root = root
        self._account_id = account_id
        self._region = region
        self._request = _Request()
        self._write_lock = threading.Lock()
        self._upload_lock = threading.RLock()
        self._patcher = Patcher(PatchSettings())
        root.mkdir(parents=True, exist_ok=True)

    def attach(self) -> None:
        """Write through from now on, in this process, until `detach`. Only one store can be attached."""
        for owner, name in (
            (S3Response, "_key_response"),
            (S3Response, "_bucket_response"),
            (S3Backend, "put_object"),
            (S3Backend, "put_object_tagging"),
            (S3Backend, "delete_object"),
            (S3Backend, "create_bucket"),
            (S3Backend, "delete_bucket"),
        ):
            self._patcher.replace(owner, name, self._write_through)

    def detach(self) -> None:
        """Stop writing through."""
        self._patcher.undo()

    def restore(self, *, create_buckets: bool = True) -> int:
        """Put the stored objects back into moto and return how many there were.

        Buckets that moto does not have are made, or left out without create_buckets (when a deployer makes them).
        An object that moto already has is newer and stays. Raises S3StoreError for a damaged file.
        """
        count = 0
        # What comes from the disk need not go there again.
        with self._collecting(write=False):
            for directory in sorted(path for path in self._root.iterdir() if path.is_dir()):
                bucket = unquote(directory.name)
                if bucket not in self._backend.buckets:
                    if not create_buckets:
                        continue
                    described = json.loads((directory / _BUCKET_FILE).read_text())
                    self._backend.create_bucket(bucket, described["region"])
                for file in sorted(directory.glob("*/*")):
                    if file.suffix == _UNFINISHED:
                        file.unlink()
                    else:
                        count += self._restore_object(bucket, file)
        return count

    @property
    def _backend(self) -> Any:
        return s3_backends[self._account_id][_PARTITION]

    def _write_through(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a method of moto: note what it changes, and write it when the outermost one is done.

        Only then is the object complete: moto sets its content type and tags after it has stored the bytes.
        """
        name = original.__name__

        def wrapped(instance: Any, *args: Any, **kwargs: Any) -> Any:
            with self._alone(name, args), self._collecting():
                result = original(instance, *args, **kwargs)
                if isinstance(instance, S3Backend) and instance.account_id == self._account_id:
                    self._note(name, args, kwargs)
                return result

        return wrapped

    def _alone(self, method: str, args: tuple[Any, ...]) -> contextlib.AbstractContextManager[Any]:
        """Uploads one at a time: moto fails one that is not answered yet when another replaces its object."""
        uploads = method == "_key_response" and getattr(args[0], "method", "") == "PUT"
        return self._upload_lock if uploads else contextlib.nullcontext()

    @contextlib.contextmanager
    def _collecting(self, *, write: bool = True) -> Iterator[None]:
        """Gather what changes inside, and write it when the outermost of these is left."""
        self._request.depth += 1
        try:
            yield
        finally:
            self._request.depth -= 1
            if self._request.depth == 0:
                changed, self._request.changed = self._request.changed, {}
                for bucket, key in changed if write else ():
                    self._write_bucket(bucket) if key is None else self._write(bucket, key)

    def _note(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Remember what a call of moto's S3Backend was about, from its first two arguments."""
        if method == "put_object_tagging":
            tagged = args[0] if args else kwargs["key"]
            if tagged is not None:
                self._request.changed[tagged.bucket_name, tagged.name] = None
            return
        bucket = args[0] if args else kwargs["bucket_name"]
        key = None
        if method in {"put_object", "delete_object"}:
            key = args[1] if len(args) > 1 else kwargs["key_name"]
        self._request.changed[bucket, key] = None

    def _write_bucket(self, bucket: str) -> None:
        directory = self._bucket_directory(bucket)
        held = self._backend.buckets.get(bucket)
        if held is None:
            if directory.is_dir():
                shutil.rmtree(directory)
            return
        _write_file(directory / _BUCKET_FILE, json.dumps({"region": held.region_name}).encode())

    def _write(self, bucket: str, key: str) -> None:
        """Make the file of an object what moto holds now. One at a time, so that the last state wins."""
        file = self._object_file(bucket, key)
        with self._write_lock:
            while True:
                latest = self._latest(bucket, key)
                if latest is None:
                    file.unlink(missing_ok=True)
                    return
                try:
                    content = json.dumps(self._describe(latest)).encode() + b"\n" + latest.value
                except ValueError:
                    # moto closes an object's buffer as soon as another thread replaces it: take that one then.
                    if latest is self._latest(bucket, key):
                        raise
                    continue
                _write_file(file, content)
                return

    def _latest(self, bucket: str, key: str) -> Any | None:
        """Return the object that readers of the key get now; None if there is none, or only a delete marker."""
        held = self._backend.buckets.get(bucket)
        latest = held.keys.get(key) if held is not None else None
        return latest if isinstance(latest, FakeKey) else None

    def _describe(self, held: Any) -> dict[str, Any]:
        return {
            "key": held.name,
            "etag": held.etag.strip('"'),
            "last_modified": held.last_modified.replace(tzinfo=dt.UTC).isoformat(),
            "storage": held.storage_class,
            "metadata": dict(held.metadata),
            "tags": self._backend.tagger.get_tag_dict_for_resource(held.arn),
            **{name: getattr(held, name) for name in _KEPT_ATTRIBUTES},
        }

    def _restore_object(self, bucket: str, file: Path) -> int:
        header, _, body = file.read_bytes().partition(b"\n")
        try:
            described = json.loads(header)
            key, etag = described["key"], described["etag"]
        except (ValueError, KeyError) as error:
            raise S3StoreError(
                f"{file} is not an object that this store wrote: move it away and start again"
            ) from error
        if key in self._backend.buckets[bucket].keys:
            return 0
        held = self._backend.put_object(
            bucket, key, body, storage=described["storage"], etag=etag, disable_notification=True
        )
        held.set_metadata(described["metadata"])
        held.last_modified = dt.datetime.fromisoformat(described["last_modified"]).replace(tzinfo=None)
        for name in _KEPT_ATTRIBUTES:
            setattr(held, name, described[name])
        if described["tags"]:
            self._backend.put_object_tagging(held, described["tags"])
        return 1

    def _bucket_directory(self, bucket: str) -> Path:
        return self._root / quote(bucket, safe="")

    def _object_file(self, bucket: str, key: str) -> Path:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self._bucket_directory(bucket) / digest[:2] / digest


def _write_file(file: Path, content: bytes) -> None:
    """Write a file under another name and rename it, so that nobody sees half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{uuid.uuid4().hex}{_UNFINISHED}")
    unfinished.write_bytes(content)
    unfinished.replace(file)
