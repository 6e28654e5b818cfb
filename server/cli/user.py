"""`loa user`: accounts and their roles."""

from __future__ import annotations

import click

from server.cli.application import changing, looking, officer_named, transaction, unit_coded
from server.cli.links import welcome_text
from server.core.clock import local
from server.core.shell_words import t, tn
from server.services.units.roles import ROLES

role_option = click.option("--role", type=click.Choice(ROLES), required=True)
unit_option = click.option("--unit", "code", required=True, metavar="CODE", help="The unit's code.")


@click.group()
def user() -> None:
    """Make, list and shut out accounts."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="What colleagues see.")
@click.option("--phone", default="", help="Shown to the officers below as their contact.")
@unit_option
@role_option
def add(username: str, name: str, phone: str, code: str, role: str) -> None:
    """Make an account with its first role; prints a one-time link to the desk."""
    from server.core.db import writing
    from server.services.access.welcome import make_welcome
    from server.services.organisation.staff import NewOfficer, add_officer, give_role

    with changing() as settings:
        with writing() as session:
            unit = unit_coded(session, code)
            try:
                officer = add_officer(session, NewOfficer(username, name, phone=phone))
            except ValueError as reason:
                raise click.ClickException(t("No account was made: {reason}.", reason=reason)) from reason
            give_role(session, officer.id, unit.id, role)
            token = make_welcome(session, officer.id)
            click.echo(t("{user}: {role} of {unit}.", user=officer.username, role=role, unit=unit.name))
        click.echo(welcome_text(settings, token))


@user.command(name="role")
@click.argument("username")
@unit_option
@click.option("--role", type=click.Choice(ROLES), help="The role to give.")
@click.option("--end", is_flag=True, help="End every role at this unit instead.")
def change_role(username: str, code: str, role: str | None, *, end: bool) -> None:
    """Give a role at a unit, or end all roles there."""
    from server.services.organisation.staff import end_roles, give_role

    if end == (role is not None):
        raise click.UsageError(t("Give either --role or --end."))
    with transaction() as session:
        officer, unit = officer_named(session, username), unit_coded(session, code)
        if role is None:
            end_roles(session, officer.id, unit.id)
        else:
            give_role(session, officer.id, unit.id, role)
        said = role or t("no role")
        click.echo(t("{user}: {role} at {unit}.", user=officer.username, role=said, unit=unit.name))


@user.command(name="list")
def list_users() -> None:
    """Show all accounts with their roles."""
    from server.services.access import accounts

    with looking() as session:
        for account in accounts.accounts(session):
            held = [t("{role} of {unit} ({code})", role=role, unit=at.name, code=at.code) for at, role in account.roles]
            roles = ", ".join(held) or t("no role")
            out = f" [{t('disabled')}]" if account.officer.disabled_at else ""
            click.echo(f"{account.officer.username}{out}: {account.officer.name}; {roles}")


@user.command()
@click.argument("username")
def password(username: str) -> None:
    """Take the password away, sign out everywhere, print a one-time link to choose a new one.

    The page of the link lists the account's devices and asks of each whether it stays.
    """
    from server.core.db import writing
    from server.services.access import accounts
    from server.services.access.welcome import reset_password

    with changing() as settings:
        with writing() as session:
            officer = officer_named(session, username)
            token = reset_password(session, officer)
            for device in accounts.devices_in_use(session, officer.id):
                seen = f"{local(device.seen_at):%d/%m/%Y %H:%M}"
                click.echo(f"{device.id}  {device.mark}  {device.label}; {t('last seen {when}', when=seen)}")
        click.echo(welcome_text(settings, token))


@user.command(name="second-factor")
@click.argument("username")
@click.option("--reset", is_flag=True, help="Take a lost one away; the account is signed out everywhere.")
def second_factor_of(username: str, *, reset: bool) -> None:
    """Show whether an account has a second factor, or take a lost one away."""
    from server.services.access import accounts, second_factor

    with transaction() as session:
        officer = officer_named(session, username)
        has = second_factor.in_use(session, officer.id) is not None
        if reset and second_factor.end(session, officer.id):
            accounts.end_sessions(session, officer.id)
            click.echo(t("{user} has no second factor any more.", user=officer.username))
        else:
            said = t("{user} has a second factor.", user=officer.username)
            click.echo(said if has else t("{user} has no second factor.", user=officer.username))


@user.command(name="sign-out")
@click.argument("username", metavar="[USERNAME]", default="")
@click.option("--all", "everybody", is_flag=True, help="Everybody, where it is not known whose sessions were taken.")
def sign_out(username: str, *, everybody: bool) -> None:
    """End the sessions of an account at the desk, or of all; passwords, second factors and phones stay."""
    from server.services.access import accounts

    if bool(username) == everybody:
        raise click.UsageError(t("Name an account, or --all."))
    with transaction() as session:
        if everybody:
            ended = accounts.end_all_sessions(session)
            click.echo(tn("{n} account was signed out.", "{n} accounts were signed out.", ended))
        else:
            officer = officer_named(session, username)
            accounts.sign_out(session, officer.id)
            click.echo(t("{user} is signed out everywhere.", user=officer.username))


@user.command()
@click.argument("username")
def disable(username: str) -> None:
    """Shut an account out, at the desk and on its phones; what it sent stays. loa user enable lets it in again."""
    from server.services.access import accounts

    with transaction() as session:
        officer = officer_named(session, username)
        if accounts.is_last_administrator(session, officer):
            raise click.ClickException(
                t(
                    "{user} is the last administrator of the top unit; nobody was shut out. Give the role admin there "
                    "to somebody else first: loa user role USER --unit CODE --role admin.",
                    user=officer.username,
                )
            )
        accounts.disable(session, officer)
        click.echo(t("{user} is shut out; loa user enable {user} lets it in again.", user=officer.username))


@user.command()
@click.argument("username")
def enable(username: str) -> None:
    """Let an account in again that was shut out."""
    from server.services.access import accounts

    with transaction() as session:
        officer = officer_named(session, username)
        accounts.disable(session, officer, undo=True)
        click.echo(t("{user} is let in again.", user=officer.username))
