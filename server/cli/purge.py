"""`loa purge`: remove the content of records for good: a victim's face in a photo, a practice campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.cli.application import BY_ID, application, officer_named, settings_of
from server.cli.campaign_files import known_campaign
from server.core.clock import now_ms
from server.core.shell_words import t

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from server.services.recovery.purges import Found


@click.command(context_settings=BY_ID)
@click.argument("record", metavar="[RECORD]", default="")
@click.option("--campaign", metavar="ID", default="", help="All records of a practice campaign instead of one record.")
@click.option("--by", metavar="USER", required=True, help="The administrator who wants it; kept with the reason.")
@click.option("--why", metavar="TEXT", required=True, help="The reason, without what is to be forgotten.")
@click.option("--yes", is_flag=True, help="Do it; without, say what would be removed.")
def purge(*, record: str, campaign: str, by: str, why: str, yes: bool) -> None:
    """Remove what a record (its id ends the address of its page) says and shows, here and on phones, for good."""
    from server.core import data_dir_locks
    from server.core.db import reading, writing
    from server.services.photos.uploads import Partials
    from server.services.records.tombstones import Order
    from server.services.recovery import purges
    from server.services.units.scope import ADMIN, Scope
    from server.serving.installation import installed

    if bool(record) == bool(campaign):
        raise click.ClickException(t("Name one record, or --campaign with a practice campaign."))
    with application() as app:
        with reading() as session:
            officer = officer_named(session, by)
            if not Scope(session, officer.id).has_role(ADMIN):
                raise click.ClickException(t("{by} is no administrator; nothing was removed.", by=by))
            found = purges.find(session, _wanted(session, record, campaign))
            officer_id = officer.id
        if not found:
            raise click.ClickException(t("There is no such record, or it was purged before."))
        for each in found:
            click.echo(_said(each))
        if not yes:
            click.echo(t("Nothing was removed yet; --yes removes it for good."))
            return
        settings = settings_of(app)
        with data_dir_locks.sweeping(settings.data_dir) as may:
            if not may:
                raise click.ClickException(t("A backup is running; nothing was removed."))
            order = Order(officer_id, why[:2000], now_ms())
            with writing() as session:
                gone = purges.purge(session, [each.record_id for each in found], order, installed(app).blobs)
            # Again after the commit, because an upload of these photos could begin until then.
            Partials(settings.data_dir / "partial").forget(gone)
        click.echo(
            t(
                "Removed. Backups and phones that do not come still hold it; {revocations_file} says so.",
                revocations_file=settings.revocations_file,
            )
        )


def _wanted(session: Session, record: str, campaign: str) -> list[str]:
    from server.services.recovery import purges

    if not campaign:
        return [record]
    row = known_campaign(session, campaign)
    if not row.practice:
        raise click.ClickException(t("{name} is no practice campaign; nothing was removed.", name=row.name))
    return purges.of_campaign(session, row.id)


def _said(found: Found) -> str:
    counts = {"writes": found.writes, "photos": found.photos}
    said = t(
        "{title} ({record}): {writes} writes, {photos} photos", title=found.title, record=found.record_id, **counts
    )
    shared = ", ".join(found.shared)
    return t("{said}; a photo stays, named by {shared}", said=said, shared=shared) if found.shared else said
