"""nginx before the server, where there is one, as deploy/loa.conf has it; LOA_NGINX names another than that on PATH."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import psutil

from support.installation.ports import LOOPBACK, free_port
from support.waiting import until

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log {log};
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {server}
}}
"""
BLOCK = Path(__file__).parents[2] / "deploy" / "loa.conf"


def advised(port: int, targets: Sequence[str], tls: dict[str, str] | None = None) -> str:
    """What is shipped to put in front, at this port; without a certificate, or with that of these settings.

    `targets`: the hosts with their ports, as an administrator adds a line for each.
    """
    block = BLOCK.read_text("utf-8")
    at = f"listen {LOOPBACK}:{port}{' ssl' if tls else ''};"
    block, listening = re.subn(r"listen 443 ssl; server_name \S+;", at, block)
    files = f"  ssl_certificate {tls['LOA_TLS_CERT']};\n  ssl_certificate_key {tls['LOA_TLS_KEY']};\n" if tls else ""
    block, certificate = re.subn(r"^ *ssl_certificate\S* \S+;\n", "", block, flags=re.MULTILINE)
    block = block.replace("  ssl_protocols", f"{files}  ssl_protocols", 1)
    several = "\n".join(f"  server {target} fail_timeout=30s;" for target in targets)
    block, shared = re.subn(r"(consistent;\n)  server 127\.0\.0\.1:8080 fail_timeout=30s;", rf"\1{several}", block)
    block, first = re.subn(r"127\.0\.0\.1:8080", targets[0], block)
    assert (listening, certificate, shared, first) == (1, 2, 1, 1)
    return str(block)


def program() -> str | None:
    """Where it is, if anywhere."""
    return os.environ.get("LOA_NGINX") or shutil.which("nginx")


@dataclass
class Front:
    """A running nginx. Without `tls` no access is logged."""

    port: int
    folder: Path
    tls: dict[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None

    def pass_on(self, targets: Sequence[str]) -> None:
        """Pass on to these hosts from now on, as `systemctl reload nginx` does: what was begun is answered yet."""
        log = self.folder / "access.log" if self.tls else "off"
        block = advised(self.port, targets, self.tls)
        file = self.folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(folder=self.folder, log=log, server=block))
        if self.process is None:
            self.process = subprocess.Popen([str(program()), "-c", str(file)], stdin=subprocess.DEVNULL)
            return
        arbiter = psutil.Process(self.process.pid)
        old = arbiter.children()
        self.process.send_signal(signal.SIGHUP)
        until(lambda: not any(each.is_running() for each in old))


@contextmanager
def front(targets: Sequence[str], folder: Path, tls: dict[str, str] | None = None) -> Iterator[Front]:
    """An nginx before these hosts, `address:port` each."""
    folder.mkdir()
    made = Front(free_port(), folder, tls)
    made.pass_on(targets)
    assert made.process is not None
    try:
        for _ in range(100):
            with suppress(OSError):
                create_connection((LOOPBACK, made.port), 1).close()
                break
            time.sleep(0.05)
        yield made
    finally:
        made.process.terminate()
        made.process.wait(10)


@contextmanager
def before(target: int, folder: Path, tls: dict[str, str] | None = None) -> Iterator[int]:
    """The port of an nginx that passes on to this one. With a certificate it also writes `access.log`."""
    with front([f"{LOOPBACK}:{target}"], folder, tls) as made:
        yield made.port
