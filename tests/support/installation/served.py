"""The real server on loopback: `loa serve` with gunicorn, on the database and folder a test gives it."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from support.installation.nursery import Forked, fork
from support.installation.ports import can_listen, free_port
from support.network.machines import Machine
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOA = Path(sys.executable).parent / "loa"
READY_WITHIN_S = 180
LEFT_WITHIN_S = 60


@dataclass
class Served:
    """A running server. Its log is a file, because a full pipe that nobody reads would stop it."""

    database_url: str
    data_dir: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str | Path, ...] = (LOA, "serve")
    forked: bool = False
    """Whether it comes from the nursery, which is quicker, or is the command itself."""
    machine: Machine = field(default_factory=Machine)
    """Where the command runs."""
    process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if 'LOA_TLS_CERT' in self.settings else 'http'}://{self.place}"

    @property
    def place(self) -> str:
        """Its address and port."""
        return f"{self.machine.address}:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext | None:
        """The trust for its certificate: the certificate itself."""
        return ssl.create_default_context(cafile=self.settings.get("LOA_TLS_CERT"))

    @property
    def log(self) -> Path:
        """Its whole output, over restarts."""
        return self.data_dir / "served.log"

    def start(self) -> None:
        """Start, and wait until a worker answers and reaches its database."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
        env |= {
            "LOA_DATABASE_URL": self.database_url,
            "LOA_DATA_DIR": str(self.data_dir),
            "LOA_HOST": self.machine.address,
            "LOA_PORT": str(self.port),
            "LOA_JOBS": "0",  # its process costs a second of processor; tests/jobs has it
            **self.settings,
        }
        self.process = fork(env, self.log) if self.forked else self._started(env)
        self._wait()

    def _started(self, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log, self.machine.entered():
            # Its own process group, so that kill() reaches the workers and nothing else.
            return subprocess.Popen(
                self.command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        """Stop it as Ctrl-C does: SIGTERM would wait seconds for connections that browsers keep open."""
        self._end(signal.SIGINT)

    def leave(self) -> None:
        """Stop it as systemd does: what has come is answered yet."""
        process, self.process = self.process, None
        assert process is not None
        process.send_signal(signal.SIGTERM)
        process.wait(LEFT_WITHIN_S)
        until(self._has_let_go)

    def kill(self) -> None:
        """Kill it as a power cut does: arbiter and workers at once, nothing flushed."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if how is signal.SIGKILL:
            with suppress(ProcessLookupError):  # it ended by itself; `_wait` says why
                os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            # A worker misses a stop signal while it is being forked; gunicorn would wait 30 s for it.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)
        until(self._has_let_go)  # its workers may end after it, and the next start needs the port

    def _has_let_go(self) -> bool:
        with self.machine.entered():
            return can_listen(self.port, self.machine.address)

    def _wait(self) -> None:
        assert self.process is not None
        end = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with suppress(OSError):
                urllib.request.urlopen(f"{self.url}/api/v1/health", timeout=5, context=self.trust).close()
                return
            time.sleep(0.05)
        said = self.log.read_text(errors="replace")[-2000:]
        self.kill()
        message = f"loa serve did not answer:\n{said}"
        raise RuntimeError(message)


def served(database_url: str, data_dir: Path, **settings: str) -> AbstractContextManager[Served]:
    """A server for the length of a with-block; settings by their LOA_ names."""
    return _running(Served(database_url, data_dir, settings=settings))


def forked(database_url: str, data_dir: Path, **settings: str) -> AbstractContextManager[Served]:
    """The same from the nursery: for journeys, which are not about how it starts."""
    return _running(Served(database_url, data_dir, settings=settings, forked=True))


@contextmanager
def _running(server: Served) -> Iterator[Served]:
    try:
        server.start()
        yield server
    finally:
        server.kill()  # at once: what it acknowledged is on the disk
