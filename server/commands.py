"""The `loa` command: one group, put together from one small file per topic in server/cli/."""

import os

import click

from server.cli.application import user_name
from server.cli.audit import audit
from server.cli.backup import backup
from server.cli.campaign import campaign
from server.cli.db import db
from server.cli.demo import demo
from server.cli.device import code, device
from server.cli.init import init
from server.cli.keys import keys
from server.cli.purge import purge
from server.cli.restore import restore
from server.cli.serve import serve
from server.cli.sweep import sweep
from server.cli.unit import unit
from server.cli.user import user
from server.cli.worker import worker
from server.core.actor import ActorKind, acting_as


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loa", message="%(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Loa: the server behind the phones and the desk."""
    context.with_resource(acting_as(ActorKind.COMMAND, context.invoked_subcommand or "", user_name()))
    before = os.umask(0o077)  # all files written, by the server's processes too, are readable by this user only
    context.call_on_close(lambda: os.umask(before))


COMMANDS = (
    serve,
    init,
    demo,
    user,
    device,
    code,
    keys,
    campaign,
    unit,
    db,
    backup,
    restore,
    purge,
    sweep,
    worker,
    audit,
)
for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
