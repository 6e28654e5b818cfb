"""The case key in this request: open for a holder who typed the passphrase in this browser, else closed.

The secret that opens it is in the session's cookie and nowhere else (keyholders/vault.py).
"""

from __future__ import annotations

from typing import cast

from flask import g, redirect, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import within, writing
from server.desk import guard
from server.desk.where import here
from server.services.keyholders import vault
from server.services.keyholders.vault import Vault
from server.serving.installation import installed

KEY = "case_key"


def app_vault() -> Vault:
    """Return the case key, as far as it is open; read once, in the transaction that is under way if there is one."""
    if "vault" not in g:
        with within() as database:
            vault_in(database)
    return cast("Vault", g.vault)


def vault_in(database: Session) -> Vault:
    """Return the same, read in this transaction."""
    if "vault" not in g:
        shut, standing = vault.closed(database, installed().keyring), guard.session_state()
        secret = session.get(KEY, "")
        opened = vault.opened(database, standing.officer, secret) if secret and standing else None
        g.touch_opening = opened is not None and opened[1]
        g.vault = Vault(shut.ring, shut.id, shut.public, opened[0]) if opened and shut.id else shut
    return cast("Vault", g.vault)


def need_open() -> Response | None:
    """Lead who did not open the case key to the page where that is done."""
    if not app_vault().private:
        return redirect(url_for("case_key.show", next=here()), 303)
    if g.touch_opening:
        with writing() as database:
            vault.touch(database, session[KEY])
        g.touch_opening = False
    return None


def keep_open(secret: str) -> None:
    """Give this browser the secret of an opening. After the commit."""
    session[KEY] = secret
    g.pop("vault", None)


def close() -> None:
    """Close what this officer opened, in every browser."""
    with writing() as database:
        vault.end_all(database, guard.officer_id())
    session.pop(KEY, None)
    g.pop("vault", None)
