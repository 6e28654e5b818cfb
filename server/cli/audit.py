"""`loa audit`: check the audit log, and look at single lines."""

from __future__ import annotations

import click

from server.cli.application import application
from server.core.clock import local
from server.core.db import reading
from server.models import AuditLine
from server.services.audit import verifying
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
    "rolled_back": "an older database was put back, not by loa restore, and no administrator confirmed it",
}


@click.group()
def audit() -> None:
    """Check the log of who did what; see README.md, "Audit log"."""


@audit.command()
def verify() -> None:
    """Check every line, and the end against the heads outside the database. Exit status 1 if something is wrong."""
    with application(), reading() as session:
        found = verifying.verify(session)
        others = [fault for _, check in verifying.LOGS.named() for fault in check(session)]
    _tell(found)
    for fault in others:
        click.echo(fault, err=True)
    if found.faults or others:
        raise click.ClickException(f"{len(found.faults) + len(others)} faults: the log is not as it was written.")
    click.echo("The audit log is whole.")


@audit.command()
@click.argument("number", type=click.IntRange(1))
def show(number: int) -> None:
    """Print a line as it is stored: to compare its mac with a head that is on paper."""
    with application(), reading() as session:
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
    for fault in found.faults:
        click.echo(_said(fault), err=True)


def _said(fault: ChainFault) -> str:
    lines = f"Line {fault.number}" if fault.number == fault.last else f"Lines {fault.number} to {fault.last}"
    return f"{lines}: {SAID[fault.kind]}."
