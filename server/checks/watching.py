"""The worker checks each minute, keeps what it found, and gives the alarm when something turned red or good again.

An alarm that does not get through is a line in the log, and is given again at the next look, by each way that failed.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from typing import Final
from urllib.parse import urlsplit

from server.backups.repository import NIGHTS, snapshots
from server.checks import run
from server.core import atomic_files, findings
from server.core.clock import now_ms
from server.core.db import db, reading
from server.core.findings import HealthFinding, Level
from server.core.unavailable import is_unavailable
from server.desk import words
from server.services.jobs import Jobs
from server.settings import Settings

log = logging.getLogger(__name__)
EVERY_S: Final = 60
ALERT_S: Final = 60
MAIL_S: Final = 90
"""A mail server that says something each second is waited for no longer: the next checks must begin."""
OWED: Final = "alert_owed"
"""A file of the data folder: the ways by which the last alarm has still to go."""
GOOD_NIGHT: Final = "good_night"
"""A file of the data folder: its time is that of the last backup after which nothing was red. For a dead-man alarm."""


def register(jobs: Jobs, settings: Settings) -> None:
    """Have each worker look around."""
    jobs.register_tick("checks", lambda: look(settings), every_s=EVERY_S)


def look(settings: Settings) -> list[HealthFinding]:
    """Check, keep what was found, and give the alarm if what is red is not what was red before."""
    before = {_red(one) for one in findings.read(settings.data_dir, now_ms()) or [] if one.level is Level.BAD}
    found = _run(settings)
    found.append(HealthFinding("worker", "good", Level.GOOD))
    findings.write(settings.data_dir, found, now_ms())
    red = [one for one in found if one.level is Level.BAD]
    _note_good_night(settings, good=not red)
    _alert(settings, [words.finding(one, "vi") for one in red], new={_red(one) for one in red} != before)
    return found


def _run(settings: Settings) -> list[HealthFinding]:
    try:
        with reading() as session:
            return run(settings, session)
    except Exception as error:
        if not is_unavailable(error):
            raise
        return run(settings, None)
    finally:
        db.session.remove()


def _red(finding: HealthFinding) -> tuple[str, str, str]:
    return finding.check, finding.outcome, str(finding.values.get("what", ""))


def _note_good_night(settings: Settings, *, good: bool) -> None:
    folder = settings.backup_dir
    nights = snapshots(folder / NIGHTS) if folder is not None and folder.is_dir() else []
    path = settings.data_dir / GOOD_NIGHT
    if good and nights and (not path.exists() or path.read_text("utf-8").strip() != nights[-1].name):
        atomic_files.write(path, nights[-1].name + "\n")


def _alert(settings: Settings, lines: list[str], *, new: bool) -> None:
    """Say it with a line for each red check; without one, all is well again. `new`: else only what is owed."""
    ways = {"command": _call, "mail": _mail}
    path = settings.data_dir / OWED
    owed = list(ways) if new else path.read_text("utf-8").split() if path.exists() else []
    said = "\n".join(lines or [str(words.catalogue("vi")["check.all_good"])]) + "\n"
    left = [way for way in owed if way in ways and not ways[way](settings, said, red=bool(lines))]
    if left:
        atomic_files.write(path, " ".join(left) + "\n")
    elif owed:
        path.unlink(missing_ok=True)


def _mail(settings: Settings, said: str, *, red: bool) -> bool:
    """True if the mail was handed in, or none is wanted."""
    mail, texts = settings.alert_mail, words.catalogue("vi")
    if mail is None:
        return True
    subject = str(texts["check.mail_red"] if red else texts["check.mail_good"])
    failed = ["Timeout"]

    def send() -> None:
        try:
            mail.send(subject.format(host=urlsplit(settings.public_url).hostname), said)
            failed.clear()
        except OSError as error:  # smtplib's errors are some; a message may hold addresses
            failed[:] = [type(error).__name__]

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(MAIL_S)
    for name in failed:
        log.error("the alert mail failed: %s", name)
    return not failed


def _call(settings: Settings, said: str, *, red: bool) -> bool:  # noqa: ARG001  # it reads what was found
    """True if the command took it, or there is none."""
    command = settings.alert_command
    if not command:
        return True
    try:
        done = subprocess.run([command], input=said, text=True, timeout=ALERT_S, check=False, capture_output=True)  # noqa: S603  # the settings' own program
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the alert command failed: %s", type(error).__name__)  # noqa: TRY400
        return False
    if done.returncode:
        log.error("the alert command ended with %d", done.returncode)
    return done.returncode == 0
