"""Photos on any S3: `ab/abcdef…` in one bucket, for several hosts.

A put is one conditional request, so there are no half written photos, and of two hosts one is first. Where bytes exist
already they are read back, not trusted by size, ETag or a note beside them: those say what was sent once, and the bytes
at hand may be the last good ones. That is rare (a repeated upload, a second restore) and costs one read.

An empty object stands for damaged bytes that were set aside. A rename would not be atomic on S3: good bytes put there
meanwhile would be lost. Replacing this very version (If-Match) cannot lose them. No photo is empty.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from server.blobs import StoreRefuses, StoreSilent
from server.blobs.bucket import Bucket
from server.blobs.s3_client import Client
from server.core import atomic_files
from server.core.shell_words import t

DAMAGED: Final = "damaged"
PROBES: Final = "probes"
IN_MEMORY: Final = 1024 * 1024
"""Bytes of an opened photo kept in memory; the rest is in a temporary file."""
TRIES: Final = 3
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class S3Blobs:
    """The Blobs protocol on a bucket."""

    def __init__(self, bucket: Bucket, forget: Callable[[Iterable[str]], None] | None = None) -> None:
        """Makes no call. `forget` drops the incomplete uploads of the keys that are dropped here."""
        self._client, self._forget = Client(bucket), forget

    def put(self, key: str, source: Path) -> None:
        """See Blobs.put. The source is read whole: a photo has 8 MB at most, and results of jobs are documents."""
        data = source.read_bytes()
        good = {key, _digest(data)}
        for _ in range(TRIES):
            if self._client.create(_name(key), data):
                return
            try:
                held = self._client.whole(_name(key))
            except StoreSilent:
                if _HASH.fullmatch(key) and key != _digest(data):
                    raise
                # Perhaps only these bytes cannot be read. Right bytes in their place do no harm where they can.
                self._client.overwrite(_name(key), data)
                return
            if held is not None and _digest(held.data) in good:
                return
            if held is not None and self._client.replace(_name(key), data, held.etag):
                return
        raise StoreSilent(t("Others change the same photo at the same time."))

    def open(self, key: str) -> BinaryIO | None:
        """See Blobs.open. The photo is fetched whole first, so that a slow phone holds no connection of the store.

        What fails then fails before the answer has begun.
        """
        file = cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  # the caller closes it
        try:
            for piece in self._pieces(key):
                file.write(piece)
        except BaseException:
            file.close()
            raise
        if not file.tell():
            file.close()
            return None
        file.seek(0)
        return file

    def drop(self, keys: Iterable[str]) -> None:
        """See Blobs.drop. First the bytes: from then on `set_aside` of another host removes the copy it made."""
        gone = set(keys)
        if gone:
            self._client.delete(map(_name, gone))
            aside = [each.name for each in self._client.names(DAMAGED) if each.name.split("/")[1] in gone]
            self._client.delete(aside)
        if self._forget is not None:
            self._forget(gone)

    def has(self, key: str) -> bool:
        """See Blobs.has."""
        return bool(self._client.size(_name(key)))

    def held(self, begin: str) -> set[str]:
        """See Blobs.held."""
        return {each.name.rpartition("/")[2] for each in self._client.names(begin) if each.size}

    def sha256(self, key: str) -> str | None:
        """See Blobs.sha256."""
        digest, size = hashlib.sha256(), 0
        for piece in self._pieces(key):
            digest.update(piece)
            size += len(piece)
        return digest.hexdigest() if size else None

    def fetch(self, key: str, target: Path) -> bool:
        """See Blobs.fetch."""
        try:
            with target.open("xb") as file:
                for piece in self._pieces(key):
                    file.write(piece)
                size = file.tell()
        except StoreSilent:
            target.unlink()
            raise
        if not size:
            target.unlink()
            return False
        atomic_files.sync(target)
        return True

    def set_aside(self, key: str) -> None:
        """See Blobs.set_aside. Bytes that cannot be read stay: the disk below may be away for a moment."""
        held = self._client.whole(_name(key))
        if held is None or not held.data or _digest(held.data) == key:
            return
        aside = f"{DAMAGED}/{key}/{secrets.token_hex(4)}"
        self._client.create(aside, held.data)
        if not self._client.replace(_name(key), b"", held.etag):  # good bytes came, or a purge took these
            self._client.delete([aside])

    def sweep(self, before_ms: int) -> int:
        """See Blobs.sweep: what `check` left behind when it was killed."""
        left = [each.name for each in self._client.names(PROBES) if each.changed_ms <= before_ms]
        self._client.delete(left)
        return len(left)

    def check(self) -> None:
        """See Blobs.check. Tries everything on a name of its own."""
        client, probe = self._client, f"{PROBES}/{secrets.token_hex(8)}"
        client.create(probe, b"1")
        try:
            held = client.whole(probe)
            if held is None or held.data != b"1":
                raise StoreRefuses(t("The photo store does not give back what it took; see LOA_S3_ENDPOINT."))
            if client.create(probe, b"2") or client.replace(probe, b"2", f'"{"0" * 32}"'):
                raise StoreRefuses(t("The photo store does not know conditional writes (If-None-Match, If-Match)."))
            if not client.replace(probe, b"3", held.etag):
                raise StoreRefuses(t("The photo store refuses a conditional write that is right (If-Match)."))
            if client.keeps_versions(probe):
                raise StoreRefuses(
                    t("The bucket keeps old versions, so loa purge would remove nothing: switch versioning off there.")
                )
        finally:
            client.delete([probe])
        if client.size(probe) is not None:
            raise StoreRefuses(t("The photo store does not delete, so loa purge would remove nothing."))

    def _pieces(self, key: str) -> Iterator[bytes]:
        """The bytes; none where there are none, or where damaged ones were set aside."""
        with suppress(FileNotFoundError):
            yield from self._client.read(_name(key))


def _name(key: str) -> str:
    return f"{key[:2]}/{key}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
