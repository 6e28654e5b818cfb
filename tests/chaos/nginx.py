"""nginx in front of the server, where there is one; LOA_NGINX names another than the one on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

from support.ports import LOOPBACK, free_port

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{port};
    client_max_body_size 9m; client_body_timeout 20s; send_timeout 60s;
    location / {{
      proxy_pass http://{host}:{target};
      proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_request_buffering off; proxy_buffering off;
    }}
  }}
}}
"""


def program() -> str | None:
    """Where it is, if anywhere."""
    return os.environ.get("LOA_NGINX") or shutil.which("nginx")


@contextmanager
def before(target: int, folder: Path) -> Iterator[int]:
    """The port of an nginx that passes on to this one."""
    folder.mkdir()
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, host=LOOPBACK, port=port, target=target))
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
