"""nginx before the server, where there is one, in the words of README.md; LOA_NGINX names another than that on PATH."""

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
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {server}
}}
"""
README = Path(__file__).parents[2] / "README.md"


def advised(port: int, target: int) -> str:
    """What README.md tells to put in front, at this port, without a certificate."""
    (block,) = re.findall(r"^```nginx\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    block, listening = re.subn(r"listen 443 ssl; server_name \S+;", f"listen {LOOPBACK}:{port};", block)
    block, certificate = re.subn(r"^ *ssl_certificate\S* \S+;\n", "", block, flags=re.MULTILINE)
    block, passing = re.subn(r"http://127\.0\.0\.1:8080", f"http://{LOOPBACK}:{target}", block)
    assert (listening, certificate, passing) == (1, 2, 3)
    return str(block)


def program() -> str | None:
    """Where it is, if anywhere."""
    return os.environ.get("LOA_NGINX") or shutil.which("nginx")


@contextmanager
def before(target: int, folder: Path) -> Iterator[int]:
    """The port of an nginx that passes on to this one."""
    folder.mkdir()
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, server=advised(port, target)))
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
