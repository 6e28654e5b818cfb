"""The `loa` command: one group of the commands that the capabilities add."""

import os

import click

from server.cli.application import user_name
from server.core.actor import ActorKind, acting_as
from server.core.service_user import NoUser, become
from server.registration import collect
from server.settings_file import BadSettingsFile, merged

ROOTS_OWN = ("doctor", "install", "upgrade", "rollback")
"""Commands that stay root's: they write outside the data folder, or look at what only root may read."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loa", message="%(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Loa: the server behind the phones and the desk."""
    context.with_resource(acting_as(ActorKind.COMMAND, context.invoked_subcommand or "", user_name()))
    if context.invoked_subcommand not in ROOTS_OWN:
        _as_service_user()
    before = os.umask(0o077)  # all files written, by the server's processes too, are readable by this user only
    context.call_on_close(lambda: os.umask(before))


def _as_service_user() -> None:
    if os.geteuid() != 0:
        return
    try:
        become(merged(os.environ).get("LOA_USER", ""))
    except (BadSettingsFile, NoUser) as reason:
        raise click.ClickException(str(reason)) from reason


for command in collect().commands:
    main.add_command(command)

if __name__ == "__main__":
    main()
