"""Calls to an S3 service by obstore: bounded in time, with errors that say what to do, and settings from ours alone.

Questions (HEAD, LIST, DELETE) get less time than bytes, because some are asked under a lock of the database. A call
that fails fast is tried again; one that waited in vain is not. So a question ends after 8 s and bytes after 20 s; a
question behind bytes that waited in vain tells whether the store is silent.

Writes are conditional: `create` (If-None-Match: *) and `replace` (If-Match). Where an answer was lost, the next try
finds what the first one stored, so callers read back what exists.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from server.blobs import StoreRefuses, StoreSilent
from server.blobs.breaker import WAIT_S, Breaker
from server.blobs.bucket import Bucket
from server.core.shell_words import t

if TYPE_CHECKING:
    from obstore import PutMode

CONNECT_S: Final = 2
ASK_S: Final = 4
MOVE_S: Final = 10
IDLE_S: Final = 10
"""Kept connections end before services end them: after 20 s and more."""
RETRIES: Final = 2
AT_ONCE: Final = 1_000
"""Most names in one DELETE."""
_PIECE: Final = 64 * 1024
_NO_BUCKET: Final = "NoSuchBucket"
_CAUSES: Final = (
    r"<Code>(\w+)</Code>",
    r"status code: (\d{3})",
    "(dns error|tcp connect error|InvalidCertificate|TimedOut)",
)
"""What names the cause in obstore's text, the best first."""
_ANSWERS: Final = (AlreadyExistsError, PreconditionError)

_process: list[int] = []
"""The process that used obstore first: its threads do not survive a fork, and a call in a child would never return."""


