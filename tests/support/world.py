"""A small province for tests: two districts, three communes, people of every role, a campaign and a practice one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from flask import Flask

from server import create_app
from server.core.db import db, writing
from server.core.passwords import hash_password
from server.services.access import codes, devices
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, import_tree
from server.settings import Settings
from support.templates import compile_once

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

    def token(self, username: str) -> str:
        """The token of a new device of an officer."""
        with self.app.app_context(), writing() as session:
            return devices.add_device(session, self.officers[username], "máy thử").token

    def code(self, username: str) -> str:
        """An enrolment code for an officer."""
        with self.app.app_context(), writing() as session:
            return codes.make_code(session, self.officers[username], None, str(self.app.secret_key))


@contextmanager
def world(database_url: str, data_dir: Path, **more: str) -> Iterator[World]:
    """A world in an empty database that has the tables; more settings by their LOA_ names."""
    settings = Settings.from_environment({"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(data_dir), **more})
    app = create_app(settings)
    compile_once(app)
    app.testing = True
    made = World(app)
    with app.app_context(), writing() as session:
        units = import_tree(session, UNITS, date(2021, 1, 1))
        made.units = {code: unit.id for code, unit in units.items()}
        units["12286"].stations = ["Đài truyền thanh xã Chính Nghĩa"]
        units["12286"].hamlets = ["Thôn Tạ Thượng", "Thôn Tạ Trung"]
        for username, (name, code, role) in PEOPLE.items():
            officer = add_officer(session, NewOfficer(username, name))
            officer.password_hash = _password_hash()
            give_role(session, officer.id, units[code].id, role)
            made.officers[username] = officer.id
        made.campaign = open_campaign(session, units["33"].id, campaign()).id
        made.practice = open_campaign(session, units["33"].id, campaign(practice=True)).id
    yield made
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@cache
def _password_hash() -> str:
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
