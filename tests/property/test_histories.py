"""The shipped phone app over the real server: whatever anybody does, nothing is lost, doubled or diverged (G1 to G7).

Three phones of two officers (support/clients/shipped.py: their own Node process), a desk and a reviewer take random
steps in a district of several communes and campaigns (land.py): forms, also open across a pull, deletes, photos and
PDF files, answers to returns, lost answers, streams cut anywhere, bodies that a proxy finds too large, pages killed
between any two effects, two windows at once, a worker that hands in while the app is closed, storage rolled back,
clones, clocks that are set, phones enrolled anew, rescue files handed in late and again, records purged; officers are
moved and come back, communes are merged and split, campaigns end. At the end everybody sends until quiet, and what
each shows is what the set of all writes says (ends.py): first where they are, then with everybody writing for every
commune. (In restored.py the hub is put back meanwhile; by the real commands: tests/api/test_restored.py and the drill
of tests/chaos.)
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from property.ends import End
from property.land import Chance, Land, settle_down
from sqlalchemy import func, select

from server.core.db import reading, writing
from server.core.keyring import Purpose
from server.core.problem_details import Problem
from server.core.secrets_at_rest import rescue_key_text
from server.models import Campaign, Record, Stream, Unit, WriteRow
from server.services.access.codes import Phone as EnrollingPhone
from server.services.access.codes import make_code, use_code
from server.services.figures import seals
from server.services.figures.seals import sheet
from server.services.records.journal import accept
from server.services.records.stored import Author
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.services.recovery.rescue.rescue_store import RescueStore
from server.services.recovery.rescue.taking import hand_in
from server.services.review.decisions import Verdict, decide, withdraw
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.in_hand import sides_of
from support.clients.pictures import PDFS, PHOTOS
from support.clients.shipped import ActFailedError, PhoneHost, ShippedPhone
from support.clients.wire import Trouble, Wire
from support.clients.write_only import Json
from support.world.world import World
from sync.errors import Refused

pytestmark = pytest.mark.slow

OWNERS = (0, 0, 1)
"""The officer of each phone; both phones of officer 0 are one device to the hub."""
PHONES = st.integers(0, len(OWNERS) - 1)
OFFICERS = st.integers(0, 1)
PICK = st.integers(0, 10**6)
FIELDS = st.sampled_from(["note", "hamlet"])
NUMBERS = st.sampled_from([1, 2, 3])
WORDS = st.sampled_from(["a", "b", "c", None])
COMMUNES = st.integers(1, 4)
CAMPAIGNS = st.integers(1, 2)
KILL = st.integers(0, 24)
"""Before which effect a page is killed: an exchange has some ten of them, with files more."""
MAYBE_KILL = st.one_of(st.none(), st.none(), KILL)
PLACED = Stream.unit_id, Stream.campaign_id, Stream.position
MEANWHILE = {"archived", "foreign_unit", "purged", "unknown_campaign"}
"""Codes of what may be refused before the end."""
MOST_ROUNDS = 12
"""So often everybody has sent by the end."""


class Histories(RuleBasedStateMachine):
    """One history: a fresh district in a database that lives as long as the test."""

    world: ClassVar[World]
    ids: ClassVar[Iterator[int]]
    host: ClassVar[PhoneHost]

    @initialize(communes=COMMUNES, campaigns=CAMPAIGNS)
    def begin(self, communes: int, campaigns: int) -> None:
        number, numbers = next(self.ids), itertools.count(1)
        self.number = number
        Chance.begins(number)
        self.land = Land(self.world, number)
        with self.world.app.app_context(), writing() as session:
            self.land.begin(session, communes, campaigns)

        def draw_id() -> str:
            return f"{number:08}{next(numbers):08}"

        self.draw_id = draw_id
        self.wires = [Wire(self.world.app.test_client, partial(self._answered, who)) for who in range(len(OWNERS))]
        self.places = [(self.land.communes[0], self.land.campaigns[0]) for _ in OWNERS]
        self.phones = [
            ShippedPhone(self.host, f"{number} {who}", wire, f"{number:08}{'abc'[who]}")
            for who, wire in enumerate(self.wires)
        ]
        for who in range(len(OWNERS)):
            self._join(who)
            self.exchange(who)
        self.ended: list[Any] = []
        """What each phone showed at the end."""
        self.forms: list[tuple[int, str, str]] = []
        self.backups: set[int] = set()
        self.files: list[bytes] = []

    def _join(self, who: int) -> None:
        """Under the token that this officer's phones have now."""
        officer = OWNERS[who]
        device = self.land.devices[officer]
        key = rescue_key_text(device, self.world.keyring.current(Purpose.RESCUE))
        enrolled: Json = {"officer": self.land.officers[officer], "token": self.land.tokens[officer], "device": device}
        self.phones[who].act("join", **enrolled, rescue_key=key)

    def _answered(self, who: int, asked: Json, head: Json) -> None:
        """Whatever the hub said to this phone, also where it is lost on the way."""

    def exchange(self, who: int, *troubles: Trouble, kill: int | None = None) -> None:
        """Send and receive, whatever comes between."""
        self.wires[who].troubles = list(troubles)
        try:
            self.phones[who].act("exchange", kill=kill)
        except ActFailedError as failed:
            wire = self.wires[who]
            if failed.status is None or not (troubles or wire.most is not None or wire.read_only):
                raise
        finally:
            self.wires[who].troubles = []
        codes = {row.get("code") for row in self.phones[who].outbox if row["state"] == "refused"}
        assert codes <= MEANWHILE, f"X-24, L-8: {codes}"
        self._told(who)

    def _told(self, who: int) -> None:
        """This phone has heard something of the hub."""

    def _record(self, who: int, pick: int) -> str | None:
        ids = sorted(self.phones[who].records)
        return ids[pick % len(ids)] if ids else None

    # --- what officers do ------------------------------------------------------------

    @rule(who=PHONES, pick=PICK, word=WORDS)
    def create(self, who: int, pick: int, word: str | None) -> None:
        self._create(who, pick, {"note": word, "quantity": 2})

    def _create(self, who: int, pick: int, values: Json, files: list[Json] | None = None, **more: Any) -> None:
        self.places[who] = settle_down(self.phones[who], self.places[who], pick)
        unit, campaign = self.places[who]
        asked = {"kind": "banner", "unit": unit, "campaign": campaign, "set": values, "files": files or [], **more}
        self.phones[who].act("create", **asked)

    @rule(who=PHONES, pick=PICK, name=FIELDS, word=WORDS)
    def edit(self, who: int, pick: int, name: str, word: str | None) -> None:
        self._edit(who, pick, {name: word})

    def _edit(self, who: int, pick: int, values: Json, files: list[Json] | None = None, **more: Any) -> None:
        record = self._record(who, pick)
        if record is None:
            return
        if self.phones[who].records[record]["hidden"]:
            self.phones[who].act("restore", record=record)
            return
        draft = self.phones[who].act("open", record=record)
        self.phones[who].act("save", draft=draft, set=values, files=files or [], **more)

    @rule(who=PHONES, pick=PICK, number=NUMBERS)
    def count_anew(self, who: int, pick: int, number: int) -> None:
        self._edit(who, pick, {"quantity": number})

    @rule(who=PHONES, pick=PICK, name=FIELDS)
    def open_form(self, who: int, pick: int, name: str) -> None:
        record = self._record(who, pick)
        if record is not None:
            self._open_form(who, record, name)

    def _open_form(self, who: int, record: str, name: str) -> None:
        self.forms.append((who, self.phones[who].act("open", record=record), name))

    @rule(pick=PICK, word=WORDS)
    def save_form(self, pick: int, word: str | None) -> None:
        if self.forms:
            who, draft, name = self.forms.pop(pick % len(self.forms))
            self.phones[who].act("save", draft=draft, set={name: word}, files=[])

    @rule(who=PHONES, pick=PICK, name=FIELDS, word=WORDS, fate=st.sampled_from(["corrected", "twice", "discarded"]))
    def outlive(self, who: int, pick: int, name: str, word: str | None, fate: str) -> None:
        """F-42: a form is open over a record whose create is refused, and that other windows correct or discard."""
        phone = self.phones[who]
        unit, campaign = self.places[who] = settle_down(phone, self.places[who], pick)
        said = {"note": "o", "quantity": 2}
        record = phone.act("create", kind="banner", unit=unit, campaign=campaign, set=said, files=[])
        if record is None:  # nothing is known of a catalogue
            return
        self._open_form(who, record, name)
        before = self._becomes(campaign, "archived")
        if before is None:
            return
        self.exchange(who)
        self._becomes(campaign, before)
        if record not in self._refused(who):
            return
        if fate == "discarded":
            phone.act("discard", record=record)
            return
        for draft in [phone.act("open", record=record) for _ in range(2 if fate == "twice" else 1)]:
            phone.act("save", draft=draft, set={"hamlet" if pick % 2 else name: word}, files=[])

    @rule(who=PHONES, pick=PICK)
    def discard(self, who: int, pick: int) -> None:
        """H-3: what the hub refused is let go of."""
        refused = self._refused(who)
        if refused:
            self.phones[who].act("discard", record=refused[pick % len(refused)])

    def _becomes(self, campaign: str, status: str) -> str | None:
        """The status of the campaign before; None where a restore took it."""
        with self.world.app.app_context(), writing() as session:
            row = session.get(Campaign, campaign)
            before = None if row is None else str(row.status)
            self.land.set_status(session, self.land.campaigns.index(campaign), status)
            return before

    def _refused(self, who: int) -> list[str]:
        """Records with something that the hub refused, and with nothing that it ever took."""
        return sorted({row["record"] for row in self.phones[who].outbox if row["state"] == "refused"})

    @rule(who=PHONES, pick=PICK)
    def delete(self, who: int, pick: int) -> None:
        record = self._record(who, pick)
        if record is not None:
            self.phones[who].act("erase", record=record)

    @rule(who=PHONES, pick=PICK, nth=st.integers(0, 2))
    def settle(self, who: int, pick: int, nth: int) -> None:
        """S-5: of a conflict one side is chosen."""
        rows = [row for row in self.phones[who].records.values() if row["conflicts"] and not row["hidden"]]
        if rows:
            row = sorted(rows, key=lambda row: row["record"])[pick % len(rows)]
            self.phones[who].act("settle", record=row["record"], field=min(row["conflicts"]), nth=nth)

    @rule(who=PHONES, pick=PICK, number=st.integers(0, 1), keep=st.booleans())
    def take_a_photo(self, who: int, pick: int, number: int, keep: bool) -> None:
        """S-6, P-3: one of two photos is added to a record or taken from it."""
        record = self._record(who, pick)
        held = self.phones[who].records[record]["shown"] if record else {}
        named = [name for name, sides in held.items() if name.startswith("photos/") and sides != [None]]
        if keep:
            self._edit(who, pick, {}, [PHOTOS[number]])
        elif named:
            self._edit(who, pick, {sorted(named)[number % len(named)]: None})

    @rule(who=PHONES, pick=PICK, number=st.integers(0, 1))
    def attach_a_pdf(self, who: int, pick: int, number: int) -> None:
        """S-13: to a record of a kind that takes some."""
        self._create(who, pick, {"title": "b", "published_on": "2021-07-09"}, [PDFS[number]], kind="media")

    @rule(who=PHONES, pick=PICK, word=WORDS)
    def reply(self, who: int, pick: int, word: str | None) -> None:
        """D-13: to a return that this phone knows of."""
        rows = [row["record"] for row in self.phones[who].records.values() if row["state"] == "returned"]
        if rows:
            self.phones[who].act("reply", record=sorted(rows)[pick % len(rows)], text=word or "vâng")

    @rule(who=PHONES, pick=PICK, word=WORDS)
    def ask(self, who: int, pick: int, word: str | None) -> None:
        """D-15: about a record that this phone knows of."""
        record = self._record(who, pick)
        if record is not None:
            self.phones[who].act("ask", record=record, text=word or "?")

    @rule(who=PHONES, pick=PICK)
    def confirm(self, who: int, pick: int) -> None:
        """X-62, L-2: the figures of a commune that this phone knows are confirmed on it, and sent later."""
        known = sorted(self.phones[who].cursors)
        if known:
            self._confirm(who, *known[pick % len(known)])

    def _confirm(self, who: int, unit: str, campaign: str) -> bool:
        """Whether the server gave the sheet, and the phone has kept the statement."""
        try:
            return self.phones[who].act("confirm", unit=unit, campaign=campaign) is not None
        except ActFailedError as failed:
            if failed.status not in (403, 404):  # moved away meanwhile
                raise
            return False

    @rule(who=OFFICERS)
    def enrol_anew(self, who: int) -> None:
        """ID-4: the first answer is lost; the phones of this officer go on under the new token."""
        key, nonce = self.world.keyring, self.draw_id()
        with self.world.app.app_context(), writing() as session:
            code = make_code(session, self.land.officers[who], None, key)
            _, again = (use_code(session, code, EnrollingPhone("máy", nonce), key) for _ in range(2))
            assert again is not None
            self.land.tokens[who], self.land.devices[who] = again.token, again.device.id
        for phone, owner in enumerate(OWNERS):
            if owner == who:
                self._join(phone)

    # --- what becomes of an exchange ---------------------------------------------------

    @rule(who=PHONES)
    def sync(self, who: int) -> None:
        self.exchange(who)

    @rule(who=PHONES)
    def lose_the_answer(self, who: int) -> None:
        """The next exchange asks for it (X-16)."""
        self.exchange(who, ("lost", 1))

    @rule(who=PHONES, cut=st.floats(0, 1), breaks=st.booleans())
    def cut_a_stream(self, who: int, cut: float, breaks: bool) -> None:
        """X-21: anywhere, in the middle of a letter even."""
        self.exchange(who, ("broken" if breaks else "cut", cut))

    @rule(who=PHONES)
    def send_twice(self, who: int) -> None:
        self.exchange(who, ("twice", 1))

    @rule(who=PHONES, most=st.integers(1, 2))
    def halve(self, who: int, most: int) -> None:
        """X-40, G6: a proxy takes no body with more writes; what it finds too large goes in halves."""
        self.wires[who].most = most
        self.exchange(who)
        self.wires[who].most = None

    @rule(who=PHONES, what=st.sampled_from(["unreached", "proxy", "busy"]), behind=st.booleans())
    def stumble(self, who: int, what: str, behind: bool) -> None:
        """X-24: on the way, or at a server that is down; says nothing of a write."""
        self.exchange(who, *[("well", 1.0)] * behind, (what, 1))

    @rule(who=PHONES)
    def take_no_writes(self, who: int) -> None:
        """X-24: a database that became read-only says so of every body with writes, and nothing of any write."""
        self.wires[who].read_only = True
        self.exchange(who)
        self.wires[who].read_only = False

    @rule(who=PHONES, kill=KILL)
    def kill_amid(self, who: int, kill: int) -> None:
        """G1, X-11, X-15: the page is killed between any two effects of an exchange."""
        self.exchange(who, kill=kill)

    @rule(who=PHONES, what=st.sampled_from(["well", "well", "lost", "unreached", "busy"]), kill=MAYBE_KILL)
    def hand_in(self, who: int, what: str, kill: int | None) -> None:
        """X-35: the app is closed; its worker hands in what waits, and reads nothing of the answers."""
        self.wires[who].troubles = [(what, 1)]
        try:
            self.phones[who].hand_in(kill=kill)
        except ActFailedError:
            if what == "well":
                raise
        finally:
            self.wires[who].troubles = []

    @rule(who=PHONES, pick=PICK, kill=st.integers(0, 12), number=st.integers(0, 1))
    def kill_a_save(self, who: int, pick: int, kill: int, number: int) -> None:
        """G1: the form is there with what was entered, or its write is; P-21: so is the photo."""
        phone = self.phones[who]
        unit, campaign = self.places[who] = settle_down(phone, self.places[who], pick)
        draft = phone.act("begin", kind="banner", unit=unit, campaign=campaign, set={"note": "k"})
        if draft is None:  # nothing is known of a catalogue
            return
        phone.act("save", kill=kill, draft=draft, set={"hamlet": "k"}, files=[PHOTOS[number]])
        saved = [row["wire"]["set"] for row in phone.writes if row["id"] == draft]
        kept = [row["now"] for row in phone.look()["drafts"] if row["id"] == draft]
        assert [values["note"] for values in (*saved, *kept)] == ["k"], "G1"
        if kept:
            phone.act("save", draft=draft, set={"hamlet": "k"}, files=[])
            saved = [row["wire"]["set"] for row in phone.writes if row["id"] == draft]
        assert [values["hamlet"] for values in saved] == ["k"], "G1"

    @rule(who=PHONES, hold=st.one_of(st.none(), st.integers(1, 3)), kill=MAYBE_KILL)
    def two_windows(self, who: int, hold: int | None, kill: int | None) -> None:
        """X-11: both send and receive: the answer to one comes when the other is done, or they go side by side."""
        self._two_windows(who, hold, kill)

    def _two_windows(self, who: int, hold: int | None, kill: int | None) -> None:
        self.phones[who].both(("exchange", kill), ("exchange", None), hold, self._meanwhile)
        self._told(who)

    @rule(who=PHONES, pick=PICK, name=FIELDS, word=WORDS)
    def overtake(self, who: int, pick: int, name: str, word: str | None) -> None:
        """X-11: the blocks of an answer come when another window has taken what was written behind it."""
        positions: dict[tuple[str, str], int] = {}

        def meanwhile(_: Json) -> None:
            self.write_at_the_desk(pick=pick, name=name, word=word)
            with self.world.app.app_context(), reading() as session:
                rows = session.execute(self.land.streams().with_only_columns(*PLACED))
                positions.update({(unit, campaign): position for unit, campaign, position in rows})

        self.phones[who].both(("exchange", None), ("exchange", None), 1, meanwhile, inside=True)
        self._told(who)
        for place, cursor in self.phones[who].cursors.items():
            assert cursor["position"] >= positions.get(place, 0), "X-11: an older block over a newer one"

    def _meanwhile(self, looked: Json) -> None:
        """Between an answer and its coming, when this phone shows this."""

    # --- what becomes of a phone -------------------------------------------------------

    @rule(who=PHONES)
    def back_up_storage(self, who: int) -> None:
        self.phones[who].keep(f"{self.number} {who}")
        self.backups.add(who)

    @rule(who=PHONES)
    def roll_storage_back(self, who: int) -> None:
        if who in self.backups:
            self._become(who, f"{self.number} {who}")

    @rule()
    def clone(self) -> None:
        """The same officer's second installation gets the first one's storage."""
        self.phones[0].keep("clone")
        self._become(1, "clone")

    def _become(self, who: int, name: str) -> None:
        self.phones[who].become(name)
        self.forms = [form for form in self.forms if form[0] != who]
        self._join(who)

    @rule(who=PHONES, jump=st.integers(-(10**12), 10**12))
    def jump_the_clock(self, who: int, jump: int) -> None:
        self.phones[who].skew(jump)

    @rule(who=PHONES)
    def save_a_rescue_file(self, who: int) -> None:
        self.files += [base64.b64decode(file) for file in self.phones[who].act("rescue")]

    @rule(pick=PICK)
    def hand_in_a_rescue_file(self, pick: int) -> None:
        """R-1: any of those that were ever saved, as often as anybody likes."""
        if not self.files:
            return
        app = self.world.app
        hub = RescueStore(self.world.keyring, installed(app).blobs, installed(app).settings.data_dir / "rescue")
        path = hub.room(".part")
        path.write_bytes(self.files[pick % len(self.files)])
        with app.app_context():
            hand_in(hub, self.world.officers["huyen"], path)
        # Of a device younger than a backup that was put back it waits for a person, elsewhere.
        path.unlink(missing_ok=True)

    # --- what others do ----------------------------------------------------------------

    @rule(pick=PICK, name=FIELDS, word=WORDS)
    def write_at_the_desk(self, pick: int, name: str, word: str | None) -> None:
        """By somebody above, of what the desk shows now."""
        with self.world.app.app_context(), writing() as session:
            rows = session.scalars(self.land.mine(select(Record)).order_by(Record.id)).all()
            if rows:
                record = rows[pick % len(rows)]
                write = {"id": self.draw_id(), "at": 0, "record": record.id, "set": {name: word}}
                author = Author(Scope(session, self.world.officers["tinh"]))
                accept(session, author, [write | {"seen": record.survivors.get(name, [])}])

    @rule(pick=PICK)
    def purge(self, pick: int) -> None:
        """L-11: whatever anybody still has of it."""
        with self.world.app.app_context(), writing() as session:
            rows = session.scalars(self.land.mine(select(Record)).order_by(Record.id)).all()
            if len(rows) > 2 and pick % 3 == 0:  # seldom: what is gone hides what else went wrong
                order = Order(self.world.officers["quantri"], "thử", 1)
                purges.purge(session, [rows[pick % len(rows)].id], order, installed(self.world.app).blobs)

    @rule(pick=PICK, verdict=st.sampled_from(["returned", "not_counted", "counted", "withdrawn"]))
    def judge(self, pick: int, verdict: str) -> None:
        with self.world.app.app_context(), writing() as session:
            rows = session.scalars(self.land.mine(select(Record)).order_by(Record.id)).all()
            if rows:
                record = rows[pick % len(rows)]
                scope = Scope(session, self.world.officers["huyen"])
                with suppress(Refused, Problem):  # a conflict cannot be counted, nothing cannot be withdrawn
                    if verdict == "withdrawn":
                        withdraw(session, scope, record.id)
                    else:
                        decide(session, scope, record.id, Verdict(verdict, "vì vậy"), dict(record.survivors))

    @rule(who=OFFICERS, pick=PICK, stays=st.booleans())
    def move(self, who: int, pick: int, stays: bool) -> None:
        """An officer writes for another commune, and comes back, it may be; as both phones are told in the end."""
        with self.world.app.app_context(), writing() as session:
            self.land.move(session, who, pick, stays=stays)

    @rule(who=OFFICERS, pick=PICK)
    def leave(self, who: int, pick: int) -> None:
        with self.world.app.app_context(), writing() as session:
            self.land.leave(session, who, pick)

    @rule(pick=PICK, with_people=st.booleans())
    def merge(self, pick: int, with_people: bool) -> None:
        """L-6: one commune into another."""
        with self.world.app.app_context(), writing() as session:
            self.land.merge(session, pick, with_people=with_people)

    @rule(who=OFFICERS, pick=PICK, anew=st.booleans())
    def split(self, who: int, pick: int, anew: bool) -> None:
        """L-50: a part of a commune goes to another, with this officer if they are there; also to one that is made."""
        with self.world.app.app_context(), writing() as session:
            self.land.split(session, who, pick, anew=anew and self._may_make_units())

    def _may_make_units(self) -> bool:
        return True

    @rule(who=st.integers(0, 2), pick=PICK)
    def seal(self, who: int, pick: int) -> None:
        with self.world.app.app_context(), writing() as session:
            streams = self.land.streams().order_by(Stream.unit_id, Stream.campaign_id)
            places = session.execute(streams.with_only_columns(Stream.unit_id, Stream.campaign_id)).all()
            unit, campaign = places[pick % len(places)]
            scope = Scope(session, [*self.land.officers, self.world.officers["huyen"]][who])
            page = sheet(session, scope, session.get_one(Unit, unit), session.get_one(Campaign, campaign))
            if page is not None:
                seals.seal(session, scope, unit, campaign, page.shown)

    @rule()
    def open_a_campaign(self) -> None:
        with self.world.app.app_context(), writing() as session:
            self.land.open_another(session)

    @rule(pick=PICK, status=st.sampled_from(["open", "closed", "archived", "open"]))
    def end_or_reopen(self, pick: int, status: str) -> None:
        with self.world.app.app_context(), writing() as session:
            self.land.set_status(session, pick, status)

    # --- the end ---------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "files"):
            return
        try:
            self._end()
        finally:
            for phone in self.phones:
                phone.drop()
            self.host.ask("forget")

    def _end(self) -> None:
        with self.world.app.app_context(), writing() as session:
            self.land.end_well(session)
        self._until_quiet()
        self._check(last=False)
        with self.world.app.app_context(), writing() as session:
            self.land.everybody_everywhere(session)
        self._until_quiet()
        self._check(last=True)
        self.ended = [
            (
                {id_: _typed(sides_of(row)) for id_, row in phone.records.items()},
                [row["position"] for row in phone.cursors.values()],
            )
            for phone in self.phones
        ]

    def _until_quiet(self) -> None:
        """Everybody sends, what was refused too, until that changes nothing any more."""
        before: Any = None
        for _ in range(MOST_ROUNDS):
            for who, phone in enumerate(self.phones):
                phone.act("retry")
                self.exchange(who)
            with self.world.app.app_context(), reading() as session:
                positions = session.scalar(self.land.streams().with_only_columns(func.sum(Stream.position)))
            # Also where a restore was heard of, after which what is out of scope goes with the next exchange (L-10).
            now = (
                positions,
                [
                    (len(phone.outbox), phone.unverified, phone.look()["cursors"], phone.look()["restored"])
                    for phone in self.phones
                ],
            )
            if now == before:
                return
            before = now
        raise AssertionError("no end to it")

    def _check(self, *, last: bool) -> None:
        """`last`: everybody writes for every commune."""
        with self.world.app.app_context(), reading() as session:
            end = End.of(session, self.land)
            told = [self.land.told(session, who) for who in range(2)]
        mine = f"{self.land.number:08}"
        assert {id_[:8] for id_ in self._stored()} <= {mine}
        for who, phone in enumerate(self.phones):
            refused = [row for row in phone.outbox if row["state"] == "refused"]
            assert {row["code"] for row in refused} <= self._refusals(last=last)
            waiting = self._waiting(phone, last=last) | {row["record"] for row in refused}
            end.check(phone, told[OWNERS[who]], waiting)
            assert phone.act("check") == [], "G5: what is kept beside the parts is not what they say"

    def _refusals(self, *, last: bool) -> set[str]:  # noqa: ARG002  # asked for where the hub is put back
        """Codes of what a phone may be left with: it is of a purged record (L-11), for moves refuse nothing (L-8)."""
        return {"purged"}

    def _waiting(self, phone: ShippedPhone, *, last: bool) -> set[str]:  # noqa: ARG002  # as above
        """Records with something that waits here at the end: none."""
        assert [row for row in phone.outbox if row["state"] == "pending"] == []
        assert phone.unverified == [], "P-4"
        assert [entry for entry in phone.look()["entries"] if entry["state"] == "pending"] == [], "X-62"
        return set()

    def _stored(self) -> set[str]:
        with self.world.app.app_context(), reading() as session:
            return set(session.scalars(select(WriteRow.id).where(WriteRow.stream_id.in_(self.land.streams()))))


def _typed(shown: Json) -> Json:
    """What people entered: a file says when it was added, by the server's clock."""
    return {name: sides for name, sides in shown.items() if "/" not in name}


@pytest.mark.usefixtures("small_pages")
def test_histories(one_world: World, phones: PhoneHost, monkeypatch: pytest.MonkeyPatch) -> None:
    Chance.goes(monkeypatch)
    Histories.world, Histories.host = one_world, phones
    Histories.ids = itertools.count(1)
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=settings().max_examples * 2 // 3,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
