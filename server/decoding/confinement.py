"""What a process that decodes a foreign file may still do: compute, and use the files that it was handed open.

Landlock (Linux 5.13) takes away all files but Python's own, and from 6.7 the network; a seccomp filter takes away
sockets, programs, new processes and other processes. Where the kernel has no Landlock, root changes to a user who owns
nothing. What none of these gives is named by `lacking`: `loa doctor` and the server's log say it.

Sources: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of Linux; syscall numbers of each processor.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

MB: Final = 1024**2
NOBODY: Final = 65_534
OPEN_FILES: Final = 64
_PROGRAM_FILES: Final = 1024
_libc: Final = ctypes.CDLL(None, use_errno=True)

# --- limits --------------------------------------------------------------------------


def limit(cpu_s: int, memory_mb: int, output_mb: int, nice: int, *, program: bool = False) -> None:
    """Set the limits of this process. At the first one of the processor Linux sends SIGXCPU, then SIGKILL."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MB, memory_mb * MB))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_mb * MB, output_mb * MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    files = _PROGRAM_FILES if program else OPEN_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.nice(nice)


# --- files: Landlock -----------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # alike on every processor
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_SOCKET = 1 << 5, 1 << 9
_TRUNCATE = 1 << 14
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
"""Rights that a rule for a single file may give."""
_READ: Final = _READ_FILE | _READ_DIR
_SOCKETS: Final = Path("/tmp")  # noqa: S108  # nothing is read or written there
"""LibreOffice converts nothing if it cannot make its socket here, and remove it when it starts itself again."""
_KNOWN: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Rights of files by version of Landlock: bits 0 to n - 1 are known."""
_TCP: Final = 0b11
_SCOPES: Final = 0b11
"""No abstract sockets and no signals to processes outside (version 6)."""
_PR_SET_NO_NEW_PRIVS: Final = 38


@cache
def landlock_version() -> int:
    """Return the version of Landlock that the kernel has; 0 for none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


@cache
def own_folders() -> list[Path]:
    """Return what Python must be able to read: its libraries, ours, and the fonts that are drawn with."""
    own = [Path(__file__).parents[1], Path(__file__).parents[2] / "sync"]
    paths = [Path(sys.prefix), Path(sys.base_prefix), *map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64"))]
    paths += [Path(each) for each in sys.path if each.endswith(("site-packages", "dist-packages"))]
    return [path for path in dict.fromkeys((*own, *paths)) if path != Path("/") and path.exists()]


def _restrict_files(version: int, readable: Iterable[Path], writable: Iterable[Path], *, programs: bool) -> None:
    """Take away every file but these; what is open already stays open. Raises OSError."""
    handled = (1 << _KNOWN.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", handled, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0)))
    rules = [(path, _READ | (_EXECUTE if programs else 0)) for path in readable]
    rules += [(path, handled & ~_EXECUTE) for path in writable]
    if programs:
        rules.append((_SOCKETS, _MAKE_SOCKET | _REMOVE_FILE))
    for path, rights in rules:
        try:
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # it is not there
        mask = handled if path.is_dir() else handled & _OF_FILES
        rule = struct.pack("=Qi", rights & mask, folder)
        _checked(_libc.syscall(_ADD_RULE, ruleset, 1, rule, ctypes.c_uint32(0)))
        os.close(folder)
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)))
    os.close(ruleset)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


# --- system calls: seccomp -----------------------------------------------------------

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # EPERM
_NO_FAMILY: Final = 0x00050061
"""EAFNOSUPPORT: a program that finds no network goes on without."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32: Final = 0x40000000
_FAMILY_AT: Final = 16
_PROCESSORS: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_CALLS: Final = {  # name: x86_64, aarch64; 0 where the processor has none
    "socket": (41, 198), "fork": (57, 0), "vfork": (58, 0), "clone": (56, 220), "clone3": (435, 435),
    "execve": (59, 221), "execveat": (322, 281), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "io_uring_setup": (425, 425), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "open_by_handle_at": (304, 265), "setpriority": (141, 140), "prlimit64": (302, 261),
    "sched_setscheduler": (144, 119),
}  # fmt: skip
_OF_PROGRAMS: Final = frozenset(
    ("socket", "fork", "vfork", "clone", "clone3", "execve", "kill", "tkill", "tgkill", "prlimit64", "setpriority")
)
"""What a program like LibreOffice needs; of sockets only those within this machine."""


@cache
def _filter(*, program: bool) -> bytes | None:
    """Return the filter's instructions; None on a processor whose numbers are not known here."""
    if platform.machine() not in _PROCESSORS:
        return None
    arch, column = _PROCESSORS[platform.machine()]
    numbers = {name: by_processor[column] for name, by_processor in _CALLS.items()}
    refused = [number for name, number in numbers.items() if number and not (program and name in _OF_PROGRAMS)]
    lines = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    lines += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for number in refused:
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    if program:
        lines += [(_EQUAL, 0, 3, numbers["socket"]), (_LOAD, 0, 0, _FAMILY_AT), (_EQUAL, 1, 0, 1)]
        lines.append((_RETURN, 0, 0, _NO_FAMILY))
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", code, yes, no, value) for code, yes, no, value in lines)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


@cache
def has_call_filter() -> bool:
    """True where the kernel takes filters, and the processor's numbers are known here."""
    if _filter(program=False) is None:
        return False
    # Without a filter to read the kernel changes nothing; one that knows no filters has another word for it.
    _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, None, 0, 0)
    return ctypes.get_errno() == errno.EFAULT


def _restrict_calls(*, program: bool) -> None:
    """Take away the system calls. Raises OSError for a filter that is refused."""
    lines = _filter(program=program)
    if lines is not None and has_call_filter():
        made = _Program(len(lines) // 8, lines)
        _checked(_libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(made), 0, 0))


# --- all of it -----------------------------------------------------------------------


def prepare() -> None:
    """Find out in the keeper what each child would have to find out again."""
    landlock_version()
    own_folders()
    has_call_filter()


def enter(writable: Sequence[Path] = (), readable: Sequence[Path] = (), *, program: bool = False) -> None:
    """Take away from this process, for good, what it needs not. Raises OSError.

    `writable`: folders of its own. `program`: it is about to become another program, which reads `readable` alone.
    """
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if landlock_version():
        own = [] if program else own_folders()
        _restrict_files(landlock_version(), [*own, *readable], writable, programs=program)
    elif _may_change_user():
        for folder in writable:
            os.chown(folder, NOBODY, NOBODY)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _restrict_calls(program=program)


def _may_change_user() -> bool:
    """True for root, if everybody may read the libraries."""
    folders = [folder for own in own_folders() for folder in (own, *own.resolve().parents)]
    return os.geteuid() == 0 and all(folder.stat().st_mode & 0o005 == 0o005 for folder in folders)


def lacking() -> list[str]:
    """Return what cannot be taken away on this machine: `files`, `network`, `programs`."""
    found = []
    if not landlock_version() and not _may_change_user():
        found.append("files")
    if landlock_version() < 4 and not has_call_filter():
        found.append("network")
    if not has_call_filter():
        found.append("programs")
    return found
