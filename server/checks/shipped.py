"""The unit and nginx's block as this version brings them, with what an installation names for itself.

`loa install` writes them, and the check `service` compares what is there with them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from server.core import paths

USUAL: Final = Path("/opt/loa")
"""Where releases lie, unless `loa install --prefix` said otherwise."""


def prefix() -> Path:
    """Return where releases lie: this program runs from one of them, or from a checkout."""
    here = Path(sys.prefix)
    return here.parents[1] if here.parent.name == "releases" else USUAL


def unit(releases: Path, user: str, data_dir: Path | str, backup_dir: Path | str | None) -> str | None:
    """Return the unit; None if this package has none. A backup disk that is not mounted keeps Loa from nothing."""
    text = _shipped("loa.service")
    if text is None:
        return None
    text = text.replace("=/opt/loa/", f"={releases}/").replace("User=loa\nGroup=loa", f"User={user}\nGroup={user}")
    text = text.replace("ReadWritePaths=/srv/loa", f"ReadWritePaths={data_dir}")
    return text.replace("ReadWritePaths=-/mnt", f"ReadWritePaths=-{backup_dir}") if backup_dir else text


def block(public_url: str, port: int | str) -> str | None:
    """Return nginx's block, and a second that leads from http to https; None if this package has none."""
    host = urlsplit(public_url).hostname or "localhost"
    text = _shipped("loa.conf")
    if text is None:
        return None
    text = text.replace("loa.example.vn", host).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    return text + f"server {{ listen 80; server_name {host}; return 301 https://{host}$request_uri; }}\n"


def _shipped(name: str) -> str | None:
    path = paths.deploy(name)
    return None if path is None else path.read_text("utf-8")
