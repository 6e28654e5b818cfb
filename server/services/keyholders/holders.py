"""Holders of the case key: each makes a key of their own, who is in admits them, the first one makes the case key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import CTE, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from server.core.clock import new_id, now_ms
from server.core.keyring import Keyring
from server.core.passwords import check_password
from server.core.problem_details import Problem, refuse_if, required
from server.core.shell_words import t
from server.models import AuditLine, CaseKey, CaseRight, KeyHolder, KeyOpening, Membership, Officer, Unit
from server.models.installation import lock_catalog
from server.services.access import password_rules, tries
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.keyholders import sealing, vault
from server.services.keyholders.sealing import OwnPair
from server.services.keyholders.vault import Vault
from server.services.units.scope import CONFIDENTIAL, Scope

LENGTH: Final = 14
"""Least characters of a passphrase."""
TIMES: Final = 100
"""How many times more guesses than a password it withstands: who has the database tries it out in peace."""


COMMAND: Final = "command"
"""Who gave the first right, and let the last holder in again."""


def _successors() -> CTE:
    """(unit, now) of each unit of a right: itself, and the units into which it was merged since."""
    right, here = aliased(CaseRight), aliased(Unit)
    walk = select(right.unit_id.label("unit"), right.unit_id.label("now")).cte("successors", recursive=True)
    step = select(walk.c.unit, here.parent_id).join(here, here.id == walk.c.now)
    return walk.union(step.where(here.merged_at.is_not(None)))


_NOW = _successors()
_STILL_CONFIDENTIAL = (
    select(Membership.id)
    .join(_NOW, _NOW.c.now == Membership.unit_id)
    .where(
        _NOW.c.unit == CaseRight.unit_id,
        Membership.officer_id == CaseRight.officer_id,
        Membership.role == CONFIDENTIAL,
        Membership.ended_at.is_(None),
    )
    .exists()
)
RIGHT_IN_FORCE: Final = (CaseRight.given_at.is_not(None), CaseRight.ended_at.is_(None), _STILL_CONFIDENTIAL)
"""A right to cases rests while its holder has no confidential role at its unit, or at the one that took the unit in.

So who changes posts, or goes to another part when a unit is split, loses both at once, whatever they are elsewhere.
"""


class HolderState(StrEnum):
    """How far an officer is. `FIRST`: nobody holds the case key yet, and this officer may make it."""

    NONE = "none"
    FIRST = "first"
    WAITING = "waiting"
    ADMITTED = "admitted"


@dataclass(frozen=True, slots=True)
class ShownHolder:
    """A confidential officer of the list. `row`: None while they chose no passphrase. `admits`: who asks may."""

    officer: str
    name: str
    unit: str
    row: KeyHolder | None
    admits: bool

    @property
    def state(self) -> str:
        """`none`, `waiting`, `lost` or `admitted`."""
        if self.row is None:
            return HolderState.NONE
        if self.row.lost_at is not None:
            return "lost"
        return HolderState.ADMITTED if self.row.wrapped else HolderState.WAITING


def state(session: Session, officer_id: str) -> HolderState:
    """Return how far an officer is."""
    row = session.get(KeyHolder, officer_id)
    if is_admitted(row):
        return HolderState.ADMITTED
    if vault.key(session) is None:
        return HolderState.FIRST if _may_be_first(session, officer_id) else HolderState.NONE
    return HolderState.NONE if row is None or row.lost_at is not None else HolderState.WAITING


def is_admitted(row: KeyHolder | None) -> bool:
    """The holder has a copy of the case key and did not lose it."""
    return row is not None and bool(row.wrapped) and row.lost_at is None


def _may_be_first(session: Session, officer_id: str) -> bool:
    """Who has a right in force that was given on the machine (`loa cases first`): none of the desk makes the key.

    Before there was a key, an administrator's two accounts could give each other one.
    """
    named = CaseRight.officer_id == officer_id, CaseRight.given_by == COMMAND
    return bool(session.scalar(select(exists().where(*named, *RIGHT_IN_FORCE))))


def checked(session: Session, officer: Officer, passphrase: str) -> None:
    """Raise Problem `case_passphrase` for one that is short or guessed. The account's own password: `new_pair`."""
    about = password_rules.about(session, officer)
    refuse_if(password_rules.fault(passphrase, about, length=LENGTH, times=TIMES) is not None, "case_passphrase")


