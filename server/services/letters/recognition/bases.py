"""What a letter rests on: its bases, one by one.

They stand before the body of the letter in one of two forms: a line for each ("Căn cứ …;"), or one sentence ("Thực hiện
A; B và C, Sở … đề nghị …"). Both are cut at semicolons, and where "và" or a comma leads to another cited document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from server.services.letters.plain import flat, one_line
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.head import end_of_head
from server.services.letters.recognition.patterns import ASKS, BODY, CAPITAL, CITED, CUT_NAME, ORDERS, compiled

REACH: Final = 6000
"""How far behind the head bases are looked for."""
_OPENS: Final = compiled(rf"(?:^|\n|;|(?<=[.:])) *[-–+]? *({ORDERS}) +(?=[^\W\d_])")
_CUT: Final = compiled(rf"; *(?:và +)?|,? +và +(?={CITED} +(?:số|ngày|của|liên))|, +(?={CITED} +số)|\n *[-–+] *")
_ENDS: Final = compiled(
    rf"\n *\n|[.:](?= *(?:\n|$| [^\W\d_]))|[,;] *(?=(?:nay +)?{BODY}[^;.:]{{0,140}}? +{ASKS}(?![^\W\d_]))"
    rf"|{CUT_NAME}\n *(?=(?=(?-i:[{CAPITAL}])){BODY}[^;.:]{{0,140}}?,? +{ASKS}(?![^\W\d_]))"
    r"|, *(?=(?:nay|để|nhằm|đề +nghị) )|\n *(?:điều +1|I\. |1\. )"
)
_INNER: Final = re.compile(
    rf"(?:\n|[.”\"] ) *(?:Căn cứ|Thực hiện|Triển khai thực hiện|Theo|Tiếp theo)\s+(?=(?i:{CITED})\s)"
)
"""How a base begins that follows other words: "… năm 2023 / Thực hiện Kế hoạch số …"."""
_ASKING: Final = compiled(rf"{BODY}[^\n.;:]{{0,200}}? +{ASKS}(?![^\W\d_])")
_ABBREVIATED: Final = re.compile(r"(?:\b(?:TP|TX|Tp|số|V/v|NĐ|QĐ)|/)$")
_NUMBERED: Final = compiled(
    rf"{CITED} +(?:[^;.,:\n]{{0,60}} )?số *:? *\d|(?:bộ +)?luật +[^\W\d_]|{CITED} +ngày +\d|{CITED} +của "
    rf"|{CITED} +[^;.:\n]{{0,160}}giai +đoạn +20\d\d"
)


def bases(text: str) -> list[Finding]:
    """Return the bases, each as the text has it, without the word that introduces it."""
    start = end_of_head(text)
    return known(_bases(text, start, min(len(text), start + REACH)))


def _bases(text: str, start: int, most: int) -> Iterator[Finding | None]:
    line = flat(text)
    at_, is_found = start, False
    for _ in range(30):
        opens = _OPENS.search(text, at_, most)
        if opens is None or _is_behind_what_is_asked(text, at_, opens.start(), is_found=is_found):
            return
        ends = _end(text, opens.end(), most)
        if at_ != start and not _NUMBERED.search(line, opens.end(), ends):
            return  # a sentence of the body that happens to begin so
        for first, last in _items(text, opens.end(), ends):
            if _NUMBERED.search(line, first, last):
                is_found = True
                yield at(f.BASIS, text, first, last, _value(text[first:last]))
        at_ = max(ends, opens.end())


def _is_behind_what_is_asked(text: str, start: int, end: int, *, is_found: bool) -> bool:
    """True if the letter asks for something before this place: what its tasks cite is no basis of the letter."""
    asking = _ASKING.search(text, start, end)
    return asking is not None and (is_found or ":\n" in text[asking.end() : end])


def _end(text: str, start: int, most: int) -> int:
    """Return where the sentence ends."""
    for match in _ENDS.finditer(text, start, most):
        if match[0].startswith(".") and _ABBREVIATED.search(text[max(0, match.start() - 4) : match.start()]):
            continue
        return match.start()
    return most


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    last = start
    for match in [*_CUT.finditer(flat(text)[:end], start), None]:
        stop = match.start() if match else end
        first = last
        again = re.compile(rf"\s*[-–+]?\s*{ORDERS}\s+(?=[^\W\d_])", re.IGNORECASE).match(text, first, stop)
        first = again.end() if again else first
        inner = [match.end() for match in _INNER.finditer(text, first, stop)]
        first = inner[-1] if inner else first  # a subject or a title stood before it
        while stop > first and text[stop - 1] in " \n\t;,.":
            stop -= 1
        if stop > first:
            yield first, stop
        last = match.end() if match else end


def _value(written: str) -> str:
    """Return it in one line, and a symbol that a line break cut in one piece: 162/PCTNXH- HTNNTT."""
    return re.sub(r"(\d/[\w&]+-) (?=[A-ZĐ])", r"\1", one_line(written))
