"""The simulated phones of test_histories.py with an onlooker, who knows what no hub and no phone can be asked.

He remembers what was acknowledged (G1), what was on a screen when a form was drawn (W-6), what the page of each
decision showed (D-3), and what was purged (L-11).
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from property.test_histories import CAMPAIGNS, COMMUNES, PICK, WORDS, Histories
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import reading
from server.models import DecisionRow, Record, WriteRow
from server.services.records.stored import as_write
from support.clients.phone import Phone
from sync.decision import PURGED, InForce, shown
from sync.record import State


class Watched(Histories):
    """The same histories with what only an onlooker knows: what was acknowledged, what screens and pages showed."""

    @initialize(communes=COMMUNES, campaigns=CAMPAIGNS)
    def begin(self, communes: int, campaigns: int) -> None:
        super().begin(communes=communes, campaigns=campaigns)
        self.acknowledged: dict[str, str] = {}
        self.pages: dict[str, Any] = {}
        self.purged: set[str] = set()
        for who, phone in enumerate(self.phones):
            self._watch(who, phone)

    def _watch(self, who: int, phone: Phone) -> None:
        take = phone._results  # noqa: SLF001  # the moment at which a phone believes what it is told

        def results(answer: Any) -> None:
            before = {write["id"] for write in phone.stored}
            take(answer)
            self._told_stored(who, [write for write in phone.stored if write["id"] not in before])

        phone._results = results  # type: ignore[method-assign]  # noqa: SLF001

    def _told_stored(self, who: int, writes: list[Any]) -> None:  # noqa: ARG002  # asked for where phones forget
        self.acknowledged |= {write["id"]: write["record"] for write in writes}

    @rule(pick=PICK, word=WORDS)
    def save_form(self, pick: int, word: str | None) -> None:
        """W-6: a write has seen nothing that was not on the screen."""
        if self.forms:
            who, _, on_screen, _ = self.forms[pick % len(self.forms)]
            super().save_form(pick=pick, word=word)
            assert set(self.phones[who].outbox[-1].get("seen", ())) <= set(on_screen)

    @rule(pick=PICK, verdict=st.sampled_from(["returned", "not_counted", "counted", "withdrawn"]))
    def judge(self, pick: int, verdict: str) -> None:
        """What the page showed is remembered here, not asked of the hub."""
        super().judge(pick=pick, verdict=verdict)
        with self.world.app.app_context(), reading() as session:
            for row in session.scalars(self.land.mine(select(DecisionRow))):
                writes = session.scalars(select(WriteRow).where(WriteRow.record_id == row.record_id))
                self.pages.setdefault(row.id, State.of(as_write(write) for write in writes).all_sides)

    @rule(pick=PICK)
    def purge(self, pick: int) -> None:
        """L-11: for good."""
        super().purge(pick=pick)
        with self.world.app.app_context(), reading() as session:
            self.purged |= self._purged(session)

    def _purged(self, session: Session) -> set[str]:
        return {row.id for row in session.scalars(self.land.mine(select(Record).where(Record.state == PURGED)))}

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        self._check_acknowledged()
        super().teardown()
        with self.world.app.app_context(), reading() as session:
            assert self._purged(session) == self.purged, "L-11: written to"
            for row in session.scalars(self.land.mine(select(Record)).where(Record.decision_id.is_not(None))):
                decision = session.get_one(DecisionRow, row.decision_id)
                writes = session.scalars(select(WriteRow).where(WriteRow.record_id == row.id))
                truth = State.of(as_write(write) for write in writes)
                assert row.state == shown(truth, InForce(decision.verdict, self.pages[decision.id])), "D-3"

    def _check_acknowledged(self) -> None:
        assert self.acknowledged.keys() <= self._stored(), "G1: not stored"
