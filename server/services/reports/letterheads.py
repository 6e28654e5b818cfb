r"""Letterheads: a unit's own, with days of validity, else the usual one of its level and time.

>>> signing("kt chủ tịch\nphó chủ tịch")
'KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import refuse_if, required
from server.models import Campaign, Letterhead, Officer, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.letters import citing
from server.services.units.scope import Scope
from sync.text import is_well_formed

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
    """What stands on a document. `issuing` and `signing` may have several lines.

    `mandate`: by which paper somebody signs; it is not printed.
    """

    governing: str
    issuing: str
    called: str
    symbol: str
    place: str
    signing: str
    signer: str = ""
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = field(default=("- Như trên;", f"- {_BLANK};", "- Lưu: VT."))
    mandate: str = ""


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


def _province_committee(unit: Place, drafts: LetterheadText, *, before: bool) -> LetterheadText:
    """The committee of a province, for whose signature its department drafts; it reports to the ministry.

    `drafts`: the department's letterhead.
    """
    to = (f"Bộ {LABOUR}" if before else "Bộ Y tế",)
    copies = _recipients(drafts.symbol.removeprefix("BC-"), *(() if before else (POLICE,)))
    signing = "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"
    return replace(_committee(unit, to, copies), signing=signing)


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


# A typed letterhead made right: capitals, the signs of authority, lists; or a fault for an input.
LONGEST: Final = {"governing": 200, "issuing": 300, "called": 200, "symbol": 40, "place": 100, "signer": 100}
MANDATE_LENGTH: Final = 300
MOST_LINES: Final = 20
LINE_LENGTH: Final = 300
SIGNING_LINES: Final = 4
_AUTHORITY: Final = re.compile(r"^(TM|KT|TL|TUQ|Q)(?:\.\s*|\s+)(?=\S)")
"""On behalf of, for (a deputy), by order, by proxy, acting (Decree 30/2020, Annex I)."""
_SYMBOL: Final = re.compile(r"[A-ZĐ]{1,6}(-[A-ZĐ0-9.]{1,20}){1,3}")


def read_typed(typed: Mapping[str, str]) -> tuple[date | None, LetterheadText, dict[str, str]]:
    """Return the first day, the letterhead, and the faults: `{input: code}`."""
    faults: dict[str, str] = {}
    said = {name: " ".join(typed.get(name, "").split()) for name in ("called", "symbol", "place", "signer", "mandate")}
    made = LetterheadText(
        governing=_lines_of(typed.get("governing", "")).upper(),
        issuing=_lines_of(typed.get("issuing", "")).upper(),
        called=said["called"],
        symbol=said["symbol"].upper().removeprefix("/"),
        place=said["place"],
        signing=signing(typed.get("signing", "")),
        signer=said["signer"],
        addressees=tuple(_listed(typed.get("addressees", ""))),
        recipients=tuple(f"- {line}" for line in _listed(typed.get("recipients", ""))),
        mandate=said["mandate"],
    )
    for name in ("issuing", "called", "symbol", "place", "signing"):
        if not getattr(made, name):
            faults[name] = "letterhead_empty"
    if made.symbol and not _SYMBOL.fullmatch(made.symbol):
        faults["symbol"] = "letterhead_symbol"
    if len(made.signing.split("\n")) > SIGNING_LINES:
        faults["signing"] = "too_long"
    for name, most in LONGEST.items():
        if len(getattr(made, name)) > most:
            faults[name] = "too_long"
    for name in ("addressees", "recipients"):
        lines = getattr(made, name)
        if len(lines) > MOST_LINES or any(len(line) > LINE_LENGTH for line in lines):
            faults[name] = "too_long"
    faults |= {name: "bad_text" for name, text in typed.items() if not is_well_formed(text)}
    day = _day(typed.get("valid_from", ""))
    if day is None:
        faults["valid_from"] = "letterhead_day"
    faults |= _of_mandate(typed, made, day)
    return day, made, faults


def _of_mandate(typed: Mapping[str, str], made: LetterheadText, first: date | None) -> dict[str, str]:
    """Faults of who signs by whose paper, and until when."""
    faults, last = {}, last_day(typed)
    if is_by_proxy(made.signing) and not made.mandate:
        faults["mandate"] = "letterhead_mandate"
    if len(made.mandate) > MANDATE_LENGTH:
        faults["mandate"] = "too_long"
    if typed.get("valid_to") and (last is None or (first is not None and last < first)):
        faults["valid_to"] = "letterhead_last"
    return faults


def last_day(typed: Mapping[str, str]) -> date | None:
    """Return the last day of a typed letterhead; None for one without an end."""
    return _day(typed.get("valid_to", ""))


def is_by_proxy(signing: str) -> bool:
    """True for TUQ.: who signs so needs a paper that says who may, and until when."""
    return signing.startswith("TUQ.")


def signing(typed: str) -> str:
    """Return the lines above a signature in capitals, each sign of authority with its full stop."""
    lines = [" ".join(line.split()).upper() for line in typed.splitlines()]
    return "\n".join(_AUTHORITY.sub(r"\1. ", line) for line in lines if line)


def _lines_of(typed: str) -> str:
    return "\n".join(line for line in (" ".join(line.split()) for line in typed.splitlines()) if line)


def _listed(typed: str) -> Iterable[str]:
    """Each line without the dash that people type before it."""
    return (line for line in (" ".join(line.split()).lstrip("-–").strip() for line in typed.splitlines()) if line)


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if date(1990, 1, 1) <= found < date(2100, 1, 1) else None


# A unit's letterheads: the one in force on a day, all there were, and a new one.
#
# A row is never altered: what a document was headed with can always be read again. A paper has its
# own copy, which may change until it is presented.
DISTRICT = "district"


def in_force(session: Session, unit: Unit, day: date, campaign: Campaign | None = None) -> LetterheadText:
    """Return the unit's letterhead of that day: its own, else the usual one, of whom the campaign's letter orders."""
    row = row_of(session, unit.id, day)
    return text_of(row) if row is not None else default(session, unit, day, campaign)


def row_of(session: Session, unit_id: str, day: date) -> Letterhead | None:
    """Return the version in force on a day; None before the first. A deputy's ends by itself."""
    stands = Letterhead.valid_from <= day, or_(Letterhead.valid_to.is_(None), Letterhead.valid_to >= day)
    theirs = select(Letterhead).where(Letterhead.unit_id == unit_id, *stands)
    return session.scalars(
        theirs.order_by(Letterhead.valid_from.desc(), Letterhead.saved_at.desc(), Letterhead.id.desc()).limit(1)
    ).first()


