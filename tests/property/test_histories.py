"""Simulated phones over the real server code: whatever they do, nothing is lost, doubled or diverged (G2, G3, G4).

Three phones of two officers, a desk and a reviewer take random steps: edits, forms open across a pull, deletes, photos,
lost answers asked for or not, streams cut anywhere, duplicates, storage rolled back, clones, clocks that jump, phones
enrolled anew, rescue files handed in late and again, records purged. At the end everybody sends until quiet, and what
each shows is what the set of all writes says. (In restored.py the hub is put back meanwhile; by the real commands:
tests/api/test_restored.py and the drill of tests/chaos.)
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import reading, writing
from server.models import Campaign, Census, PhotoRef, Record, Stream, Tally, Unit, WriteRow
from server.problems import Problem
from server.secrets_at_rest import rescue_key_text
from server.services import purges, seals
from server.services.access import Phone as EnrollingPhone
from server.services.access import add_device, make_code, use_code
from server.services.campaigns import open_campaign, set_status
from server.services.journal import Author, accept
from server.services.ledger import as_write
from server.services.purges import Order
from server.services.rescue.hub import Hub
from server.services.rescue.taking import hand_in
from server.services.review import Verdict, decide, withdraw
from server.services.scope import Scope
from server.services.seals import sheet
from server.services.staff import NewOfficer, add_officer, end_roles, give_role
from server.services.units import UnitRow, import_tree
from support.client import shot
from support.keeper import Keeper
from support.phone import Phone
from support.rescue_file import rescue_file
from support.world import World, campaign
from sync.decision import PURGED
from sync.errors import Refused
from sync.late import is_late
from sync.record import State
from sync.write import Write

PHONES = st.integers(0, 2)
PICK = st.integers(0, 10**6)
BLOCKS = st.sampled_from([None, 1, 2])
FIELDS = st.sampled_from(["note", "hamlet"])
NUMBERS = st.sampled_from([1, 2, 3])
WORDS = st.sampled_from(["a", "b", "c", None])


SHOTS = [shot(number).register for number in (1, 2)]


class Histories(RuleBasedStateMachine):
    """One history: a fresh commune in a database that lives as long as the test."""

    world: ClassVar[World]
    ids: ClassVar[Iterator[int]]
    rounds = 2
    """So often everybody sends at the end."""

    @initialize()
    def begin(self) -> None:
        made, number = self.world, next(self.ids)
        with made.app.app_context(), writing() as session:
            parent = session.get_one(Unit, made.units["331"])
            row = UnitRow(f"t{number}", f"Xã thử {number}", f"Thử {number}", "commune")
            unit = import_tree(session, [row], parent.valid_from)[row.code]
            unit.parent_id = parent.id
            self.unit, self.campaign = unit.id, open_campaign(session, unit.id, campaign()).id
            self.officers: list[str] = []
            self.devices: list[str] = []
            self.tokens = [self._token(session, f"t{number}.{who}") for who in (0, 1)]
        client, numbers = made.app.test_client(), itertools.count(1)

        def draw_id() -> str:
            return f"{number:08}{next(numbers):08}"

        self.draw_id = draw_id

        def sender(who: int) -> Any:
            def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
                answer = client.post("/api/v1/sync", json=body, headers=self._as(who))
                return answer.status_code, answer.get_json()

            return send

        def streamer(who: int) -> Any:
            def stream(body: dict[str, Any]) -> str:
                headers = self._as(who) | {"Accept": "application/x-ndjson"}
                answer = client.post("/api/v1/sync", json=body, headers=headers)
                assert answer.status_code == 200
                return answer.get_data(as_text=True)

            return stream

        self.phones = [
            Keeper(
                sender(officer),
                self.unit,
                self.campaign,
                stream=streamer(officer),
                draw_id=self.draw_id,
            )
            for officer in (0, 0, 1)
        ]
        self.status = "open"
        self.forms: list[tuple[int, str, list[str], str]] = []
        self.backups: dict[int, dict[str, Any]] = {}
        self.files: list[bytes] = []

    def _as(self, officer: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[officer]}"}

    def _token(self, session: Session, username: str) -> str:
        officer = add_officer(session, NewOfficer(username, f"Cán bộ {username}"))
        give_role(session, officer.id, self.unit, "officer")
        self.officers.append(officer.id)
        added = add_device(session, officer.id, "máy thử")
        self.devices.append(added.device.id)
        return added.token

    def _record(self, phone: Phone, pick: int) -> str | None:
        ids = sorted({*phone.records, *(w["record"] for w in (*phone.outbox, *phone.stored))})
        return ids[pick % len(ids)] if ids else None

    @rule(who=PHONES, word=WORDS)
    def create(self, who: int, word: str | None) -> None:
        self.phones[who].create(note=word, quantity=2)

    @rule(who=PHONES, pick=PICK, name=FIELDS, word=WORDS)
    def edit(self, who: int, pick: int, name: str, word: str | None) -> None:
        record = self._record(self.phones[who], pick)
        if record is not None:
            fields: dict[str, Any] = {name: word}
            if self.phones[who].state(record).hidden:
                fields["deleted"] = None
            self.phones[who].edit(record, **fields)

    @rule(who=PHONES, pick=PICK, number=NUMBERS)
    def count_anew(self, who: int, pick: int, number: int) -> None:
        record = self._record(self.phones[who], pick)
        if record is not None and not self.phones[who].state(record).hidden:
            self.phones[who].edit(record, quantity=number)

    @rule(who=PHONES, pick=PICK, name=FIELDS)
    def open_form(self, who: int, pick: int, name: str) -> None:
        record = self._record(self.phones[who], pick)
        if record is not None:
            self.forms.append((who, record, self.phones[who].seen(record, [name]), name))

    @rule(pick=PICK, word=WORDS)
    def save_form(self, pick: int, word: str | None) -> None:
        if self.forms:
            who, record, seen, name = self.forms.pop(pick % len(self.forms))
            self.phones[who].edit(record, seen=seen, **{name: word})

    @rule(who=PHONES, pick=PICK)
    def delete(self, who: int, pick: int) -> None:
        record = self._record(self.phones[who], pick)
        if record is not None:
            self.phones[who].delete(record)

    @rule(who=PHONES, pick=PICK, number=st.integers(0, 1), keep=st.booleans())
    def take_a_photo(self, who: int, pick: int, number: int, keep: bool) -> None:
        """S-6, P-3: one of two photos is added to a record or taken from it."""
        record = self._record(self.phones[who], pick)
        if record is not None and not self.phones[who].state(record).hidden:
            self.phones[who].edit(record, **(SHOTS[number] if keep else dict.fromkeys(SHOTS[number])))

    @rule(pick=PICK, name=FIELDS, word=WORDS)
    def write_at_the_desk(self, pick: int, name: str, word: str | None) -> None:
        """By somebody above, of what the desk shows now."""
        with self.world.app.app_context(), writing() as session:
            rows = session.scalars(self._mine(select(Record)).order_by(Record.id)).all()
            if rows:
                record = rows[pick % len(rows)]
                write = {"id": self.draw_id(), "at": 0, "record": record.id, "set": {name: word}}
                author = Author(Scope(session, self.world.officers["tinh"]))
                accept(session, author, [write | {"seen": record.survivors.get(name, [])}])

    @rule(pick=PICK)
    def purge(self, pick: int) -> None:
        """L-11: whatever anybody still has of it."""
        with self.world.app.app_context(), writing() as session:
            rows = session.scalars(self._mine(select(Record)).order_by(Record.id)).all()
            if len(rows) > 2 and pick % 3 == 0:  # seldom: what is gone hides what else went wrong
                order = Order(self.world.officers["quantri"], "thử", 1)
                purges.purge(session, [rows[pick % len(rows)].id], order, self.world.app.extensions["loa_blobs"])

    @rule(who=st.integers(0, 1))
    def enrol_anew(self, who: int) -> None:
        """ID-4: the first answer is lost; the phones of this officer go on under the new token."""
        key, nonce = str(self.world.app.secret_key), self.draw_id()
        with self.world.app.app_context(), writing() as session:
            code = make_code(session, self.officers[who], None, key)
            _, again = (use_code(session, code, EnrollingPhone("máy", nonce), key) for _ in range(2))
            assert again is not None
            self.tokens[who], self.devices[who] = again.token, again.device.id

    @rule(who=PHONES, block=BLOCKS, lines=st.booleans())
    def sync(self, who: int, block: int | None, lines: bool) -> None:
        self.phones[who].sync(block, lines=lines)

    @rule(who=PHONES, block=BLOCKS)
    def lose_the_answer(self, who: int, block: int | None) -> None:
        """The next sync asks for it (X-16)."""
        phone = self.phones[who]
        phone.ask()
        phone.send(phone.push([write["id"] for write in phone.outbox[:block]]))

    @rule(who=PHONES)
    def pull_alone(self, who: int) -> None:
        """The cursor may pass writes of the outbox that a clone, or a lost push, has brought before (X-10)."""
        phone = self.phones[who]
        asked = phone.push([])
        phone.apply(asked, phone.send(asked)[1])

    @rule(who=PHONES)
    def send_again_without_asking(self, who: int) -> None:
        """X-3: asking saves bytes, and nothing else."""
        self.phones[who].lost = None

    @rule(who=PHONES, cut=st.floats(0, 1))
    def cut_a_stream(self, who: int, cut: float) -> None:
        """X-21: anywhere, in the middle of a letter even."""
        phone = self.phones[who]
        phone.ask(lines=True)
        asked = phone.push([write["id"] for write in phone.outbox])
        whole = phone.text(asked).encode()
        phone.take_lines(asked, whole[: int(len(whole) * cut)].decode(errors="ignore"))

    @rule(who=PHONES)
    def send_twice(self, who: int) -> None:
        phone = self.phones[who]
        phone.ask()
        body = phone.push([write["id"] for write in phone.outbox])
        phone.send(body)
        status, answer = phone.send(body)
        assert status == 200
        phone.apply(body, answer)

    @rule(who=PHONES)
    def back_up_storage(self, who: int) -> None:
        self.backups[who] = self.phones[who].kept()

    @rule(who=PHONES)
    def roll_storage_back(self, who: int) -> None:
        if who in self.backups:
            self.phones[who].put_back(self.backups[who])
            self.forms = [form for form in self.forms if form[0] != who]

    @rule(who=PHONES)
    def save_a_rescue_file(self, who: int) -> None:
        device = self.devices[who // 2]
        key = rescue_key_text(device, str(self.world.app.secret_key))
        self.files.append(rescue_file(device, key, self.phones[who].outbox))

    @rule(pick=PICK)
    def hand_in_a_rescue_file(self, pick: int) -> None:
        """R-1: any of those that were ever saved, as often as anybody likes."""
        if not self.files:
            return
        app = self.world.app
        hub = Hub(str(app.secret_key), app.extensions["loa_blobs"], app.extensions["loa_settings"].data_dir / "rescue")
        path = hub.room(".part")
        path.write_bytes(self.files[pick % len(self.files)])
        with app.app_context():
            hand_in(hub, self.world.officers["huyen"], path)
        # Of a device younger than a backup that was put back it waits for a person, elsewhere.
        path.unlink(missing_ok=True)

    @rule()
    def clone(self) -> None:
        """The same officer's second installation gets the first one's storage."""
        self.phones[1].put_back(self.phones[0].kept())
        self.forms = [form for form in self.forms if form[0] != 1]

    @rule(who=PHONES, jump=st.integers(-(10**12), 10**12))
    def jump_the_clock(self, who: int, jump: int) -> None:
        self.phones[who].at += jump

    @rule(pick=PICK, verdict=st.sampled_from(["returned", "not_counted", "counted", "withdrawn"]))
    def judge(self, pick: int, verdict: str) -> None:
        with self.world.app.app_context(), writing() as session:
            rows = session.scalars(self._mine(select(Record)).order_by(Record.id)).all()
            if rows:
                record = rows[pick % len(rows)]
                scope = Scope(session, self.world.officers["huyen"])
                with suppress(Refused, Problem):  # a conflict cannot be counted, nothing cannot be withdrawn
                    if verdict == "withdrawn":
                        withdraw(session, scope, record.id)
                    else:
                        decide(session, scope, record.id, Verdict(verdict, "vì vậy"), dict(record.survivors))

    @rule(who=st.integers(0, 1), comes=st.booleans())
    def move(self, who: int, comes: bool) -> None:
        """An officer leaves the commune, or is back; both phones of officer 0 are one device to the hub."""
        with self.world.app.app_context(), writing() as session:
            if comes:
                give_role(session, self.officers[who], self.unit, "officer")
            else:
                end_roles(session, self.officers[who], self.unit)

    @rule(who=st.integers(0, 2))
    def seal(self, who: int) -> None:
        with self.world.app.app_context(), writing() as session:
            scope = Scope(session, [*self.officers, self.world.officers["huyen"]][who])
            page = sheet(session, scope, session.get_one(Unit, self.unit), session.get_one(Campaign, self.campaign))
            if page is not None:
                seals.seal(session, scope, self.unit, self.campaign, page.shown)

    @rule(status=st.sampled_from(["open", "closed", "archived", "open"]))
    def end_or_reopen(self, status: str) -> None:
        with self.world.app.app_context(), writing() as session:
            set_status(session, self.campaign, status)
        self.status = status

    def _mine(self, query: Any) -> Any:
        streams = select(Stream.id).where(Stream.unit_id == self.unit)
        return query.where(query.column_descriptions[0]["entity"].stream_id.in_(streams))

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        if self.status == "archived":
            self.end_or_reopen(status="open")
        for who in range(2):
            self.move(who=who, comes=True)
        for phone in self.phones * self.rounds:
            phone.ask()
            phone.send_again()
            phone.sync()
        with self.world.app.app_context(), reading() as session:
            writes = [as_write(row) for row in session.scalars(self._mine(select(WriteRow)))]
            rows = list(session.scalars(self._mine(select(Record))))
            self._check_photos(session, writes)
            assert {row.id[:8] for row in session.scalars(self._mine(select(WriteRow)))} <= {self.draw_id()[:8]}
            gone = {row.id for row in rows if row.state == PURGED}
            rows = [row for row in rows if row.id not in gone]
            held = {row.id: dict(row.survivors) for row in rows}
            decided = {row.id: (row.decision_id, row.state == "amended") for row in rows}
            self._check_totals(session, rows)
            stream = session.scalars(select(Stream).where(Stream.unit_id == self.unit)).one()
            lines = stream.sealed, stream.closed
            entries = session.scalars(self._mine(select(WriteRow)))
            behind = {row.record_id for row in entries if is_late(row.position, *lines)}
            late = {row.id for row in rows if row.id in behind and row.state != "draft"}
            assert not rows or seals.late_among(session, rows) == late
        truth = {id_: State.of(w for w in writes if w.record == id_) for id_ in held}
        assert {id_: state.ids for id_, state in truth.items()} == held
        wanted = json.dumps({id_: state.all_sides for id_, state in truth.items()}, sort_keys=True)
        for phone in self.phones:
            assert {id_ for id_ in held if phone.late(id_)} == late
            waiting = self._waiting(phone)
            assert waiting & held.keys() == {write["record"] for write in phone.aside} - gone == set()
            assert set(phone.refused.values()) <= {"purged"}
            shown = {id_: fields for id_, fields in phone.shown().items() if id_ not in waiting}
            assert json.dumps(shown, sort_keys=True) == wanted
            for id_, (decision, amended) in decided.items():
                told = phone.records[id_].decision
                assert (told and told["id"], bool(told and told["amended"])) == (decision, amended)

    def _waiting(self, phone: Phone) -> set[str]:
        """Records with something that waits here at the end: none."""
        assert phone.outbox == []
        return set()

    def _check_photos(self, session: Session, writes: list[Write]) -> None:
        """P-3: what stored writes name, and nothing else."""
        named = {
            (write.record, value["sha256"])
            for write in writes
            for value in write.set.values()
            if isinstance(value, dict) and "sha256" in value
        }
        refs = session.scalars(self._mine(select(PhotoRef)).where(PhotoRef.role == "original"))
        assert {(ref.record_id, ref.sha256) for ref in refs} == named

    def _check_totals(self, session: Session, rows: list[Record]) -> None:
        """The running totals are what the records add up to."""
        sums: dict[tuple[str, str], int] = {}
        for row in rows:
            for figure, amount in row.amounts.items():
                if row.bucket:
                    sums[figure, row.bucket] = sums.get((figure, row.bucket), 0) + amount
        tallies = session.scalars(self._mine(select(Tally)))
        assert {(t.figure, t.bucket): t.amount for t in tallies if t.amount} == {k: v for k, v in sums.items() if v}
        alike = Counter((row.kind, row.state, row.bucket or "", row.conflicted) for row in rows)
        census = session.scalars(self._mine(select(Census)))
        assert {(c.kind, c.state, c.bucket, c.conflicted): c.records for c in census if c.records} == alike


@pytest.mark.usefixtures("small_pages")
def test_histories(one_world: World) -> None:
    Histories.world = one_world
    Histories.ids = itertools.count(1)
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
