"""The phones of test_histories.py with an onlooker, who knows what no hub and no phone can be asked.

He remembers what was acknowledged (G1), what was on a screen when a form was drawn (W-6), what the page of each
decision showed (D-3), and what was purged (L-11).
"""

from __future__ import annotations

import itertools

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from property.test_histories import CAMPAIGNS, COMMUNES, PICK, WORDS, Histories
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import reading
from server.models import DecisionRow, Message, Record, Reply, Stream, WriteRow
from server.services.records.stored import as_write
from support.clients.write_only import Json
from sync.record import PURGED, InForce, Sides, State, shown

Place = tuple[str, str]


class Watched(Histories):
    """The same histories with what only an onlooker knows: what was acknowledged, what screens and pages showed."""

    @initialize(communes=COMMUNES, campaigns=CAMPAIGNS)
    def begin(self, communes: int, campaigns: int) -> None:
        self.acknowledged: dict[str, str] = {}
        """Records by write: what the hub ever called stored, heard or not."""
        self.made: dict[str, Place] = {}
        """Where each record was made, as its creation said on its way."""
        self.screens: dict[str, set[str]] = {}
        """By draft: what was on the screen when it was drawn."""
        self.drawn: dict[str, Json] = {}
        """By draft: what it said then, by field."""
        self.ever: set[str] = set()
        """Records that the hub had before it was put back."""
        self.pages: dict[str, Sides] = {}
        self.purged: set[str] = set()
        self.sheets: dict[str, set[str]] = {}
        """By the basis of a sheet: the writes that stood in the commune's own stream when it was shown."""
        super().begin(communes=communes, campaigns=campaigns)

    def _answered(self, who: int, asked: Json, head: Json) -> None:  # noqa: ARG002  # nothing is asked of it
        sent = {write["id"]: write for write in asked.get("writes", [])}
        for write in sent.values():
            if "kind" in write:
                self.made[write["record"]] = write["unit"], write["campaign"]
        for result in head["results"]:
            write = sent.get(result["id"], {})
            if result["result"] == "stored" and "set" in write:  # an answer to a return is an entry too
                self.acknowledged[result["id"]] = write["record"]
                self._numbered(write["record"], result["number"])

    def _numbered(self, record: str, number: str) -> None:
        """The hub told the number of a record."""

    def _open_form(self, who: int, record: str, name: str) -> None:
        row = self.phones[who].records[record]
        super()._open_form(who, record, name)
        draft = self.forms[-1][1]  # one that was open already was drawn then
        self.screens.setdefault(draft, set(row["on_screen"]))
        self.drawn.setdefault(draft, row["shown"])

    @rule(pick=PICK, word=WORDS)
    def save_form(self, pick: int, word: str | None) -> None:
        """W-6: a write has seen no more than was on the screen of its form. F-42: it is of a record that there is."""
        if self.forms:
            who, draft, _ = self.forms[pick % len(self.forms)]
            phone = self.phones[who]
            before = {row["id"] for row in phone.writes}
            known = {*phone.records, *self.acknowledged.values(), *self.ever, *self._stored()}
            super().save_form(pick=pick, word=word)
            for row in phone.writes:
                if row["id"] not in before:
                    assert row["id"] == row["record"] or row["record"] in known, "F-42: a record that nobody has"
                    others = set(row["wire"].get("seen", ())) - self.screens[draft]
                    assert not others or others == {row["record"]}, "W-6"
                    assert not others or self._says_alike(who, row, draft), "W-6, F-42"

    def _says_alike(self, who: int, edit: Json, draft: str) -> bool:
        """The record that stands for the form's own was made saying, of all that is set, what was on its screen."""
        made = next(row["wire"]["set"] for row in self.phones[who].writes if row["id"] == edit["record"])
        return all((self.drawn[draft].get(name) or [None]) == [made.get(name)] for name in edit["wire"]["set"])

    @rule(pick=PICK, verdict=st.sampled_from(["returned", "not_counted", "counted", "withdrawn"]))
    def judge(self, pick: int, verdict: str) -> None:
        """What the page showed is remembered here, not asked of the hub."""
        super().judge(pick=pick, verdict=verdict)
        with self.world.app.app_context(), reading() as session:
            for row in session.scalars(self.land.mine(select(DecisionRow))):
                writes = session.scalars(select(WriteRow).where(WriteRow.record_id == row.record_id))
                self.pages.setdefault(row.id, State.of(as_write(write) for write in writes).all_sides)

    def _confirm(self, who: int, unit: str, campaign: str) -> bool:
        with self.world.app.app_context(), reading() as session:
            before = [id_ for _, id_ in _in_order(session, unit, campaign)]
        kept = super()._confirm(who, unit, campaign)
        if kept:
            entries = [entry["wire"]["seal"] for entry in self.phones[who].look()["entries"] if "seal" in entry["wire"]]
            self.sheets[entries[-1]["basis"]] = set(before)
        return kept

    @rule(pick=PICK)
    def purge(self, pick: int) -> None:
        """L-11: for good."""
        super().purge(pick=pick)
        with self.world.app.app_context(), reading() as session:
            self.purged |= self._purged(session)

    def _purged(self, session: Session) -> set[str]:
        return {row.id for row in session.scalars(self.land.mine(select(Record).where(Record.state == PURGED)))}

    def _end(self) -> None:
        self._check_acknowledged()
        super()._end()
        with self.world.app.app_context(), reading() as session:
            assert self._purged(session) == self.purged, "L-11: written to"
            for row in session.scalars(self.land.mine(select(Record)).where(Record.decision_id.is_not(None))):
                decision = session.get_one(DecisionRow, row.decision_id)
                writes = session.scalars(select(WriteRow).where(WriteRow.record_id == row.id))
                truth = State.of(as_write(write) for write in writes)
                assert row.state == shown(truth, InForce(decision.verdict, self.pages[decision.id])), "D-3"
            self._check_answers(session)
            self._check_confirmed(session)

    def _check_answers(self, session: Session) -> None:
        """X-62: an answer to a return that a phone was told is stored is there, if what it answers is."""
        known = {row.first_id for row in session.scalars(self.land.mine(select(DecisionRow)))}
        answered = {row.decision_id for row in session.scalars(self.land.mine(select(Reply)))}
        replies = [wire["reply"] for wire in self._stored_entries() if "reply" in wire]
        told = {reply["decision"] for reply in replies if reply["record"] not in self.purged}
        assert told & known <= answered, "X-62"
        asked = {row.id: row.record_id for row in session.scalars(self.land.mine(select(Message)))}
        said = {wire["id"]: wire["message"]["record"] for wire in self._stored_entries() if "message" in wire}
        here = {row.id for row in session.scalars(self.land.mine(select(Record)))} - self.purged
        assert {id_ for id_, record in said.items() if record in here} <= asked.keys(), "X-62"

    def _check_confirmed(self, session: Session) -> None:
        """L-2, L-19: what the sheet showed is confirmed, as far as nothing else stands before it."""
        for wire in self._stored_entries():
            seal = wire.get("seal")
            if seal is not None:
                place = seal["unit"], seal["campaign"]
                shown = self.sheets[seal["basis"]]
                first = itertools.takewhile(lambda row: row[1] in shown, _in_order(session, *place))  # noqa: B023
                here = Stream.unit_id == place[0], Stream.campaign_id == place[1]
                sealed = session.scalar(select(Stream.sealed).where(*here)) or 0
                assert max((position for position, _ in first), default=0) <= sealed, "L-19"

    def _stored_entries(self) -> list[Json]:
        """Those of which a phone was told that they are stored."""
        entries = [entry for phone in self.phones for entry in phone.look()["entries"]]
        return [entry["wire"] for entry in entries if entry["state"] == "stored"]

    def _check_acknowledged(self) -> None:
        assert self.acknowledged.keys() <= self._stored(), "G1: not stored"


def _in_order(session: Session, unit: str, campaign: str) -> list[tuple[int, str]]:
    """The writes of a stream with their positions."""
    here = select(Stream.id).where(Stream.unit_id == unit, Stream.campaign_id == campaign)
    rows = select(WriteRow.position, WriteRow.id).where(WriteRow.stream_id.in_(here)).order_by(WriteRow.position)
    return [(position, id_) for position, id_ in session.execute(rows)]
