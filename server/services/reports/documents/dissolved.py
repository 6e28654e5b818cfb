"""A unit that was merged away: what it left to read, and the minutes of its handover ("biên bản bàn giao").

    left(session, scope, campaign, old_id)      # its reports, locked figures, letter and made documents, to read
    minutes(session, scope, old_id)             # a Word file for both sides to sign

The unit that stands for it (units/tree.py) reads all of it and changes nothing: nobody acts for a merged unit any more
(papers.may). Neither has a word of confidential cases or of who holds a right to them: the paper goes from hand to
hand, and is the same whoever asks. What is handed over of cases is a paper of its own (services/cases/left.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.core.clock import local, now_ms
from server.core.paging import ListPage
from server.core.problem_details import refuse_if, required
from server.models import Campaign, Membership, Officer, Record, Seal, Stream, Unit
from server.services.installation import sample
from server.services.letters import originals
from server.services.letters.citing import official_day
from server.services.letters.originals import SentLetter
from server.services.organisation import handover
from server.services.records.projection import is_activity
from server.services.records.streams import number_text
from server.services.reports import letterheads, word, words
from server.services.reports.accounts import clock
from server.services.reports.additions import own_words
from server.services.reports.content import Annex, ListTable, Report, Section, list_columns
from server.services.reports.documents import asking
from server.services.reports.documents.asking import DocumentLine
from server.services.reports.letterheads import LetterheadText, within
from server.services.reports.snapshot import freezes, steps
from server.services.reports.snapshot.steps import LockAct
from server.services.reports.workflow import papers
from server.services.reports.workflow.papers import PaperHistory
from server.services.units.scope import CONFIDENTIAL, Scope
from server.services.units.tree import line, predecessors, since
from sync.protocol import GRACE_DAYS
from sync.text import fold

text = own_words(Path(__file__).parent / "minutes.vi.json")
AT_ONCE_MS: Final = 60_000
"""Roles end in the transaction of the merger, moments before the unit is marked as merged."""
MOST_NUMBERS: Final = 60
"""So many results are named one by one; the rest is counted."""
_OPEN: Final = {
    "waiting": ("waiting", "amended", "resubmitted"),
    "returned": ("returned",),
    "draft": ("draft",),
}
"""By column of the minutes: states of a record that somebody has still to work on."""


@dataclass(frozen=True, slots=True)
class LeftPapers:
    """What a unit left in a campaign, newest first. `freezes`: (id, moment). `letter`: by which it ordered a report.

    `since`: the first day on which the unit that stands for it today did so. `documents`: a page of them.
    """

    unit: Unit
    since: date | None
    papers: list[PaperHistory]
    freezes: list[tuple[str, int]]
    letter: SentLetter | None
    documents: ListPage[DocumentLine]

    @property
    def is_empty(self) -> bool:
        """True if it left nothing there."""
        return not (self.papers or self.freezes or self.letter or self.documents.total)


def left_units(session: Session, scope: Scope, unit_id: str) -> list[Unit]:
    """Return the units that this one stands for, for who may see it."""
    return predecessors(session, unit_id) if scope.may_see(unit_id) else []


def left(  # whose, and which page of how many kinds
    session: Session, scope: Scope, campaign: Campaign, old_id: str, kinds: Sequence[str], page: int = 1
) -> LeftPapers:
    """Return what a merged unit left in a campaign. `kinds`: of made documents. Raises Problem `not_found`."""
    old = _dissolved(session, old_id)
    refuse_if(not scope.may_see(old_id), "not_found")
    letter = originals.sent(session, campaign, old)
    taken = steps.history(session, old_id, campaign.id).steps
    return LeftPapers(
        old,
        since(line(session, old)),
        papers.of_unit(session, old_id, campaign.id),
        [(str(step.freeze_id), step.at) for step, _ in reversed(taken) if step.freeze_id],
        letter if letter.row is not None else None,
        asking.listed(session, scope, campaign.id, old_id, kinds, page, made=True),
    )


def may_hand_over(scope: Scope, old_id: str) -> bool:
    """True for who manages the people of the unit that stands for it: the minutes have their accounts and phones."""
    return scope.may_manage(old_id)


def minutes(session: Session, scope: Scope, old_id: str) -> tuple[str, bytes]:
    """Return the minutes' name and Word file. Raises Problem `not_found`, also for a unit that stands."""
    old = _dissolved(session, old_id)
    refuse_if(not may_hand_over(scope, old_id), "not_found")
    report = _Minutes(session, old).report()
    return report.file_name, word.minutes(report, (text("party_from"), text("party_to")))


