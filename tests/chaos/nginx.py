"""nginx before the server, where there is one, as deploy/loa.conf has it; LOA_NGINX names another than that on PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

from support.installation.ports import LOOPBACK, free_port

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


def advised(port: int, target: int, tls: dict[str, str] | None = None) -> str:
    """What is shipped to put in front, at this port; without a certificate, or with that of these settings."""
    block = BLOCK.read_text("utf-8")
    at = f"listen {LOOPBACK}:{port}{' ssl' if tls else ''};"
    block, listening = re.subn(r"listen 443 ssl; server_name \S+;", at, block)
    files = f"  ssl_certificate {tls['LOA_TLS_CERT']};\n  ssl_certificate_key {tls['LOA_TLS_KEY']};\n" if tls else ""
    block, certificate = re.subn(r"^ *ssl_certificate\S* \S+;\n", "", block, flags=re.MULTILINE)
    block = block.replace("  ssl_protocols", f"{files}  ssl_protocols", 1)
    block, passing = re.subn(r"http://127\.0\.0\.1:8080", f"http://{LOOPBACK}:{target}", block)
    assert (listening, certificate, passing) == (1, 2, 8)
    return str(block)


def program() -> str | None:
    """Where it is, if anywhere."""
    return os.environ.get("LOA_NGINX") or shutil.which("nginx")


@contextmanager
def before(target: int, folder: Path, tls: dict[str, str] | None = None) -> Iterator[int]:
    """The port of an nginx that passes on to this one. With a certificate it also writes `access.log`."""
    folder.mkdir()
    port = free_port()
    file = folder / "nginx.conf"
    log = folder / "access.log" if tls else "off"
    file.write_text(CONFIGURATION.format(folder=folder, log=log, server=advised(port, target, tls)))
    process = subprocess.Popen([str(program()), "-c", str(file)], stdin=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError):
                create_connection((LOOPBACK, port), 1).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