def text_of(row: Letterhead) -> LetterheadText:
    """Return a version's text."""
    return LetterheadText(
        governing=row.governing,
        issuing=row.issuing,
        called=row.called,
        symbol=row.symbol,
        place=row.place,
        signing=row.signing,
        signer=row.signer,
        addressees=tuple(row.addressees),
        recipients=tuple(row.recipients),
        mandate=row.mandate,
    )


def ended(session: Session, unit_id: str, head: LetterheadText, day: date) -> date | None:
    """Return the last day of who signs so, if it is over: the version of this day has another signer."""
    same = Letterhead.unit_id == unit_id, Letterhead.signing == head.signing, Letterhead.signer == head.signer
    now = row_of(session, unit_id, day)
    if now is not None and (now.signing, now.signer) == (head.signing, head.signer):
        return None
    return session.scalar(select(func.max(Letterhead.valid_to)).where(*same, Letterhead.valid_to < day))


def issuers(session: Session, unit: Unit, day: date, campaign: Campaign) -> dict[str, LetterheadText]:
    """Return who may issue a report of the unit: first as its letterhead says (`own`), then who else usually does.

    `committee`: its people's committee, for whose signature the department drafts; `department`: a district's.
    """
    own, found = in_force(session, unit, day, campaign), {}
    place, above = _place(unit), session.get(Unit, unit.parent_id) if unit.parent_id else None
    if unit.level == "province":
        before = day < REFORM or _is_over_districts(session, unit.id)
        found = {"committee": _province_committee(place, _province(place, before=before), before=before)}
    elif unit.level == DISTRICT:
        found = {
            "committee": _district_committee(place, _placed(above)),
            "department": _district(place, _placed(above)),
        }
    return {"own": own} | {name: head for name, head in found.items() if head.issuing != own.issuing}


def default(session: Session, unit: Unit, day: date, campaign: Campaign | None = None) -> LetterheadText:
    """Return the usual letterhead of the unit's level and time."""
    above = session.get(Unit, unit.parent_id) if unit.parent_id else None
    top = above
    while top is not None and top.parent_id:
        top = session.get_one(Unit, top.parent_id)
    districts = DISTRICT in (unit.level, above.level if above else "") or _is_over_districts(session, unit.id)
    ordered = campaign is not None and citing.orders_committees(session, campaign)
    return usual(_place(unit), _placed(above), _placed(top), has_districts=districts, day=day, committee=ordered)


def _is_over_districts(session: Session, unit_id: str) -> bool:
    below = exists().where(Unit.parent_id == unit_id, Unit.level == DISTRICT, Unit.merged_at.is_(None))
    return bool(session.scalar(select(below)))


def _place(unit: Unit) -> Place:
    return Place(unit.name, unit.short_name, unit.level)


def _placed(unit: Unit | None) -> Place | None:
    return _place(unit) if unit else None


def history(session: Session, unit_id: str) -> list[tuple[Letterhead, str]]:
    """Return all versions with the names of those who saved them, the latest day first."""
    query = select(Letterhead, Officer.name).join(Officer, Officer.id == Letterhead.officer_id)
    latest = (Letterhead.valid_from.desc(), Letterhead.saved_at.desc(), Letterhead.id.desc())
    return [(row, name) for row, name in session.execute(query.where(Letterhead.unit_id == unit_id).order_by(*latest))]


def may_edit(scope: Scope, unit_id: str) -> bool:
    """True for who may write for the unit today."""
    return scope.today(unit_id) == unit_id and scope.may_write(unit_id)


def save(  # whose, from when on, what, and until when
    session: Session, scope: Scope, unit_id: str, valid_from: date, text: LetterheadText, valid_to: date | None = None
) -> Letterhead:
    """Add a version. `valid_to`: its last day, by default none. Equal to the one in force, it adds nothing.

    Raises Problem `not_found`, `forbidden`.
    """
    required(session.get(Unit, unit_id))
    refuse_if(not scope.may_see(unit_id), "not_found")
    refuse_if(not may_edit(scope, unit_id), "forbidden")
    before = row_of(session, unit_id, valid_from)
    if (
        before is not None
        and (before.valid_from, before.valid_to) == (valid_from, valid_to)
        and text_of(before) == text
    ):
        return before
    said = asdict(text) | {"addressees": list(text.addressees), "recipients": list(text.recipients)}
    ours = {"unit_id": unit_id, "valid_from": valid_from, "officer_id": scope.officer_id, "saved_at": now_ms()}
    row = Letterhead(id=new_id(), valid_to=valid_to, **ours, **said)
    session.add(row)
    log.append(session, Act.LETTERHEAD_SAVED, ("unit", unit_id), new={"from": valid_from.isoformat()})
    session.flush()
    return row
