"""Who acts, and from where: set by the front ends, read by services/audit.

It is a context variable, so that forty functions need no argument for it. Each thread has its own. Whoever sets it
resets it at the end of the request, command or job, because threads serve one after the other. Nothing here knows a
database, so that `loa` can say who acts before it imports one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address


class ActorKind(StrEnum):
    """What acts. `nobody`: somebody who has not signed in, or the server itself."""

    OFFICER = "officer"
    DEVICE = "device"
    COMMAND = "command"
    JOB = "job"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id`: of the officer or device, the words of the command, the kind of the job.

    `address`: the caller's IP address; of a command the user of the machine; else empty.
    """

    kind: ActorKind = ActorKind.NOBODY
    id: str = ""
    address: str = ""


_NOBODY = Actor()
_acting: ContextVar[Actor] = ContextVar("actor", default=_NOBODY)


def actor() -> Actor:
    """Return who acts now."""
    return _acting.get()


def begin(address: str | None = None) -> None:
    """A request begins: nobody is known yet."""
    _acting.set(Actor(address=_plain(address)))


def end() -> None:
    """The request ended: the thread's next one must not inherit its caller."""
    _acting.set(_NOBODY)


def become(kind: ActorKind, id_: str) -> None:
    """The caller was recognised; the address stays."""
    _acting.set(replace(_acting.get(), kind=kind, id=id_))


@contextmanager
def acting_as(kind: ActorKind, id_: str, address: str | None = None) -> Iterator[None]:
    """Let this one act until the block ends. The address stays, unless another is given."""
    before = _acting.get()
    token = _acting.set(Actor(kind, id_, before.address if address is None else address))
    try:
        yield
    finally:
        _acting.reset(token)


def _plain(address: str | None) -> str:
    """An address in its usual spelling; empty for a text that is none: a proxy passes on what it was sent."""
    try:
        return str(ip_address(address or ""))
    except ValueError:
        return ""
