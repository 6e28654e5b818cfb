"""Have a foreign file decoded: `decode(Decoding.SHEET, [path])` returns what its worker found, or raises what is wrong.

The work is done by a child of a keeper (keeper.py), one keeper for each server process, started at the first file. It
gets the file as an open file, so it needs to see no other.
"""

from __future__ import annotations

import atexit
import errno
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from server.core.problem_details import RETRY_AFTER_S, Problem, place_of
from server.decoding import confinement
from server.decoding.keeper import UNCONFINED
from server.decoding.limits import AT_ONCE, LIMITS, Decoding, DecodingLane, Unfit
from sync.errors import CODES

log = logging.getLogger(__name__)

turns: Final = {lane: threading.BoundedSemaphore(count) for lane, count in AT_ONCE.items()}
_SLACK_S: Final = 10
_ANSWER: Final = 4096
_PLACE: Final = 200
_FAULTS_OF_A_FILE: Final = frozenset(
    (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
)
"""How a child ends whose file wants too much, or breaks its decoder. Any other end is the machine's."""
Input = Path | BinaryIO


@dataclass(frozen=True, slots=True)
class EndedChild:
    """What became of a job: how its process ended (as `waitpid` says), what it took, and its answer."""

    status: int | None
    late: bool
    cpu_s: float
    peak_mb: int
    answer: Any

    @property
    def signal(self) -> int:
        """The signal that ended it; 0 for none."""
        return os.WTERMSIG(self.status) if self.status is not None and os.WIFSIGNALED(self.status) else 0

    @property
    def exit_code(self) -> int | None:
        """The status with which it ended by itself, if it did."""
        return os.WEXITSTATUS(self.status) if self.status is not None and os.WIFEXITED(self.status) else None


def decode(job: Decoding, inputs: Sequence[Input], outputs: Sequence[Path] = (), **arguments: Any) -> Any:
    """Have files read under the job's limits, and others written. Returns what the worker returned, as JSON gives it.

    Raises Unfit with the worker's reason, or the job's `over` for a file that costs too much; Problem `unavailable`
    where the machine is at fault, for a refusal would be final; OSError for a disk fault.
    """
    limits = LIMITS[job]
    turn = turns[limits.lane] if limits.lane else threading.BoundedSemaphore()
    if not turn.acquire(timeout=limits.turn_s):
        raise _busy()
    try:
        found = outcome(job, inputs, outputs, **arguments)
    finally:
        turn.release()
    if found.status != 0 or found.answer is None:
        _log_end(job, found)
        if not found.late and found.signal in _FAULTS_OF_A_FILE:
            raise Unfit(limits.over)
        raise _busy()
    return _value(job, found.answer)


def is_code(said: object) -> bool:
    """True for the code of a refusal that there is."""
    return isinstance(said, str) and said in CODES


def _value(job: Decoding, answer: dict[str, Any]) -> Any:
    if "value" in answer:
        return answer["value"]
    if type(number := answer.get("errno")) is int and number in errno.errorcode:
        raise OSError(number, os.strerror(number))
    if (code := answer.get("code")) is not None and is_code(code):
        raise Unfit(code, str(answer.get("place", ""))[:_PLACE])
    if "fault" in answer:
        log.warning("Decoding (%s) failed: %.200r.", job, answer["fault"])
    raise Unfit(LIMITS[job].over)


def _log_end(job: Decoding, found: EndedChild) -> None:
    """Say in one line how a job ended badly, with nothing of the file."""
    if found.late:
        log.warning("Decoding (%s) was ended after its time; the processor took %.1f s.", job, found.cpu_s)
    elif found.signal:
        log.warning("Decoding (%s) was ended by signal %d after %.1f s.", job, found.signal, found.cpu_s)
    elif found.exit_code == UNCONFINED:
        log.error("Decoding (%s) was not begun: its process could not be confined or started (loa doctor).", job)
    elif found.exit_code is not None:
        log.warning("Decoding (%s) ended with exit status %d.", job, found.exit_code)


def program(command: Sequence[str], folder: Path) -> None:
    """Run a program that reads a file of the folder and writes there. Raises Unfit; Problem `unavailable`."""
    found = outcome(Decoding.OFFICE_PDF, (), (), command=list(command), folder=str(folder))
    if found.status != 0:
        _log_end(Decoding.OFFICE_PDF, found)
    if found.exit_code in (None, UNCONFINED) and not found.signal:
        raise _busy()
    if found.status != 0:
        raise Unfit(LIMITS[Decoding.OFFICE_PDF].over)


def outcome(job: Decoding, inputs: Sequence[Input], outputs: Sequence[Path] = (), **arguments: Any) -> EndedChild:
    """Run a job, without waiting for a turn. Raises OSError, Problem `unavailable` if no process can be had."""
    with ExitStack() as opened:
        asked = opened.enter_context(os.fdopen(os.memfd_create("asked"), "w+b"))
        result = opened.enter_context(os.fdopen(os.memfd_create("result"), "w+b"))
        files = [opened.enter_context(each.open("rb")) if isinstance(each, Path) else each for each in inputs]
        files = [opened.enter_context(_on_disk(each)) for each in files]
        files += [opened.enter_context(each.open("w+b")) for each in outputs]
        asked.write(json.dumps(arguments).encode())
        asked.flush()
        asked.seek(0)
        head = json.dumps({"job": job, "inputs": len(inputs), "limits": asdict(LIMITS[job])}).encode()
        ended = _exchange(head, [asked, result, *files], LIMITS[job].wall_s + _SLACK_S)
        if "why" in ended:
            log.error("Decoding (%s) was not begun: %s.", job, ended["why"])
        answer = None
        if ended.get("status") == 0 and job != Decoding.OFFICE_PDF:
            result.seek(0)
            with suppress(ValueError):
                answer = json.load(result)
    return EndedChild(
        ended.get("status"), bool(ended.get("late")), ended.get("cpu_s", 0.0), ended.get("peak_mb", 0), _form(answer)
    )


def _form(answer: Any) -> dict[str, Any] | None:
    """Return an answer of the agreed form; None for any other: a file may have taken over the process that wrote it."""
    return answer if isinstance(answer, dict) and answer.keys() & {"value", "code", "over", "errno", "fault"} else None


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[BinaryIO]:
    """Yield the file at its beginning, or a copy of one that is in memory alone: a small upload, an object of S3."""
    file.seek(0)
    try:
        file.fileno()
    except OSError:
        with os.fdopen(os.memfd_create("input"), "w+b") as copy:
            while piece := file.read(1024 * 1024):
                copy.write(piece)
            copy.flush()
            copy.seek(0)
            yield copy
    else:
        yield file


def _busy() -> Problem:
    return Problem("unavailable", retry_after_s=RETRY_AFTER_S)


# --- the keeper ----------------------------------------------------------------------


class _KeeperLine:
    """This process's keeper; there is none until it is needed, and a new one if it ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._words: BinaryIO | None = None

    def send(self, head: bytes, files: Sequence[int]) -> None:
        """Hand over a job. Raises OSError."""
        with self._lock:
            for last in (False, True):
                line = self._started()
                try:
                    socket.send_fds(line, [head], files)
                except (BrokenPipeError, ConnectionResetError):
                    self._end()
                    if last:
                        raise
                else:
                    return

    def _started(self) -> socket.socket:
        if self._line is None:
            self._line, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if lacking := confinement.lacking():
                log.warning("Files of others are decoded without a bar to: %s (loa doctor).", ", ".join(lacking))
            self._words = os.fdopen(os.memfd_create("last words"), "w+b")
            with there:
                command = [sys.executable, "-I", "-m", "server.decoding.keeper", str(there.fileno())]
                quiet = subprocess.DEVNULL
                self._process = subprocess.Popen(  # noqa: S603  # our own module
                    command,
                    stdin=quiet,
                    stdout=quiet,
                    stderr=self._words,
                    env={"LANG": "C.UTF-8", "PATH": os.defpath},
                    pass_fds=[there.fileno()],
                    start_new_session=True,
                    cwd="/",
                )
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None and (code := self._process.wait()):
            log.error("The process that has files decoded ended with status %d. %s", code, self._last_words())
        if self._words is not None:
            self._words.close()
        self._line = self._process = self._words = None

    def _last_words(self) -> str:
        """Return the last line of why it did not start: it had read nothing of a file then, and later it is silent."""
        if self._words is None:
            return ""
        self._words.seek(0)
        lines = self._words.read().decode(errors="replace").splitlines()
        return lines[-1][:200] if lines else ""

    def look(self) -> None:
        """Say it if it ended: it gave no answer. The next file starts another one."""
        with self._lock, suppress(subprocess.TimeoutExpired):
            if self._process is not None:
                self._process.wait(1)
                self._end()

    def end(self) -> None:
        """End it with its children."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """In a forked process: the keeper is the other one's."""
        self._lock = threading.Lock()
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.returncode = 0
        if self._words is not None:
            self._words.close()
        self._line = self._process = self._words = None


_keeper: Final = _KeeperLine()
atexit.register(_keeper.end)
os.register_at_fork(after_in_child=_keeper.forget)


def _exchange(head: bytes, files: Sequence[BinaryIO], seconds: float) -> dict[str, Any]:
    """Return what the keeper says of a job; nothing if it ended meanwhile."""
    here, there = socket.socketpair()
    with here:
        with there:
            try:
                _keeper.send(head, [there.fileno(), *(file.fileno() for file in files)])
            except OSError as error:
                log.error("A file could not be handed over for decoding: %s.", place_of(error))  # noqa: TRY400  # one line
                raise _busy() from error
        here.settimeout(seconds)
        said = b""
        with suppress(OSError):
            while piece := here.recv(_ANSWER):
                said += piece
            if not said:
                _keeper.look()
    ended: dict[str, Any] = json.loads(said) if said else {}
    return ended


__all__ = ["DecodingLane", "EndedChild", "decode", "outcome", "program", "turns"]
