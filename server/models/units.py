"""Units: a tree of any depth with validity dates.

The statistics office's code is data, not identity: codes were reused in 2025.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from server.core.db import Base, Json
from server.models.columns import ByBytes, Id, IdKey, Millis, UnitId, filled_from
from sync.text import fold, normal, sort_key, sort_text

# The order of units by name: Vietnamese order of the name alone, the kind of unit apart. A short name keeps its kind
# where a unit above or below has the same name: `Thị trấn Ân Thi` in `Huyện Ân Thi`.
_KINDS: Final = ("tỉnh ", "thành phố ", "quận ", "huyện ", "thị xã ", "thị trấn ", "phường ", "xã ", "đặc khu ")


def bare(name: str) -> str:
    """Return a unit's name without its kind."""
    plain = " ".join(normal(name).split())
    kind = next((each for each in _KINDS if plain.lower().startswith(each)), "")
    return plain[len(kind) :]


@lru_cache(maxsize=2048)  # the units of a province, which pages sort again and again
def by_name(name: str) -> tuple[list[int], list[int], str]:
    """Return the key that units are sorted by, of a name or a short name.

    >>> sorted(["Văn Giang", "Huyện Ân Thi", "Kim Động", "Thành phố Hưng Yên"], key=by_name)
    ['Huyện Ân Thi', 'Thành phố Hưng Yên', 'Kim Động', 'Văn Giang']
    """
    return sort_key(bare(name))


def by_name_text(name: str) -> str:
    """Return that key as text, for a database that compares byte by byte."""
    return sort_text(bare(name))


class Unit(Base):
    """A province, district, commune, or whatever the tree's levels are called.

    A unit that was merged into another is below its successor from `merged_at` on: `parent_id` names the successor, and
    `former_parent_id` the parent before. So one tree says whose records are whose, and none is there twice.
    `search_key` and `sort_key` are made from its names (sync/text.py, `by_name`): the database searches and
    sorts lists by them.
    """

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    id: Mapped[IdKey]
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[str | None] = mapped_column(String(16), ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    merged_at: Mapped[int | None] = mapped_column(BigInteger)
    former_parent_id: Mapped[str | None] = mapped_column(String(16))
    stations: Mapped[list[Any]] = mapped_column(Json, default=list)
    hamlets: Mapped[list[Any]] = mapped_column(Json, default=list)
    search_key: Mapped[str] = mapped_column(ByBytes, server_default="", default=filled_from(fold, "name"))
    sort_key: Mapped[str] = mapped_column(ByBytes, server_default="", default=filled_from(by_name_text, "short_name"))

    @validates("name", "short_name")
    def _renamed(self, column: str, value: str) -> str:
        """Update the search and sort keys when the name changes."""
        if column == "name":
            self.search_key = fold(value)
        else:
            self.sort_key = by_name_text(value)
        return value

    @property
    def merged_on(self) -> date | None:
        """The first day on which the successor acts for it; None for a unit that was not merged."""
        return self.valid_to + timedelta(days=1) if self.merged_at is not None and self.valid_to else None

    @property
    def was_never(self) -> bool:
        """True if it was not in force on any day: a split that made it was taken back."""
        return self.valid_to is not None and self.valid_to < self.valid_from


class UnitSplit(Base):
    """A unit whose area was split among others from `first_day` on (SPEC L-50), one row an act.

    `parts`: `[unit id, whether it came into being by this, [[unit that went below it, its parent before], …]]`; rows of
    earlier versions lack the last. `heir_id`: the part that it was merged into; None for a unit that goes on. `moves`:
    `[officer, role, unit, whether the role there is new]`, by which it is taken back. `added`: the names of stations
    and of hamlets that the heir got by it.
    """

    __tablename__ = "unit_split"

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    first_day: Mapped[date] = mapped_column(Date)
    at: Mapped[Millis]
    heir_id: Mapped[Id | None] = mapped_column(ForeignKey("unit.id"))
    parts: Mapped[list[Any]] = mapped_column(Json)
    moves: Mapped[list[Any]] = mapped_column(Json)
    added: Mapped[dict[str, list[Any]]] = mapped_column(Json, default=dict)
    taken_back_at: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def part_ids(self) -> list[str]:
        """Units that got a part of the area."""
        return [part[0] for part in self.parts]

    @property
    def new_ids(self) -> list[str]:
        """Those of them that came into being by it."""
        return [part[0] for part in self.parts if part[1]]

    @property
    def units_moved(self) -> list[tuple[str, str, str]]:
        """(unit, its parent before, the part that it went below)."""
        return [(unit, before, part[0]) for part in self.parts for unit, before in (part[2] if len(part) > 2 else ())]
