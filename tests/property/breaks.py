"""Rules of SPEC turned off on purpose in the code that keeps them, as a slip would do it, for random histories.

Those of the server are patches. Those of the phone are texts of its sources, each with another in its place, put in
before the app is bundled (pwa/histories/build.mjs); a text that is no longer there breaks the test, not the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from server.api import sync as sync_api
from server.core.clock import new_id
from server.models import DecisionRow, Push, Stream, Unit
from server.services.continuity.marks import WireMark
from server.services.exchange import feed, round_trip
from server.services.records import late, opening
from server.services.records.journal import WriteBatch
from server.services.records.projection import Shift, Totals
from server.services.recovery import missing, outbox
from server.services.recovery.rescue import taking
from server.services.review import decisions
from server.services.units import scope
from support.clients.shipped import Fault
from sync import record as record_rules
from sync.late import AFTER_END, AFTER_SEAL
from sync.record import Fold, State
from sync.write import Write

Break = Callable[[pytest.MonkeyPatch], None]
PAGES = 200
"""No history has as many records."""


def seen_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """S-1."""

    def everybody(writes: Any) -> dict[str, tuple[Write, ...]]:
        found: dict[str, list[Write]] = {}
        for write in writes:
            for name in write.set:
                found.setdefault(name, []).append(write)
        return {name: tuple(sorted(all_, key=lambda w: w.rank, reverse=True)) for name, all_ in found.items()}

    def beside(self: Fold, write: Write) -> dict[str, tuple[Write, ...]]:
        return {name: (write, *self.fields.get(name, ())) for name in write.set}

    patch.setattr(record_rules, "survivors", everybody)
    patch.setattr(Fold, "after", beside)


def every_touched_record_is_an_echo(patch: pytest.MonkeyPatch) -> None:
    """X-9: what others wrote to it meanwhile is never told."""
    patch.setattr(feed, "is_echo", lambda newer, _, just_stored: any(write.id in just_stored for write in newer))


def what_was_superseded_is_an_echo(patch: pytest.MonkeyPatch) -> None:
    """X-9: a write that was replaced on arrival stays on its phone."""
    patch.setattr(feed, "is_echo", lambda newer, _, just_stored: all(write.id in just_stored for write in newer))


def a_pull_has_no_floor(patch: pytest.MonkeyPatch) -> None:
    """C-2: a record that moves behind the pages is told against a cursor that never told it."""
    end = feed._end  # noqa: SLF001  # the rule's place

    def everywhere(start: Any, considered: Any, found: Any, *, done: bool) -> Any:
        cursor = end(start, considered, found, done=done)
        return replace(cursor, floor=cursor.position)

    patch.setattr(feed, "_end", everywhere)


def a_repeat_is_not_known(patch: pytest.MonkeyPatch) -> None:
    """X-3."""
    begin = WriteBatch.__init__

    def forgetful(self: WriteBatch, session: Any, writes: Sequence[Write]) -> None:
        begin(self, session, writes)
        self.stored = {}

    patch.setattr(WriteBatch, "__init__", forgetful)


def a_decision_forgets_its_page(patch: pytest.MonkeyPatch) -> None:
    """D-2."""
    store = decisions.store

    def empty(
        session: Any, stream: Any, record: Any, row: DecisionRow, state: State, undone: DecisionRow | None = None
    ) -> Shift:
        row.sides = {}
        return store(session, stream, record, row, state, undone)

    patch.setattr(decisions, "store", empty)


def the_end_of_a_campaign_is_not_late(patch: pytest.MonkeyPatch) -> None:
    """L-1."""
    patch.setitem(late._LINES, AFTER_END, Stream.sealed)  # noqa: SLF001  # the rule's place


def totals_only_grow(patch: pytest.MonkeyPatch) -> None:
    """D-5."""
    move = Totals.move

    def added(self: Totals, stream_id: str, shift: Any) -> None:
        move(self, stream_id, replace(shift, old=replace(shift.old, bucket=None)))

    patch.setattr(Totals, "move", added)


def any_push_is_the_one_asked_for(patch: pytest.MonkeyPatch) -> None:
    """X-16."""

    def last(session: Any, device_id: str, _: str) -> Any:
        row = session.get(Push, device_id)
        return None if row is None else round_trip.KeptAnswer(row.runs, row.new, row.at)

    patch.setattr(round_trip, "kept_answer", last)


def cursors_come_before_their_block(patch: pytest.MonkeyPatch) -> None:
    """X-19: a cut behind them loses what they speak of."""
    blocks = sync_api._blocks  # noqa: SLF001  # the rule's place

    def turned(head: Any, pages: Any) -> Iterator[str]:
        for number, block in enumerate(blocks(head, pages)):
            *changes, cursors = block.splitlines(keepends=True)
            yield block if number == 0 else "".join([cursors, *changes])

    patch.setattr(sync_api, "_blocks", turned)


def a_seal_is_no_line(patch: pytest.MonkeyPatch) -> None:
    """L-1, L-2."""
    patch.setitem(late._LINES, AFTER_SEAL, Stream.closed)  # noqa: SLF001  # the rule's place


def a_rescue_file_is_other_writes(patch: pytest.MonkeyPatch) -> None:
    """R-1: handed in, they are not the phone's own any more."""

    def renamed(session: Any, author: Any, raws: Sequence[Any]) -> Any:
        return outbox.take(session, author, [_under_another_id(raw) for raw in raws])

    patch.setattr(taking, "outbox", SimpleNamespace(parts=outbox.parts, take=renamed))


