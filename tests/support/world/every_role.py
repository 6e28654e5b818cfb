"""A province with somebody of each role on both sides of the tree; what their pages offer, and its replay by others."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from server.core.db import reading, writing
from server.models import (
    AskedDocument,
    Campaign,
    Device,
    Freeze,
    Handover,
    Membership,
    Paper,
    Record,
    ReportForm,
    Rescue,
    Seal,
    Stream,
    TrainingDay,
)
from server.rights import ANY, BELOW, BENEATH, HOLDER, MINE, OWN, TOP, RouteRow, row_of
from server.services.organisation import handover
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.client import Client, shot
from support.world import issuing, locking
from support.world.cases import entered, entitle, made
from support.world.lost import Lost, hand_in, revoke
from support.world.world import World, password_hash

PEOPLE: Final = {
    "xa1": ("12286", "officer"),
    "dinhcao": ("12397", "officer"),
    "huyen": ("331", "reviewer"),
    "phucu": ("333", "reviewer"),
    "tinh": ("33", "coordinator"),
    "quantri": ("33", "admin"),
    "qt_huyen": ("331", "admin"),
    "mat_xa": ("12286", "confidential"),
}
"""Of whom the last also holds the right to cases."""
ABOVE: Final = {"33": "", "331": "33", "333": "33", "12286": "331", "12289": "331", "12397": "333"}
ID = re.compile(r"[\w-]{16}")
FILE = re.compile(r"\.(csv|xlsx|zip|geojson)|/(word|file|thumb|full|template)\b|/sheet$")
SIGN_IN: Final = 303, "/desk/sign-in"


@dataclass(frozen=True)
class Asked:
    """A call that somebody's page offers. `unit`: the code of the unit it is about, if its row says where that is.

    `makers`: whose the object is, for `MINE`; without them it is whose page offers it.
    """

    route: str
    method: str
    url: str
    data: tuple[tuple[str, tuple[str, ...]], ...]
    owner: str
    unit: str
    makers: frozenset[str] = frozenset()

    @property
    def row(self) -> RouteRow:
        return row_of(self.route, self.method)


def settle(world: World, desk: Callable[..., Any], phone: Callable[..., Any]) -> dict[str, Any]:
    """Make people, records with photos, a lock, a paper, a class, a draft and a case. Returns everybody's desk."""
    entitle(world)
    with world.app.app_context(), writing() as session:
        for name, (code, role) in PEOPLE.items():
            if name not in world.officers:
                officer = add_officer(session, NewOfficer(name, f"Quản trị {code}"))
                officer.password_hash = password_hash()
                give_role(session, officer.id, world.units[code], role)
                world.officers[name] = officer.id
    for nth, (who, code) in enumerate((("xa1", "12286"), ("dinhcao", "12397"))):
        one, photo = phone(who, code), shot(nth + 1)
        one.create(**photo.register)
        one.create(quantity=2)
        one.sync()
        client = Client(world.app.test_client(), world.token(who))
        client.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb)
        client.create_upload(photo.sha256, len(photo.data), photo.data)
    locking.lock(world, "huyen", "331")
    issuing.make(world, "huyen", "331")
    people = {name: desk(name) for name in PEOPLE if name != "mat_xa"}
    people["mat_xa"] = entered(world, desk(), "mat_xa")
    made(people["mat_xa"])
    for who, code in (("huyen", "331"), ("phucu", "333")):
        people[who].get("/desk/training")
        people[who].post(people[who].form("/desk/training"), unit=world.units[code])
    hand_over(world)
    for revoked in (False, True):
        lost, photo = Lost(world, "xa1"), shot(5 + revoked)
        lost.banner(photo)
        home = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign}
        draft = {"id": "D" * 15 + str(int(revoked)), "at": 1_626_900_000_000, **home, "set": photo.register}
        if revoked:
            revoke(world, lost.device)
        assert hand_in(people["huyen"], lost.file(writes=[*lost.phone.outbox, {"draft": draft}])) == 303
    people["tinh"].get("/desk/campaigns")
    people["tinh"].post(next(each for each in people["tinh"].forms() if each.action.endswith("/campaigns/drafts")))
    return people


