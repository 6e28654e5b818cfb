"""Sign in with a password: a place in the queue, a short read, the hashing between transactions, a short write.

A browser that signed in to this account before has a place that no stranger takes (core/passwords.py).

An account that does not exist gets the same answer in the same time. The password is checked against the hash of some
real account, always the same one for one name. So not even hashes with older parameters reveal the difference.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from server.core import passwords
from server.core.db import reading, writing
from server.core.keyring import Keyring, Purpose
from server.models import Officer
from server.services.access import known_browser, tries
from server.services.audit import log
from server.services.audit.acts import Act
from sync.text import ID_BYTES, encode_id


@dataclass(frozen=True, slots=True)
class Knock:
    """One attempt to sign in. `kept`: what the browser kept of earlier sign-ins (known_browser.py)."""

    username: str
    password: str
    address: str | None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a user name. If there is none, `officer` is None and `stored` is another account's hash."""

    officer: str | None
    stored: str | None


def sign_in(knock: Knock, keyring: Keyring) -> Account | None:
    """Return the account with its password's hash; None for a wrong one. Raises Problem `busy` or `rate_limited`."""
    with passwords.place(_known_person(knock, keyring)) as hasher:
        with reading() as session:
            account = _account(session, knock.username, keyring)
            held = tries.keys(knock.username, knock.address, _browser(account, knock, keyring))
            tries.check(session, held)
        good = hasher.matches(knock.password, account.stored) and account.officer is not None
        renewed = hasher.hash(knock.password) if good and passwords.is_outdated(account.stored or "") else None
    if not good:
        with writing() as session:
            tries.fail(session, held)
            log.count_wrong(session, Act.WRONG_PASSWORD, account.officer or "")
        return None
    if renewed is None:
        return account
    with writing() as session:
        unchanged = (Officer.id == account.officer, Officer.password_hash == account.stored)
        session.execute(update(Officer).where(*unchanged).values(password_hash=renewed))
    return Account(account.officer, renewed)


def _account(session: Session, username: str, keyring: Keyring) -> Account:
    named = select(Officer.id, Officer.password_hash).where(
        Officer.username == username, Officer.disabled_at.is_(None), Officer.password_hash.is_not(None)
    )
    row = session.execute(named).first()
    # Always queried, because the query takes time, too.
    stand_in: str | None = session.scalar(_stand_in(username, keyring))
    return Account(row.id, row.password_hash) if row else Account(None, stand_in)


def _stand_in(username: str, keyring: Keyring) -> Select[str | None]:
    """The hash of the first account after a point derived from the name; wraps round to the first account."""
    # The oldest key, because a new one must not change the hash that a name is checked against.
    key = keyring.all(Purpose.STAND_IN)[-1]
    drawn = hmac.new(key.material, b"stand-in:" + username.encode(), hashlib.sha256).digest()
    first = select(Officer.password_hash).where(Officer.password_hash.is_not(None)).order_by(Officer.id).limit(1)
    behind = first.where(Officer.id >= encode_id(drawn[:ID_BYTES]))
    return select(func.coalesce(behind.scalar_subquery(), first.scalar_subquery()))


def _known_person(knock: Knock, keyring: Keyring) -> str | None:
    """Return the account's id if its own browser knocks. Who brings nothing that was signed here costs no read."""
    if not known_browser.accounts(knock.kept, keyring):
        return None
    with reading() as session:
        account = _account(session, knock.username, keyring)
    return account.officer if _browser(account, knock, keyring) else None


def _browser(account: Account, knock: Knock, keyring: Keyring) -> str | None:
    if account.officer is None or account.stored is None:
        return None
    return known_browser.known_as(knock.kept, account.officer, account.stored, keyring)
