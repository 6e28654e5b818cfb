"""Phones that were enrolled once: each test gets a copy of one, and its hub the rows of it.

Nearly every journey begins with an enrolled phone, and to type a code takes a second of the processor. Enrolment itself
is proven in tests/e2e/test_enrolment.py, which types each code.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, inspect, select, update

from server.core.clock import now_ms
from server.core.db import Base, reading, writing
from server.models import Device, EnrolmentCode
from support.browsers.browser import Browser
from support.browsers.kept import forget
from support.browsers.officer import Officer
from support.installation.ports import LOOPBACK, free_port
from support.waiting import until
from support.world.world import World


@dataclass
class _Kept:
    """A closed Chromium profile, its phone's rows in the hub by table, and the server time of its last exchange."""

    folder: Path
    rows: dict[type[Base], dict[str, Any]]
    exchanged_at: int | None


class Enrolled:
    """The phones of one process. Each belongs to this address and to a hub with this secret."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._secret = secrets.token_urlsafe(48)
        self._folder = folder
        self._kept: dict[tuple[str, int], _Kept] = {}

    def give_secret(self, data_dir: Path) -> None:
        """Give a hub that has none yet the secret."""
        data_dir.mkdir(mode=0o700)
        (data_dir / "secret_key").write_text(self._secret, "utf-8")

    def phone(self, world: World, browser: Browser, username: str, nth: int, folder: Path) -> Officer:
        """The officer's `nth` phone in this world, open at its home screen; its storage is a new folder.

        Its first exchange with this world's hub has ended.
        """
        key = (world.officers[username], nth)
        if key in self._kept:
            _insert(world, self._kept[key])
        else:
            self._kept[key] = self._enrol(world, browser, username)
        shutil.copytree(self._kept[key].folder, folder)
        one = Officer(browser, folder, f"http://{LOOPBACK}:{self.port}").open()
        one.expect_home()
        until(lambda: one.exchanged_at() != self._kept[key].exchanged_at, one.page)
        return one

    def _enrol(self, world: World, browser: Browser, username: str) -> _Kept:
        folder = self._folder / str(len(self._kept))
        one = Officer(browser, folder, f"http://{LOOPBACK}:{self.port}").open()
        one.enrol(world.code(username))
        until(lambda: one.exchanged_at() is not None, one.page)
        exchanged_at = one.exchanged_at()
        # The server of the next test did not make this mark, and would take it as proof of a restore (SPEC B-31).
        forget(one.page, "meta", "mark")
        one.close()
        of_the_officer = (Device.officer_id == world.officers[username], Device.replaced_at.is_(None))
        with world.app.app_context(), reading() as session:
            device = session.scalars(select(Device).where(*of_the_officer)).one()
            code = session.scalars(select(EnrolmentCode).where(EnrolmentCode.device_id == device.id)).one()
            return _Kept(folder, {type(row): _values(row) for row in (device, code)}, exchanged_at)


def _values(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}


def _insert(world: World, kept: _Kept) -> None:
    """Do to the database what enrolling this phone did."""
    now = now_ms()
    device = kept.rows[Device] | {"created_at": now, "seen_at": now}
    earlier = (Device.officer_id == device["officer_id"], Device.replaced_at.is_(None), Device.script.is_(False))
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).where(*earlier).values(replaced_at=now))
        session.execute(insert(Device), [device])
        session.execute(insert(EnrolmentCode), [kept.rows[EnrolmentCode]])
