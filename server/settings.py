"""Settings: the settings file (server/settings_file.py), overridden by the environment.

An unsafe setting stops the start with one sentence.

docs/reference.md explains every name used here (a test compares them).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from server import settings_file
from server.blobs.bucket import Bucket
from server.core import keyring_file
from server.core.alert_mail import AlertMail
from server.core.keyring import Keyring
from server.core.shell_words import t
from server.map_tiles import MapTiles
from server.services.audit import witness
from server.services.audit.witness import BadWitness, Witness

LOOPBACK = ("127.0.0.1", "localhost", "::1")
RETAINED = ("signed", "letters", "issued", "figures", "annexes", "evidence", "left")
"""Kinds of files that the index of a campaign's archive lists: keys of FOLDERS (reports/documents/closing.py)."""


class UnsafeSettings(Exception):  # noqa: N818  # the name reads well before the sentence it prints
    """A setting that would lose data or open a security hole; the message says which, and what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `data_dir` holds photos, partial uploads and, by default, the SQLite file."""

    data_dir: Path
    database_url: str
    keyring: Keyring
    secret_file: Path | None
    """Where the first secret lies; None where the environment gives it."""
    keyring_file: Path
    host: str
    port: int
    workers: int
    threads: int
    connections: int
    public_url: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: int
    revocations_file: Path
    tls: tuple[Path, Path] | None
    """Certificate and its key, if no proxy in front terminates TLS."""
    pg_bin: Path | None
    """Folder of pg_dump and pg_restore; None: they are on PATH."""
    jobs: bool
    """Whether `loa serve` runs the process that does the jobs."""
    soffice: str
    """LibreOffice, for PDF files: its path, empty to look on PATH, `0` for none."""
    audit_days: int
    """Days after which lines of the audit log are removed; 0: never."""
    audit_witness: Witness | None
    """Where heads of the audit log are copied to, off this machine."""
    retire_worker: bool
    security_contact: str
    """Contact for reports of security holes, as a URI."""
    bucket: Bucket | None
    """Where photos lie on S3; None for the folder `photos` in the data folder."""
    session_idle_minutes: int
    """A session at the desk ends after so long without a page."""
    session_hours: int
    """It ends after so long in any case."""
    export_link_days: int
    """A link that refreshes a table expires so many days after its campaign."""
    device_idle_days: int
    """A device that was not heard of for so long enrols again."""
    device_writes: int
    device_writes_a_minute: int
    """Writes that a device may push at once, and that it earns back in a minute (services/access/devices.py)."""
    device_seconds: int
    device_seconds_a_minute: int
    """Seconds of the processor, likewise."""
    database_pool_url: str | None = None
    """Where what serves and the jobs reach a pooler in front of the database, as PgBouncer; None: no pooler."""
    backup_dir: Path | None = None
    """The repository of backups, to which the server itself adds each night and hour; None: it makes none."""
    alert_command: str = ""
    """Program that is run with the faults on its standard input when a check turns red."""
    alert_mail: AlertMail | None = None
    """Where a mail with the faults goes then, too."""
    retention: Mapping[str, int] = field(default_factory=dict)
    """By kind of file of a campaign's archive (RETAINED): how many years it is kept; 0: for ever."""
    map_tiles: MapTiles | None = None
    """Pictures of the desk's map; None: points on a plain grid."""

    def make_data_dir(self) -> None:
        """Create the data folder, readable by this user only: it holds people's names, numbers and photos."""
        _make(self.data_dir)

    @property
    def sqlite_file(self) -> Path | None:
        """Return the database file, if the database is one file."""
        url = make_url(self.database_url)
        return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None

    @property
    def database_name(self) -> str:
        """Return the database's address without its password, to show."""
        return make_url(self.database_url).render_as_string(hide_password=True)

    @property
    def warning(self) -> str:
        """Return a sentence to print at start if the settings work but are probably a mistake; else an empty text."""
        if self.secure_cookies and self.tls is None and not self.trusted_proxies:
            return t(
                "LOA_PUBLIC_URL is https, but there is neither LOA_TLS_CERT nor a trusted proxy: "
                "all clients count as one address, and without TLS in front nobody can sign in."
            )
        return ""

    @property
    def secure_cookies(self) -> bool:
        """Return True if the public address is https: cookies are then sent over TLS only."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, *, make: bool = True) -> Settings:
        """Read and check the settings file and the environment. Raises UnsafeSettings.

        Without `make`, no missing folder and no secret file is created; a temporary secret is used instead.
        """
        try:
            env = settings_file.merged(os.environ if environment is None else environment)
        except settings_file.BadSettingsFile as reason:
            raise UnsafeSettings(str(reason)) from reason
        data_dir = Path(env.get("LOA_DATA_DIR", "var")).resolve()
        host, port = env.get("LOA_HOST", "127.0.0.1"), _number(env, "LOA_PORT", 8080)
        tls = _tls(env)
        ring_file = Path(env.get("LOA_KEYRING_FILE") or data_dir / keyring_file.NAME).resolve()
        secret_file = Path(env.get("LOA_SECRET_KEY_FILE") or data_dir / "secret_key").resolve()
        settings = cls(
            data_dir=data_dir,
            database_url=_database_url(env.get("LOA_DATABASE_URL") or f"sqlite:///{data_dir / 'loa.sqlite'}"),
            database_pool_url=_pool_url(env),
            keyring=_keyring(ring_file, env.get("LOA_SECRET_KEY"), secret_file, make=make),
            secret_file=None if env.get("LOA_SECRET_KEY") or not secret_file.exists() else secret_file,
            keyring_file=ring_file,
            host=host,
            port=port,
            workers=_number(env, "LOA_WORKERS", 2),
            threads=_number(env, "LOA_THREADS", 256),
            connections=_number(env, "LOA_CONNECTIONS", 40),
            public_url=env.get("LOA_PUBLIC_URL", f"http{'s' if tls else ''}://{host}:{port}").rstrip("/"),
            allowed_origins=tuple(env.get("LOA_ALLOWED_ORIGINS", "").split()),
            trusted_proxies=_number(env, "LOA_TRUSTED_PROXIES", 0),
            revocations_file=Path(env.get("LOA_REVOCATIONS_FILE") or data_dir / "revocations.ndjson").resolve(),
            tls=tls,
            pg_bin=Path(env["LOA_PG_BIN"]).resolve() if env.get("LOA_PG_BIN") else None,
            jobs=_number(env, "LOA_JOBS", 1) > 0,
            soffice=env.get("LOA_SOFFICE", ""),
            audit_days=_number(env, "LOA_AUDIT_DAYS", 3650),
            audit_witness=_witness(env.get("LOA_AUDIT_WITNESS", "")),
            retire_worker=_number(env, "LOA_RETIRE_WORKER", 0) > 0,
            security_contact=env.get("LOA_SECURITY_CONTACT", ""),
            bucket=_bucket(env),
            session_idle_minutes=_number(env, "LOA_SESSION_IDLE_MINUTES", 240),
            session_hours=_number(env, "LOA_SESSION_HOURS", 12),
            export_link_days=_number(env, "LOA_EXPORT_LINK_DAYS", 30),
            device_idle_days=_number(env, "LOA_DEVICE_IDLE_DAYS", 180),
            device_writes=_number(env, "LOA_DEVICE_WRITES", 3_000),
            device_writes_a_minute=_number(env, "LOA_DEVICE_WRITES_A_MINUTE", 1_200),
            device_seconds=_number(env, "LOA_DEVICE_SECONDS", 30),
            device_seconds_a_minute=_number(env, "LOA_DEVICE_SECONDS_A_MINUTE", 6),
            backup_dir=Path(env["LOA_BACKUP_DIR"]).resolve() if env.get("LOA_BACKUP_DIR") else None,
            alert_command=env.get("LOA_ALERT_COMMAND", ""),
            alert_mail=_alert_mail(
                env.get("LOA_ALERT_SMTP", ""), env.get("LOA_ALERT_FROM", ""), env.get("LOA_ALERT_TO", "")
            ),
            retention=_retention(env.get("LOA_RETENTION", "")),
            map_tiles=_map_tiles(env),
        )
        if not settings.security_contact:
            mailbox = f"mailto:security@{urlsplit(settings.public_url).hostname}"  # RFC 2142, 4
            settings = replace(settings, security_contact=mailbox)
        settings.check()
        if settings.warning and "LOA_TRUSTED_PROXIES" not in env:
            raise UnsafeSettings(
                t(
                    "LOA_PUBLIC_URL is https: set LOA_TLS_CERT and LOA_TLS_KEY, or LOA_TRUSTED_PROXIES to "
                    "the number of proxies that have TLS in front (0 where one has it and sends no "
                    "X-Forwarded headers)."
                )
            )
        return settings

    def check(self) -> None:
        """Raise UnsafeSettings for settings that must not run."""
        public = urlsplit(self.public_url)
        if public.scheme not in ("http", "https") or not public.hostname:
            raise UnsafeSettings(
                t("LOA_PUBLIC_URL must be the whole address people type, like https://loa.example.vn.")
            )
        if public.scheme == "http" and public.hostname not in LOOPBACK:
            raise UnsafeSettings(t("LOA_PUBLIC_URL must begin with https:// (passwords and tokens travel over it)."))
        for origin in self.allowed_origins:
            if origin == "*" or not urlsplit(origin).hostname:
                raise UnsafeSettings(
                    t("LOA_ALLOWED_ORIGINS lists whole origins parted by blanks, like https://app.example.vn; not *.")
                )
        contact = self.security_contact
        if not contact.startswith(("mailto:", "https://", "tel:")) or not contact.isprintable():
            raise UnsafeSettings(t("LOA_SECURITY_CONTACT must begin with mailto:, https:// or tel:."))
        if min(self.workers, self.threads, self.connections) < 1:
            raise UnsafeSettings(t("LOA_WORKERS, LOA_THREADS and LOA_CONNECTIONS must be at least 1."))
        if not 10 <= self.session_idle_minutes <= 60 * self.session_hours <= 60 * 24 * 7:
            raise UnsafeSettings(
                t(
                    "LOA_SESSION_IDLE_MINUTES must be at least 10, and no longer than LOA_SESSION_HOURS; "
                    "that is 168 at most."
                )
            )
        if self.export_link_days > 3660:
            raise UnsafeSettings(t("LOA_EXPORT_LINK_DAYS must be at most 3660: a link that nobody remembers must end."))
        if self.device_idle_days < 31:
            raise UnsafeSettings(
                t("LOA_DEVICE_IDLE_DAYS must be at least 31: a phone may be without a signal for a month.")
            )
        self._check_budget()
        self._check_places()

    def _check_places(self) -> None:
        """Raise UnsafeSettings for a folder or program that cannot do its work."""
        if self.backup_dir is not None and self.backup_dir.is_relative_to(self.data_dir):
            raise UnsafeSettings(t("LOA_BACKUP_DIR must lie outside the data folder, best on another disk."))
        if self.alert_command and not os.access(self.alert_command, os.X_OK):
            raise UnsafeSettings(
                t("LOA_ALERT_COMMAND must be a program that this user may run; words go into a script.")
            )

    def _check_budget(self) -> None:
        """Raise UnsafeSettings for a budget that no phone could keep."""
        if min(self.device_writes, self.device_writes_a_minute) < 100:
            raise UnsafeSettings(
                t(
                    "LOA_DEVICE_WRITES and LOA_DEVICE_WRITES_A_MINUTE must be at least 100: a phone sends so "
                    "many at once."
                )
            )
        if min(self.device_seconds, self.device_seconds_a_minute) < 1:
            raise UnsafeSettings(t("LOA_DEVICE_SECONDS and LOA_DEVICE_SECONDS_A_MINUTE must be at least 1."))


def _retention(said: str) -> dict[str, int]:
    """Return what `signed=permanent figures=20` means: years by kind of file, 0 for ever."""
    found = {}
    for each in said.split():
        kind, _, years = each.partition("=")
        if kind not in RETAINED or not re.fullmatch(r"permanent|[1-9]\d?", years):
            raise UnsafeSettings(
                t(
                    "LOA_RETENTION says how long files of an archive are kept, like signed=permanent "
                    "figures=20, in years from 1 to 99; kinds are {kinds}.",
                    kinds=", ".join(RETAINED),
                )
            )
        found[kind] = 0 if years == "permanent" else int(years)
    return found


def _tls(env: Mapping[str, str]) -> tuple[Path, Path] | None:
    certificate, key = (Path(env.get(name, "")) for name in ("LOA_TLS_CERT", "LOA_TLS_KEY"))
    if certificate == key == Path():
        return None
    if not (certificate.is_file() and key.is_file()):
        raise UnsafeSettings(t("LOA_TLS_CERT and LOA_TLS_KEY go together: the files of a certificate and of its key."))
    return certificate.resolve(), key.resolve()


def _bucket(env: Mapping[str, str]) -> Bucket | None:
    """Return the bucket that LOA_S3_ settings name, or None if there are none."""
    names = "LOA_S3_ENDPOINT", "LOA_S3_BUCKET", "LOA_S3_KEY_ID", "LOA_S3_SECRET"
    needed = {name: env.get(name, "") for name in names}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        if any(value for name, value in env.items() if name.startswith("LOA_S3_")):
            raise UnsafeSettings(
                t("Photos on S3 need {all}; not set: {lacking}.", all=", ".join(needed), lacking=", ".join(missing))
            )
        return None
    prefix, ca = env.get("LOA_S3_PREFIX", ""), env.get("LOA_S3_CA", "")
    endpoint = urlsplit(needed["LOA_S3_ENDPOINT"].rstrip("/"))
    if endpoint.scheme not in ("http", "https") or not endpoint.hostname or endpoint.path or "@" in endpoint.netloc:
        raise UnsafeSettings(
            t("LOA_S3_ENDPOINT must be the address of the S3 service alone, like https://s3.example.vn.")
        )
    if endpoint.scheme == "http" and endpoint.hostname not in LOOPBACK:
        raise UnsafeSettings(t("LOA_S3_ENDPOINT must begin with https:// (photos travel over it)."))
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", needed["LOA_S3_BUCKET"]):
        raise UnsafeSettings(t("LOA_S3_BUCKET must be a bucket's name: 3 to 63 of a-z, 0-9, dots and hyphens."))
    if prefix and not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", prefix):
        raise UnsafeSettings(t("LOA_S3_PREFIX must be names of letters, digits, _ and - parted by single slashes."))
    if ca and not Path(ca).is_file():
        raise UnsafeSettings(t("LOA_S3_CA must be a file of certificates in PEM, which sign the S3 service's own."))
    return Bucket(
        endpoint=endpoint.geturl(),
        name=needed["LOA_S3_BUCKET"],
        region=env.get("LOA_S3_REGION") or "us-east-1",
        key_id=needed["LOA_S3_KEY_ID"],
        secret=needed["LOA_S3_SECRET"],
        prefix=prefix,
        ca=Path(ca).resolve() if ca else None,
    )


def _witness(value: str) -> Witness | None:
    try:
        return witness.of_setting(value)
    except BadWitness as reason:
        raise UnsafeSettings(str(reason)) from reason


def _alert_mail(url: str, sender: str, to: str) -> AlertMail | None:
    try:
        return AlertMail.read(url, sender, to)
    except ValueError as reason:
        raise UnsafeSettings(str(reason)) from reason


def _map_tiles(env: Mapping[str, str]) -> MapTiles | None:
    try:
        return MapTiles.read(env.get("LOA_MAP_TILES", ""), env.get("LOA_MAP_ATTRIBUTION", ""))
    except ValueError as reason:  # also an address that cannot be parsed
        raise UnsafeSettings(str(reason)) from reason


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isdigit():
        raise UnsafeSettings(t("{name} must be a whole number, not {text}.", name=name, text=f"{text!r}"))
    return int(text)


def _database_url(url: str) -> str:
    if url.startswith("sqlite:///"):
        return url
    if (known := _postgresql_url(url)) is not None:
        return known
    raise UnsafeSettings(t("LOA_DATABASE_URL must begin with sqlite:/// or postgresql://."))


def _postgresql_url(url: str) -> str | None:
    for scheme in ("postgresql://", "postgres://", "postgresql+psycopg://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return None


def _pool_url(env: Mapping[str, str]) -> str | None:
    """Return the pooler's address. Whatever needs a session of its own goes to the database itself."""
    url = env.get("LOA_DATABASE_POOL_URL", "")
    if not url:
        return None
    found = [_postgresql_url(each) for each in (url, env.get("LOA_DATABASE_URL", ""))]
    if None in found:
        raise UnsafeSettings(
            t(
                "LOA_DATABASE_POOL_URL, a pooler's address, must begin with postgresql://, and LOA_DATABASE_URL, the "
                "server's own behind it, too."
            )
        )
    return found[0]


def _make(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _keyring(file: Path, given: str | None, secret_file: Path, *, make: bool) -> Keyring:
    """Return the keys: those of the file, and the first secret, which is made if there are no keys at all."""
    try:
        ring = keyring_file.read(file, given or _kept_secret(secret_file))
    except keyring_file.BadKeyring as reason:
        raise UnsafeSettings(str(reason)) from reason
    if ring is not None:
        return ring
    first = given or _kept_secret(secret_file) or _new_secret(secret_file, make=make)
    if len(first) < 32:
        raise UnsafeSettings(
            t("LOA_SECRET_KEY must have at least 32 characters; leave it unset to have one made and kept.")
        )
    return keyring_file.of_first(first)


def _kept_secret(path: Path) -> str | None:
    try:
        return path.read_text("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise UnsafeSettings(
            t("The secret {path} cannot be read ({error}); put the copy of it back.", path=path, error=error)
        ) from error


def _new_secret(path: Path, *, make: bool) -> str:
    """Make the first secret; without `make` a temporary one, which leaves no file."""
    made = secrets.token_urlsafe(48)
    if not make:
        return made
    _make(path.parent)
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made)
    return path.read_text("utf-8")
