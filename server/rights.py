"""Who may call which route: the table of which the application enforces the way in and the role before every view.

    RouteRow(DESK, "POST", WRITES, "unit", FORBIDDEN, "totals.state totals.confirm")

reads: at the desk, signed in; for whoever may write for the unit in `unit`; others get `forbidden`; these two routes.
A role is a right at a unit. Here it is checked that the caller, at the desk or by a device, holds such a role somewhere.
Whether the unit at hand is on the side that the row names, the services ask of `units/scope.py`, and so they ask whose
an object is (`MINE`) and who holds the right to cases. The test asks the application for each role, side and route.

A route without a row, and a row without a route, keep the application from starting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from flask import Flask, request
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.services.units.scope import ADMIN, CONFIDENTIAL, COORDINATOR, DEPUTY, OFFICER, REVIEWER


class Way(StrEnum):
    """What a stranger gets, and by which way somebody gets in."""

    OPEN = "open"
    """Anybody; where the address holds a token, who has it."""
    SAMPLE = "sample"
    """Anybody where the data are a sample; elsewhere it is not there."""
    DESK = "desk"
    """Who is signed in, with the second factor where one is needed. A stranger is led to the sign-in."""
    PASSWORD = "password"  # noqa: S105  # the name of a way
    """Who gave the password: the second factor may still be missing. A stranger is led to the sign-in."""
    DEVICE = "device"
    """A device by its token. A stranger gets 401."""


class RoleSide(StrEnum):
    """Which units a role reaches, from the unit at which it is held."""

    OWN = "own"
    BELOW = "below"
    """The unit and all below it."""
    BENEATH = "beneath"
    """All below it, not the unit itself."""
    TOP = "top"
    """The whole installation: held at a unit with nothing above."""
    MINE = "mine"
    """What that very person made, wherever."""
    ANY = "any"
    """There is no unit in the request."""


OPEN, SAMPLE, DESK, PASSWORD, DEVICE = Way
OWN, BELOW, BENEATH, TOP, MINE, ANY = RoleSide
Who = Mapping[str, RoleSide]
"""Roles with the side that each reaches."""

HOLDER: Final = "holder"
"""Of the right to cases, which is no role: services/cases/ checks it and logs who tried (desk/cases/door.py)."""
ACCOUNT: Final[Who] = {}
"""Every account, also one without a role: for oneself, or a list of what that person sees."""
SELF: Final[Who] = {"": MINE}
SEES: Final[Who] = dict.fromkeys((OFFICER, CONFIDENTIAL, REVIEWER, COORDINATOR, ADMIN), BELOW)
REGISTERS: Final[Who] = dict.fromkeys((OFFICER, CONFIDENTIAL, REVIEWER, COORDINATOR, ADMIN), OWN)
WRITES: Final[Who] = {OFFICER: OWN, REVIEWER: BELOW, COORDINATOR: BELOW}
DRAFTS: Final[Who] = {OFFICER: OWN, REVIEWER: OWN, COORDINATOR: OWN}
"""Also locks. Officers: of a unit with none below it."""
DECIDES: Final[Who] = {REVIEWER: BENEATH, COORDINATOR: BENEATH}
TAKES_BACK: Final[Who] = {REVIEWER: BENEATH, COORDINATOR: BENEATH, ADMIN: TOP}
MANAGES: Final[Who] = {REVIEWER: BELOW, COORDINATOR: BELOW, ADMIN: BELOW}
RUNS: Final[Who] = {COORDINATOR: BELOW, ADMIN: BELOW}
OWN_DRAFT: Final[Who] = {COORDINATOR: MINE, ADMIN: MINE}
ADMINISTERS: Final[Who] = {ADMIN: BELOW}
OWN_LIST: Final[Who] = {ADMIN: MINE}
OVERSEES: Final[Who] = {COORDINATOR: TOP, ADMIN: TOP}
CHIEF: Final[Who] = {ADMIN: TOP}
READS_ANNEX: Final[Who] = {CONFIDENTIAL: BELOW}
ENTERS_ANNEX: Final[Who] = {CONFIDENTIAL: OWN}
GIVES_CASES: Final[Who] = {CONFIDENTIAL: ANY, ADMIN: ANY}
PROPOSES_CASES: Final[Who] = {ADMIN: BELOW}
HOLDS: Final[Who] = {HOLDER: ANY}
BRINGS: Final[Who] = {"": MINE, OFFICER: OWN, REVIEWER: BELOW, COORDINATOR: BELOW, ADMIN: BELOW}
"""The file of a phone: whose it is, also without a role by now, colleagues, and managers of that person."""
FOLLOWS: Final[Who] = {"": MINE, REVIEWER: BELOW, COORDINATOR: BELOW, ADMIN: BELOW}
"""What came of it: who brought it, also without a role by now, and managers of whom it is about."""

FORBIDDEN, HIDDEN = "forbidden", "not_found"
"""What others get: that they may not, or an answer as if there were no such page."""
GET, POST = "GET", "POST"


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One line of the table. `of`: the part of the address, or the input, that says of which unit it is."""

    way: Way
    methods: str
    who: Who
    of: str
    others: str
    routes: str


