"""What a typed text means: a record's number, a kind, units, and words of texts or slogans; without tone marks.

    "SK-1 Phạm Ngũ Lão"     the event number 1 of the ward
    "bang ron cho"          banners whose texts or slogan have the word "chợ"
    "Phạm Ngũ Lão cổng chợ" those words in the ward's records, or all five in any

Each word must be in the unit's name (with the names above it), in a text, or in the slogan. Words of a unit are those
of the units that have the most of them.

Records by the words of their texts and slogans, without reading all of them (sync/record.py).

Each stream keeps its words (`stream_word`): first the streams are found that have every word, by an index, then the
records of these alone are read. Of words that very many streams have, the newest records only are read, and the page
says so. So a search reads some ten thousand narrow rows, however many records there are.

Words are whole: a Vietnamese word is a syllable, and "cho" (chợ) is not to find every "chống".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, or_, select, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.models import Campaign, RecordListing, Stream, StreamWord
from server.services.units import unit_search
from server.services.units.scope import Scope
from server.services.units.unit_search import LabelledUnit
from sync.record import WORD_LENGTH
from sync.record import words as words_of
from sync.registry import KINDS
from sync.text import fold

MOST: Final = 2_000
"""Records that a search returns at most: the newest."""
FEW_STREAMS: Final = 300
NEWEST: Final = 20_000
"""Records that frequent words are looked for in."""


class Haystack:
    """The records of some streams of a campaign (None: of all), to search by words.

    `broad`: some search looked at the newest records only, or found more than it returns.
    """

    def __init__(self, session: Session, campaign: Campaign, streams: Collection[str] | None) -> None:
        self._session, self._campaign, self._streams = session, campaign, streams
        self._slogans = {str(row["id"]): words_of(str(row["text"])) for row in campaign.slogans}
        self.broad = False

    def ids(self, words: Sequence[str], streams: Collection[str] | None = None) -> list[str]:
        """Return the newest records, at most `MOST`, that have every word; `streams`: among these alone."""
        streams = self._streams if streams is None else streams
        conditions = [RecordListing.campaign_id == self._campaign.id, *map(self._has, words)]
        if streams is None or len(streams) > FEW_STREAMS:
            streams, within = self._narrowed(words)
            conditions += within
        if streams is not None:
            conditions.append(one_of(RecordListing.stream_id, streams))
        newest = (RecordListing.day.desc(), RecordListing.record_id.desc())
        query = select(RecordListing.record_id).where(*conditions).order_by(*newest).limit(MOST + 1)
        found = list(self._session.scalars(query)) if streams is None or streams else []
        self.broad = self.broad or len(found) > MOST
        return found[:MOST]

    def _narrowed(self, words: Sequence[str]) -> tuple[list[str] | None, list[ColumnElement[bool]]]:
        """Return the few streams that have all the words; else None, and conditions that leave the newest records."""
        in_texts = [word for word in words if not self._slogans_with(word)]
        if in_texts:
            having = select(StreamWord.stream_id).where(StreamWord.campaign_id == self._campaign.id)
            having = having.where(StreamWord.word.in_(in_texts)).group_by(StreamWord.stream_id)
            having = having.having(func.count() == len(in_texts)).limit(FEW_STREAMS + 1)
            streams = list(self._session.scalars(having))
            if len(streams) <= FEW_STREAMS:
                return streams, []
        horizon = self._horizon()
        self.broad = self.broad or horizon is not None
        place = tuple_(RecordListing.day, RecordListing.record_id)
        return None, [] if horizon is None else [place >= tuple_(*horizon)]

    def _horizon(self) -> tuple[Any, ...] | None:
        """The place of the last of the newest records; None if there are fewer."""
        order = (RecordListing.day.desc(), RecordListing.record_id.desc())
        query = select(RecordListing.day, RecordListing.record_id).where(RecordListing.campaign_id == self._campaign.id)
        row = self._session.execute(query.order_by(*order).offset(NEWEST).limit(1)).first()
        return tuple(row) if row is not None else None

    def _has(self, word: str) -> ColumnElement[bool]:
        texts = RecordListing.words.contains(f" {word} ", autoescape=True)
        slogans = self._slogans_with(word)
        return or_(texts, RecordListing.slogan.in_(slogans)) if slogans else texts

    def _slogans_with(self, word: str) -> list[str]:
        return [id_ for id_, of in self._slogans.items() if word in of]


LONGEST: Final = 200
WORDS: Final = 12
MOST_UNITS: Final = 1_000
"""A text that fits more units names none."""
_SHOWN_UNITS: Final = 5
_LEVELS: Final = frozenset(("xa", "phuong", "thi", "tran", "huyen", "quan", "thanh", "pho", "tinh", "tp", "tx", "tt"))
"""Words of units' levels: alone they name no unit."""
_TOKEN: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """The conditions of a text. `streams`: of units that it names whole; `ids`: records whose words fit.

    `worded`: whether words, or signs without meaning, are left beside number and kind. `by_kind`: a word was taken as
    a kind.
    """

    kind: str = ""
    number: int | None = None
    by_kind: bool = False
    worded: bool = False
    streams: Collection[str] = ()
    ids: Collection[str] = ()
    units: list[LabelledUnit] = field(default_factory=list)
    broad: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return them, on `RecordListing`."""
        found: list[ColumnElement[bool]] = []
        if self.kind:
            found.append(RecordListing.kind == self.kind)
        if self.number is not None:
            found.append(RecordListing.number == self.number)
        if self.worded:
            here = one_of(RecordListing.stream_id, self.streams) if self.streams else false()
            found.append(or_(here, one_of(RecordListing.record_id, self.ids)) if self.ids else here)
        return found


def read(
    session: Session,
    scope: Scope,
    campaign: Campaign,
    text: str,
    streams: Collection[str] | None,
    *,
    kinds: bool = True,
) -> Sought:
    """Return what the text means among the streams of a list (None: all of the campaign).

    Without `kinds`, words of kinds are words like others.
    """
    plain, kind, number = _number(fold(text[:LONGEST]))
    tokens = [token[:WORD_LENGTH] for token in _TOKEN.findall(plain)][:WORDS]
    by_kind = False
    if kinds and not kind:
        kind, tokens = _kind(tokens)
        by_kind = bool(kind)
    words = sorted(set(tokens))
    if not words:
        return Sought(kind, number, by_kind=by_kind, worded=not kind)
    haystack = Haystack(session, campaign, streams)
    named, ids = set[str](), set(haystack.ids(words))
    covers = _units(session, scope, words)
    for cover, units in covers.items():
        own = _streams(session, campaign, units, streams)
        rest = sorted(set(words) - cover - _LEVELS)
        if not rest:
            named.update(own)
        elif own:
            ids.update(haystack.ids(rest, own))
    labels = unit_search.named(session, scope, scope.highest(), _whole(words, covers)[:_SHOWN_UNITS])
    return Sought(kind, number, by_kind, True, sorted(named), sorted(ids), labels, haystack.broad)


def _number(plain: str) -> tuple[str, str, int | None]:
    """Return the text without a record's number like `sk-1`, its kind, and the number."""
    prefixes = {fold(kind.prefix): kind.name for kind in KINDS.values() if not kind.act}
    found = re.search(rf"(?<!\w)({'|'.join(map(re.escape, prefixes))})\s?[-‐‑–—]?\s?([0-9]{{1,6}})(?!\w)", plain)
    if found is None:
        return plain, "", None
    return f"{plain[: found.start()]} {plain[found.end() :]}", prefixes[found[1]], int(found[2])