def _under_another_id(raw: Any) -> Any:
    id_ = new_id()
    return raw | {"id": id_, "record": id_ if raw["record"] == raw["id"] else raw["record"]}


def a_purge_is_told_to_nobody(patch: pytest.MonkeyPatch) -> None:
    """L-12."""
    patch.setattr(feed, "PURGED", "")


def every_block_has_the_last_cursors(patch: pytest.MonkeyPatch) -> None:
    """X-19, X-21: a stream that is cut behind one loses what was to come."""
    blocks = sync_api._blocks  # noqa: SLF001  # the rule's place

    def ahead(head: Any, pages: Any) -> Iterator[str]:
        first, *rest = list(blocks(head, pages))
        end = rest[-1].splitlines(keepends=True)[-1]
        yield first
        for block in rest:
            *changes, _ = block.splitlines(keepends=True)
            yield "".join([*changes, end])

    patch.setattr(sync_api, "_blocks", ahead)


def a_position_is_believed_without_its_tag(patch: pytest.MonkeyPatch) -> None:
    """C-2: nothing gives away that the hub was put back; no mark does either (B-31)."""
    starts = feed._starts  # noqa: SLF001  # the rule's place

    def trusting(session: Any, told: Any, cursors: Any) -> Any:
        held = {(cursor.unit, cursor.campaign): cursor for cursor in cursors if cursor.position > 0}
        found, tags = starts(session, told, held.values())
        return [replace(held[s.unit, s.campaign], reset=False) if s.reset else s for s in found], tags

    patch.setattr(feed, "_starts", trusting)
    patch.setattr(WireMark, "read", lambda _: None)


def nothing_is_listed(patch: pytest.MonkeyPatch) -> None:
    """B-4."""
    patch.setattr(missing, "tell", lambda *_: None)


def numbers_go_on_where_the_backup_left_them(patch: pytest.MonkeyPatch) -> None:
    """B-8."""
    patch.setattr(opening, "skip_numbers", lambda *_: None)


def a_merger_takes_no_records_along(patch: pytest.MonkeyPatch) -> None:
    """L-6: the successor's phones are not sent what was the old commune's."""
    standing = scope._IN_SCOPE.where(Unit.merged_at.is_(None))  # noqa: SLF001  # the rule's place
    patch.setattr(scope, "_IN_SCOPE", standing)


def a_move_holds_at_once(patch: pytest.MonkeyPatch) -> None:
    """L-8: what was written for a commune before, and is not sent yet, is refused."""
    patch.setattr(scope, "GRACE_MS", -1_000)