def _dissolved(session: Session, unit_id: str) -> Unit:
    unit = required(session.get(Unit, unit_id))
    refuse_if(unit.merged_at is None or unit.was_never, "not_found")
    return unit


@dataclass(frozen=True, slots=True)
class ToSign:
    """The words around the parts of a paper that two parties sign. `kept`: a line for each who keeps a copy."""

    title: str
    subject: str
    opening: tuple[str, ...]
    closing: str
    kept: str
    marks: tuple[str, ...] = ()


Part = tuple[str, tuple[str, ...], ListTable]
"""A part of such a paper: its title, its sentences, its table."""


def to_sign(head: LetterheadText, at_ms: int, paper: ToSign, parts: Sequence[Part], file_name: str) -> Report:
    """Return such a paper as plain data, for `word.minutes`: without addressee, its parts numbered."""
    return words.legible(
        Report(
            marks=paper.marks,
            above=head.governing,
            body=head.issuing,
            nation=words.text("nation"),
            motto=words.text("motto"),
            number=words.text("number", symbol=re.sub(r"^BC-", "BB-", head.symbol)),
            date=words.text("date", place=head.place),
            title=paper.title,
            subject=paper.subject,
            to="",
            opening=paper.opening,
            sections=tuple(Section(f"{place}.", title, said) for place, (title, said, _) in enumerate(parts, 1)),
            closing=paper.closing,
            recipients=(words.text("recipients"), *paper.kept.split("\n")),
            role="",
            as_of=paper.opening[-1],
            witness="",
            file_name=file_name,
            at_ms=at_ms,
            annexes=(Annex("", "", "", lists=tuple(table for *_, table in parts)),),
        )
    )


def named(unit: str) -> str:
    """Return a unit's name for a file's."""
    return re.sub(r"[^a-z0-9]+", "-", fold(unit)).strip("-") or "don-vi"


