"""What `loa install`, `upgrade` and `rollback` share: where releases lie, the service, programs that root runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from server.core.shell_words import t

SYSTEMD: Final = Path("/run/systemd/system")
HEALTH_S: Final = 120
"""How long a new release may take until its health is good, on a slow disk beside other work."""
STOP_S: Final = 60
"""How long a server may take to stop: gunicorn gives requests 30 s, and then the job that runs gets 12."""


@dataclass(frozen=True, slots=True)
class Releases:
    """The folder of releases: `releases/X`, and the links `current` and `last`, each changed in one step."""

    prefix: Path

    @property
    def current(self) -> Path:
        """The link to the release that serves."""
        return self.prefix / "current"

    @property
    def last(self) -> Path:
        """The link to the release before it."""
        return self.prefix / "last"

    def named(self, link: Path) -> str:
        """Return the version to which a link leads; empty if there is none."""
        return link.readlink().name if link.is_symlink() else ""

    def point(self, link: Path, version: str) -> None:
        """Let the link lead to this version."""
        from server.core import atomic_files

        begun = link.with_name(f"{link.name}.new")
        begun.unlink(missing_ok=True)
        begun.symlink_to(Path("releases") / version)
        begun.replace(link)
        atomic_files.sync(self.prefix)

    def program(self, version: str) -> Path:
        """Return the `loa` of a version."""
        return self.prefix / "releases" / version / "bin" / "loa"

    def about(self, version: str) -> dict[str, Any]:
        """Return what release.json says."""
        found: dict[str, Any] = json.loads((self.prefix / "releases" / version / "release.json").read_text("utf-8"))
        return found


def need_root() -> None:
    """Refuse anybody but root, in one sentence."""
    if os.geteuid() != 0:
        raise click.ClickException(t("This writes outside the data folder: run it as root (sudo)."))


def run(*words: object, quiet: bool = False) -> str:
    """Run a program; its failure becomes one sentence. Returns what it printed."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines() or [f"ended with {done.returncode}"]
        raise click.ClickException(f"{Path(str(words[0])).name} {words[1] if len(words) > 1 else ''}: {said[-1]}")
    if done.stderr and not quiet:
        click.echo(done.stderr.rstrip(), err=True)
    return done.stdout


def service(verb: str) -> bool:
    """Have systemd start, stop or reload the service. Returns False where systemd does not run."""
    if not SYSTEMD.is_dir() or shutil.which("systemctl") is None:
        return False
    run("systemctl", verb, "loa.service")
    return True


@contextmanager
def tried(program: Path, url: str) -> Iterator[None]:
    """Serve with this program until the block ends; its health must be good first. Raises ClickException.

    What it says goes to a file: a pipe that nobody reads would fill up and hold it. That it is slow to stop says
    nothing against the release, so nothing is raised for that.
    """
    with tempfile.TemporaryFile("w+") as said:
        served = subprocess.Popen([program, "serve"], stdout=subprocess.DEVNULL, stderr=said, text=True)  # noqa: S603
        try:
            until = time.monotonic() + HEALTH_S
            while not healthy(url):
                if served.poll() is not None:
                    said.seek(0)
                    lines = said.read().strip().splitlines()
                    raise click.ClickException(
                        t(
                            "{program} serve ended: {what}",
                            program=program,
                            what=lines[-1] if lines else served.returncode,
                        )
                    )
                if time.monotonic() > until:
                    raise click.ClickException(
                        t("{program} serve was not well after {HEALTH_S} seconds.", program=program, HEALTH_S=HEALTH_S)
                    )
                time.sleep(0.3)
            yield
        finally:
            _ended(served)


def _ended(served: subprocess.Popen[str]) -> None:
    """Stop a server: as asked, then at once, then without asking. Its children end when they miss it."""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL):
        served.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            served.wait(STOP_S)
            return
    served.wait()


def healthy(url: str) -> bool:
    """Return True if the server says that it is well. Its certificate names the public address, not this one."""
    import ssl
    import urllib.error
    import urllib.request

    bare = ssl.create_default_context()
    bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{url}/api/v1/health", timeout=5, context=bare) as answer:  # noqa: S310  # our own
            return bool(json.load(answer)["status"] == "ok")
    except (OSError, ValueError, urllib.error.URLError):
        return False
