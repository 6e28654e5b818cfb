"""An authenticator app: reads the key off the page that sets it up, and shows codes by its own clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyotp
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.keyring import Keyring
from server.services.access import second_factor

BEGIN = "/second-factor/begin"
CONFIRM = "/second-factor/confirm"


@dataclass(frozen=True)
class Authenticator:
    """`fast_s`: by how many seconds its clock is ahead."""

    secret: str
    fast_s: int = 0

    def code(self, later_s: int = 0) -> str:
        """The code of now, or of some seconds later."""
        return pyotp.TOTP(self.secret).at(now_ms() // 1000 + self.fast_s + later_s)


def scanned(html: str, fast_s: int = 0) -> Authenticator:
    """Scan the page."""
    found = re.search(r'<strong class="secret">([A-Z2-7 ]+)</strong>', html)
    assert found is not None
    return Authenticator(found[1].replace(" ", ""), fast_s)


def set_up(desk: Any) -> tuple[Authenticator, list[str]]:
    """Set up the second factor of a signed-in desk. Returns the authenticator and the recovery codes."""
    desk.get("/desk/account/second-factor")
    desk.post(desk.form(BEGIN))
    own = scanned(desk.follow())
    answer = desk.post(desk.form(CONFIRM), code=own.code())
    assert answer.status_code == 200, desk.text
    return own, re.findall(r"<code>([A-Z0-9-]+)</code>", desk.html)


def given(session: Session, officer: str, keyring: Keyring) -> list[str]:
    """Give an account a second factor without the pages. Returns its recovery codes."""
    secret = second_factor.secret_of(second_factor.begin(session, officer, keyring), keyring)
    assert secret is not None
    codes = second_factor.confirm(session, officer, Authenticator(secret).code(), keyring)
    assert isinstance(codes, list)
    return codes