# fmt: off
TABLE: Final = (
    #   way       methods  who             of           others     routes
    # --- for anybody ---
    RouteRow(OPEN,     GET,     ACCOUNT,        "",          HIDDEN,    "home.door desk.static enrol_page.show security_txt.show phone_app.file phone_app.slashless"),
    RouteRow(OPEN,     GET,     ACCOUNT,        "",          HIDDEN,    "entry.sign_in welcome.show export_link.read class_door.show"),
    RouteRow(OPEN,     POST,    ACCOUNT,        "",          HIDDEN,    "entry.check entry.sign_out entry.language welcome.choose"),
    RouteRow(OPEN,     POST,    ACCOUNT,        "",          HIDDEN,    "class_door.ask class_door.give_up class_door.make_code"),
    RouteRow(OPEN,     GET,     ACCOUNT,        "",          HIDDEN,    "health.Health api-docs.openapi_json metrics.show"),
    RouteRow(OPEN,     POST,    ACCOUNT,        "",          HIDDEN,    "enrolment.Enrolment"),
    RouteRow(SAMPLE,   POST,    ACCOUNT,        "",          HIDDEN,    "home.demo home.demo_phone home.demo_code"),
    RouteRow(SAMPLE,   GET,     ACCOUNT,        "",          HIDDEN,    "kit.show kit.themes"),
    # --- one's own account ---
    RouteRow(PASSWORD, GET,     ACCOUNT,        "",          HIDDEN,    "second_factor.ask second_factor.show"),
    RouteRow(PASSWORD, POST,    ACCOUNT,        "",          HIDDEN,    "second_factor.check second_factor.begin second_factor.confirm second_factor.go_on"),
    RouteRow(PASSWORD, POST,    ACCOUNT,        "",          HIDDEN,    "second_factor.new_codes second_factor.remove"),
    RouteRow(DESK,     GET,     ACCOUNT,        "",          HIDDEN,    "account.show"),
    RouteRow(DESK,     POST,    ACCOUNT,        "",          HIDDEN,    "account.password account.end_sessions own_devices.confirm"),
    # --- lists and records ---
    RouteRow(DESK,     GET,     ACCOUNT,        "unit",      HIDDEN,    "start.show queue.show results.show results.points exports.show fast.show fast.items units.suggest"),
    RouteRow(DESK,     GET,     ACCOUNT,        "",          HIDDEN,    "campaigns.show restored.show checklist.show rescue.start frozen.find"),
    RouteRow(DESK,     POST,    ACCOUNT,        "",          HIDDEN,    "checklist.choose"),
    RouteRow(DESK,     GET,     SEES,           "record",    HIDDEN,    "records.show records.photo records.document faces.covered faces.upright alike.show alike.laid"),
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "exports.table"),
    RouteRow(DESK,     GET,     SEES,           "first",     HIDDEN,    "export_photos.part"),
    RouteRow(DESK,     POST,    SEES,           "unit",      HIDDEN,    "exports.ask export_links.make"),
    RouteRow(DESK,     POST,    SEES,           "",          HIDDEN,    "export_links.end"),
    RouteRow(DESK,     GET,     WRITES,         "record",    FORBIDDEN, "edits.edit"),
    RouteRow(DESK,     POST,    WRITES,         "record",    FORBIDDEN, "edits.save computer_photos.add settling.settle settling.delete settling.undelete messages.say faces.mark"),
    RouteRow(DESK,     GET,     ACCOUNT,        "",          HIDDEN,    "edits.new airing_log.sample"),
    RouteRow(DESK,     GET,     WRITES,         "unit",      FORBIDDEN, "airing_log.show"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "airing_log.read airing_log.take"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "edits.make computer_photos.make"),
    RouteRow(DESK,     POST,    WRITES,         "",          FORBIDDEN, "answering.give answering.undo"),
    RouteRow(DESK,     POST,    DECIDES,        "record",    FORBIDDEN, "decisions.decide decisions.withdraw fast.decide fast.undo"),
    RouteRow(DESK,     POST,    DECIDES,        "",          FORBIDDEN, "decisions.count bulk.approve bulk.undo"),
    RouteRow(DESK,     POST,    BRINGS,         "",          FORBIDDEN, "rescue.hand_in"),
    RouteRow(DESK,     GET,     FOLLOWS,        "rescue",    HIDDEN,    "rescue.show rescue.look rescue.look_unfinished rescue.save_unfinished rescue.save_document"),
    RouteRow(DESK,     POST,    FOLLOWS,        "rescue",    HIDDEN,    "rescue.photos rescue.take"),
    # --- figures, totals, statements, the previous period ---
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "progress.show board.show board.as_csv board.as_xlsx"),
    RouteRow(DESK,     GET,     ACCOUNT,        "unit",      HIDDEN,    "figures.show giving.show report.show"),
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "figures.as_csv figures.as_xlsx"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "nil.say seals.seal"),
    RouteRow(DESK,     POST,    TAKES_BACK,     "seal",      FORBIDDEN, "seals.take_back"),
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "totals.show silent.show statements.show comparison.show"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "totals.state totals.confirm totals.withdraw pasted.propose statements.state statements.add"),
    RouteRow(DESK,     POST,    WRITES,         "",          FORBIDDEN, "pasted.take statements.remove"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "comparison.read comparison.from_campaign"),
    RouteRow(DESK,     POST,    WRITES,         "",          FORBIDDEN, "comparison.drop"),
    RouteRow(DESK,     POST,    SELF,           "draft",     HIDDEN,    "prior_drafts.place prior_drafts.take"),
    # --- locks, reports, papers, texts ---
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "locks.show word.download documents.show letterhead.show"),
    RouteRow(DESK,     POST,    DRAFTS,         "unit",      FORBIDDEN, "locks.lock"),
    RouteRow(DESK,     POST,    TAKES_BACK,     "unit",      FORBIDDEN, "locks.unlock"),
    RouteRow(DESK,     GET,     SEES,           "freeze",    HIDDEN,    "frozen.show frozen.read"),
    RouteRow(DESK,     POST,    SEES,           "unit",      HIDDEN,    "documents.ask"),
    RouteRow(DESK,     GET,     SEES,           "document",  HIDDEN,    "documents.download"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "forms.add letterhead.save"),
    RouteRow(DESK,     POST,    WRITES,         "form",      FORBIDDEN, "forms.remove"),
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "forms.preview"),
    RouteRow(DESK,     GET,     ACCOUNT,        "",          HIDDEN,    "forms.starter"),
    RouteRow(DESK,     GET,     SEES,           "unit",      HIDDEN,    "texts.show"),
    RouteRow(DESK,     GET,     SEES,           "paper",     HIDDEN,    "papers.show papers.signed_pdf"),
    RouteRow(DESK,     POST,    DRAFTS,         "unit",      FORBIDDEN, "papers.make"),
    RouteRow(DESK,     POST,    REGISTERS,      "paper",     FORBIDDEN, "papers.step"),
    RouteRow(DESK,     POST,    DRAFTS,         "unit",      FORBIDDEN, "texts.edit texts.save texts.settle texts.pick"),
    # --- campaigns ---
    RouteRow(DESK,     GET,     ACCOUNT,        "",          HIDDEN,    "letter.show given.show ordering.original"),
    RouteRow(DESK,     POST,    RUNS,           "",          FORBIDDEN, "campaigns.begin"),
    RouteRow(DESK,     POST,    WRITES,         "unit",      FORBIDDEN, "ordering.save"),
    RouteRow(DESK,     GET,     OWN_DRAFT,      "draft",     HIDDEN,    "drafts.edit"),
    RouteRow(DESK,     POST,    OWN_DRAFT,      "draft",     HIDDEN,    "drafts.save drafts.outline drafts.add_file drafts.drop drafts.publish"),
    RouteRow(DESK,     GET,     RUNS,           "campaign",  FORBIDDEN, "amend.show"),
    RouteRow(DESK,     POST,    RUNS,           "campaign",  FORBIDDEN, "amend.save amend.add_file amend.sample hint_grades.save hint_grades.people faces.rule seals.status"),
    # --- people, units, the service ---
    RouteRow(DESK,     GET,     MANAGES,        "",          FORBIDDEN, "people.show people.cards devices.show"),
    RouteRow(DESK,     GET,     MANAGES,        "unit",      FORBIDDEN, "handout.show"),
    RouteRow(DESK,     GET,     MANAGES,        "training",  FORBIDDEN, "trainings.show"),
    RouteRow(DESK,     POST,    MANAGES,        "unit",      FORBIDDEN, "trainings.begin"),
    RouteRow(DESK,     POST,    MANAGES,        "training",  FORBIDDEN, "trainings.confirm trainings.refuse trainings.end"),
    RouteRow(DESK,     POST,    MANAGES,        "officer",   FORBIDDEN, "people.make"),
    RouteRow(DESK,     POST,    MANAGES,        "officer",   HIDDEN,    "factors.reset"),
    RouteRow(DESK,     POST,    MANAGES,        "",          FORBIDDEN, "people.make_cards"),
    RouteRow(DESK,     POST,    MANAGES,        "device",    FORBIDDEN, "people.revoke"),
    RouteRow(DESK,     GET,     MANAGES,        "device",    FORBIDDEN, "device.show"),
    RouteRow(DESK,     POST,    ADMINISTERS,    "device",    FORBIDDEN, "device.take_back device.undo"),
    RouteRow(DESK,     POST,    MANAGES,        "officer",   FORBIDDEN, "handovers.hand_over"),
    RouteRow(DESK,     GET,     FOLLOWS,        "handover",  HIDDEN,    "handovers.record"),
    RouteRow(DESK,     GET,     MANAGES,        "unit",      HIDDEN,    "handovers.minutes"),
    RouteRow(DESK,     GET,     ADMINISTERS,    "",          FORBIDDEN, "adding.show unit_changes.show rosters.template"),
    RouteRow(DESK,     POST,    ADMINISTERS,    "unit",      FORBIDDEN, "people_accounts.add"),
    RouteRow(DESK,     GET,     MANAGES,        "officer",   FORBIDDEN, "people_accounts.show"),
    RouteRow(DESK,     POST,    MANAGES,        "officer",   FORBIDDEN, "people_accounts.note_absence people_accounts.end_absence"),
    RouteRow(DESK,     POST,    ADMINISTERS,    "officer",   FORBIDDEN, "people_accounts.change people_accounts.disable people_accounts.enable people_accounts.make_link"),
    RouteRow(DESK,     POST,    ADMINISTERS,    "",          FORBIDDEN, "mergers.merge splits.split splits.take_back rosters.read"),
    RouteRow(DESK,     POST,    OWN_LIST,       "roster",    FORBIDDEN, "rosters.take"),
    RouteRow(DESK,     GET,     RUNS,           "",          FORBIDDEN, "jobs.show"),
    RouteRow(DESK,     GET,     OVERSEES,       "",          FORBIDDEN, "audit.show audit.as_csv runbook.show"),
    RouteRow(DESK,     POST,    CHIEF,          "",          FORBIDDEN, "factors.require restored.confirm"),
    RouteRow(DESK,     GET,     CHIEF,          "",          HIDDEN,    "regimes.show regimes.file"),
    RouteRow(DESK,     POST,    CHIEF,          "",          HIDDEN,    "regimes.upload regimes.take regimes.change_day"),
    # --- what is confidential ---
    RouteRow(DESK,     GET,     READS_ANNEX,    "unit",      HIDDEN,    "annex.show"),
    RouteRow(DESK,     GET,     READS_ANNEX,    "",          HIDDEN,    "annex.download"),
    RouteRow(DESK,     POST,    READS_ANNEX,    "",          HIDDEN,    "annex.enter"),
    RouteRow(DESK,     POST,    ENTERS_ANNEX,   "unit",      HIDDEN,    "annex.save annex.freeze"),
    RouteRow(DESK,     GET,     GIVES_CASES,    "",          HIDDEN,    "case_rights.show"),
    RouteRow(DESK,     POST,    PROPOSES_CASES, "",          HIDDEN,    "case_rights.propose"),
    RouteRow(DESK,     POST,    GIVES_CASES,    "",          HIDDEN,    "case_rights.give case_rights.end"),
    RouteRow(DESK,     GET,     HOLDS,          "",          HIDDEN,    "cases.show cases.figures cases.log"),
    RouteRow(DESK,     GET,     HOLDS,          "unit",      HIDDEN,    "cases.left"),
    RouteRow(DESK,     POST,    HOLDS,          "",          HIDDEN,    "cases.enter cases.leave cases.stay cases.find cases.make cases.drop_hand cases.publish"),
    RouteRow(DESK,     GET,     HOLDS,          "case",      HIDDEN,    "case.show"),
    RouteRow(DESK,     POST,    HOLDS,          "case",      HIDDEN,    "case.reason case.table case.law case.identify case.take_back case.open_anew case.charge case.close case.reopen"),
    RouteRow(DESK,     POST,    HOLDS,          "case",      HIDDEN,    "case.hand_over case.link case.recode"),
    RouteRow(DESK,     GET,     READS_ANNEX,    "",          HIDDEN,    "case_key.show"),
    RouteRow(DESK,     POST,    READS_ANNEX,    "",          HIDDEN,    "case_key.choose case_key.unlock case_key.close case_key.admit case_key.sheet case_key.recover case_key.seen"),
    # --- phones ---
    RouteRow(DEVICE,   GET,     ACCOUNT,        "",          HIDDEN,    "catalog.Catalog regime_versions.Regimes"),
    RouteRow(DEVICE,   POST,    ACCOUNT,        "",          HIDDEN,    "sync.Sync uploads.Uploads"),
    RouteRow(DEVICE, "HEAD PATCH DELETE", ACCOUNT, "",       HIDDEN,    "uploads.OneUpload"),
    RouteRow(DEVICE,   GET,     SEES,           "record",    HIDDEN,    "photos.RecordPhoto record_documents.RecordDocument record_history.RecordHistory"),
    RouteRow(DEVICE,   GET,     ACCOUNT,        "",          HIDDEN,    "files.OneFile"),
    RouteRow(DEVICE,   POST,    WRITES,         "record",    FORBIDDEN, "replies.RecordReply"),
    RouteRow(DEVICE,   GET,     WRITES,         "unit",      FORBIDDEN, "given_figures.GivenFigures"),
    RouteRow(DEVICE,   POST,    DRAFTS,         "unit",      FORBIDDEN, "given_figures.GivenFigures"),
)
# fmt: on


