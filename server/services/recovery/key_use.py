"""What still needs a key that is not current: rescue files above all, which nobody can seal again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.keyring import Keyring
from server.models import (
    CaseCount,
    CaseFile,
    CaseLogLine,
    Device,
    EnrolmentCode,
    RecoveryCode,
    Rescue,
    SealedAnnex,
    SealedTotals,
    SecondFactor,
)
from server.services.recovery.rescue.rescue_store import KEEP_MS
from server.services.recovery.rescue.taking import is_untaken


@dataclass(frozen=True, slots=True)
class Use:
    """What may need the key. `silent`: those of the `phones` not heard of since the next key.

    A phone seals its rescue files with the key it was given until it takes the next one from the catalogue. The server
    cannot see whether it did, nor which keys came between. So every phone counts that enrolled before the next key was
    made and is not shut out, whichever key was current then. Codes count only if the key itself made them. `factors`:
    second factors sealed with it; each is sealed anew when it is next used. `recovery_codes`: printed and not used.
    `totals`: rows of confidential annexes, which are sealed anew each night. `cases`: rows of confidential cases and
    lines of their log, which `loa cases rotate` seals anew; what is under the case key needs no key of the ring.
    """

    phones: int
    silent: int
    codes: int
    files: int
    factors: int
    recovery_codes: int
    totals: int
    cases: int

    @property
    def is_none(self) -> bool:
        """True if nothing that is known needs the key."""
        return not (
            self.phones or self.codes or self.files or self.factors or self.recovery_codes or self.totals or self.cases
        )


def of(session: Session, keyring: Keyring, id_: str) -> Use:
    """What needs the key with this id, which must be in the ring and not be the current one."""
    place = next(place for place, secret in enumerate(keyring.secrets) if secret.id == id_)
    since, until = keyring.secrets[place].made_at or 0, keyring.secrets[place + 1].made_at or 0
    theirs = and_(Device.created_at < until, Device.script.is_(False))
    live = (theirs, Device.revoked_at.is_(None))
    phones = session.scalar(select(func.count()).select_from(Device).where(*live)) or 0
    silent = session.scalar(select(func.count()).select_from(Device).where(*live, Device.seen_at < until)) or 0
    made = (EnrolmentCode.made_at >= since, EnrolmentCode.made_at < until)
    serves = (EnrolmentCode.used_at.is_(None), EnrolmentCode.expires_at >= now_ms())
    codes = session.scalar(select(func.count()).select_from(EnrolmentCode).where(*made, *serves)) or 0
    # A file waits if its phone was shut out, or is not known after a restore. Of others the words are still to be read.
    sealed = or_(exists().where(Device.id == Rescue.device_id, theirs), Rescue.author_id.is_(None))
    kept = session.execute(select(Rescue.held, Rescue.writes).where(Rescue.at >= now_ms() - KEEP_MS, sealed))
    files = sum(held or any(map(is_untaken, writes)) for held, writes in kept)
    in_use = (SecondFactor.confirmed_at.is_not(None), SecondFactor.ended_at.is_(None))
    factors = session.scalar(select(func.count()).where(SecondFactor.key_id == id_, *in_use)) or 0
    printed = (
        select(func.count()).select_from(RecoveryCode).join(SecondFactor, SecondFactor.id == RecoveryCode.factor_id)
    )
    unused = (RecoveryCode.used_at.is_(None), RecoveryCode.made_at >= since, RecoveryCode.made_at < until)
    recovery_codes = session.scalar(printed.where(*unused, *in_use)) or 0
    sealed_rows = (
        session.scalar(select(func.count()).select_from(table).where(table.key_id == id_)) or 0
        for table in (SealedTotals, SealedAnnex)
    )
    cases = (
        session.scalar(select(func.count()).select_from(table).where(table.key_id == id_)) or 0
        for table in (CaseFile, CaseCount, CaseLogLine)
    )
    noted = (
        session.scalar(select(func.count()).select_from(column.class_).where(column.startswith(f"{id_}{end}"))) or 0
        for column, end in ((CaseFile.rest, ":"), (CaseLogLine.case_tag, "."))
    )
    return Use(phones, silent, codes, files, factors, recovery_codes, sum(sealed_rows), sum(cases) + sum(noted))
