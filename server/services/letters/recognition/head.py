"""The head of a letter: who issues it, number, place and day, form and subject (Decree 30/2020, Annex I, II.2 to 5).

The letterhead has two columns. A program that reads a file gives them one below the other, or line by line with both
columns in a line, in either order. So nothing here depends on lines: the motto and the marks are cut out wherever they
stand, and what is left in capitals is the issuing body, below the body above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from server.services.letters.plain import flat, one_line
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.patterns import (
    ASKS,
    BODY,
    CAPITAL,
    CUT_NAME,
    MOTTO,
    ORDERS,
    SMALL,
    as_date,
    compiled,
)

HEAD_CHARS: Final = 3000
"""Where a head is looked for, if nothing tells where it ends."""
_ENDS: Final = compiled(rf"kính +gửi|\n *{ORDERS} |\n *{BODY}[^\n]{{0,120}}? +{ASKS} |\n *I\. |\n *1\. |\n *điều +1")
_NUMBERED: Final = (
    r" *(\d{1,5}[a-z]?)? *[.…_ ]{0,30} *([/-])"
    r" *((?:[A-ZĐÂĂÊÔƠƯ][\w&.]{0,20}) *(?:[-–/] *[A-ZĐÂĂÊÔƠƯ0-9][\w&.,]{0,20} *){0,5})"
)
_NUMBER: Final = compiled(rf"\bsố *:{_NUMBERED}")
_NUMBER_BARE: Final = compiled(rf"(?:^|(?<=[\n\t])) *số{_NUMBERED}")
"""Without a colon, at the begin of a line; elsewhere it is the number of another document."""
_STAMP: Final = r" *(?:(?:HỎA|HOẢ) TỐC(?: HẸN GIỜ)?|(?:THƯỢNG )?KHẨN|(?:TUYỆT |TỐI )?MẬT) *"
_URGENT: Final = re.compile(rf"(?:^|(?<=[\n\t])){_STAMP}(?=[\n\t]|$)")
"""How fast or how secret: a stamp, and no part of a body's name."""
_PLACE: Final = (
    rf"(?<![{CAPITAL}{SMALL}-])((?:TP\. *|[Tt]hành phố )?(?:(?<!/)[{CAPITAL}] )?"
    rf"(?:[{CAPITAL}][{SMALL}]{{1,7}}[ -]{{0,3}}){{1,5}}),? *"
)
MOST_OF_A_BODY: Final = 300
"""Characters from the begin to the end of one body's name, with what stands between its lines."""
_GOES_ON: Final = re.compile(r"(?:,| VÀ| XÃ| -|PHÒNG, CHỐNG)$")
"""How a line ends whose name goes on in the next one."""
_BLANK: Final = r" *[.…_ ]{0,30}"
_DATED: Final = re.compile(
    rf"(?:{_PLACE})?[Nn]gày{_BLANK}(\d{{1,2}})?{_BLANK}tháng{_BLANK}(\d{{1,2}})?{_BLANK}năm *(\d{{4}})"
)
_FORMS: Final = (
    *("KẾ HOẠCH", "CÔNG ĐIỆN", "CHỈ THỊ", "HƯỚNG DẪN", "THÔNG BÁO", "QUYẾT ĐỊNH", "CHƯƠNG TRÌNH", "PHƯƠNG ÁN"),
    *("ĐỀ ÁN", "THÔNG TRI", "NGHỊ QUYẾT", "BÁO CÁO", "TỜ TRÌNH", "GIẤY MỜI"),
)
_FORM: Final = re.compile(rf"(?:^|\n|\t) *({'|'.join(_FORMS)}) *(?=\n|\t|$)")
_BELOW_FORM: Final = compiled(
    r"\s*((?:[^\n]+\n?){1,4}?)(?=\n|$|_{3}|-{3}|kính|căn|thực +hiện|[^\n]{5,120}? điện *: *\n)"
)
_SUBJECT: Final = compiled(r"\b(?:V/v|về +việc) *:? *")
_SUBJECT_ENDS: Final = re.compile(
    rf"\n *\n|\t|\n(?=[^\n]{{0,60}}\bngày\b)|\n(?=[{CAPITAL}][{CAPITAL} ]{{7,}}(?:\n|$))|\n(?={_STAMP}(?:\n|$))"
)
_SUBJECT_LINE: Final = re.compile(r"V/v[^\n]*")
_MOTTO: Final = compiled(MOTTO)
_CAPITALS: Final = re.compile(rf"[{CAPITAL}][^{SMALL}\n\t:;]*")
_BODY_IN_CAPITALS: Final = compiled(rf"{BODY}")
_ASKING: Final = compiled(rf"(?:^|{CUT_NAME}\n *|[;.,] *)({BODY}[^\n.;:]{{0,140}}?),? +(?={ASKS}(?![^\W\d_]))")
_LEVEL: Final = re.compile(
    r"(ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|UBND|CÔNG AN)"
    r" (TỈNH|THÀNH PHỐ|HUYỆN|THỊ XÃ|QUẬN|XÃ|PHƯỜNG|THỊ TRẤN|ĐẶC KHU) (.{2,40})"
)


def head(text: str) -> list[Finding]:
    """Return number, symbol, day, place, bodies, form and subject, as far as they are there."""
    end = end_of_head(text)
    top = text[:end]
    return known([*_numbered(top), *_dated(text, top), *_bodies(text, top), *_form(text, top)])


