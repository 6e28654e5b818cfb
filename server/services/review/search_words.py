"""Records by the words of their texts and slogans, without reading all of them (sync/finding.py).

In a few streams each record is asked for each word, by key. Among a whole country's records the rarest word is read
first, if it is rare; words that are all frequent are looked for among the newest records only, and the page says so.
So a search costs some ten thousand steps in an index, however many records there are.

Words are whole: a Vietnamese word is a syllable, and "cho" (chợ) is not to find every "chống".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from server.models import Campaign, RecordListing, RecordWord
from sync.finding import words as words_of

MOST: Final = 2_000
"""Records that a search returns at most: the newest."""
FEW_STREAMS: Final = 300
LISTED_STREAMS: Final = 3_000
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
        if streams is not None and len(streams) <= LISTED_STREAMS:  # the list itself has the condition too
            conditions.append(RecordListing.stream_id.in_(streams))
        if streams is None or len(streams) > FEW_STREAMS:
            narrowed = self._narrowed(words)
            if narrowed is None:
                return []
            conditions += narrowed
        newest = (RecordListing.day.desc(), RecordListing.record_id.desc())
        query = select(RecordListing.record_id).where(*conditions).order_by(*newest).limit(MOST + 1)
        found = list(self._session.scalars(query))
        self.broad = self.broad or len(found) > MOST
        return found[:MOST]

    def _narrowed(self, words: Sequence[str]) -> list[ColumnElement[bool]] | None:
        """Conditions that leave few records to look at; None if some word is nowhere."""
        rare: list[str] | None = None
        for word in words:
            if self._slogans_with(word):
                continue
            where = (RecordWord.campaign_id == self._campaign.id, RecordWord.word == word)
            found = list(self._session.scalars(select(RecordWord.record_id).where(*where).limit(MOST + 1)))
            if not found:
                return None
            if len(found) <= MOST and (rare is None or len(found) < len(rare)):
                rare = found
        if rare is not None:
            return [RecordListing.record_id.in_(sorted(set(rare)))]
        horizon = self._horizon()
        self.broad = self.broad or horizon is not None
        return [] if horizon is None else [tuple_(RecordListing.day, RecordListing.record_id) >= tuple_(*horizon)]

    def _horizon(self) -> tuple[Any, ...] | None:
        """The place of the last of the newest records; None if there are fewer."""
        order = (RecordListing.day.desc(), RecordListing.record_id.desc())
        query = select(RecordListing.day, RecordListing.record_id).where(RecordListing.campaign_id == self._campaign.id)
        row = self._session.execute(query.order_by(*order).offset(NEWEST).limit(1)).first()
        return tuple(row) if row is not None else None

    def _has(self, word: str) -> ColumnElement[bool]:
        texts = exists().where(RecordWord.record_id == RecordListing.record_id, RecordWord.word == word)
        slogans = self._slogans_with(word)
        return or_(texts, RecordListing.slogan.in_(slogans)) if slogans else texts

    def _slogans_with(self, word: str) -> list[str]:
        return [id_ for id_, of in self._slogans.items() if word in of]
