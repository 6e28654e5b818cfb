"""`loa keys`: the keys that sign and seal; add a new one, retire an old one. Both while nothing is served.

A running server holds the keys it started with. Beside it, what a command made with a newer key would not be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from server.cli.application import application, configured, settings_of
from server.cli.serve import REFUSED
from server.core.clock import local, now_ms
from server.core.shell_words import t

if TYPE_CHECKING:
    from server.core.keyring import Keyring, Secret
    from server.services.recovery.key_use import Use
    from server.settings import Settings


@click.group()
def keys() -> None:
    """Look after the keys that sign and seal; see docs/operate.md, "Keys"."""


@keys.command(name="list")
def list_keys() -> None:
    """Show the keys, the newest first, and what still needs the older ones. Shows no secret."""
    from server.core.db import reading
    from server.services.recovery import key_use

    with application() as app, reading() as session:
        ring = settings_of(app).keyring
        newest, *older = reversed(ring.secrets)
        click.echo(t("{line}; current", line=_line(newest)))
        for secret in older:
            click.echo(f"{_line(secret)}; {_needs(key_use.of(session, ring, secret.id))}")


@keys.command()
def add() -> None:
    """Add a new key, which is current from the next start on. What older keys made stays valid."""
    from server.core import keyring_file
    from server.services.audit import log
    from server.services.audit.acts import Act

    with _changing() as settings:
        ring = settings.keyring
        made = keyring_file.new_secret(max(now_ms(), (ring.secrets[-1].made_at or 0) + 1))
        log.note(Act.KEY_ADDED, ("key", made.id))
        _keep(settings, replace(ring, secrets=(*ring.secrets, made)))
    click.echo(
        t(
            "Key {id} is in {keyring_file}, and current from the next start of loa serve on.",
            id=made.id,
            keyring_file=settings.keyring_file,
        )
    )
    click.echo(
        t(
            "Keep a copy of that file apart from backups: without it what is made from now on does "
            "not open. On several hosts put the same file on each of them before any serves again."
        )
    )


@keys.command()
@click.argument("id_", metavar="ID")
@click.option("--yes", is_flag=True, help="Retire it although something still needs it.")
def retire(id_: str, *, yes: bool) -> None:
    """Remove an older key for good. Says what still needs it and refuses then, unless --yes."""
    from server.core.db import reading
    from server.core.keyring import FIRST
    from server.core.secrets_at_rest import fingerprints
    from server.services.audit import log
    from server.services.audit.acts import Act
    from server.services.audit.chain import AUDIT
    from server.services.installation import own_secret
    from server.services.recovery import key_use

    with _changing() as settings:
        ring = settings.keyring
        if id_ not in {secret.id for secret in ring.secrets}:
            raise click.ClickException(t("There is no key {id}; loa keys list shows all.", id=id_))
        if id_ == ring.secrets[-1].id:
            raise click.ClickException(t("This is the current key: add another one first, with loa keys add."))
        with reading() as session:
            if own_secret.noted(session) != fingerprints(ring)[0]:
                raise click.ClickException(t("The newest key was not served with yet: start loa serve first."))
            use = key_use.of(session, ring, id_)
        if not use.is_none and not yes:
            raise click.ClickException(
                t("Key {id} is still needed: {needs}. Nothing was changed; see --yes.", id=id_, needs=_needs(use))
            )
        log.note(Act.KEY_RETIRED, ("key", id_))
        _keep(settings, ring.without(id_, AUDIT))
    click.echo(t("Key {id} is retired: nothing that it made opens or is recognised any more.", id=id_))
    if id_ == FIRST:
        click.echo(t("LOA_SECRET_KEY and the file secret_key are not read any more; remove them, keep the keyring."))


@contextmanager
def _changing() -> Iterator[Settings]:
    """Yield the settings while nothing serves. Refuses keys that are not the database's own."""
    from server.core import data_dir_locks
    from server.core.db import reading
    from server.core.secrets_at_rest import fingerprints
    from server.services.installation import own_secret

    data_dir = configured(make=False).data_dir
    # The lock first: keys that another command adds meanwhile are read, not overwritten.
    with data_dir_locks.restoring(data_dir) if data_dir.is_dir() else nullcontext(enter_result=True) as may:
        if not may:
            raise click.ClickException(t("The data folder is in use; stop loa serve first. Nothing was changed."))
        with application() as app:
            with reading() as session:
                noted, settings = own_secret.noted(session), settings_of(app)
            if noted is None:
                raise click.ClickException(t("This database was never served: start loa serve once first."))
            if noted not in fingerprints(settings.keyring):
                raise click.ClickException(REFUSED)
            yield settings


def _keep(settings: Settings, ring: Keyring) -> None:
    from server.core import keyring_file

    try:
        keyring_file.write(settings.keyring_file, ring)
    except OSError as error:
        said = t(
            "The keyring {path} cannot be written ({error}); see LOA_KEYRING_FILE.",
            path=settings.keyring_file,
            error=error.strerror,
        )
        raise click.ClickException(said) from error


def _line(secret: Secret) -> str:
    from server.core import keyring_file

    if secret.made_at is None:
        return f"{secret.id:<{keyring_file.ID_LENGTH}}  {t('the first secret')}"
    return f"{secret.id}  {t('made {when}', when=f'{local(secret.made_at):%d/%m/%Y %H:%M}')}"


def _needs(use: Use) -> str:
    if use.is_none:
        return t("nothing known needs it")
    return t(
        "{phones} phones that enrolled with it or earlier may seal rescue files with it ({silent} of them not heard of "
        "since the next key), {codes} codes, {files} rescue files that wait, {factors} second factors, "
        "{recovery_codes} recovery codes, {totals} sealed totals, {cases} rows of confidential cases",
        phones=use.phones,
        silent=use.silent,
        codes=use.codes,
        files=use.files,
        factors=use.factors,
        recovery_codes=use.recovery_codes,
        totals=use.totals,
        cases=use.cases,
    )
