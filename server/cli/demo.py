"""`loa demo`: a sample province two thirds through its campaign, and its accounts and codes.

The demo itself is `server/demo`. A checkout has it, the wheel does not. So only this file imports
it, and only where it is.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from server.cli.application import application, officer_named, settings_of
from server.cli.init import refuse_if_used
from server.cli.links import code_text
from server.core.shell_words import t

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from server.settings import Settings

PARTS = ("server.demo", "font_manrope")
COMMUNES = 60
"""Communes that are active; the others have no records."""
DESK_USERS = ("xa.chinhnghia", "huyen.kimdong", "tinh.hungyen", "quantri")


@click.command()
@click.option("--communes", type=click.IntRange(1), default=COMMUNES, show_default=True, help="How many are busy.")
@click.option("--show", "only_show", is_flag=True, help="Make nothing; print the ways in, with fresh codes.")
@click.option("--aside", is_flag=True, hidden=True)
def demo(communes: int, *, only_show: bool, aside: bool) -> None:
    """Fill an empty database with the demo; prints addresses, accounts and codes. Tables are brought up to date."""
    from server.core.db import reading

    if not is_installed():
        raise click.ClickException(
            t(
                "This installation has no demo: make run sets one up in a checkout of Loa, and pip "
                "install -e '.[demo]' brings what it needs."
            )
        )
    from server.demo.making import make_demo  # the wheel lacks it

    with application(migrate=True, named=not aside) as app:  # tools/first_start.sh gives the file its name after
        if not only_show:
            with reading() as session:
                refuse_if_used(session)
            make_demo(app, lambda sentence: click.echo(sentence, err=True), communes)
        show(app)


def is_installed() -> bool:
    """Return True if the demo and its font are here."""
    return all(find_spec(part) for part in PARTS)


def show(app: Flask) -> None:
    """Print a demo's addresses, accounts and codes; print nothing if the database or this installation has none."""
    from server.core.db import writing
    from server.services.installation import sample

    with writing() as session:
        if sample.is_demo(session) and is_installed():
            click.echo(ways_in(session, settings_of(app)))


def ways_in(session: Session, settings: Settings) -> str:
    """Return addresses, accounts and fresh codes as text for the terminal."""
    from server.demo.people import CASE_USERS, COMMUNE_USERS, PASSWORD  # the wheel lacks it
    from server.services.access import codes
    from server.services.installation import sample

    lines = [
        f"{t('The demo:'):<17} {settings.public_url}/",
        f"  {t('phone app'):<15} {settings.public_url}/app/",
        f"  {t('desk'):<15} {settings.public_url}/desk/",
        t("Desk accounts, all with the password {password}:", password=PASSWORD),
    ]
    lines += [f"  {username:<15} {officer_named(session, username).name}" for username in DESK_USERS]
    lines.append(
        t(
            "Confidential cases: sign in as {users}; passphrase {passphrase}; the page that asks for a code shows it",
            users=", ".join(reversed(CASE_USERS)),
            passphrase=sample.CASE_PASSPHRASE,
        )
    )
    lines.append(t("Codes for the phone app:"))
    for username in COMMUNE_USERS:
        officer = officer_named(session, username)
        code = codes.make_code(session, officer.id, None, settings.keyring)
        lines.append(f"  {officer.name}: {code_text(settings, code)}")
    return "\n".join(lines)
