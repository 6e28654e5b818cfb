"""The demo's units and accounts. Accounts are named after their office, so no person's name is invented."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.data.units import BUILT_IN, read
from server.models import Unit
from server.services.access import devices
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import import_tree
from server.services.units.scope import ADMIN, CONFIDENTIAL, COORDINATOR, OFFICER, REVIEWER
from sync.text import fold

PASSWORD = "loa-demo-111"  # noqa: S105  # public on purpose: it opens only the demo
FIRST_COMMUNE = "12304"
"""Xã Chính Nghĩa: the commune with two officers and the most to see."""
COMMUNE_USERS = ("xa.chinhnghia", "xa.chinhnghia2")
CASE_USERS = ("mat.hungyen", "mat.chinhnghia")
"""Who has the right to confidential cases: of the province, and of the first commune."""
HAMLETS = 5
UNITS, UNITS_2025 = "hung-yen-2021", "hung-yen-2025"
BUSY_2025 = ("12286", "11953", "11977", "11980", "11992", "12004")
"""Communes and wards of 2025 that have an account and records, the one with an account for the desk first."""
KINDS_OF_UNIT = ("Tỉnh", "Thành phố", "Thị xã", "Huyện", "Phường", "Thị trấn", "Xã")


@dataclass(frozen=True, slots=True)
class StoryPerson:
    """One person of the story, by ids; `device_id` if they have a phone."""

    officer_id: str
    unit_id: str
    device_id: str | None


@dataclass(frozen=True, slots=True)
class Cast:
    """Units by code and people by user name."""

    units: dict[str, Unit]
    people: dict[str, StoryPerson]

    def communes(self) -> list[Unit]:
        """Return all communes, taken from each district in turn, `FIRST_COMMUNE` first."""
        dealt: dict[str, int] = {}
        turns: list[tuple[int, str, Unit]] = []
        for unit in sorted(self.units.values(), key=lambda unit: (unit.code != FIRST_COMMUNE, unit.code)):
            if unit.level == "commune":
                parent = str(unit.parent_id)
                dealt[parent] = dealt.get(parent, 0) + 1
                turns.append((dealt[parent] if unit.code != FIRST_COMMUNE else 0, unit.code, unit))
        return [unit for _, _, unit in sorted(turns, key=lambda turn: turn[:2])]


def gather(session: Session, password_hash: str) -> Cast:
    """Import the tree of 2021 and make all accounts; those that sign in at the desk have the demo's one password."""
    listed = read(UNITS, BUILT_IN[UNITS])
    cast = Cast(import_tree(session, listed.rows, listed.valid_from), {})
    by_rank = sorted(cast.units.values(), key=lambda unit: (unit.code not in (FIRST_COMMUNE, "331"), unit.code))
    for unit in by_rank:  # the demo's start page offers the first account of a role
        _equip(unit)
        for username, name, role in _offices(unit):
            phone_only = role == OFFICER and username not in COMMUNE_USERS
            _account(session, cast, unit, username, name, role, None if phone_only else password_hash)
    return cast


def gather_2025(session: Session, password_hash: str) -> Cast:
    """Import the tree of 2025, which has no districts, beside that of 2021: a second province with few accounts."""
    listed = read(UNITS_2025, BUILT_IN[UNITS_2025])
    cast = Cast(import_tree(session, listed.rows, listed.valid_from), {})
    for unit in cast.units.values():
        _equip(unit)
    province = next(iter(cast.units.values()))
    here = _small(province.name)
    _account(session, cast, province, user_of(province), f"Cán bộ tổng hợp {here}", COORDINATOR, password_hash)
    reviewer = user_of(province).replace("tinh.", "duyet.")
    _account(session, cast, province, reviewer, f"Người duyệt {here}", REVIEWER, password_hash)
    _account(session, cast, province, "quantri.2025", f"Quản trị {here}", ADMIN, password_hash)
    for code in BUSY_2025:
        unit = cast.units[code]
        opens_desk = password_hash if code == BUSY_2025[0] else None
        _account(session, cast, unit, user_of(unit), f"Cán bộ {_small(unit.name)}", OFFICER, opens_desk)
    return cast


def _account(
    session: Session, cast: Cast, unit: Unit, username: str, name: str, role: str, password_hash: str | None
) -> None:
    officer = add_officer(session, NewOfficer(username, name, password_hash))
    give_role(session, officer.id, unit.id, role)
    phone = devices.add_device(session, officer.id, "Điện thoại").device.id if role == OFFICER else None
    cast.people[username] = StoryPerson(officer.id, unit.id, phone)


def user_of(unit: Unit) -> str:
    """Return the user name of a unit's first account; those of the tree of 2025 end with the year."""
    year = ".2025" if unit.valid_from >= BUILT_IN[UNITS_2025] else ""
    return {"commune": "xa", "district": "huyen", "province": "tinh"}[unit.level] + "." + _slug(unit) + year


def _small(name: str) -> str:
    return name[0].lower() + name[1:]


def _slug(unit: Unit) -> str:
    """Return the name without its kind of unit; the word before the dot tells a district and its town apart."""
    kind = next((kind for kind in KINDS_OF_UNIT if unit.name.startswith(f"{kind} ")), "")
    return fold(unit.name.removeprefix(kind)).replace(" ", "")


def _offices(unit: Unit) -> list[tuple[str, str, str]]:
    here = _small(unit.name)
    if unit.level == "province":
        case = (CASE_USERS[0], f"Cán bộ phụ trách nạn nhân {here}", CONFIDENTIAL)
        return [(user_of(unit), f"Cán bộ tổng hợp {here}", COORDINATOR), ("quantri", "Quản trị", ADMIN), case]
    if unit.level == "district":
        return [(user_of(unit), f"Người duyệt {here}", REVIEWER)]
    if unit.code == FIRST_COMMUNE:
        both = [(user, f"Cán bộ {number} {here}", OFFICER) for number, user in enumerate(COMMUNE_USERS, 1)]
        return [*both, (CASE_USERS[1], f"Cán bộ phụ trách nạn nhân {here}", CONFIDENTIAL)]
    return [(user_of(unit), f"Cán bộ {here}", OFFICER)]


def _equip(unit: Unit) -> None:
    """Give the unit stations and hamlets, which phones offer to choose from."""
    here = _small(unit.name)
    if unit.level == "district":
        unit.stations = [f"Trung tâm Văn hóa và Truyền thanh {here}"]
    elif unit.level == "commune":
        unit.stations = [f"Đài truyền thanh {here}"]
        kind = "Thôn" if unit.name.startswith("Xã") else "Tổ dân phố"
        unit.hamlets = [f"{kind} {number}" for number in range(1, HAMLETS + 1)]
