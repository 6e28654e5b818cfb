"""Simulated phones over the real server code: whatever they do, nothing is lost, doubled or diverged (G2, G3, G4).

Three phones of two officers, a desk and a reviewer take random steps in a district of several communes and campaigns
(land.py): edits, forms open across a pull, deletes, photos, lost answers asked for or not, streams cut anywhere,
duplicates, storage rolled back, clones, clocks that jump, phones enrolled anew, rescue files handed in late and again,
records purged; officers are moved and come back, communes are merged, campaigns end. At the end everybody sends until
quiet, and what each shows is what the set of all writes says (ends.py): first where they are, then with everybody
writing for every commune. (In restored.py the hub is put back meanwhile; by the real commands:
tests/api/test_restored.py and the drill of tests/chaos.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, suppress
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
from server.services.recovery.rescue.hub import Hub
from server.services.recovery.rescue.taking import hand_in
from server.services.review.decisions import Verdict, decide, withdraw
from server.services.units.scope import Scope
from support.clients.client import shot
from support.clients.keeper import Keeper
from support.clients.phone import Phone
from support.clients.rescue_file import rescue_file
from support.world.world import World
from sync.errors import Refused

pytestmark = pytest.mark.slow

OWNERS = (0, 0, 1)
"""The officer of each phone; both phones of officer 0 are one device to the hub."""
PHONES = st.integers(0, len(OWNERS) - 1)
OFFICERS = st.integers(0, 1)
PICK = st.integers(0, 10**6)
BLOCKS = st.sampled_from([None, 1, 2])
FIELDS = st.sampled_from(["note", "hamlet"])
NUMBERS = st.sampled_from([1, 2, 3])
WORDS = st.sampled_from(["a", "b", "c", None])


SHOTS = [shot(number).register for number in (1, 2)]


COMMUNES = st.integers(1, 4)
CAMPAIGNS = st.integers(1, 2)
MOST_BLOCKS = 200
MOST_ROUNDS = 12
"""So often everybody has sent by the end."""


class Histories(RuleBasedStateMachine):
    """One history: a fresh district in a database that lives as long as the test."""

    world: ClassVar[World]
    ids: ClassVar[Iterator[int]]

    @initialize(communes=COMMUNES, campaigns=CAMPAIGNS)
    def begin(self, communes: int, campaigns: int) -> None:
        number, numbers = next(self.ids), itertools.count(1)
        Chance.begins(number)
        self.land = Land(self.world, number)
        with self.world.app.app_context(), writing() as session:
            self.land.begin(session, communes, campaigns)

        def draw_id() -> str:
            return f"{number:08}{next(numbers):08}"

        self.draw_id = draw_id
        self.phones = [self._phone(officer) for officer in OWNERS]
        self.forms: list[tuple[int, str, list[str], str]] = []
        self.backups: dict[int, dict[str, Any]] = {}
        self.files: list[bytes] = []

    def _phone(self, officer: int) -> Keeper:
        client = self.world.app.test_client()

        def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            answer = client.post("/api/v1/sync", json=body, headers=self._as(officer))
            return answer.status_code, answer.get_json()

        def stream(body: dict[str, Any]) -> str:
            headers = self._as(officer) | {"Accept": "application/x-ndjson"}
            with closing(client.post("/api/v1/sync", json=body, headers=headers)) as answer:
                assert answer.status_code == 200
                blocks = list(itertools.islice(answer.iter_encoded(), MOST_BLOCKS + 1))
            assert len(blocks) <= MOST_BLOCKS, "an answer without an end"
            return b"".join(blocks).decode()

        return Keeper(send, self.land.communes[0], self.land.campaigns[0], stream=stream, draw_id=self.draw_id)

    def _as(self, officer: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.land.tokens[officer]}"}

    def _record(self, phone: Phone, pick: int) -> str | None:
        ids = sorted({*phone.records, *(w["record"] for w in (*phone.outbox, *phone.stored))})
        return ids[pick % len(ids)] if ids else None

    @rule(who=PHONES, pick=PICK, word=WORDS)
    def create(self, who: int, pick: int, word: str | None) -> None:
        settle_down(self.phones[who], pick)
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
                purges.purge(session, [rows[pick % len(rows)].id], order, self.world.app.extensions["loa_blobs"])

    @rule(who=OFFICERS)
    def enrol_anew(self, who: int) -> None:
        """ID-4: the first answer is lost; the phones of this officer go on under the new token."""
        key, nonce = self.world.keyring, self.draw_id()
        with self.world.app.app_context(), writing() as session:
            code = make_code(session, self.land.officers[who], None, key)
            _, again = (use_code(session, code, EnrollingPhone("máy", nonce), key) for _ in range(2))
            assert again is not None
            self.land.tokens[who], self.land.devices[who] = again.token, again.device.id

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
        device = self.land.devices[OWNERS[who]]
        key = rescue_key_text(device, self.world.keyring.current(Purpose.RESCUE))
        self.files.append(rescue_file(device, key, self.phones[who].outbox))

    @rule(pick=PICK)
    def hand_in_a_rescue_file(self, pick: int) -> None:
        """R-1: any of those that were ever saved, as often as anybody likes."""
        if not self.files:
            return
        app = self.world.app
        hub = Hub(self.world.keyring, app.extensions["loa_blobs"], app.extensions["loa_settings"].data_dir / "rescue")
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
        if not hasattr(self, "phones"):
            return
        with self.world.app.app_context(), writing() as session:
            self.land.end_well(session)
        self._until_quiet()
        self._check(last=False)
        with self.world.app.app_context(), writing() as session:
            self.land.everybody_everywhere(session)
        self._until_quiet()
        self._check(last=True)

    def _until_quiet(self) -> None:
        """Everybody sends, what was refused too, until that changes nothing any more."""
        before: Any = None
        for _ in range(MOST_ROUNDS):
            for phone in self.phones:
                phone.ask()
                phone.send_again()
                phone.sync()
            with self.world.app.app_context(), reading() as session:
                positions = session.scalar(self.land.streams().with_only_columns(func.sum(Stream.position)))
            now = positions, [(len(phone.outbox), list(phone.cursors.values())) for phone in self.phones]
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
            assert set(phone.refused.values()) <= self._refusals(last=last)
            waiting = self._waiting(phone, last=last) | {write["record"] for write in phone.aside}
            end.check(phone, told[OWNERS[who]], waiting)

    def _refusals(self, *, last: bool) -> set[str]:  # noqa: ARG002  # asked for where the hub is put back
        """Codes of what a phone may be left with: it is of a purged record (L-11), for moves refuse nothing (L-8)."""
        return {"purged"}

    def _waiting(self, phone: Phone, *, last: bool) -> set[str]:  # noqa: ARG002  # asked for where the hub is put back
        """Records with something that waits here at the end: none."""
        assert phone.outbox == []
        return set()

    def _stored(self) -> set[str]:
        with self.world.app.app_context(), reading() as session:
            return set(session.scalars(select(WriteRow.id).where(WriteRow.stream_id.in_(self.land.streams()))))


@pytest.mark.usefixtures("small_pages")
def test_histories(one_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Chance.goes(monkeypatch)
    Histories.world = one_world
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
