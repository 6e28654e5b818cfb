"""The annex as a Word file of its own, marked "lưu hành nội bộ". It is made anew each time and kept nowhere.

All that is in it comes from what was frozen, so it has the same bytes each time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from server.core.clock import local
from server.services.confidential import totals
from server.services.confidential.annexes import OpenedAnnex
from server.services.confidential.totals import VictimTotals
from server.services.letters.citing import official_day
from server.services.reports import letterheads, word, words
from server.services.reports.accounts import clock
from server.services.reports.additions import own_words
from server.services.reports.content import Annex, ListTable, Report, Section, list_columns
from server.services.reports.draft import addressed
from server.services.reports.letterheads import LetterheadText
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.words import dotted, legible, padded
from sync.text import fold

text = own_words(Path(__file__).parent / "words.vi.json")
SHORT_HASH: Final = 16


def document(found: OpenedAnnex) -> tuple[str, bytes]:
    """Return the file's name and content."""
    made = report(found)
    return made.file_name, word.document(made, lambda _: None)


def report(found: OpenedAnnex) -> Report:
    """Return the document as plain data."""
    content, at = found.content, local(found.row.at)
    unit, campaign = content["unit"], content["campaign"]
    name = words.quoted(campaign["name"])
    head = LetterheadText(**content["letterhead"])
    body = head.called
    marks = [text("mark")]
    marks += [words.text("practice")] if campaign["practice"] else []
    marks += [words.text("sample")] if content["sample"] else []
    bases = "; ".join(campaign["bases"])
    total = totals.from_plain(content["total"])
    file_words = re.sub(r"[^a-z0-9]+", "-", fold(unit["name"])).strip("-")
    return legible(
        Report(
            marks=tuple(marks),
            above=head.governing,
            body=head.issuing,
            nation=words.text("nation"),
            motto=words.text("motto"),
            number=words.text("number", symbol=head.symbol),
            date=words.text("date", place=head.place),
            title=words.text("title").upper(),
            subject=text("subject", campaign=name),
            to=addressed(head.addressees),
            opening=(
                *((words.text("opening_bases", bases=bases),) if bases else ()),
                text("opening", body=body),
            ),
            sections=(Section("", text("results"), _said(total, content)),),
            closing=text("closing", body=body),
            recipients=(words.text("recipients"), *head.recipients[:1], text("kept")),
            role=head.signing,
            signer=head.signer,
            as_of=text("as_of", time=clock(at), day=official_day(at.date())),
            witness="",
            file_name=f"noi-bo-{file_words or 'don-vi'}-{at:%Y%m%d-%H%M}.docx",
            at_ms=found.row.at,
            annexes=(_annex(content, total, head),),
            frozen=text("frozen", id=spoken(found.row.id), hash=found.row.sha256[:SHORT_HASH]),
        )
    )


def _said(total: VictimTotals, content: Mapping[str, Any]) -> tuple[str, ...]:
    said = [text("nil")] if total.is_nil else [
        text("received", n=padded(total.received)), text("supported", n=padded(total.supported))
    ]  # fmt: skip
    if content["have"] < content["need"]:
        said.append(text("known", have=padded(content["have"]), need=padded(content["need"])))
    return tuple(said)


def _annex(content: Mapping[str, Any], total: VictimTotals, head: LetterheadText) -> Annex:
    tables = [_regimes(content["regimes"], total)]
    if content["below"]:
        tables.append(_units(content))
    title = text("annex_title", unit=letterheads.within(content["unit"]["name"]))
    return Annex(
        text("annex"),
        title,
        text("attached", body=head.called, symbol=head.symbol),
        notes=(text("signs"),),
        lists=tuple(tables),
    )


def _regimes(offered: Sequence[Sequence[str]], total: VictimTotals) -> ListTable:
    heads = tuple(map(text, ("index", "what", "measure", "result")))
    people = text("people")
    lines = [
        ("1", text("received_head"), people, dotted(total.received)),
        ("2", text("supported_head"), people, dotted(total.supported)),
    ]
    for id_, letter, what in offered:
        said = f"{letter}) {what}" if letter else what
        lines.append(("", said, people, dotted(total.regimes.get(id_, 0))))
    columns = list_columns(heads, (12, 98, 22, 28), (3,))
    return ListTable(text("regimes"), columns, tuple(lines), totals=2, upright=True)


def _units(content: Mapping[str, Any]) -> ListTable:
    heads = tuple(map(text, ("index", "unit", "received_head", "supported_head")))
    lines = [("", text("total"), *_pair(content["total"]))]
    if content["own"]:
        lines.append(("", text("own"), *_pair(content["own"])))
    lines += [(str(number), each["name"], *_pair(each["total"])) for number, each in enumerate(content["below"], 1)]
    columns = list_columns(heads, (12, 88, 30, 30), (2, 3))
    return ListTable(text("units"), columns, tuple(lines), totals=1, upright=True)


def _pair(plain: Mapping[str, Any] | None) -> tuple[str, str]:
    if plain is None:
        return text("not_reported"), text("not_reported")
    found = totals.from_plain(plain)
    if found.is_nil:
        return text("kps"), text("kps")
    return dotted(found.received), dotted(found.supported)