def hand_over(world: World) -> None:
    """In Chính Nghĩa somebody new takes over, by the district."""
    with world.app.app_context(), writing() as session:
        for name in ("giao", "nhan"):
            world.officers[name] = add_officer(session, NewOfficer(name, f"Cán bộ {name}")).id
        give_role(session, world.officers["giao"], world.units["12286"], "officer")
        give_role(session, world.officers["nhan"], world.units["12286"], "officer")
        handover.hand_over(session, Scope(session, world.officers["huyen"]), world.officers["giao"], "nhan")


class Offers:
    """What the pages of a person offer: links and forms, each once for the same objects."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: dict[tuple[object, ...], Asked] = {}
        self._match = world.app.url_map.bind("localhost").match
        self._codes = {id_: code for code, id_ in world.units.items()}

    def crawl(self, owner: str, one: Any, most: int) -> None:
        """Follow a person's links; at most so many pages of a route, and no files."""
        waiting, seen, looked = ["/desk/", "/desk/queue?state=all", "/desk/account"], set[str](), Counter[str]()
        while waiting:
            url = waiting.pop(0)
            answer = one.http.get(url, buffered=True)
            if answer.status_code == 303:
                waiting += [answer.headers["Location"]] * (answer.headers["Location"] not in seen)
                seen.add(answer.headers["Location"])
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            one.html = answer.get_data(as_text=True)
            for link in re.findall(r'(?:href|src)="([^"#]+)', one.html):
                path = unescape(link) if not link.startswith("?") else urlsplit(url).path + unescape(link)
                asked = self._note("GET", path, {}, owner)
                if asked is None or path in seen or FILE.search(path) or looked[asked.route] >= most:
                    continue
                looked[asked.route] += 1
                seen.add(path)
                waiting.append(path)
            for form in one.forms():
                self._note("POST", form.action or url, form.values, owner)

    def _note(self, method: str, url: str, data: dict[str, list[str]], owner: str) -> Asked | None:
        parts = urlsplit(url)
        if parts.netloc or not parts.path.startswith("/desk"):
            return None
        try:
            route, args = self._match(parts.path, method=method)
        except HTTPException:
            return None
        if route in ("entry.sign_out", "desk.static"):
            return None
        sent = {name: values[0] for name, values in data.items() if values and name != "csrf_token"}
        said = dict(parse_qsl(parts.query)) | sent | {name: str(value) for name, value in args.items()}
        named = {*args, "unit", "paper", "freeze"}
        ids = {name: value for name, value in said.items() if ID.fullmatch(value) and name in named}
        key = (route, method, *sorted(ids.items()))
        if key not in self.found:
            form = tuple((name, tuple(values)) for name, values in data.items() if name != "csrf_token")
            of = row_of(route, method).of
            if of == "unit" and "unit" not in said:  # one address for what a unit, its paper or its freeze has
                of = next((each for each in ("paper", "freeze") if each in said), of)
            self.found[key] = Asked(route, method, url, form, owner, self._unit(of, said), self._makers(of, said))
        return self.found[key]

    def _makers(self, of: str, said: dict[str, str]) -> frozenset[str]:
        with self.world.app.app_context(), reading() as session:
            if of == "rescue":
                file = session.get_one(Rescue, said[of])
                ids = set() if file.held else {file.officer_id}
            elif of == "handover":
                act = session.get_one(Handover, said[of])
                ids = {act.by_id, act.from_id, act.to_id}
            else:
                return frozenset()
        return frozenset(name for name, id_ in self.world.officers.items() if id_ in ids)

    def _unit(self, of: str, said: dict[str, str]) -> str:
        id_ = said.get(of, "")
        if not ID.fullmatch(id_):
            return ""
        if of == "unit":
            return self._codes.get(id_, "")
        query = {
            "first": select(Stream.unit_id).join(Record, Record.stream_id == Stream.id).where(Record.id == id_),
            "record": select(Stream.unit_id).join(Record, Record.stream_id == Stream.id).where(Record.id == id_),
            "seal": select(Stream.unit_id).join(Seal, Seal.stream_id == Stream.id).where(Seal.id == id_),
            "freeze": select(Freeze.unit_id).where(Freeze.id == id_),
            "paper": select(Paper.unit_id).where(Paper.id == id_),
            "document": select(AskedDocument.unit_id).where(AskedDocument.id == id_),
            "form": select(ReportForm.unit_id).where(ReportForm.id == id_),
            "training": select(TrainingDay.unit_id).where(TrainingDay.id == id_),
            "campaign": select(Campaign.unit_id).where(Campaign.id == id_),
            "officer": select(Membership.unit_id).where(Membership.officer_id == id_),
            "rescue": select(Membership.unit_id)
            .join(Rescue, Rescue.author_id == Membership.officer_id)
            .where(Rescue.id == id_),
            "handover": select(Membership.unit_id)
            .join(Handover, Handover.to_id == Membership.officer_id)
            .where(Handover.id == id_),
            "device": select(Membership.unit_id)
            .join(Device, Device.officer_id == Membership.officer_id)
            .where(Device.id == id_),
        }.get(of)  # fmt: skip
        if query is None:
            return ""
        with self.world.app.app_context(), reading() as session:
            found = session.scalar(query)
        return self._codes.get(found or "", "")


