"""The key of cases and annexes: choose a passphrase, open, admit the next holder, the recovery sheet, what happened.

For confidential officers; for everybody else the page is not there. A passphrase and the text of a sheet are in the
form and in no address, log or page; the sheet's text is in the answer to its form and nowhere else.
"""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlsplit

from flask import flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core import clock
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import page
from server.desk.access import typed
from server.desk.annex import opened
from server.desk.annex.door import closed
from server.desk.guard import Me, officer_id
from server.desk.inputs import Inputs
from server.desk.page import Notice
from server.desk.shapes import Done, answered, changes, lead_on, reads, says
from server.desk.words import error, t
from server.models import KeyHolder, Officer
from server.services.installation import sample
from server.services.keyholders import holders, losing, recovery_sheet, sealing, vault
from server.services.keyholders.holders import HolderState
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = closed("case_key")


@reads
def _page(session: Session, scope: Scope, refused: Problem | None = None) -> Response:
    is_open, me = bool(opened.app_vault().private), scope.officer_id
    row, key = session.get(KeyHolder, me), vault.key(session)
    body = render_template(
        "desk/annex/case_key.html",
        state=str(holders.state(session, me)),
        is_open=is_open,
        lost=row.lost_why if row and (row.lost_at or not row.wrapped) else "",
        signs=sealing.check_signs(me, row.public) if row else "",
        holders=holders.listed(session, scope) if is_open else [],
        events=losing.events(session, me) if is_open else [],
        sheet_at=key.recovery_at if key else None,
        made=key is not None,
        length=holders.LENGTH,
        minutes=vault.IDLE_MS // clock.MINUTE_MS,
        passphrase=sample.CASE_PASSPHRASE if page.is_demo() else "",
        problem=error(refused.code) if refused else "",
        next=_next(),
    )
    return answered(body, refused)


_said_here = says(
    lambda refused: (
        refused.code
        in (
            *("case_passphrase", "case_first", "case_last", "case_signs"),
            *("case_sheet", "case_wrong", "busy", "rate_limited"),
        )
    ),
    lambda refused, **_of: _page(refused),
)


def _events(_session: Session, me: Me, count: int) -> int | None:
    return count if me.confidential else None


HOLDERS = Notice("desk/annex/holders_notice.html", _events, losing.EVENTS)
"""On every page of a holder: something happened to another one. It names nobody."""


class NextPage(Inputs):
    """Where a form leads."""

    next: str


class KeyForm(Inputs):
    """What a holder read out, the code of a recovery sheet, the number of the last news that the page showed."""

    signs: str
    code: str
    number: int = 0


@bp.get("/case-key")
def show() -> Response:
    """Show how far the officer is with the key, and to those who opened it all holders."""
    return _page()


@bp.post("/case-key/passphrase")
@_said_here
def choose() -> Response:
    """Choose a passphrase: a new key of one's own. The first holder makes the case key and is in.

    Who has it open and knows the passphrase of before gives it to the new key; everybody else waits for another holder.
    """
    me, passphrase, key = officer_id(), typed.password("password"), opened.app_vault()
    if passphrase != typed.password("again"):
        raise Problem("case_passphrase")
    with reading() as session:
        officer = session.get_one(Officer, me)
        holders.checked(session, officer, passphrase)
        password_hash = officer.password_hash
        held = holders.unlock(session, me) if key.private else None
    if held and not holders.unlocked(me, held, typed.password("current")):
        _note_wrong()
    theirs = None if held else _is_theirs(me, passphrase)
    if theirs:  # a form that was sent twice, or the answer was lost
        return _open(passphrase)
    pair = holders.new_pair(me, password_hash, passphrase)
    try:
        with writing() as session:
            holders.begin(session, installed().keyring, me, pair, key)
            is_in = holders.state(session, me) is HolderState.ADMITTED
    except Problem as refused:
        if refused.code != "case_last" or theirs is not None or not _is_theirs(me, passphrase):
            raise
        is_in = True  # both were on their way at once
    if is_in:
        return _open(passphrase)
    return lead_on(url_for("case_key.show"), t("done.case_passphrase"))


def _is_theirs(me: str, passphrase: str) -> bool | None:
    """The passphrase opens the copy that this officer holds; None if they hold none. Raises `rate_limited`, `busy`.

    Another one is counted as a wrong try: the form must not be a way to guess it.
    """
    with reading() as session:
        if holders.state(session, me) is not HolderState.ADMITTED:
            return None
        held = holders.unlock(session, me)
    if holders.unlocked(me, held, passphrase) is not None:
        return True
    with writing() as session:
        holders.note_wrong(session, me)
    return False


@bp.post("/case-key/open")
@_said_here
def unlock() -> Response:
    """Open the case key in this browser."""
    return _open(typed.password("password"))


def _open(passphrase: str) -> Response:
    me = officer_id()
    with reading() as session:
        held = holders.unlock(session, me)
    private = holders.unlocked(me, held, passphrase)
    if private is None:
        _note_wrong()
    with writing() as session:
        secret = vault.begin(session, me, private)
        shut = vault.closed(session, installed().keyring)
        for _, tidy in vault.OPENED.named():
            tidy(session, vault.Vault(shut.ring, shut.id, shut.public, private))
        news = bool(losing.events(session, me))
    opened.keep_open(secret)
    flash(t("done.case_key_open"))
    wanted = _next()
    return redirect(url_for("case_key.show", next=wanted or None) if news or not wanted else wanted, 303)


@bp.post("/case-key/close")
def close() -> Response:
    """Close the case key."""
    opened.close()
    return lead_on(url_for("case_key.show"), t("done.case_key_closed"))


@bp.post("/case-key/<id:officer>/admit")
@_said_here
@changes
def admit(session: Session, scope: Scope, officer: str) -> Done:
    """Admit a holder by the signs that they read out."""
    holders.admit(session, scope, opened.app_vault(), officer, KeyForm.sent().signs)
    return Done(url_for("case_key.show"), t("done.case_holder_admitted"))


@bp.post("/case-key/sheet")
def sheet() -> Response:
    """Make a recovery sheet; the answer is the page to print, once."""
    key = opened.app_vault()
    with writing() as session:
        text = recovery_sheet.make(session, key, officer_id())
    return make_response(render_template("desk/annex/recovery_sheet.html", text=text))


@bp.post("/case-key/recover")
@_said_here
def recover() -> Response:
    """Become a holder by the recovery sheet. A wrong text is counted, so that try is committed."""
    with writing() as session:
        is_right = recovery_sheet.use(session, installed().keyring, officer_id(), KeyForm.sent().code)
    if not is_right:
        raise Problem("case_sheet")
    return lead_on(url_for("case_key.show"), t("done.case_sheet_used"))


@bp.post("/case-key/seen")
@changes
def seen(session: Session, scope: Scope) -> Done:
    """Confirm what happened to other holders."""
    losing.confirm(session, scope.officer_id, KeyForm.sent().number)
    return Done(url_for("case_key.show"))


def _note_wrong() -> NoReturn:
    with writing() as session:
        holders.note_wrong(session, officer_id())
    raise Problem("case_wrong")


def _next() -> str:
    """Return the page of the desk that was wanted, never another address; empty for none."""
    parts = urlsplit(NextPage.either().next)
    wanted = tuple(url_for(name) for name in ("annex.show", "cases.show", "case_rights.show"))
    if (
        parts.scheme
        or parts.netloc
        or not any(parts.path == home or parts.path.startswith(f"{home}/") for home in wanted)
    ):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
