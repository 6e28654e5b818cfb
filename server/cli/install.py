"""`loa install`: a bare machine made ready from a release, by questions that have an answer already where one can.

Repeated, it changes only what differs: a settings file that is there is kept, and so are users, keys and a database
with tables. What it asks can be said beforehand in a file (`--answers`), a line `name = 'value'` each.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from server import settings_file
from server.cli import machine_setup
from server.cli.machine_setup import Releases, need_root, run
from server.cli.upgrade import prefix_option
from server.core.build import own_version
from server.core.shell_words import later, t

QUESTIONS: Final = {
    "public_url": (later("Address that people type"), "https://loa.example.vn"),
    "user": (later("User that serves"), "loa"),
    "data_dir": (later("Folder of the data"), "/srv/loa"),
    "backup_dir": (later("Folder of the backups, best on another disk"), "/mnt/backup/loa"),
    "database": (later("Database: sqlite, or postgresql on this machine"), "postgresql"),
    "units": (later("Units: hung-yen-2021, hung-yen-2025, or a CSV file"), "hung-yen-2025"),
    "port": (later("Port of Loa behind nginx"), "8080"),
    "trusted_proxies": (later("Proxies in front"), "1"),
}


@dataclass(frozen=True, slots=True)
class InstallPlan:
    """Where things go: other folders than the machine's own in a test, or in an image that is being made."""

    releases: Releases
    settings: Path
    root: Path


@click.command()
@prefix_option
@click.option("--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Answers, as TOML.")
@click.option("--root", type=click.Path(path_type=Path), default="/", help="Where /etc is, for an image.")
def install(prefix: Path, answers: Path | None, root: Path) -> None:
    """Make this machine serve: user, folders, database, settings, unit, nginx, keys on paper; safe to repeat."""
    need_root()
    place = Path(os.environ.get(settings_file.NAME) or root / settings_file.PLACE.relative_to("/"))
    plan = InstallPlan(Releases(prefix), place, root)
    given = tomllib.loads(answers.read_text("utf-8")) if answers else {}
    os.environ[settings_file.NAME] = str(plan.settings)
    if plan.settings.exists():
        click.echo(t("{path} is kept.", path=plan.settings))
    else:
        _write_settings(plan, _asked(given, unattended=answers is not None))
    said = settings_file.read(plan.settings)
    user = _user(said.get("LOA_USER", "loa"), Path(said["LOA_DATA_DIR"]))
    for name in ("LOA_DATA_DIR", "LOA_BACKUP_DIR"):
        if said.get(name):
            _folder(Path(said[name]), user)
    shutil.chown(plan.settings, 0, user.pw_gid)
    plan.settings.chmod(0o640)
    _secret(Path(said.get("LOA_SECRET_KEY_FILE") or Path(said["LOA_DATA_DIR"]) / "secret_key"), user)
    _point(plan)
    _files(plan, said)
    loa = plan.releases.current / "bin" / "loa"
    _tables(loa, str(given.get("units") or plan.settings.with_name("units").read_text("utf-8").strip()))
    _keys(plan, given)
    if machine_setup.SYSTEMD.is_dir():
        run("systemctl", "daemon-reload")
        run("systemctl", "enable", "--now", "loa.service")
    click.echo(t("Loa {version} is installed. What is left to do, as loa doctor says it:", version=own_version()))
    subprocess.run([loa, "doctor"], check=False)  # noqa: S603  # whatever it finds, the installation is done


def _asked(given: dict[str, Any], *, unattended: bool) -> dict[str, str]:
    answers = {}
    for name, (question, usual) in QUESTIONS.items():
        said = given.get(name)
        answers[name] = str(
            said if said is not None else usual if unattended else click.prompt(t(question), default=usual)
        )
    return answers


def _write_settings(plan: InstallPlan, said: dict[str, str]) -> None:
    lines = {name: said[name] for name in ("public_url", "user", "data_dir", "backup_dir", "port", "trusted_proxies")}
    if said["database"] != "sqlite":
        lines["database_url"] = _database(said["user"]) if said["database"] == "postgresql" else said["database"]
    lines["secret_key_file"] = str(plan.settings.with_name("secret_key"))
    text = "".join(f"{name} = {value if value.isdigit() else _quoted(value)}\n" for name, value in lines.items())
    plan.settings.parent.mkdir(parents=True, exist_ok=True)
    plan.settings.parent.chmod(0o755)
    plan.settings.touch(mode=0o600)
    plan.settings.write_text("# Loa reads this file itself; docs/reference.md has every setting.\n" + text, "utf-8")
    plan.settings.with_name("units").write_text(said["units"] + "\n", "utf-8")


def _quoted(value: str) -> str:
    if "'" in value or "\n" in value:
        raise click.ClickException(t("No answer may hold the sign ': {value}", value=value))
    return f"'{value}'"