def new_pair(officer_id: str, password_hash: str | None, passphrase: str) -> OwnPair:
    """Make a holder's pair, outside any transaction. Raises Problem `case_passphrase` for the account's password.

    An account's password is typed every day and may be reset; the passphrase must be another one.
    """
    refuse_if(password_hash and check_password(passphrase, password_hash, officer_id), "case_passphrase")
    return sealing.new_pair(officer_id, passphrase)


def begin(session: Session, ring: Keyring, officer_id: str, pair: OwnPair, opened: Vault | None = None) -> None:
    """Store a holder's new pair: from now on they wait for admission. The first holder makes the case key.

    Whoever was admitted with an older pair is not with this one, unless they have the case key open (`opened`) and gave
    the passphrase of before. Raises Problem `case_first` where nobody holds the key and this officer may not make it,
    and `case_last` where this would delete the last copy of the key and there is no recovery sheet.
    """
    lock_catalog(session)
    row = session.get(KeyHolder, officer_id, with_for_update=True) or KeyHolder(officer_id=officer_id)
    carried = opened is not None and bool(opened.private) and is_admitted(row)
    refuse_if(row.wrapped and not carried and is_last(session, officer_id) and not _has_sheet(session), "case_last")
    row.public, row.salt, row.private, row.made_at = pair.public, pair.salt, pair.private, now_ms()
    row.wrapped, row.admitted_by, row.admitted_at, row.lost_at, row.look = "", "", None, None, ""
    row.seen, row.lost_why = row.seen or 0, row.lost_why or ""  # why it was lost shows until somebody admits again
    session.add(row)
    vault.end_all(session, officer_id)
    if vault.key(session) is None:
        refuse_if(not _may_be_first(session, officer_id), "case_first")
        _make_key(session, ring, row)
    elif carried and opened is not None:
        take_in(session, opened, row, officer_id)
        log.append(session, Act.KEY_HOLDER_CHANGED, ("officer", officer_id))
    else:
        log.append(session, Act.KEY_HOLDER_WAITS, ("officer", officer_id))
    session.flush()


def is_last(session: Session, officer_id: str) -> bool:
    """Nobody else holds the case key: other copies are of holders who lost it, if there are any."""
    others = KeyHolder.officer_id != officer_id, KeyHolder.wrapped != "", KeyHolder.lost_at.is_(None)
    return session.scalar(select(KeyHolder.officer_id).where(*others).limit(1)) is None


def _has_sheet(session: Session) -> bool:
    found = vault.key(session)
    return found is not None and bool(found.recovery)


def _make_key(session: Session, ring: Keyring, row: KeyHolder) -> None:
    private, public = sealing.new_key()
    made = CaseKey(
        id=new_id(), public=sealing.encoded(public), made_by=row.officer_id, made_at=now_ms(), recovery="",
        recovery_at=None,
    )  # fmt: skip
    session.add(made)
    take_in(session, Vault(ring, made.id, public, private), row, row.officer_id)
    log.append(session, Act.CASE_KEY_MADE, ("officer", row.officer_id))
    session.flush()
    for _, take_over in vault.TAKE_OVER.named():
        take_over(session, Vault(ring, made.id, public, private))


def take_in(session: Session, opened: Vault, row: KeyHolder, by: str) -> None:
    """Seal the case key to a holder."""
    row.wrapped = sealing.seal_to(sealing.decoded(row.public), _place(row.officer_id, opened.id), opened.private)
    row.admitted_by, row.admitted_at, row.lost_at, row.lost_why = by, now_ms(), None, ""
    row.seen = session.scalar(select(func.max(AuditLine.number))) or 0


def unlock(session: Session, officer_id: str) -> tuple[OwnPair, str, str]:
    """Return what `unlocked` needs: the pair, the wrapped key and its place.

    Raises Problem `case_locked` for anybody but a holder, `rate_limited`.
    """
    tries.check(session, tries.case_key_keys(officer_id))
    row, found = session.get(KeyHolder, officer_id), vault.key(session)
    if row is None or found is None or not is_admitted(row):
        raise Problem("case_locked")
    return OwnPair(row.public, row.salt, row.private), row.wrapped, _place(officer_id, found.id)