def _kind(tokens: Sequence[str]) -> tuple[str, list[str]]:
    """Return the kind whose label is among the words, the longest first, and the other words."""
    labels = [(_TOKEN.findall(fold(said)), kind.name) for kind in KINDS.values() for said in kind.label.values()]
    for label, name in sorted(labels, key=lambda each: -len(each[0])):
        for at in range(len(tokens) - len(label) + 1):
            if list(tokens[at : at + len(label)]) == label and not KINDS.is_act(name):
                return name, [*tokens[:at], *tokens[at + len(label) :]]
    return "", list(tokens)


def _units(session: Session, scope: Scope, words: Sequence[str]) -> dict[frozenset[str], list[str]]:
    """By the words that they have in their line: the units that have the most; none if these are too many.

    A line has whole words of the text; only the words of levels do not count.
    """
    telling = frozenset(words) - _LEVELS
    below = unit_search.walk(scope.highest())
    query = select(below.c.id, below.c.line).where(
        or_(false(), *((" " + below.c.line + " ").contains(f" {word} ") for word in telling))
    )
    found = grouped(
        (telling & set(_TOKEN.findall(line)), id_) for id_, line in session.execute(query.order_by(below.c.path))
    )
    most = max(map(len, found), default=0)
    best = {cover | (set(words) & _LEVELS): units for cover, units in found.items() if len(cover) == most}
    return best if sum(map(len, best.values())) <= MOST_UNITS else {}


def _whole(words: Sequence[str], covers: dict[frozenset[str], list[str]]) -> list[str]:
    """The units whose line has every word."""
    return [unit for cover, units in covers.items() if not set(words) - cover for unit in units]


def _streams(session: Session, campaign: Campaign, units: Iterable[str], streams: Collection[str] | None) -> list[str]:
    query = select(Stream.id).where(Stream.campaign_id == campaign.id, one_of(Stream.unit_id, units))
    known = None if streams is None else set(streams)
    return [each for each in session.scalars(query) if known is None or each in known]