class StoredName(NamedTuple):
    """A name, its last change (ms) and how many bytes it holds."""

    name: str
    changed_ms: int
    size: int


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a name holds: its version and bytes."""

    etag: str
    data: bytes


class Client:
    """One bucket. Thread-safe; not for use on both sides of a fork."""

    def __init__(self, bucket: Bucket) -> None:
        """Makes no call."""
        self._asking, self._moving = _store(bucket, ASK_S), _store(bucket, MOVE_S)
        self._breaker = Breaker()
        self._root = f"{bucket.prefix}/" if bucket.prefix else ""
        self._name = bucket.name

    def size(self, name: str) -> int | None:
        """Bytes under a name; None if there is none."""
        with suppress(FileNotFoundError), self._call():
            return int(obstore.head(self._asking, self._root + name)["size"])
        # The answer to a HEAD has no body, and does not tell a missing bucket from a missing name.
        with suppress(FileNotFoundError), self._call():
            return int(obstore.get(self._asking, self._root + name).meta["size"])
        return None

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the bytes in pieces. Raises FileNotFoundError. Read them quickly: the time for all is bounded."""
        with self._moved(name):
            found = obstore.get(self._moving, self._root + name)
            left = int(found.meta["size"])
            for piece in found.stream(min_chunk_size=_PIECE):
                left -= len(piece)
                yield bytes(piece)
            if left:
                raise StoreSilent(t("The photo store sent less than it said."))

    def whole(self, name: str) -> StoredObject | None:
        """The bytes with their version; None if there are none."""
        with suppress(FileNotFoundError), self._moved(name):
            found = obstore.get(self._moving, self._root + name)
            return StoredObject(found.meta["e_tag"] or "", bytes(found.bytes()))
        return None

    def create(self, name: str, data: bytes) -> bool:
        """Store bytes under a new name. False if it exists, also if that was this call's own first try.

        obstore does not try again: it cannot tell either. A kept connection that the store closed is no rare thing.
        """
        began = time.monotonic()
        try:
            return self._put(name, data, "create")
        except StoreSilent:
            if time.monotonic() - began >= WAIT_S:
                raise
        return self._put(name, data, "create")

    def replace(self, name: str, data: bytes, etag: str) -> bool:
        """Store bytes in the place of this very version. False if it is another by now, or gone."""
        return self._put(name, data, {"e_tag": etag})

    def overwrite(self, name: str, data: bytes) -> None:
        """Store bytes whatever the name holds."""
        self._put(name, data, "overwrite")

    def keeps_versions(self, name: str) -> bool:
        """Overwrite a name and return True if the bucket keeps what was there: a delete would remove nothing."""
        with self._moved(name):
            version = obstore.put(self._moving, self._root + name, b"loa", mode="overwrite")["version"]
        return version not in (None, "null")

    def delete(self, names: Iterable[str]) -> None:
        """Remove names; a missing one is no error."""
        every = [self._root + name for name in names]
        for part in (every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE)):
            with suppress(FileNotFoundError), self._call():
                obstore.delete(self._asking, part)

    def names(self, folder: str) -> Iterator[StoredName]:
        """Yield each name below a folder."""
        with self._call():
            found = [row for part in obstore.list(self._asking, prefix=self._root + folder) for row in part]
        for row in found:
            changed_ms = int(row["last_modified"].timestamp() * 1000)
            yield StoredName(row["path"].removeprefix(self._root), changed_ms, int(row["size"]))

    def _put(self, name: str, data: bytes, mode: PutMode) -> bool:
        try:
            with self._moved(name):
                obstore.put(self._moving, self._root + name, data, mode=mode, use_multipart=False)
        except (*_ANSWERS, FileNotFoundError):  # some services answer 404 to a condition on what is gone
            return False
        return True

    @contextmanager
    def _moved(self, name: str) -> Iterator[None]:
        """A call that moves bytes. When it fails, a question finds out whether the store is silent or just these bytes.

        SeaweedFS never answers a GET of bytes that its disk damaged; nobody else must wait because of them.
        """
        try:
            with self._call(trips=False):
                yield
        except StoreSilent:
            self.size(name)
            raise

    @contextmanager
    def _call(self, *, trips: bool = True) -> Iterator[None]:
        if not _process:
            _process.append(os.getpid())
        if _process[0] != os.getpid():
            raise RuntimeError("The photo store was used before this process was forked.")
        with self._breaker.guard(trips=trips):
            try:
                yield
            except (*_ANSWERS, StoreSilent):
                raise
            except FileNotFoundError as error:
                if _NO_BUCKET in str(error):
                    raise StoreRefuses(
                        t("The photo store has no bucket {name}; see LOA_S3_BUCKET.", name=self._name)
                    ) from None
                raise
            except (PermissionDeniedError, UnauthenticatedError) as error:
                raise StoreRefuses(
                    t(
                        "The photo store refuses the key{cause}; see LOA_S3_KEY_ID and LOA_S3_SECRET.",
                        cause=_cause(error),
                    )
                ) from None
            except BaseError as error:  # its text has the address and the answer, and belongs in no log
                raise StoreSilent(
                    t("The photo store does not answer{cause}; see LOA_S3_ENDPOINT.", cause=_cause(error))
                ) from None


def _cause(error: BaseError) -> str:
    """The cause in brackets, as the service or the system names it."""
    found = (re.search(cause, str(error)) for cause in _CAUSES)
    return next((f" ({each[1]})" for each in found if each), "")


def _store(bucket: Bucket, seconds: int) -> S3Store:
    with _environment_hidden():
        return S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.key_id,
            secret_access_key=bucket.secret,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_S),
                "timeout": timedelta(seconds=seconds),
                "pool_idle_timeout": timedelta(seconds=IDLE_S),
                **({} if bucket.ca is None else {"root_certificate": bucket.ca.read_bytes()}),
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=seconds),
                "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2},
            },
        )


@contextmanager
def _environment_hidden() -> Iterator[None]:
    """Hide AWS_ variables, which obstore reads too: another program's endpoint or token would win over our settings."""
    hidden: Mapping[str, str] = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
