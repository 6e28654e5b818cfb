"""`loa audit`: check the audit log, and look at single lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.application import application, looking
from server.cli.given_files import GivenPath
from server.core.clock import local
from server.core.shell_words import later, t, tn

if TYPE_CHECKING:
    from server.services.audit.naming import ChainFault
    from server.services.audit.verifying import ChainVerdict

SAID = {
    "changed": later("changed: not as they were written"),
    "missing": later("missing"),
    "inserted": later("put in: nobody wrote them here"),
    "reordered": later("moved from another place"),
    "cut_tail": later("cut off the end"),
    "forged_day": later("removed, and not by the nightly job"),
    "key_missing": later("not to be checked: their key is not in the keyring"),
    "other_installation": later("of another installation, or made with other keys"),
    "emptied": later("The log is empty, though there are accounts"),
    "heads_missing": later("The heads {what} are not on this machine"),
    "heads_altered": later("Lines of {what}: altered, put in or missing"),
    "heads_short": later("{what}: its end was cut off"),
    "heads_unnamed": later("The heads {what}: begun anew, or their end in the database was removed"),
    "copies_missing": later("Heads that are not where they are copied to"),
    "copies_altered": later("Copies of {what} that are not as they were written"),
    "triggers": later("The trigger {what} is missing, switched off or another one"),
    "rolled_back": later("an older database was put back, not by loa restore, and no administrator confirmed it"),
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
        faults = len(found.faults) + len(others)
        raise click.ClickException(
            tn(
                "{n} fault: the log is not as it was written.",
                "{n} faults: the log is not as it was written.",
                faults,
            )
        )
    click.echo(t("The audit log is whole."))


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
                raise click.ClickException(t("The log names no heads {heads}.", heads=heads))
        log.note(Act.HEADS_ACCEPTED, ("heads", heads))
        click.echo(t("The log says now that the heads {heads} are elsewhere.", heads=heads))


@audit.command()
@click.argument("number", type=click.IntRange(1))
def show(number: int) -> None:
    """Print a line as it is stored: to compare its mac with a head that is on paper."""
    from server.models import AuditLine

    with looking() as session:
        row = session.get(AuditLine, number)
        if row is None:
            raise click.ClickException(t("There is no line {number}.", number=number))
        for column in AuditLine.__table__.columns:
            click.echo(f"{column.name}: {getattr(row, column.name)}")


def _tell(found: ChainVerdict) -> None:
    removed = t(", {count} older ones were removed by retention", count=found.removed) if found.removed else ""
    click.echo(
        t(
            "{lines} lines, the last is {last}{removed}. Head: {head}.",
            lines=found.lines,
            last=found.last,
            removed=removed,
            head=found.head[:12] or t("none"),
        )
    )
    click.echo(t("{count} heads outside the database were compared.", count=found.witnesses))
    for number in found.set_back[:20]:
        click.echo(t("The clock was set back before line {number}.", number=number))
    for restore in found.restores:
        lost = t("; {count} lines after it were lost with the old database", count=restore.lost) if restore.lost else ""
        when = f"{local(restore.at):%d/%m/%Y %H:%M:%S}"
        click.echo(t("Line {number}: restored at {when}{lost}.", number=restore.number, when=when, lost=lost))
    for old in found.replaced:
        when = f"{local(old.at):%d/%m/%Y %H:%M:%S}"
        click.echo(
            t(
                "The heads {of} ({lines} lines), set aside by the restore at {when}, were made with keys that are not "
                "here: by an installation that this one replaced, or before keys were lost. Nobody can check them.",
                of=old.of,
                lines=old.lines,
                when=when,
            )
        )
    for fault in found.faults:
        click.echo(_said(fault), err=True)


def _said(fault: ChainFault) -> str:
    words = t(SAID[fault.kind], what=fault.what)
    if SAID[fault.kind][0].isupper() or fault.what:
        at = f" ({fault.number} to {fault.last})" if fault.last > fault.number else f" ({fault.number})"
        return f"{words}{at if fault.number else ''}."
    if fault.number == fault.last:
        return t("Line {number}: {what}.", number=fault.number, what=words)
    return t("Lines {number} to {last}: {what}.", number=fault.number, last=fault.last, what=words)