def _database(user: str) -> str:
    """Make role and database on this machine, where they are not. Returns the address with a new password."""
    if not user.isidentifier():
        raise click.ClickException(
            t("{user} cannot be a role of PostgreSQL; name a user of letters and digits.", user=user)
        )
    password = secrets.token_urlsafe(24)

    def psql(statement: str) -> str:
        return run("runuser", "-u", "postgres", "--", "psql", "-tAqc", statement)

    there = psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{user}'").strip()  # noqa: S608  # an identifier
    psql(f"{'ALTER' if there else 'CREATE'} ROLE {user} LOGIN NOSUPERUSER CREATEDB PASSWORD '{password}'")
    if not psql("SELECT 1 FROM pg_database WHERE datname = 'loa'").strip():
        psql(f"CREATE DATABASE loa OWNER {user}")
    return f"postgresql://{user}:{password}@127.0.0.1/loa"


def _user(name: str, home: Path) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        run("useradd", "--system", "--user-group", "--home-dir", home, "--shell", "/usr/sbin/nologin", name)
        return pwd.getpwnam(name)


def _secret(path: Path, user: pwd.struct_passwd) -> None:
    """Make the first secret, for the user that serves alone: that user may not write beside the settings."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    shutil.chown(path, user.pw_uid, user.pw_gid)


def _folder(path: Path, user: pwd.struct_passwd) -> None:
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o755)  # whatever the umask: the user that serves goes through it
    shutil.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)


def _point(plan: InstallPlan) -> None:
    """Let `current` lead to the release from which this runs, unless an upgrade has set it."""
    here = Path(__file__).resolve()
    releases = (plan.releases.prefix / "releases").resolve()
    if not plan.releases.current.is_symlink() and here.is_relative_to(releases):
        plan.releases.point(plan.releases.current, here.relative_to(releases).parts[0])
    program = plan.root / "usr/local/bin/loa"
    if not program.is_symlink():
        program.parent.mkdir(parents=True, exist_ok=True)
        program.symlink_to(plan.releases.current / "bin" / "loa")


def _files(plan: InstallPlan, said: dict[str, str]) -> None:
    """Put unit and nginx's block in place, unless they are there, and a request for a certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    from server.checks import shipped

    host = urlsplit(said.get("LOA_PUBLIC_URL", "")).hostname or "localhost"
    user, backups = said.get("LOA_USER", "loa"), said.get("LOA_BACKUP_DIR")
    unit = shipped.unit(plan.releases.prefix, user, said["LOA_DATA_DIR"], backups)
    block = shipped.block(said.get("LOA_PUBLIC_URL", ""), said.get("LOA_PORT", "8080"))
    if unit is None or block is None:
        raise click.ClickException(t("This Loa is no release: unit and nginx's block are not in it."))
    _put(plan.root / "etc/systemd/system/loa.service", unit)
    _put(plan.root / "etc/nginx/conf.d/loa.conf", block)
    key_file, request = plan.root / "etc/ssl/loa.key", plan.root / "etc/ssl/loa.csr"
    if key_file.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(names, critical=False)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    _put(key_file, key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode(), mode=0o600)
    _put(request, csr.sign(key, hashes.SHA256()).public_bytes(pem).decode())
    click.echo(t("{path} is for the province's own authority; put its certificate at /etc/ssl/loa.pem.", path=request))


def _put(path: Path, text: str, mode: int = 0o644) -> None:
    if path.exists():
        click.echo(t("{path} is kept.", path=path))
        return
    for folder in reversed([each for each in path.parents if not each.exists()]):
        folder.mkdir()
        folder.chmod(0o755)  # of the whole machine, whatever our umask: /etc/ssl holds what all programs trust
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    path.chmod(mode)  # whatever the umask


def _tables(loa: Path, units: str) -> None:
    """Fill an empty database; bring one with tables to this version."""
    if run(loa, "db", "revision", quiet=True).split()[0] == "none":
        click.echo(run(loa, "init", "--units", units))
    else:
        run(loa, "db", "upgrade")


def _keys(plan: InstallPlan, given: dict[str, Any]) -> None:
    """Print the sheet of keys, and have their fingerprint typed back: a key that nobody wrote down is lost."""
    from server.core.secrets_at_rest import fingerprints
    from server.settings import Settings

    noted = plan.settings.with_name("keys_on_paper")
    settings = Settings.from_environment(make=False)
    print_ = fingerprints(settings.keyring)[0]
    if noted.exists() and noted.read_text("utf-8").strip() == print_:
        return
    if settings.secret_file is not None:
        click.echo(
            f"\n{t('KEYS: write this down, keep it in the safe, apart from backups.')}\n  {settings.secret_file}:"
        )
        click.echo(f"  {settings.secret_file.read_text('utf-8')}\n  {t('fingerprint')}: {print_[:8]}\n")
    typed = given.get("fingerprint") or click.prompt(t("The fingerprint, read off the paper"))
    if str(typed).strip().lower() not in (print_[:8], "later"):
        raise click.ClickException(t("That is not the fingerprint: compare the paper, and run loa install again."))
    if str(typed).strip() != "later":
        noted.write_text(print_ + "\n", "utf-8")
