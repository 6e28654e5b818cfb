"""Several hosts with one database and one bucket behind the nginx that is shipped, and a worker beside them.

    with fleet(url, folder, settings, hosts=3) as made:
        made.hosts[0].kill()
        made.worker.kill()

Each host has a data folder of its own, and on `lan` a machine: `host1` and so on, `worker`; without one all are ports
of this machine. nginx is here, and phones come to it from any address of 127.0.0.0/8.
"""

from __future__ import annotations

import os
import secrets
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chaos import nginx
from chaos.nginx import Front
from support.installation.served import LOA, Served
from support.network.machines import Machine, Network


@dataclass
class Worker:
    """`loa worker`, which does the jobs of all hosts."""

    data_dir: Path
    settings: Mapping[str, str]
    command: tuple[str | Path, ...] = (LOA, "worker")
    machine: Machine = field(default_factory=Machine)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it is not waited for."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
        env |= {**self.settings, "LOA_DATA_DIR": str(self.data_dir)}
        with (self.data_dir / "worker.log").open("ab") as log, self.machine.entered():
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

    @property
    def certificate(self) -> str:
        """The file of nginx's certificate; empty without TLS."""
        return (self.front.tls or {}).get("LOA_TLS_CERT", "")

    @cached_property
    def trust(self) -> ssl.SSLContext | None:
        """What its clients need for TLS."""
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None

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
    lan: Network | None = None,
    tls: dict[str, str] | None = None,
) -> Iterator[Fleet]:
    """So many hosts for the length of a with-block. `settings` have a secret and a bucket; `tls`: nginx's files."""
    with ExitStack() as stack:
        made = [
            Served(database_url, folder / name, command=(*command, "serve"), machine=_machine(lan, name))
            for name in (f"host{number}" for number in range(1, hosts + 1))
        ]
        front = stack.enter_context(nginx.front([host.place for host in made], folder / "nginx", tls))
        shared = {
            "LOA_PUBLIC_URL": f"{'https' if tls else 'http'}://127.0.0.1:{front.port}",
            "LOA_TRUSTED_PROXIES": "1",
            "LOA_DATABASE_URL": database_url,
            **settings,
        }
        for host in made:
            host.settings = shared
            stack.callback(host.kill)
        with ThreadPoolExecutor(hosts) as starting:
            list(starting.map(Served.start, made))
        worker = Worker(folder / "worker", shared, (*command, "worker"), _machine(lan, "worker"))
        stack.callback(worker.kill)
        worker.start()
        yield Fleet(shared, made, worker, front)


def _machine(lan: Network | None, name: str) -> Machine:
    return lan[name] if lan else Machine()