def chain(unit: str) -> Iterator[str]:
    """The unit and those above it."""
    while unit:
        yield unit
        unit = ABOVE[unit]


def has_role(row: RouteRow, person: str) -> bool:
    """True if the row names a role of this person, whatever the unit."""
    home, role = PEOPLE[person]
    side = row.who.get(role)
    holds = HOLDER in row.who and person == "mat_xa"
    return not row.who or "" in row.who or holds or (side is not None and (side is not TOP or home == "33"))


def reaches(asked: Asked, person: str) -> bool:
    """True if the row lets this person act on the unit that is asked for."""
    (home, role), who = PEOPLE[person], asked.row.who
    sides = {who[key] for key in (role, "") if key in who}
    if MINE in sides and asked.row.of and person in (asked.makers or {asked.owner}):
        return True
    if asked.row.of and sides == {MINE}:
        return False
    if not asked.unit:
        return True
    above = list(chain(asked.unit))
    if not who:
        return home in above
    met = {OWN: home == asked.unit, BELOW: home in above, BENEATH: home in above[1:], TOP: home == asked.unit == "33"}
    return not sides or ANY in sides or any(met.get(side, False) for side in sides)


class Stored:
    """The database as it was, to take back what a replay did."""

    def __init__(self, world: World) -> None:
        self._live = world.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        self._mark = Path(installed(world.app).settings.data_dir) / "last_mark"
        self._copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self._live)) as live:
            live.backup(self._copy)

    def is_same(self) -> bool:
        """True if nothing was done: all tables are as they were, but for what each request notes of its session."""
        with closing(sqlite3.connect(self._live)) as live:
            return self._content(live) == self._content(self._copy)

    @staticmethod
    def _content(database: sqlite3.Connection) -> list[str]:
        return [line for line in database.iterdump() if '"desk_session"' not in line and '"mark"' not in line]

    def back(self) -> None:
        """Put it back. Without its last mark, which would prove a restore."""
        with closing(sqlite3.connect(self._live)) as live:
            self._copy.backup(live)
        self._mark.unlink(missing_ok=True)


class Replaying:
    """Sends what somebody's page offers as another person, with that one's own cookie and form token."""

    def __init__(self, people: dict[str, Any]) -> None:
        self._people = people
        self._kept: dict[str, tuple[str, list[str]]] = {}
        for name, one in people.items():
            one.get("/desk/account")
            self._kept[name] = one.http.get_cookie("session").value, one.form("/desk/language").values["csrf_token"]

    def as_(self, person: str, method: str, url: str, data: dict[str, Any]) -> tuple[int, str]:
        """Return status, and where it leads."""
        http, (cookie, token) = self._people[person].http, self._kept[person]
        http.set_cookie("session", cookie)
        sent = {"data": data | {"yes": "1", "csrf_token": token}} if method != "GET" else {}
        answer = http.open(url, method=method, buffered=True, **sent)
        return answer.status_code, answer.headers.get("Location", "").partition("?")[0]
