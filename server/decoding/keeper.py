"""The process beside a server process that forks a child for each foreign file (service.py starts and asks it).

    python -I -m server.decoding.keeper FD      FD: its end of a socket pair; it ends when the other end is closed

It is started without the server's environment, memory and open files, so that a child has no key to give away. It
imports what reads a file, once, before it forks: a photo then costs a fork, not a start of Python. It reads no foreign
byte itself.

A message is `{"job": name, "inputs": n, "limits": {…}}` with open files: where to answer, the arguments, the result,
then the job's own, first those that it reads. The answer is what became of the child: its wait status, whether time was
up, and what it took.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.core.problem_details import place_of
from server.decoding import confinement
from server.decoding.limits import Decoding, DecodingLimits, Unfit

MOST_FILES: Final = 16
_FIRST: Final = 500
"""Number of a child's first file, above all that it inherits and closes."""
_OURS: Final = (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT)
"""What the confinement answers; of all others the disk is at fault, or the machine."""
UNCONFINED: Final = 125
"""A child's exit status if its limits or its confinement could not be set, or its program not be started."""
_SYSTEM: Final = (
    *("/usr", "/bin", "/lib", "/lib64", "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/filesystems", "/sys/devices/system"),
    *("/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/libreoffice"),
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime", "/etc/locale.alias"),
    *("/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
)
"""What a program may read: no folder in which an office may keep a key, like /etc, /opt or /srv.

Nor /proc: Landlock leaves the environment of other processes of its user readable there, where the server has its keys.
"""
_MESSAGE: Final = 4096
_WORKERS: Final = "server.decoding.workers"


@dataclass(slots=True)
class _Running:
    """A child at work. `answer`: where to say what became of it."""

    pid: int
    handle: int
    answer: socket.socket
    ends_at: float
    scratch: Path | None
    timed_out: bool = False


class _Keeper:
    """Forks children, ends those whose time is up, and says what became of each."""

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        self._selector = selectors.DefaultSelector()
        self._selector.register(asked, selectors.EVENT_READ)
        self._running: dict[int, _Running] = {}

    def serve(self) -> None:
        """Serve until the other end is closed, then end all children."""
        while True:
            wait = min((each.ends_at for each in self._running.values() if not each.timed_out), default=None)
            ready = self._selector.select(None if wait is None else max(0.0, wait - time.monotonic()))
            for key, _ in ready:
                if key.fileobj is not self._asked:
                    self._ended(self._running[key.fd])
                elif not self._next():
                    return self._end_all()
            self._end_late()

    def _next(self) -> bool:
        """Take one message. False when the other end is closed."""
        message, files, _, _ = socket.recv_fds(self._asked, _MESSAGE, MOST_FILES)
        if not message:
            return False
        answer = socket.socket(fileno=files[0])
        try:
            self._begin(json.loads(message), answer, files[1:])
        except Exception as error:  # noqa: BLE001  # no memory, no process: the others go on
            _say(answer, {"status": None, "why": place_of(error)})
            answer.close()
        finally:
            for file in files[1:]:
                os.close(file)
        return True

    def _begin(self, asked: Any, answer: socket.socket, files: list[int]) -> None:
        job, limits = Decoding(asked["job"]), DecodingLimits(**asked["limits"])
        work = _program if job == Decoding.OFFICE_PDF else _function(job)
        scratch = Path(tempfile.mkdtemp(prefix="loa-")) if limits.scratch else None
        pid = os.fork()
        if not pid:
            _child(work, files, asked["inputs"], limits, scratch)
        handle = os.pidfd_open(pid)
        made = _Running(pid, handle, answer, time.monotonic() + limits.wall_s, scratch)
        self._running[handle] = made
        self._selector.register(handle, selectors.EVENT_READ)

    def _end_late(self) -> None:
        for each in self._running.values():
            if not each.timed_out and each.ends_at <= time.monotonic():
                each.timed_out = True
                _kill(each.pid)

    def _ended(self, one: _Running) -> None:
        """Say what became of a child, with all that it started gone."""
        _kill(one.pid)
        _, status, used = os.wait4(one.pid, 0)
        self._selector.unregister(one.handle)
        os.close(one.handle)
        del self._running[one.handle]
        if one.scratch is not None:
            shutil.rmtree(one.scratch, ignore_errors=True)
        took = {"cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss // 1024}
        _say(one.answer, {"status": status, "late": one.timed_out, **took})
        one.answer.close()

    def _end_all(self) -> None:
        for each in list(self._running.values()):
            _kill(each.pid)
            self._ended(each)


def _say(answer: socket.socket, said: dict[str, Any]) -> None:
    with suppress(OSError):  # whoever asked has gone
        answer.sendall(json.dumps(said).encode())


def _kill(pid: int) -> None:
    """End a child and what it started: it is a process group. Its number is its own until it is waited for."""
    for end in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def _function(job: Decoding) -> Callable[..., Any]:
    """Return what does the job, imported here so that no child has to."""
    name, _, function = job.partition(".")
    path = f"{_WORKERS}.{name}"
    if path not in sys.modules and hasattr(module := importlib.import_module(path), "warm"):
        module.warm()
    found: Callable[..., Any] = getattr(sys.modules[path], function)
    gc.collect()
    gc.freeze()  # a child's collector then writes to no page that it shares
    return found


# --- the child -----------------------------------------------------------------------


def _child(
    work: Callable[..., Any], files: list[int], inputs: int, limits: DecodingLimits, scratch: Path | None
) -> None:
    """Do the job and end. It never returns."""
    code = UNCONFINED
    try:
        os.setsid()
        for nth, file in enumerate(files):
            os.dup2(file, _FIRST + nth, inheritable=False)
        os.closerange(3, _FIRST)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        program = work is _program
        with os.fdopen(_FIRST, "rb") as given:
            said = json.load(given)
        confinement.limit(limits.cpu_s, limits.memory_mb, limits.output_mb, limits.nice, program=program)
        if program:
            work(**said)
        tempfile.tempdir = str(scratch) if scratch else None
        confinement.enter([scratch] if scratch else [])
        code = 1
        own = [os.fdopen(_FIRST + 2 + nth, "rb" if nth < inputs else "w+b") for nth in range(len(files) - 2)]
        with os.fdopen(_FIRST + 1, "wb") as result:
            result.write(json.dumps(_outcome(work, own, said)).encode())
        code = 0
    finally:
        os._exit(code)


def _outcome(work: Callable[..., Any], files: list[Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return the answer, or what stands in its way. A fault of ours is named by its place, never by what it read."""
    try:
        value = work(*files, **said)
        for file in files:
            file.flush()
    except Unfit as refused:
        return {"code": refused.code, "place": refused.place}
    except (MemoryError, RecursionError):
        return {"over": True}
    except Exception as error:  # noqa: BLE001  # whatever a library makes of a damaged file
        if isinstance(error, OSError) and error.errno is not None and error.errno not in _OURS:
            return {"over": True} if error.errno == errno.EFBIG else {"errno": error.errno}
        return {"fault": place_of(error)}
    return {"value": value}


def readable(program: str) -> list[Path]:
    """Return what a program may read: the system's part, and where it is installed itself."""
    file = Path(program).resolve()
    own = file.parents[1] if file.parent.name == "program" else file  # …/libreoffice/program/soffice
    return [*map(Path, _SYSTEM), own]


def _program(command: list[str], folder: str) -> None:
    """Become another program, which may write to the folder alone. It never returns."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    confinement.enter([Path(folder), Path("/dev/null")], readable(command[0]), program=True)
    where = {"HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    os.execve(command[0], command, where)  # noqa: S606  # LibreOffice, as the settings name it


def main() -> None:
    """Serve."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the server ends it, once its requests are answered
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would import it, for cells that no file has
    confinement.prepare()
    _function(Decoding.PHOTO)  # the mass of all files
    os.dup2(0, 2)  # it has started; what a library says of a stranger's file is for nobody
    _Keeper(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