def a_cursor_is_that_of_another_stream(patch: pytest.MonkeyPatch) -> None:
    """C-2. Its pages may then go round in a ring and tell nothing: that is ended."""
    since = feed.since
    answering: list[Any] = []

    def mistaken(*asked: Any) -> Any:
        own = asked[3]  # one object for all pages of an answer
        answering[:] = [*answering, own] if answering and answering[-1] is own else [own]
        page = since(*asked)
        places = [(cursor.unit, cursor.campaign) for cursor in page.cursors]
        turned = [*places[1:], *places[:1]]
        moved = [
            replace(cursor, unit=unit, campaign=campaign)
            for cursor, (unit, campaign) in zip(page.cursors, turned, strict=True)
        ]
        return replace(page, cursors=moved, more=page.more and len(answering) < PAGES)

    patch.setattr(feed, "since", mistaken)


def a_tag_is_looked_up_by_its_position_alone(patch: pytest.MonkeyPatch) -> None:
    """C-2: and so the cursors of a campaign pass for those of another."""
    starts = feed._starts  # noqa: SLF001  # the rule's place

    def mixed(session: Any, streams: Any, cursors: Any) -> Any:
        held = {cursor.unit: cursor for cursor in cursors if cursor.position > 0}
        zero, tags = starts(session, streams, ())
        found = [held.get(each.unit) for each in zero]
        return [
            replace(cursor, campaign=each.campaign, reset=False) if cursor else each
            for each, cursor in zip(zero, found, strict=True)
        ], tags

    patch.setattr(feed, "_starts", mixed)


PUT_BACK = ("back_up_the_hub", "put_the_hub_back", "create", "sync")
BREAKS: dict[Break, tuple[str, ...]] = {
    seen_is_ignored: (),
    every_touched_record_is_an_echo: ("edit", "count_anew"),
    a_repeat_is_not_known: ("send_twice",),
    a_decision_forgets_its_page: ("judge",),
    the_end_of_a_campaign_is_not_late: ("end_or_reopen", "create", "sync"),
    totals_only_grow: ("count_anew", "judge"),
    any_push_is_the_one_asked_for: ("lose_the_answer",),
    cursors_come_before_their_block: ("cut_a_stream",),
    every_block_has_the_last_cursors: ("cut_a_stream", "create"),
    a_seal_is_no_line: ("seal", "create", "sync"),
    a_rescue_file_is_other_writes: ("save_a_rescue_file", "hand_in_a_rescue_file"),
    a_purge_is_told_to_nobody: ("purge", "create", "sync"),
    a_position_is_believed_without_its_tag: PUT_BACK,
    nothing_is_listed: (*PUT_BACK, "write_at_the_desk"),
    numbers_go_on_where_the_backup_left_them: PUT_BACK,
    a_merger_takes_no_records_along: ("merge", "create", "sync"),
    a_move_holds_at_once: ("move", "create"),
    a_cursor_is_that_of_another_stream: ("create", "sync", "open_a_campaign"),
    a_tag_is_looked_up_by_its_position_alone: ("create", "sync", "open_a_campaign"),
}
"""Each with the steps that bring it out: they are taken more often, so that few histories are enough."""
KEPT: frozenset[Break] = frozenset({seen_is_ignored, totals_only_grow, a_seal_is_no_line})
"""Noticed within seconds: every run shows that histories notice. `make soak` has all."""

RESTORED = ("back_up_the_hub", "put_the_hub_back", "create", "sync", "edit")
LOST = (*RESTORED, "back_up_storage", "roll_storage_back", "write_at_the_desk")
"""What nobody brings back, too."""
APPLY, RESTORING, SAVING = "exchange/apply.ts", "exchange/restored.ts", "outbox/save.ts"


