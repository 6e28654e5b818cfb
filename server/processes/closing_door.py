"""A listener that is about to close lets no new connection begin, and those that have begun arrive.

A connection that is complete at the moment a listener closes is reset: its client has sent a request and cannot know
whether it was done. Taking all of them first is not enough, because another may come between the last one taken and the
closing. So the kernel first drops the packets that would begin one (SYN without ACK). Who sent it asks again after a
second, and is refused then. Linux alone can do this (SO_ATTACH_FILTER, socket(7)); elsewhere the moment stays.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

HALF_OPEN_S: Final = 0.1
"""Seconds for connections whose beginning was answered before: more than two machines of one house need."""
_SO_ATTACH_FILTER: Final = 26
_FLAGS, _SYN_ACK, _SYN, _ALL = 13, 0x12, 0x02, 0xFFFF
_PROGRAM: Final = (  # classic BPF on the TCP header: operation, jump if true, jump if false, number
    (0x30, 0, 0, _FLAGS),  # load the byte of the flags
    (0x54, 0, 0, _SYN_ACK),  # keep two of them
    (0x15, 0, 1, _SYN),  # equal?
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, _ALL),  # take
)


def begin_no_more(listeners: Iterable[Any]) -> None:
    """Let nothing begin at these listeners, in whichever process they are open."""
    steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _PROGRAM))
    program = struct.pack("@HP", len(_PROGRAM), ctypes.addressof(steps))
    for listener in listeners:
        if listener.sock.family != socket.AF_UNIX:
            with suppress(OSError):
                listener.sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
