"""Checks of the machine: room, clock, certificate, owners and modes, the unit and nginx beside those shipped."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy import text

from server.checks import CheckContext, shipped
from server.core.findings import HealthFinding, Level
from server.settings import LOOPBACK

LOW, FULL = 0.10, 0.03
"""Shares of a disk that are left."""
CERTIFICATE_DAYS, CERTIFICATE_BAD_DAYS = 21, 5
CONNECT_S: Final = 5
SKEW_S: Final = 120
UNIT, NGINX = Path("/etc/systemd/system/loa.service"), Path("/etc/nginx/conf.d/loa.conf")


def disks(context: CheckContext) -> Iterator[HealthFinding]:
    """Room where data, backups and PostgreSQL's tables lie, as far as this user sees them."""
    places = {"data": context.settings.data_dir}
    if context.settings.backup_dir is not None:
        places["backups"] = context.settings.backup_dir
    if context.session is not None and context.session.get_bind().dialect.name == "postgresql":
        with context.session.begin_nested():  # the setting is for superusers on some servers
            found = context.session.execute(
                text("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
            ).scalar()
        if found and Path(found).is_dir():
            places["postgresql"] = Path(found)
    for name, path in places.items():
        if not path.is_dir():
            yield HealthFinding("disk", "gone", Level.BAD, {"what": name, "path": str(path)})
            continue
        room = shutil.disk_usage(path)
        share = room.free / room.total
        level = Level.BAD if share < FULL else Level.WARN if share < LOW else Level.GOOD
        values = {"what": name, "path": str(path), "free": room.free // 10**9, "size": room.total // 10**9}
        yield HealthFinding("disk", "low" if level else "good", level, values)


def clock(context: CheckContext) -> Iterator[HealthFinding]:
    """The clock is kept by some program, and PostgreSQL's is the same."""
    if context.session is not None and context.session.get_bind().dialect.name == "postgresql":
        theirs = float(context.session.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
        if abs(theirs - time.time()) > SKEW_S:
            yield HealthFinding("clock", "apart", Level.BAD, {"seconds": int(abs(theirs - time.time()))})
            return
    if Path("/run/systemd/system").is_dir() and not Path("/run/systemd/timesync/synchronized").exists():
        kept = subprocess.run(
            ["/usr/bin/timedatectl", "show", "-P", "NTPSynchronized"],
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
        if kept.stdout.strip() != "yes":
            yield HealthFinding("clock", "loose", Level.WARN)
            return
    yield HealthFinding("clock", "good", Level.GOOD)


def certificate(context: CheckContext) -> Iterator[HealthFinding]:
    """The certificate that the public address shows: on this machine if something answers there, else as to a phone.

    The unit keeps Loa off the network: then one of another machine cannot be seen from inside it. Where nginx's block
    is here, nginx should have answered.
    """
    public = urlsplit(context.settings.public_url)
    if public.scheme != "https" or public.hostname in LOOPBACK:
        return
    host, port = public.hostname or "", public.port or 443
    where = {"host": host}
    try:
        try:
            found = _shown("127.0.0.1", port, host)
        except OSError:
            found = _shown(host, port, host)
    except OSError as error:
        unseen = isinstance(error, (PermissionError, socket.gaierror)) and not NGINX.exists()
        outcome, level = ("unseen", Level.WARN) if unseen else ("silent", Level.BAD)
        yield HealthFinding("certificate", outcome, level, where | {"error": type(error).__name__})
        return
    cert = x509.load_der_x509_certificate(found)
    days = int((cert.not_valid_after_utc.timestamp() * 1000 - context.now) // 86_400_000)
    level = Level.BAD if days < CERTIFICATE_BAD_DAYS else Level.WARN if days < CERTIFICATE_DAYS else Level.GOOD
    yield HealthFinding("certificate", "old" if level else "good", level, where | {"days": days})


def _shown(address: str, port: int, host: str) -> bytes:
    """Return the certificate that is shown there to who asks for this host."""
    bare = ssl.create_default_context()
    bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((address, port), CONNECT_S) as line,
        bare.wrap_socket(line, server_hostname=host) as shown,
    ):
        return shown.getpeercert(binary_form=True) or b""


def files(context: CheckContext) -> Iterator[HealthFinding]:
    """Nobody else reads the data folder and the keys; all in it is of one user; the first secret lies elsewhere."""
    settings = context.settings
    folder = settings.data_dir
    keys = [path for path in (settings.secret_file, settings.keyring_file) if path is not None and path.exists()]
    bare = [path for path in [folder, *keys] if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in bare:
        yield HealthFinding("files", "open", Level.BAD, {"path": str(path)})
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    others = [path for path in folder.glob("*") if path.lstat().st_uid != owner]
    for path in others[:3]:
        yield HealthFinding("files", "others", Level.BAD, {"path": str(path)})
    if settings.secret_file is not None and settings.secret_file.resolve().is_relative_to(folder.resolve()):
        yield HealthFinding("keys", "inside", Level.WARN, {"path": str(settings.secret_file)})
    if not bare and not others:
        yield HealthFinding("files", "good", Level.GOOD)


def service(context: CheckContext) -> Iterator[HealthFinding]:
    """The unit and nginx's block, where they are, are those of this version, as `loa install` writes them."""
    settings = context.settings
    unit = shipped.unit(shipped.prefix(), "loa", settings.data_dir, settings.backup_dir)
    block = shipped.block(settings.public_url, settings.port)
    for name, path, right in (("unit", UNIT, unit), ("nginx", NGINX, block)):
        if not path.exists() or right is None:
            continue
        same = _rules(path.read_text("utf-8")) == _rules(right)
        outcome, level = ("same", Level.GOOD) if same else ("other", Level.WARN)
        yield HealthFinding("service", outcome, level, {"what": name, "path": str(path)})


def _rules(content: str) -> list[str]:
    """Return its lines without comments and without what each installation names for itself, also its hosts."""
    lines = (line.strip() for line in content.splitlines())
    names = "listen|server_name|ssl_certificate|ssl_certificate_key|ReadWritePaths|User|Group"
    own = re.compile(rf"({names})\b|server [^{{]")
    return [line for line in lines if line and not line.startswith("#") and not own.match(line)]


def pg_dump(context: CheckContext) -> Iterator[HealthFinding]:
    """pg_dump is of the server's major version: else no backup is made."""
    if context.session is None or context.session.get_bind().dialect.name != "postgresql":
        return
    server = int(context.session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    ours = _pg_dump_version(None if context.settings.pg_bin is None else str(context.settings.pg_bin))
    good = ours == server
    outcome = "good" if good else "other" if ours else "gone"
    yield HealthFinding("pg_dump", outcome, Level.GOOD if good else Level.BAD, {"ours": ours, "server": server})


@cache
def _pg_dump_version(folder: str | None) -> int:
    path = shutil.which("pg_dump", path=folder)
    if path is None:
        return 0
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout  # noqa: S603
    found = re.search(r"\d+", said)
    return int(found[0]) if found else 0
