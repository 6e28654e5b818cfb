"""`loa device` and `loa code`: phones, programs, and the codes that enrol phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.cli.application import BY_ID, changing, looking, officer_named, transaction
from server.cli.links import code_text, token_text
from server.core.clock import local
from server.core.shell_words import t
from sync.protocol import CODE_DAYS, CODE_DAYS_MOST

if TYPE_CHECKING:
    from server.models import Device

user_option = click.option("--user", "username", required=True, metavar="NAME")


@click.group()
def device() -> None:
    """Look after devices: the officers' phones, and programs that speak the phones' interface."""


@device.command()
@user_option
@click.option("--label", default="program", show_default=True, help="What it is called in lists.")
def add(username: str, label: str) -> None:
    """Make a device for a program; prints its token once. Phones stay as they are."""
    from server.services.access import devices

    with transaction() as session:
        enrolled = devices.add_device(session, officer_named(session, username).id, label, script=True)
        text = token_text(enrolled)
    click.echo(text)


@device.command(name="list")
@click.option("--user", "username", metavar="NAME", help="Only this user's.")
def list_devices(username: str | None) -> None:
    """Show devices, the newest first."""
    from server.services.access import accounts

    with looking() as session:
        officer_id = officer_named(session, username).id if username else None
        for row, officer in accounts.devices(session, officer_id):
            seen = f"{local(row.seen_at):%d/%m/%Y %H:%M}"
            click.echo(
                t(
                    "{id}  {username}  {mark}  {label}; {state}; last seen {seen}",
                    id=row.id,
                    username=officer.username,
                    mark=row.mark,
                    label=row.label,
                    state=_state(row),
                    seen=seen,
                )
            )


@device.command(context_settings=BY_ID)
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> None:
    """Shut a device out at once; what it sent stays."""
    from server.services.access import accounts

    with transaction() as session:
        if accounts.revoke(session, id_) is None:
            raise click.ClickException(t("There is no device {id}; loa device list shows all.", id=id_))
    click.echo(t("The device is shut out."))


@click.command()
@user_option
@click.option(
    "--days", type=click.IntRange(1, CODE_DAYS_MOST), default=CODE_DAYS, show_default=True, help="How long it serves."
)
def code(username: str, days: int) -> None:
    """Print an enrolment code; the one before becomes void."""
    from server.core.db import writing
    from server.services.access import codes

    with changing() as settings:
        with writing() as session:
            made = codes.make_code(session, officer_named(session, username).id, None, settings.keyring, days)
        click.echo(code_text(settings, made, days))


def _state(row: Device) -> str:
    if row.revoked_at is not None:
        return t("shut out")
    if row.replaced_at is not None:
        return t("replaced by a newer phone")
    return t("program") if row.script else t("phone")