class Holder(Protocol):
    """Who calls. `roles`: held somewhere. `top_roles`: held at a unit with nothing above."""

    @property
    def roles(self) -> frozenset[str]:  # noqa: D102  # above
        ...

    @property
    def top_roles(self) -> frozenset[str]:  # noqa: D102
        ...


WayIn = Callable[[], Response | None]
"""Lets the caller in, answers in the view's place, or raises Problem."""


class BadTable(RuntimeError):  # noqa: N818  # the name reads well before the list it prints
    """The table and the routes differ; the message names them."""


def init_app(app: Flask, ways: Mapping[Way, WayIn], callers: Mapping[Way, Callable[[], Holder | None]]) -> None:
    """Check each request by its row before anything of its view. Raises BadTable where routes and rows differ.

    `callers`: who came in by the ways of which rows name roles.
    """
    rows = _rows()
    check(app, rows)

    def admit() -> Response | None:
        if request.url_rule is None:  # no such address or method: the framework answers
            return None
        method = request.method
        row = rows.get((request.url_rule.endpoint, method))
        if method == "HEAD" and row is None:
            row = rows.get((request.url_rule.endpoint, GET))
        if method == "OPTIONS":
            row = next((each for (route, _), each in rows.items() if route == request.url_rule.endpoint), None)
        if row is None:
            raise Problem("not_found")
        way_in = ways.get(row.way)
        if (answer := way_in() if way_in else None) is not None:
            return answer
        caller = callers.get(row.way)
        if caller is not None and method != "OPTIONS" and not _has_role(row.who, caller):
            raise Problem(row.others)
        return None

    app.before_request(admit)


