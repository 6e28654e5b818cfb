"""A small province as provinces are since July 2025: communes and wards right below it, and the Health Department."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from server.services.campaigns.lifecycle import open_campaign
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, import_tree
from support.world.world import campaign, password_hash

UNITS = (
    UnitRow("33", "Tỉnh Hưng Yên", "Hưng Yên", "province"),
    UnitRow("11953", "Phường Phố Hiến", "Phố Hiến", "commune", "33"),
    UnitRow("12286", "Xã Chí Minh", "Chí Minh", "commune", "33"),
    UnitRow("12004", "Xã Như Quỳnh", "Như Quỳnh", "commune", "33"),
)
PEOPLE = {
    "phohien": ("Cán bộ phường Phố Hiến", "11953", "officer"),
    "chiminh": ("Cán bộ xã Chí Minh", "12286", "officer"),
    "nhuquynh": ("Cán bộ xã Như Quỳnh", "12004", "officer"),
    "duyet": ("Người duyệt tỉnh Hưng Yên", "33", "reviewer"),
    "tinh": ("Cán bộ tổng hợp tỉnh Hưng Yên", "33", "coordinator"),
    "quantri": ("Quản trị", "33", "admin"),
}


def fill(session: Session) -> None:
    """Fill an empty database; the two campaigns that every world has are in it."""
    units = import_tree(session, UNITS, date(2025, 7, 1))
    for username, (name, code, role) in PEOPLE.items():
        officer = add_officer(session, NewOfficer(username, name))
        officer.password_hash = password_hash()
        give_role(session, officer.id, units[code].id, role)
    for practice in (False, True):
        open_campaign(session, units["33"].id, campaign(practice=practice))
