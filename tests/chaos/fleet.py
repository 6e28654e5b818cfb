"""Several hosts with one database and one bucket behind the nginx that is shipped, and a worker beside them.

    with fleet(url, folder, settings, hosts=3) as made:
        made.hosts[0].kill()
        made.worker.kill()

Each host is a port of this machine with a data folder of its own; phones come from any address of 127.0.0.0/8.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos import nginx
from chaos.nginx import Front
from support.installation.served import LOA, Served


@dataclass
class Worker:
    """`loa worker`, which does the jobs of all hosts."""

    data_dir: Path
    settings: Mapping[str, str]
    command: tuple[str | Path, ...] = (LOA, "worker")
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it is not waited for."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
        env |= {**self.settings, "LOA_DATA_DIR": str(self.data_dir)}
        with (self.data_dir / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill it as a power cut does."""
        process, self.process = self.process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


@dataclass
class Fleet:
    """What runs. `settings`: what is equal on all hosts."""

    settings: dict[str, str]
    hosts: list[Served]
    worker: Worker
    front: Front
    began: float = field(default_factory=time.monotonic)

    @property
    def port(self) -> int:
        """Where phones and browsers reach it: nginx."""
        return self.front.port

    def said(self) -> str:
        """The logs of all hosts, of the worker and of nginx."""
        logs = [host.log for host in self.hosts]
        logs += [self.worker.data_dir / "worker.log", self.front.folder / "error.log"]
        return "\n".join(log.read_text(errors="replace") for log in logs if log.exists())


def secret() -> dict[str, str]:
    """A first secret for the hosts, and for the test's own application on their database."""
    return {"LOA_SECRET_KEY": secrets.token_urlsafe(48)}


@contextmanager
def fleet(
    database_url: str,
    folder: Path,
    settings: Mapping[str, str],
    hosts: int,
    command: tuple[str | Path, ...] = (LOA,),
) -> Iterator[Fleet]:
    """So many hosts for the length of a with-block. `settings` have a secret and a bucket."""
    with ExitStack() as stack:
        made = [
            Served(database_url, folder / f"host{number}", command=(*command, "serve"))
            for number in range(1, hosts + 1)
        ]
        front = stack.enter_context(nginx.front([host.port for host in made], folder / "nginx"))
        shared = {
            "LOA_PUBLIC_URL": f"http://127.0.0.1:{front.port}",
            "LOA_TRUSTED_PROXIES": "1",
            "LOA_DATABASE_URL": database_url,
            **settings,
        }
        for host in made:
            host.settings = shared
            stack.callback(host.kill)
        with ThreadPoolExecutor(hosts) as starting:
            list(starting.map(Served.start, made))
        worker = Worker(folder / "worker", shared, (*command, "worker"))
        stack.callback(worker.kill)
        worker.start()
        yield Fleet(shared, made, worker, front)