def end_of_head(text: str) -> int:
    """Return where the head ends: at Kính gửi, or where the first sentence begins."""
    match = _ENDS.search(text, 0, HEAD_CHARS)
    return match.start() if match else min(len(text), HEAD_CHARS)


def _numbered(top: str) -> Iterator[Finding | None]:
    line = flat(top)
    match = _NUMBER.search(line) or _NUMBER_BARE.search(top)
    if match is None:
        return
    symbol_end = match.end(3)
    written = re.split(r" {2,}|\n|\t", top[match.start(3) : symbol_end])[0]
    # In a line with both columns the place follows the symbol: it has small letters.
    place = re.search(rf" +[{CAPITAL}][{SMALL}]", written)
    written = written[: place.start()] if place else written
    symbol_end = match.start(3) + len(written.rstrip(" -–/.,"))
    symbol = re.sub(r"\s", "", line[match.start(3) : symbol_end]).replace("–", "-")
    if match[1] and symbol:
        yield at(f.NUMBER, top, match.start(1), symbol_end, f"{match[1]}{match[2]}{symbol}")
    elif symbol:
        yield at(f.SYMBOL, top, match.start(3), symbol_end, symbol)


def _dated(text: str, top: str) -> Iterator[Finding | None]:
    match = _DATED.search(flat(top)) or _DATED.search(flat(text[: min(len(text), 400)]))
    if match is None:
        return
    place, day, month, year = match[1], match[2], match[3], int(match[4])
    if place:
        yield at(f.PLACE, text, match.start(1), match.start(1) + len(place.rstrip(" ,-")))
    start = match.end(1) if place else match.start()
    start += len(text[start : match.end()]) - len(text[start : match.end()].lstrip(" ,\n\t"))
    made = as_date(int(day), int(month), year) if day and month else None
    if made:
        yield at(f.DATED, text, start, match.end(), made.isoformat())
    else:
        yield at(f.DATED_PARTLY, text, start, match.end(), f"{int(month)}/{year}" if month else str(year))


def _bodies(text: str, top: str) -> Iterator[Finding | None]:
    """The bodies of the letterhead; without one, who asks in the first sentence."""
    bodies: list[list[tuple[int, int]]] = []
    form = _FORM.search(top)
    for start, end in _segments(top[: form.start()] if form else top):
        ended = top[bodies[-1][-1][0] : bodies[-1][-1][1]] if bodies else ""
        if _BODY_IN_CAPITALS.match(top, start) and not _GOES_ON.search(ended):
            bodies.append([(start, end)])
        elif bodies and end - bodies[-1][0][0] < MOST_OF_A_BODY:
            bodies[-1].append((start, end))
    if bodies:
        for field, pieces in zip((f.ISSUER, f.ABOVE), reversed(bodies), strict=False):
            end = pieces[-1][0] + len(top[slice(*pieces[-1])].rstrip(","))
            yield at(field, text, pieces[0][0], end, _name(text, pieces))
        return
    asking = _ASKING.search(text, 0, HEAD_CHARS + 3000)
    if asking:
        yield at(f.ISSUER, text, asking.start(1), asking.end(1), note=f.FROM_BODY)


def _segments(top: str) -> Iterator[tuple[int, int]]:
    """The runs of capitals, without motto, number and day."""
    line = flat(top)
    cut = list(top)
    for pattern, where in (
        *((_MOTTO, line), (_NUMBER, line), (_DATED, line)),
        *((_NUMBER_BARE, top), (_URGENT, top), (_SUBJECT_LINE, top)),
    ):
        for match in pattern.finditer(where):
            cut[match.start() : match.end()] = ["\n"] * (match.end() - match.start())
    rest = "".join(cut)
    for match in _CAPITALS.finditer(rest):
        words = match[0].rstrip(" -–—_*.(")
        letters = [char for char in words if char.isalpha()]
        if len(letters) >= 3:
            yield match.start(), match.start() + len(words)


def _name(text: str, pieces: list[tuple[int, int]]) -> str:
    """Return a name that stands in capitals as the text writes it elsewhere, or by its level; else as it stands."""
    capitals = one_line(" ".join(text[start:end] for start, end in pieces)).rstrip(",")
    for match in re.finditer(r"\s+".join(re.escape(word) for word in capitals.split()), text, re.IGNORECASE):
        written = one_line(match[0])
        if written.upper() != written:
            return written[0].upper() + written[1:]
    level = _LEVEL.fullmatch(capitals)
    if level:
        body = level[1] if level[1] == "UBND" else level[1].capitalize()
        return f"{body} {level[2].lower()} {level[3].title()}"
    return capitals


def _form(text: str, top: str) -> Iterator[Finding | None]:
    form = _FORM.search(text, 0, min(len(text), HEAD_CHARS))
    if form and form.start() <= len(top) + 20:
        yield at(f.FORM, text, form.start(1), form.end(1), form[1].capitalize())
        rest = _BELOW_FORM.match(text, form.end(), min(len(text), form.end() + 500))
        if rest and rest[1].strip():
            yield at(f.SUBJECT, text, rest.start(1), rest.end(1))
        return
    subject = _SUBJECT.search(top)
    if subject:
        end = _subject_end(top, subject.end())
        if top[:end].endswith('"') and top[: subject.start()].endswith('"'):  # the subject as a whole is in quotes
            end -= 1
        yield at(f.SUBJECT, text, subject.end(), end)


def _subject_end(top: str, start: int) -> int:
    """A subject runs over some lines, until a blank one, or one of the other column."""
    match = _SUBJECT_ENDS.search(top, start, min(len(top), start + 300))
    return match.start() if match else min(len(top), start + 300)
