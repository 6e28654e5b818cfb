"""Records by the words of their texts and slogans, without reading all of them (sync/record.py).

Each stream keeps its words (`stream_word`): first the streams are found that have every word, by an index, then the
records of these alone are read. Of words that very many streams have, the newest records only are read, and the page
says so. So a search reads some ten thousand narrow rows, however many records there are.

Words are whole: a Vietnamese word is a syllable, and "cho" (chợ) is not to find every "chống".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Campaign, RecordListing, StreamWord
from sync.record import words as words_of

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
