"""Key holders as a browser makes them, and an attacker who has all but a passphrase."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import inspect, text

from server.core.db import db, writing
from server.services.keyholders import sealing
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.serving.installation import installed
from support.clients.authenticator import given
from support.world.confidential import PASSPHRASE, proven
from support.world.world import World

PAGE = "/desk/case-key"
PURPOSES = ("cases", "cases-tags", "cases-log-tags", "confidential-totals", "second-factor", "codes", "sessions")


def puppet(world: World, username: str, code: str) -> None:
    """A confidential officer as an administrator alone makes one: account, role, password and authenticator."""
    with world.app.app_context(), writing() as session:
        officer = add_officer(session, NewOfficer(username, f"Người của quản trị {username}"))
        give_role(session, officer.id, world.units[code], "confidential")
        given(session, officer.id, world.keyring)
        world.officers[username] = officer.id


def signed_in(world: World, one: Any, username: str) -> Any:
    """Sign in with the second factor; the case key stays closed."""
    return proven(world, one, username, opens=False)


def chosen(one: Any, passphrase: str = PASSPHRASE) -> Any:
    """Choose a passphrase on the page."""
    one.get(PAGE)
    return one.post(one.form("/case-key/passphrase"), password=passphrase, again=passphrase)


def opened(one: Any, passphrase: str = PASSPHRASE) -> Any:
    """Type the passphrase."""
    one.get(PAGE)
    return one.post(one.form("/case-key/open"), password=passphrase)


def signs(one: Any) -> str:
    """The signs that the page of somebody who waits shows."""
    one.get(PAGE)
    found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b", one.text)
    assert found is not None, one.text
    return found[0]


def admits(world: World, one: Any, username: str, typed: str) -> Any:
    """Give the key to somebody who waits."""
    one.get(PAGE)
    return one.post(one.form(f"/{world.officers[username]}/admit"), signs=typed)


def stored(world: World) -> list[tuple[str, str, str, str]]:
    """All texts of the database: (table, column, key of the row, text)."""
    found = []
    with world.app.app_context(), db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            keys = inspect(db.engine).get_pk_constraint(table)["constrained_columns"]
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():
                row_key = str(row[keys[0]]) if keys else ""
                found += [(table, name, row_key, value) for name, value in row.items() if isinstance(value, str)]
    return found


def attacked(world: World) -> list[str]:
    """Every text that opens with the keyring, the data folder and all rows, each tried as a key to every other."""
    rows = stored(world)
    materials = {key.material for purpose in PURPOSES for key in world.keyring.all(purpose)}
    materials |= {secret.material for secret in world.keyring.secrets}
    folder = installed(world.app).settings.data_dir
    materials |= {line.strip() for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 4096
                  for line in path.read_bytes().splitlines()}  # fmt: skip
    materials |= {value.encode() for _, _, _, value in rows if 20 <= len(value) <= 64}
    return [
        each
        for table, name, key, value in rows
        for each in _opens(materials, (f"{table}:{key}:{name}", f"{table}:{key}:sealed"), value)
    ]


def _opens(materials: set[bytes], places: tuple[str, ...], value: str) -> Iterator[str]:
    try:
        whole = base64.b64decode(value.rpartition(":")[2].rpartition(" ")[2], validate=True)
    except ValueError:
        return
    if len(whole) < 44:
        return
    for material in materials:
        for place in places:
            if len(material) in (16, 24, 32):
                with suppress(ValueError, InvalidTag):
                    yield AESGCM(material).decrypt(whole[:12], whole[12:], place.encode()).decode("utf-8", "replace")
            for found in (
                sealing.opened_with(material, place, base64.b64encode(whole).decode()),
                sealing.opened_by(material, f"cases:{place}", base64.b64encode(whole).decode())
                if len(material) == 32
                else None,
            ):
                if found is not None:
                    yield found.decode("utf-8", "replace")
