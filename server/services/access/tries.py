"""Failed sign-ins, counted: by account and address block, by account, and by a browser that signed in before.

Ten failures of one account from one address block close the account for that block, for 15 minutes; a hundred from
anywhere close it for strangers. A browser that signed in before (known_browser.py) has a count of its own and feels
neither, so that nobody can shut an account for its owner. Each count has a namespace: a user called `203.0.113.7` is
no address.

A failure is counted after it was judged. The queue of passwords.py bounds how many are judged meanwhile, and with
that how many rows there can be: what fails in 15 minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import inserting
from server.core.problem_details import Problem
from server.models import FailedTries

PAIR_TRIES = 10
ACCOUNT_TRIES = 100
BROWSER_TRIES = 10
WINDOW_MS = 15 * 60 * 1000
SLACK_MS = 60 * 1000
"""How far ahead of the clock a count may begin. Further ahead the clock was set back since, and the count is void."""
IPV6_BLOCK = 56
"""What a provider gives one customer."""

Keys = Mapping[str, int]
"""The counts that a sign-in is held against, each with its limit."""


def keys(username: str, address: str | None, browser: str | None) -> Keys:
    """The counts of a sign-in; `browser` is the id of one that is known to this account."""
    if browser is not None:
        return {_key("browser", username, browser): BROWSER_TRIES}
    return {_key("pair", username, block(address)): PAIR_TRIES, _key("account", username): ACCOUNT_TRIES}


def block(address: str | None) -> str:
    """The address, for IPv6 the network that one customer has. Another text is a block of its own."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return f"?{address}"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped  # how an IPv4 caller looks on a socket of both kinds
        return str(mapped or ip_network((parsed, IPV6_BLOCK), strict=False))
    return str(parsed)


def check(session: Session, held: Keys) -> None:
    """Raise Problem `rate_limited` when one of the counts is full."""
    now = now_ms()
    query = select(FailedTries).where(FailedTries.key.in_(held))
    waits = [
        row.since + WINDOW_MS - now for row in session.scalars(query) if _holds(row, now) and row.count >= held[row.key]
    ]
    if waits:
        raise Problem("rate_limited", headers={"Retry-After": str(max(waits) // 1000 + 1)})


def fail(session: Session, held: Keys) -> None:
    """Count a failure, and drop the counts that are over."""
    now = now_ms()
    over = or_(FailedTries.since <= now - WINDOW_MS, FailedTries.since > now + SLACK_MS)
    session.execute(delete(FailedTries).where(over))
    for key in sorted(held):  # in one order, so that two failures never wait for each other
        new = inserting(session, FailedTries).values(key=key, since=now, count=1)
        more = {"count": FailedTries.count + 1}
        session.execute(new.on_conflict_do_update(index_elements=["key"], set_=more))


def _holds(row: FailedTries, now: int) -> bool:
    return now - WINDOW_MS < row.since <= now + SLACK_MS


def _key(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
