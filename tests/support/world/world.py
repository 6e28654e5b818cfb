"""A small province for tests: two districts, three communes, people of every role, a campaign and a practice one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.db import db, reading, writing
from server.core.keyring import Keyring
from server.core.passwords import hash_password
from server.models import AuditDay, AuditHead, AuditLine, Campaign, Mark, Officer, Unit, WrongTry
from server.services.access import codes, devices
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, import_tree
from server.serving.installation import installed
from server.settings import Settings
from support.installation.apps import app_on
from support.installation.unguarded import unguarded

PASSWORD = "mật khẩu để thử 111"
UNITS = (
    UnitRow("33", "Tỉnh Hưng Yên", "Hưng Yên", "province"),
    UnitRow("331", "Huyện Kim Động", "Kim Động", "district", "33"),
    UnitRow("333", "Huyện Phù Cừ", "Phù Cừ", "district", "33"),
    UnitRow("12286", "Xã Chính Nghĩa", "Chính Nghĩa", "commune", "331"),
    UnitRow("12289", "Xã Nhân La", "Nhân La", "commune", "331"),
    UnitRow("12397", "Xã Đình Cao", "Đình Cao", "commune", "333"),
)
PEOPLE = {
    "xa1": ("Cán bộ 1 xã Chính Nghĩa", "12286", "officer"),
    "xa2": ("Cán bộ 2 xã Chính Nghĩa", "12286", "officer"),
    "nhanla": ("Cán bộ xã Nhân La", "12289", "officer"),
    "dinhcao": ("Cán bộ xã Đình Cao", "12397", "officer"),
    "huyen": ("Người duyệt huyện Kim Động", "331", "reviewer"),
    "phucu": ("Người duyệt huyện Phù Cừ", "333", "reviewer"),
    "tinh": ("Cán bộ tổng hợp tỉnh Hưng Yên", "33", "coordinator"),
    "quantri": ("Quản trị", "33", "admin"),
}
SLOGANS = ["Chung tay phòng, chống nạn mua bán người", "Phòng, chống mua bán người là trách nhiệm của toàn xã hội"]


@dataclass
class World:
    """The application, with its ids by the names above; tokens are made on request."""

    app: Flask
    units: dict[str, str] = field(default_factory=dict)
    officers: dict[str, str] = field(default_factory=dict)
    campaign: str = ""
    practice: str = ""

    @property
    def keyring(self) -> Keyring:
        ring: Keyring = installed(self.app).keyring
        return ring

    def token(self, username: str) -> str:
        """The token of a new device of an officer."""
        with self.app.app_context(), writing() as session:
            return devices.add_device(session, self.officers[username], "máy thử").token

    def goes_on(self) -> None:
        """Let the campaigns last beyond today: a browser's clock is the machine's, and a day outside is asked about."""
        with self.app.app_context(), writing() as session:
            session.execute(update(Campaign).values(ends_on=today() + timedelta(days=30)))

    def code(self, username: str) -> str:
        """An enrolment code for an officer."""
        with self.app.app_context(), writing() as session:
            return codes.make_code(session, self.officers[username], None, self.keyring)


@contextmanager
def world(database_url: str, data_dir: Path, **more: str) -> Iterator[World]:
    """A world in a database that has the tables: filled by `fill` before, or here. `more`: settings by name."""
    with world_of(_fill, database_url, data_dir, more) as made:
        yield made


@contextmanager
def world_of(
    filling: Callable[[Session], None], database_url: str, data_dir: Path, more: Mapping[str, str]
) -> Iterator[World]:
    """The same with another province: what `filling` makes in an empty database."""
    settings = Settings.from_environment({"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(data_dir), **more})
    with app_on(settings) as app:
        with app.app_context():
            with reading() as session:
                is_empty = session.query(Unit).first() is None
            if is_empty:
                with writing() as session:
                    filling(session)
            with reading() as session:
                made = _found(app, session)
        yield made


def fill(database_url: str) -> None:
    """Make a template of a world, which copies fill faster than `world` does."""
    with (
        TemporaryDirectory(prefix="loa-") as folder,
        world(database_url, Path(folder)) as made,
        made.app.app_context(),
        db.engine.begin() as connection,
    ):
        connection.execute(delete(Mark))  # of this folder: a copy makes its own with its first commit
        with unguarded(connection):  # made with this folder's secret
            for table in (AuditLine, AuditDay, AuditHead, WrongTry):
                connection.execute(delete(table))


def _fill(session: Session) -> None:
    units = import_tree(session, UNITS, date(2021, 1, 1))
    units["12286"].stations = ["Đài truyền thanh xã Chính Nghĩa"]
    units["12286"].hamlets = ["Thôn Tạ Thượng", "Thôn Tạ Trung"]
    for username, (name, code, role) in PEOPLE.items():
        officer = add_officer(session, NewOfficer(username, name))
        officer.password_hash = password_hash()
        give_role(session, officer.id, units[code].id, role)
    for practice in (False, True):
        open_campaign(session, units["33"].id, campaign(practice=practice))


def _found(app: Flask, session: Session) -> World:
    units = {unit.code: unit.id for unit in session.scalars(select(Unit))}
    officers = {officer.username: officer.id for officer in session.scalars(select(Officer))}
    campaigns = {campaign.practice: campaign.id for campaign in session.scalars(select(Campaign))}
    return World(app, units, officers, campaigns[False], campaigns[True])


@cache
def password_hash() -> str:
    """The hash, made once: argon2 is slow on purpose, and every test makes a world."""
    return hash_password(PASSWORD)


def campaign(*, practice: bool = False) -> NewCampaign:
    """The letter of 2021, in short."""
    return NewCampaign(
        name="Tập dượt" if practice else "Ngày toàn dân phòng, chống mua bán người 2021",
        starts_on=date(2021, 7, 1),
        ends_on=date(2021, 7, 31),
        due_before=date(2021, 8, 3),
        hotline="111",
        slogans=SLOGANS,
        practice=practice,
    )