def _has_role(who: Who, caller: Callable[[], Holder | None]) -> bool:
    if not who or "" in who or HOLDER in who:
        return True
    me = caller()
    if me is None:
        return False
    if DEPUTY in me.roles and REVIEWER in who and who != MANAGES:  # decides as a reviewer, and manages nobody
        return True
    return any(role in (me.top_roles if side is TOP else me.roles) for role, side in who.items())


def _rows() -> dict[tuple[str, str], RouteRow]:
    found = [((route, method), row) for row in TABLE for method in row.methods.split() for route in row.routes.split()]
    if twice := [key for key, times in Counter(key for key, _ in found).items() if times > 1]:
        raise BadTable(f"two rows: {_named(twice)}")
    return dict(found)


def check(app: Flask, rows: Collection[tuple[str, str]]) -> None:
    """Raise BadTable unless each route has a row, and each row a route."""
    routes = set(calls(app))
    if lacking := routes - set(rows):
        raise BadTable(f"routes without a row in server/rights.py: {_named(lacking)}")
    if idle := set(rows) - routes:
        raise BadTable(f"rows of server/rights.py without a route: {_named(idle)}")


def calls(app: Flask) -> Iterator[tuple[str, str]]:
    """Return each route with each method that it takes. Where there is a GET, HEAD is one; OPTIONS is the framework's."""
    for rule in app.url_map.iter_rules():
        methods = rule.methods or set()
        same = {"HEAD", "OPTIONS"} if GET in methods else {"OPTIONS"}
        yield from ((rule.endpoint, method) for method in methods - same)


def row_of(route: str, method: str) -> RouteRow:
    """Return the row of a call. Raises KeyError."""
    return _rows()[route, method]


def _named(keys: Collection[tuple[str, str]]) -> str:
    return ", ".join(f"{method} {route}" for route, method in sorted(keys))
