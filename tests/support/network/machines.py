"""Machines on a network of their own: namespaces of Linux behind one bridge, which nothing outside reaches.

    with network("host1", "database") as lan:
        with lan["host1"].entered():
            ...  # what this thread starts here runs there
        lan["host1"].cut()  # packets to and from it vanish, as when its cable is pulled; no connection is refused
        lan["host1"].join()

It needs root and `ip`; `is_here` says whether they are there. Where they are not, every machine is this one.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from support.installation.ports import LOOPBACK

NAMESPACES = Path("/run/netns")
CLONE_NEWNET = 0x40000000
"""Of sched.h: a network namespace."""
NETWORK = "198.18.{part}.{machine}"
"""Set apart for trials of networks (RFC 2544)."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One of them. `namespace`: empty for this machine itself, on loopback. `link`: its end at the bridge."""

    address: str = LOOPBACK
    namespace: str = ""
    bridge: str = ""
    link: str = ""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Have this thread, and the processes that it starts, on the machine for the length of a with-block."""
        if not self.namespace:
            yield
            return
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(NAMESPACES / self.namespace, os.O_RDONLY)
        try:
            _go(there)
            try:
                yield
            finally:
                _go(own)
        finally:
            os.close(there)
            os.close(own)

    def cut(self) -> None:
        """Take it off the network."""
        _ip("-n", self.bridge, "link", "set", self.link, "down")

    def join(self) -> None:
        """Bring it back."""
        _ip("-n", self.bridge, "link", "set", self.link, "up")


@dataclass(frozen=True, slots=True)
class Network:
    """Machines by name. `here`: the address at which they reach this one."""

    here: str
    machines: Mapping[str, Machine]

    def __getitem__(self, name: str) -> Machine:
        return self.machines[name]

    @property
    def is_apart(self) -> bool:
        """Whether the machines are namespaces, and not all this one."""
        return self.here != LOOPBACK


@cache
def is_here() -> bool:
    """Whether namespaces may be made on this machine."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with network("one") as made, made["one"].entered():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def any_network(*names: str, apart: bool = True) -> Iterator[Network]:
    """`network` where it may be made, and is wanted; else each name is this machine."""
    if apart and is_here():
        with network(*names) as made:
            yield made
    else:
        yield Network(LOOPBACK, dict.fromkeys(names, Machine()))


@contextmanager
def network(*names: str) -> Iterator[Network]:
    """A machine for each name, joined to each other and to this one."""
    word, part = secrets.token_hex(2), secrets.randbelow(256)
    bridge, root = f"loa-{word}", f"loa-{word}"
    with ExitStack() as undone:

        def namespace(name: str) -> None:
            _ip("netns", "add", name)
            undone.callback(_ip, "netns", "del", name)
            _ip("-n", name, "link", "set", "lo", "up")

        namespace(bridge)
        _ip("-n", bridge, "link", "add", "bridge", "type", "bridge")
        _ip("-n", bridge, "link", "set", "bridge", "up")
        here = NETWORK.format(part=part, machine=1)
        _ip("link", "add", root, "type", "veth", "peer", "name", "here", "netns", bridge)
        undone.callback(_ip, "link", "del", root)
        _join(bridge, "here")
        _ip("addr", "add", f"{here}/24", "dev", root)
        _ip("link", "set", root, "up")
        machines = {}
        for number, name in enumerate(names):
            own, link = f"{bridge}-{name}", f"at{number}"
            namespace(own)
            _ip("-n", own, "link", "add", "lan", "type", "veth", "peer", "name", link, "netns", bridge)
            _join(bridge, link)
            address = NETWORK.format(part=part, machine=10 + number)
            _ip("-n", own, "addr", "add", f"{address}/24", "dev", "lan")
            _ip("-n", own, "link", "set", "lan", "up")
            machines[name] = Machine(address, own, bridge, link)
        yield Network(here, machines)


def _join(bridge: str, link: str) -> None:
    _ip("-n", bridge, "link", "set", link, "master", "bridge")
    _ip("-n", bridge, "link", "set", link, "up")


def _go(namespace: int) -> None:
    """Move this thread there. Python itself can from 3.12 on."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(namespace, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