@dataclass(frozen=True)
class AppBreak:
    """A text of the app's sources and what stands in its place; `favoured`: the steps that bring it out.

    `too`: what else keeps the rule.
    """

    file: str
    text: str
    other: str
    favoured: tuple[str, ...]
    too: tuple[Fault, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return (self.file, self.text, self.other), *self.too


IN_THE_APP = {
    "W-6: a form has seen what came while it was open": AppBreak(
        SAVING,
        "  const { seen } = said;",
        """  const sides = Object.values((await tx.get("records", record))?.view?.fields ?? {}).flat();
  const seen = [...new Set([...said.seen, ...sides.map((side) => side.id)])];""",
        ("open_form", "save_form", "edit", "sync"),
    ),
    "G1: a form is let go before its write is on the disk": AppBreak(
        SAVING,
        """  const saved = await amend(db, async (tx) => {
    const on = await goesOn(tx, form);""",
        """  await db.delete("drafts", form.id);
  const saved = await amend(db, async (tx) => {
    const on = await goesOn(tx, form);""",
        ("kill_a_save",),
    ),
    "F-42: a form goes on over a record that nobody has": AppBreak(
        SAVING, "if (heir === undefined) return form;", "return form;", ("outlive", "save_form", "sync")
    ),
    "F-42: a form has seen what it was never drawn over": AppBreak(
        "core/draft.ts", "const seen = apart ? [] :", "const seen =", ("outlive", "save_form", "sync")
    ),
    "D-5: sums only grow": AppBreak(
        "db/records.ts",
        "if (sums) tally(sums, countedKind(catalog, row), row, -1);",
        "",
        ("count_anew", "create", "sync"),
    ),
    "X-24: what a read-only database says is said of the writes": AppBreak(
        "exchange/reducer.ts", "= [400, 413];", "= [400, 413, 500];", ("take_no_writes", "create")
    ),
    "X-17: the results of a lost push are another's": AppBreak(
        "core/protocol.ts",
        "push?.writes[nth] ??",
        "push?.writes[nth + 1] ??",
        ("lose_the_answer", "create", "sync"),
    ),
    "X-11: a block is taken wherever the cursors are": AppBreak(
        APPLY, "if (!stand(before, cursors)) return null;", "", ("overtake", "create", "sync", "edit")
    ),
    "X-9: an own write that no change shows is forgotten": AppBreak(
        APPLY,
        "rows.records.set(record, { ...there, base: lay(there.base, [wire], me) });",
        "",
        ("edit", "create", "sync"),
    ),
    "X-10: an own write is laid over what came later": AppBreak(
        APPLY, """rows.writes.set(seq, { ...row, state: "landed" });""", "", ("edit", "count_anew", "create", "sync")
    ),
    "L-10: who leaves keeps the records": AppBreak(
        APPLY, "if (!view || safe)", "if (!view)", ("leave", "create", "sync")
    ),
    "C-3: who leaves keeps the cursor": AppBreak(APPLY, "rows.cursors.clear();", "", ("move", "create", "sync")),
    "C-4: a stream that begins anew keeps what was pulled": AppBreak(
        APPLY, "base: {},\n      written: undefined,\n      decision: null,\n      messages: undefined,", "", LOST
    ),
    "L-12: a purge is not heard": AppBreak(
        APPLY,
        "if (change.purged) purge(rows, change.record);",
        "if (change.purged) continue;",
        ("purge", "create", "sync"),
    ),
    "B-2: nothing comes back": AppBreak(
        RESTORING, """if (row.state !== "stored" && row.state !== "landed") continue;""", "continue;", RESTORED
    ),
    "B-3: nothing is named": AppBreak(
        RESTORING,
        'metaOf(rows, "noted") ?? {}), records)',
        'metaOf(rows, "noted") ?? {}), [])',
        (*RESTORED, "write_at_the_desk"),
    ),
    "B-3: what was named is forgotten": AppBreak(
        RESTORING,
        "const { at, records } = first || !before ? { at: asked, records: kept } : before;",
        "const { at, records } = { at: asked, records: [] };",
        (*RESTORED, "write_at_the_desk", "put_the_hub_back_again"),
    ),
    "H-2: the bytes of a photo go once they were sent": AppBreak(
        "photos/upload.ts",
        """await mark(db, row, { state: "sent" });""",
        """await mark(db, row, { state: "sent" });
    await db.delete("bytes", row.sha256);""",
        (*RESTORED, "take_a_photo"),
    ),
}
"""By rule."""
APP_KEPT = ("X-10", "L-10")
"""Those of the app that every run has."""
