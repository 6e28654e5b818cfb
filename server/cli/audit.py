"""`loa audit`: check the audit log, and look at single lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.application import application, looking
from server.cli.given_files import GivenPath
from server.core.clock import local

if TYPE_CHECKING:
    from server.services.audit.naming import ChainFault
    from server.services.audit.verifying import ChainVerdict

SAID = {
    "changed": "changed: not as they were written",
    "missing": "missing",
    "inserted": "put in: nobody wrote them here",
    "reordered": "moved from another place",
    "cut_tail": "cut off the end",
    "forged_day": "removed, and not by the nightly job",
    "key_missing": "not to be checked: their key is not in the keyring",
    "other_installation": "of another installation, or made with other keys",
    "emptied": "The log is empty, though there are accounts",
    "heads_missing": "The heads {what} are not on this machine",
    "heads_altered": "Lines of {what}: altered, put in or missing",
    "heads_short": "{what}: its end was cut off",
    "heads_unnamed": "The heads {what}: begun anew, or their end in the database was removed",
    "copies_missing": "Heads that are not where they are copied to",
    "copies_altered": "Copies of {what} that are not as they were written",
    "triggers": "The trigger {what} is missing, switched off or another one",
    "rolled_back": "an older database was put back, not by loa restore, and no administrator confirmed it",
}


@click.group()
def audit() -> None:
    """Check the log of who did what; see docs/operate.md, "Audit log"."""


@audit.command()
@click.option(
    "--copies",
    multiple=True,
    type=GivenPath(),
    help="A file with copies of heads, of this or other hosts: as copied, or as syslog wrote them.",
)
def verify(copies: tuple[Path, ...]) -> None:
    """Check lines, heads outside the database, their copies and triggers. Exit status 1 if something is wrong."""
    from server.core.db import reading
    from server.services.audit import verifying

    with application(), reading() as session:
        found = verifying.verify(session, copies)
        others = [fault for _, check in verifying.LOGS.named() for fault in check(session)]
    _tell(found)
    for fault in others:
        click.echo(fault, err=True)
    if found.faults or others:
        raise click.ClickException(f"{len(found.faults) + len(others)} faults: the log is not as it was written.")
    click.echo("The audit log is whole.")


@audit.command()
@click.argument("heads", metavar="ID")
def accept(heads: str) -> None:
    """Say that the heads with this id are elsewhere, and why is known: on another host, or gone with an old machine."""
    from server.core.db import reading
    from server.services.audit import log, verifying
    from server.services.audit.acts import Act

    with application():
        with reading() as session:
            if heads not in {line.about_id for line in verifying.verify(session).files}:
                raise click.ClickException(f"The log names no heads {heads}.")
        log.note(Act.HEADS_ACCEPTED, ("heads", heads))
        click.echo(f"The log says now that the heads {heads} are elsewhere.")


@audit.command()
@click.argument("number", type=click.IntRange(1))
def show(number: int) -> None:
    """Print a line as it is stored: to compare its mac with a head that is on paper."""
    from server.models import AuditLine

    with looking() as session:
        row = session.get(AuditLine, number)
        if row is None:
            raise click.ClickException(f"There is no line {number}.")
        for column in AuditLine.__table__.columns:
            click.echo(f"{column.name}: {getattr(row, column.name)}")


def _tell(found: ChainVerdict) -> None:
    removed = f", {found.removed} older ones were removed by retention" if found.removed else ""
    click.echo(f"{found.lines} lines, the last is {found.last}{removed}. Head: {found.head[:12] or 'none'}.")
    click.echo(f"{found.witnesses} heads outside the database were compared.")
    for number in found.set_back[:20]:
        click.echo(f"The clock was set back before line {number}.")
    for restore in found.restores:
        lost = f"; {restore.lost} lines after it were lost with the old database" if restore.lost else ""
        click.echo(f"Line {restore.number}: restored at {local(restore.at):%d/%m/%Y %H:%M:%S}{lost}.")
    for old in found.replaced:
        click.echo(
            f"The heads {old.of} ({old.lines} lines) are of an installation that this one replaced by the restore at "
            f"{local(old.at):%d/%m/%Y %H:%M:%S}: its keys are not here, so nobody can check them."
        )
    for fault in found.faults:
        click.echo(_said(fault), err=True)


def _said(fault: ChainFault) -> str:
    words = SAID[fault.kind].format(what=fault.what)
    if words[0].isupper() or fault.what:
        at = f" ({fault.number} to {fault.last})" if fault.last > fault.number else f" ({fault.number})"
        return f"{words}{at if fault.number else ''}."
    lines = f"Line {fault.number}" if fault.number == fault.last else f"Lines {fault.number} to {fault.last}"
    return f"{lines}: {words}."
