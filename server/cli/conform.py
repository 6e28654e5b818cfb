"""`loa conform`: proves a server or a client of somebody else by the rules of sync/SPEC.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.conformance.clients import LEVELS, prove_client
from server.core.shell_words import t

if TYPE_CHECKING:
    from server.conformance.matching import Proof


@click.command()
@click.argument("url", required=False)
@click.option("--code", help="An enrolment code of an officer who takes part in a practice campaign.")
@click.option("--token", help="A device's token, instead of a code.")
@click.option("--campaign", help="The practice campaign, by id or name; needed if there are several.")
@click.option("--backup", help="A command that backs up the server at URL: restores are proved, too.")
@click.option("--restore", help="The command that puts that backup in the server's place, and lets it serve again.")
@click.option("--client", help="The command of a client to prove, instead of a server.")
@click.option("--level", type=click.Choice(LEVELS), default="write-only", help="How far the client goes.")
def conform(  # noqa: PLR0913  # the options of a command
    url: str | None,
    *,
    code: str | None,
    token: str | None,
    campaign: str | None,
    backup: str | None,
    restore: str | None,
    client: str | None,
    level: str,
) -> None:
    """Prove the server at URL, or a client, rule by rule. Exit status 1 if a rule failed, 2 if nothing was proved."""
    from server.conformance.servers import CannotBegin, ServerUnderTest

    if (backup is None) != (restore is None) or (backup and client):
        raise click.UsageError(t("Give --backup and --restore together, and only with the URL of a server."))
    if client:
        report = prove_client(client, level)
    elif url and (code or token):
        server = ServerUnderTest(url, {"backup": backup, "restore": restore} if backup and restore else {})
        try:
            report = server.prove(code, token, campaign)
        except (CannotBegin, OSError) as error:
            for line in server.report.lines():
                click.echo(line)
            click.echo(t("Nothing more was proved: {error}", error=error), err=True)
            raise SystemExit(2) from error
    else:
        raise click.UsageError(t("Give the URL of a server with --code or --token, or the command of a --client."))
    _say(report)


def _say(report: Proof) -> None:
    for line in report.lines():
        click.echo(line)
    passed, failed = len(set(report.passed) - set(report.failed)), len(report.failed)
    click.echo(t("{passed} rules passed, {failed} failed.", passed=passed, failed=failed))
    if failed:
        raise SystemExit(1)