def unlocked(officer_id: str, held: tuple[OwnPair, str, str], passphrase: str) -> bytes | None:
    """Return the case key; None for a wrong passphrase. Outside any transaction. Raises Problem `busy`."""
    pair, wrapped, place = held
    private = sealing.private_of(officer_id, pair, passphrase)
    return None if private is None else sealing.opened_by(private, place, wrapped)


def note_wrong(session: Session, officer_id: str) -> None:
    """Count a wrong passphrase or recovery sheet."""
    tries.fail(session, tries.case_key_keys(officer_id))
    log.count_wrong(session, Act.WRONG_CASE_KEY, officer_id)


def admit(session: Session, scope: Scope, opened: Vault, officer_id: str, signs: str) -> None:
    """Seal the case key to a holder who waits. `signs`: of their key, as they read them out.

    Raises Problem `case_locked`, `not_found`, and `case_signs` for signs of another key.
    """
    refuse_if(not opened.private, "case_locked")
    lock_catalog(session)
    row = required(session.get(KeyHolder, officer_id, with_for_update=True, populate_existing=True))
    refuse_if(is_admitted(row) or officer_id not in _near(session, scope), "not_found")
    refuse_if(sealing.typed(signs) != sealing.typed(sealing.check_signs(officer_id, row.public)), "case_signs")
    take_in(session, opened, row, scope.officer_id)
    session.flush()
    log.append(session, Act.KEY_HOLDER_ADMITTED, ("officer", officer_id), new={"officer": scope.officer_id})


def let_in(session: Session, officer_id: str) -> None:
    """Let the last holder use the key again after a loss, by a command: their own passphrase opens it, nothing else.

    Raises ValueError for those who have no copy or lost none, and while somebody else holds the key, who admits them.
    """
    lock_catalog(session)
    row = session.get(KeyHolder, officer_id, with_for_update=True)
    if row is None or not row.wrapped or row.lost_at is None:
        raise ValueError(t("there is no copy of the key that they lost"))
    if not is_last(session, officer_id):
        raise ValueError(t("somebody else holds the key, and gives it to them at the desk"))
    row.admitted_by, row.admitted_at, row.lost_at, row.lost_why = COMMAND, now_ms(), None, ""
    session.flush()
    log.append(session, Act.KEY_HOLDER_ADMITTED, ("officer", officer_id))


def forget_key(session: Session) -> None:
    """Delete the case key with all copies: nobody ever opens what it sealed. The next first holder makes another one.

    For an office where every holder forgot and there is no sheet. All who had a key choose a passphrase anew.
    """
    lock_catalog(session)
    for table in (KeyOpening, KeyHolder, CaseKey):
        session.execute(delete(table))
    log.append(session, Act.CASE_KEY_FORGOTTEN)


def listed(session: Session, scope: Scope) -> list[ShownHolder]:
    """Return the confidential officers of the installation, those who wait first."""
    rows = select(Officer.id, Officer.name, Unit.name).join(Membership, Membership.officer_id == Officer.id)
    rows = rows.join(Unit, Unit.id == Membership.unit_id)
    rows = rows.where(Membership.role == CONFIDENTIAL, Membership.ended_at.is_(None), Officer.disabled_at.is_(None))
    held = {row.officer_id: row for row in session.scalars(select(KeyHolder))}
    near = _near(session, scope)
    found = {
        id_: ShownHolder(id_, name, unit, held.get(id_), id_ in near and id_ in held and not is_admitted(held[id_]))
        for id_, name, unit in session.execute(rows.order_by(Unit.name, Officer.sort_key, Officer.id))
    }
    return sorted(found.values(), key=lambda each: not each.admits)


def _near(session: Session, scope: Scope) -> set[str]:
    """Confidential officers, without the asker, of units where the asker is one, above these or below them."""
    mine = set(scope.tops([CONFIDENTIAL]))
    above = {unit for top in mine for unit in scope.chain(top)}
    rows = select(Membership.officer_id, Membership.unit_id).join(Officer, Officer.id == Membership.officer_id)
    rows = rows.where(Membership.role == CONFIDENTIAL, Membership.ended_at.is_(None), Officer.disabled_at.is_(None))
    return {
        officer
        for officer, unit in session.execute(rows)
        if officer != scope.officer_id and (unit in above or mine & set(scope.chain(unit)))
    }


def _place(officer_id: str, key_id: str) -> str:
    return f"key_holder:{officer_id}:{key_id}"
