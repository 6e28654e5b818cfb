"""Failed sign-ins, counted per account and address block, per account, and per browser that signed in before.

Ten failures for one account from one address block lock the account for that block, for 15 minutes; a hundred from
anywhere lock it for strangers. A browser that signed in before (known_browser.py) has its own count and is not affected
by these, so that nobody can lock an account for its owner. Each count has a namespace: a user called `203.0.113.7` is
no address.

Wrong codes of a second factor, and wrong passwords of somebody who is signed in already, have counts of their own.

A failure is counted after the password was checked. The queue of passwords.py bounds how many are checked meanwhile. It
also bounds the number of rows: the failures of 15 minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.models import FailedTries

PAIR_TRIES = 10
ACCOUNT_TRIES = 100
BROWSER_TRIES = 10
SECOND_FACTOR_TRIES = 5
AGAIN_TRIES = 10
TRAINING_REQUESTS = 300
WINDOW_MS = 15 * 60 * 1000
SLACK_MS = 60 * 1000
"""How far in the future a count may begin. Beyond that the clock was set back since, and the count is void."""
IPV6_BLOCK = 56
"""The prefix length that a provider gives one customer."""

Keys = Mapping[str, int]
"""The counts to check a sign-in against, each with its limit."""


def keys(username: str, address: str | None, browser: str | None) -> Keys:
    """The counts of a sign-in; `browser`: the id of a browser known to this account."""
    if browser is not None:
        return {_key("browser", username, browser): BROWSER_TRIES}
    return {_key("pair", username, block(address)): PAIR_TRIES, _key("account", username): ACCOUNT_TRIES}


def second_factor_keys(officer_id: str) -> Keys:
    """The count of wrong codes of an account, whatever page asked for them (second_factor.py)."""
    return {_key("second factor", officer_id): SECOND_FACTOR_TRIES}


def again_keys(officer_id: str) -> Keys:
    """The count of wrong passwords of somebody who is signed in: an open session is no way to guess it."""
    return {_key("again", officer_id): AGAIN_TRIES}


def case_key_keys(officer_id: str) -> Keys:
    """The count of wrong passphrases for cases, and of wrong recovery sheets, of an account."""
    return {_key("case key", officer_id): AGAIN_TRIES}


def training_keys(training_id: str, step: int, address: str | None) -> Keys:
    """The count of requests with one code of a class's room from one address block: a whole class may share one."""
    return {_key("training", training_id, str(step), block(address)): TRAINING_REQUESTS}


def block(address: str | None) -> str:
    """The address; for IPv6 the network of one customer. Any other text is a block of its own."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return f"?{address}"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped  # an IPv4 caller on a dual-stack socket
        return str(mapped or ip_network((parsed, IPV6_BLOCK), strict=False))
    return str(parsed)


def check(session: Session, held: Keys) -> None:
    """Raise Problem `rate_limited` if one of the counts has reached its limit."""
    now = now_ms()
    query = select(FailedTries).where(FailedTries.key.in_(held))
    waits = [
        row.since + WINDOW_MS - now for row in session.scalars(query) if _holds(row, now) and row.count >= held[row.key]
    ]
    if waits:
        raise Problem("rate_limited", retry_after_s=max(waits) // 1000 + 1)


def fail(session: Session, held: Keys) -> None:
    """Count a failure, and delete expired counts."""
    now = now_ms()
    over = or_(FailedTries.since <= now - WINDOW_MS, FailedTries.since > now + SLACK_MS)
    session.execute(delete(FailedTries).where(over))
    for key in sorted(held):  # in a fixed order, so that two failures never deadlock
        new = inserting(session, FailedTries).values(key=key, since=now, count=1)
        more = {"count": FailedTries.count + 1}
        session.execute(new.on_conflict_do_update(index_elements=["key"], set_=more))


def _holds(row: FailedTries, now: int) -> bool:
    return now - WINDOW_MS < row.since <= now + SLACK_MS


def _key(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