class _Minutes:
    """The minutes of one unit as they are at this moment."""

    def __init__(self, session: Session, old: Unit) -> None:
        self._session, self._old, self._at = session, old, now_ms()
        self._line = line(session, old)
        self._new = self._line[-1]
        self._names = {"old": within(old.name), "new": within(self._new.name)}
        self._before = predecessors(session, old.id)
        running = select(Campaign, Stream).join(Stream, Stream.campaign_id == Campaign.id)
        running = running.where(one_of(Stream.unit_id, [old.id, *(unit.id for unit in self._before)]))
        mine = running.where(Campaign.status != "archived", Campaign.practice.is_(False))
        self._streams: dict[Campaign, dict[str, Stream]] = {}
        """By campaign and unit: its own, and those of units that had been merged into it."""
        for campaign, stream in session.execute(mine.order_by(Campaign.opened_at.desc(), Campaign.id)):
            self._streams.setdefault(campaign, {})[stream.unit_id] = stream

    def report(self) -> Report:
        """Return the paper as plain data."""
        at, names = local(self._at), self._names
        head = letterheads.in_force(self._session, self._new, at.date())
        ended = self._old.merged_on or at.date()
        parts = [self._accounts(), self._devices(ended), self._open(), self._papers()]
        opening = (
            self._because(ended, since(self._line) or ended),
            text("today"),
            *(text("giver", unit=names["old"]), text("person")),
            *(text("taker", unit=names["new"]), text("person")),
            text("agreed", time=clock(at), day=official_day(at.date())),
        )
        marks = (words.text("sample"),) if sample.is_demo(self._session) else ()
        paper = ToSign(text("title"), text("subject", **names), opening, text("closing"), text("kept"), marks)
        return to_sign(head, self._at, paper, parts, f"bien-ban-ban-giao-{named(self._old.name)}.docx")

    def _because(self, ended: date, taken: date) -> str:
        """Why there is a handover. Where one unit stood for it before another did, each has its day."""
        if len(self._line) <= 2:  # the unit, and the one that it was merged into
            return text("because", day=official_day(ended), **self._names)
        through = ", ".join(within(unit.name) for unit in self._line[1:-1])
        days = {"ended": official_day(ended), "day": official_day(taken)}
        return text("because_again", through=through, **days, **self._names)

    def _accounts(self) -> Part:
        """Who had a role when the unit ended, and what became of it."""
        people = self._people()
        heads = tuple(map(text, ("index", "name", "account", "duties", "now")))
        lines = []
        for place, (officer, roles) in enumerate(people.items(), 1):
            said = ", ".join(map(text, roles))
            account = ", ".join(filter(None, (officer.username, officer.phone)))
            lines.append((str(place), officer.name, account, said, self._since(officer)))
        table = ListTable("", list_columns(heads, (13, 43, 40, 31, 33)), tuple(lines), upright=True)
        key = "accounts_text" if lines else "accounts_none"
        return text("accounts"), (text(key, n=words.padded(len(lines)), **self._names),), table

    def _people(self) -> dict[Officer, list[str]]:
        """Confidential officers are left out: whether there is anything for them to hand over is not said here."""
        ended = Membership.ended_at >= (self._old.merged_at or 0) - AT_ONCE_MS
        held = select(Officer, Membership.role).join(Membership, Membership.officer_id == Officer.id)
        held = held.where(Membership.unit_id == self._old.id, Membership.role != CONFIDENTIAL, ended)
        return grouped(
            (officer, role)
            for officer, role in self._session.execute(held.order_by(Officer.sort_key, Officer.id, Membership.role))
        )

    def _since(self, officer: Officer) -> str:
        if officer.disabled_at is not None:
            return text("disabled")
        here = select(Unit).join(Membership, Membership.unit_id == Unit.id).where(Membership.officer_id == officer.id)
        in_force = here.where(Membership.ended_at.is_(None), Membership.role != CONFIDENTIAL).distinct()
        units = {unit.id: unit.name for unit in self._session.scalars(in_force.order_by(Unit.id))}
        if self._new.id in units:
            return text("goes_on", **self._names)
        return text("goes_on_at", units=", ".join(map(within, units.values()))) if units else text("ended")

    def _devices(self, ended: date) -> Part:
        """Their devices, with what is known to be on them still."""
        heads = tuple(map(text, ("index", "device", "holder", "seen", "left")))
        lines: list[tuple[str, ...]] = []
        for officer in self._people():
            for each in handover.left_on(self._session, officer.id):
                device = " ".join(filter(None, (each.label, each.mark)))
                device += f" ({text('replaced')})" if each.state == "replaced" else ""
                seen = local(each.seen_at)
                moment = f"{seen:%H:%M}, {official_day(seen.date())}"
                lines.append((str(len(lines) + 1), device, officer.name, moment, _left_on(each)))
        table = ListTable("", list_columns(heads, (13, 40, 40, 29, 38)), tuple(lines), upright=True)
        last = max(local(self._old.merged_at or 0).date(), ended) + timedelta(days=GRACE_DAYS)
        said = text("devices_text", day=official_day(last)) if lines else text("devices_none")
        return text("devices"), (said,), table

    def _open(self) -> Part:
        """Records at work by campaign, and whether its figures were confirmed; then of those that it stood for."""
        heads = tuple(map(text, ("index", "campaign", "waiting", "returned", "draft", "figures")))
        found = self._open_records()
        lines, numbers = list[tuple[str, ...]](), list[str]()
        for campaign, streams in self._streams.items():
            for unit in (each for each in (self._old, *self._before) if each.id in streams):
                stream = streams[unit.id]
                waiting, returned, drafts = (found.get((stream.id, state), []) for state in _OPEN)
                counts = (words.dotted(len(each)) for each in (waiting, returned, drafts))
                name, key, said = campaign.name, "numbers", {"campaign": words.quoted(campaign.name)}
                if unit is not self._old:
                    said["unit"] = within(unit.name)
                    name, key = text("campaign_of", campaign=name, unit=said["unit"]), "numbers_of"
                lines.append((str(len(lines) + 1), name, *counts, self._confirmed(unit, stream)))
                if open_ones := sorted([*waiting, *returned], key=_by_number):
                    numbers.append(text(key, numbers=_cut(open_ones), **said))
        table = ListTable("", list_columns(heads, (13, 53, 20, 22, 18, 34), (2, 3, 4)), tuple(lines), upright=True)
        first = text("open_text", **self._names) if lines else text("open_none", old=self._old.name)
        return text("open"), (first, *numbers), table

    def _open_records(self) -> dict[tuple[str, str], list[str]]:
        """Numbers of records at work, by stream and the column that counts them."""
        columns = {state: column for column, states in _OPEN.items() for state in states}
        ids = [stream.id for streams in self._streams.values() for stream in streams.values()]
        query = select(Record.stream_id, Record.state, Record.kind, Record.number)
        query = query.where(one_of(Record.stream_id, ids), is_activity(), Record.state.in_(columns))
        found: dict[tuple[str, str], list[str]] = {}
        for row in self._session.execute(query) if ids else ():
            numbers = found.setdefault((row.stream_id, columns[row.state]), [])
            numbers.append(number_text(row.kind, row.number))
        return found

    def _confirmed(self, unit: Unit, stream: Stream) -> str:
        """Who confirmed them last, and when: the unit that stood for this one then, which need not stand any more."""
        in_force = select(Seal).where(Seal.stream_id == stream.id, Seal.taken_back_at.is_(None))
        seal = self._session.scalar(in_force.order_by(Seal.at.desc(), Seal.position.desc()).limit(1))
        if seal is None:
            return text("figures_open")
        day = official_day(local(seal.at).date())
        if stream.sealed is None or stream.written > stream.sealed:
            return text("figures_part", day=day)
        then = next(each for each in line(self._session, unit) if each.merged_at is None or each.merged_at > seal.at)
        if seal.on_behalf:
            return text("figures_behalf", day=day, unit=within(then.name))
        return text("figures_by", day=day, unit=then.name)

    def _papers(self) -> Part:
        heads = tuple(map(text, ("index", "campaign", "kind", "what", "day", "state")))
        rows = [row for campaign in self._streams for row in self._of_campaign(campaign)]
        lines = tuple((str(place), *row) for place, row in enumerate(rows, 1))
        table = ListTable("", list_columns(heads, (13, 41, 27, 37, 20, 22)), lines, upright=True)
        return text("papers"), (text("papers_text" if lines else "papers_none"),), table

    def _of_campaign(self, campaign: Campaign) -> Iterator[tuple[str, ...]]:
        """Letter, locked figures, reports: in the order in which they came into being."""
        letter = originals.sent(self._session, campaign, self._old)
        if letter.row is not None:
            dated = official_day(letter.said.dated) if letter.said.dated else ""
            number = letter.said.number or text("no_number")
            yield campaign.name, text("letter"), number, dated, text("letter_state")
        history = steps.history(self._session, self._old.id, campaign.id)
        for step, _ in history.steps:
            if step.act == LockAct.LOCK and step.freeze_id:
                last = history.is_locked and step.freeze_id == history.freezes[-1]
                day = official_day(local(step.at).date())
                state = text("locked" if last else "unlocked")
                yield campaign.name, text("freeze"), freezes.spoken(step.freeze_id), day, state
        for paper in reversed(papers.of_unit(self._session, self._old.id, campaign.id)):
            issued = paper.issued
            number = issued.doc_number if issued else text("no_number")
            on = issued.doc_date if issued else None
            day = official_day(on or local(paper.last.at).date())
            yield campaign.name, text(f"paper_{paper.row.kind}"), number, day, text(f"state_{paper.state}")


def _left_on(device: handover.LeftOn) -> str:
    counts = {"left_held": device.held, "left_photos": device.photos, "left_writes": device.writes}
    said = [text(key, n=words.dotted(number)) for key, number in counts.items() if number]
    return "; ".join(said) or text("nothing_known")


def _by_number(said: str) -> tuple[str, int]:
    prefix, _, number = said.rpartition("-")
    return prefix, int(number)


def _cut(numbers: Sequence[str]) -> str:
    """All of them, or the first and how many more there are."""
    said = ", ".join(numbers[:MOST_NUMBERS])
    more = len(numbers) - MOST_NUMBERS
    return text("numbers_more", numbers=said, n=words.dotted(more)) if more > 0 else said
