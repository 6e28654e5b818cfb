"""The usual letterhead of a unit, from its level and time.

2021: the department of labour at province and district, the people's committee of a commune. Since 01/3/2025 there is
no department of labour, and since 01/7/2025 no district: the department of health, and communes and wards right below.
A tree with districts is one of the first kind, whatever the day is. Where the letter orders the people's committees of
the districts, these report and not their departments.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

REFORM: Final = date(2025, 3, 1)
_BLANK: Final = "……………"
LABOUR: Final = "Lao động - Thương binh và Xã hội"
COMMITTEE: Final = "Ủy ban nhân dân"
LABOURS: Final = "LĐTBXH"
"""Who drafts at a committee of 2021, as its registry abbreviates it."""
POLICE: Final = "Công an tỉnh"
"""Since 2025 it verifies with the department of health who is a victim."""
LEVELS: Final = ("Tỉnh", "Thành phố", "Quận", "Huyện", "Thị xã", "Thị trấn", "Phường", "Xã", "Đặc khu")
"""The level words that a unit's name may begin with."""


@dataclass(frozen=True, slots=True)
class LetterheadText:
    """What stands on a document. `issuing` and `signing` may have several lines."""

    governing: str
    issuing: str
    called: str
    symbol: str
    place: str
    signing: str
    signer: str = ""
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = field(default=("- Như trên;", f"- {_BLANK};", "- Lưu: VT."))


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as a letterhead needs it."""

    name: str
    short_name: str
    level: str


def usual(
    unit: Place,
    above: Place | None,
    top: Place | None,
    *,
    has_districts: bool,
    day: date,
    committee: bool = False,
) -> LetterheadText:
    """Return the usual letterhead. `above`: the unit right above; `top`: the province above it, if any.

    `committee`: the letter orders the people's committees of the districts.
    """
    before = has_districts or day < REFORM
    if unit.level == "province":
        return _province(unit, before=before)
    if unit.level == "district":
        return _district_committee(unit, top or above) if committee else _district(unit, top or above)
    if unit.level == "commune" and above is not None and above.level == "district":
        to = f"{COMMITTEE if committee else f'Phòng {LABOUR}'} {within(above.name)}"
        return _committee(unit, (to,), _recipients(LABOURS))
    if above is None:
        return _committee(unit, ())
    province = top or above
    copies = _recipients(LABOURS) if before else _recipients("VHXH", POLICE)
    return _committee(unit, (f"{_department(before=before)} {within(province.name)}",), copies)


def _department(*, before: bool) -> str:
    return f"Sở {LABOUR}" if before else "Sở Y tế"


def _province(unit: Place, *, before: bool) -> LetterheadText:
    name = _department(before=before)
    return LetterheadText(
        governing=f"UBND {unit.name}".upper(),
        issuing="SỞ LAO ĐỘNG -\nTHƯƠNG BINH VÀ XÃ HỘI" if before else "SỞ Y TẾ",
        called=f"{name} {within(unit.name)}",
        symbol="BC-SLĐTBXH" if before else "BC-SYT",
        place=bare(unit.short_name),
        signing="GIÁM ĐỐC",
        addressees=(f"{COMMITTEE} {within(unit.name)}", f"Bộ {LABOUR}" if before else "Bộ Y tế"),
        recipients=_recipients("PCTNXH") if before else _recipients("BTXH", POLICE),
    )


def _district(unit: Place, above: Place | None) -> LetterheadText:
    return LetterheadText(
        governing=f"UBND {unit.name}".upper(),
        issuing="PHÒNG LAO ĐỘNG -\nTHƯƠNG BINH VÀ XÃ HỘI",
        called=f"Phòng {LABOUR} {within(unit.name)}",
        symbol="BC-PLĐTBXH",
        place=bare(unit.short_name),
        signing="TRƯỞNG PHÒNG",
        addressees=(f"Sở {LABOUR} {within(above.name)}",) if above else (),
    )


def _district_committee(unit: Place, above: Place | None) -> LetterheadText:
    """The committee of a district; its department of labour drafts, and usually a deputy signs."""
    to = (f"Sở {LABOUR} {within(above.name)}",) if above else ()
    signing = "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"
    return replace(_committee(unit, to, _recipients(LABOURS)), signing=signing)


def _recipients(drafter: str, *others: str) -> tuple[str, ...]:
    """Nơi nhận: those above, others, and the copies that the registry and who drafted it keep."""
    return ("- Như trên;", *(f"- {each};" for each in others), f"- {_BLANK};", f"- Lưu: VT, {drafter}.")


def _committee(unit: Place, addressees: tuple[str, ...], copies: tuple[str, ...] = ()) -> LetterheadText:
    """A people's committee has no governing body in its letterhead."""
    return LetterheadText(
        governing="",
        issuing=f"{COMMITTEE}\n{unit.name}".upper(),
        called=f"{COMMITTEE} {within(unit.name)}",
        symbol="BC-UBND",
        place=bare(unit.short_name),
        signing="TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH",
        addressees=addressees,
        recipients=copies or ("- Như trên;", f"- {_BLANK};", "- Lưu: VT."),
    )


def bare(name: str) -> str:
    """Return a unit's name without its level word, as it stands before a date."""
    level = next((level for level in LEVELS if name.startswith(f"{level} ")), "")
    return name.removeprefix(level).strip()


def within(name: str) -> str:
    """Return a unit's name in mid-sentence: its level word in lower case."""
    return name[0].lower() + name[1:] if any(name.startswith(f"{level} ") for level in LEVELS) else name
