"""To whom a letter goes, who gets copies, and who signs it (Decree 30/2020, Annex I, II.7 to 9).

At its foot the list of recipients stands left of the signature; a file may give both in one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.head import HEAD_CHARS
from server.services.letters.recognition.patterns import ASKS, BODY, CAPITAL, ORDERS, SMALL, compiled

_TO: Final = compiled(r"kính +gửi *:?")
_TO_ENDS: Final = compiled(
    rf"\n *\n(?! *[-–+])|\n *(?:{ORDERS}|ngày|để|nhằm|vừa +qua|thời +gian|trong|hiện +nay|năm|sau +khi|qua) "
    rf"|\n *{BODY}[^\n]{{0,140}}? +{ASKS}(?![^\W\d_])"
)
_WIRED: Final = re.compile(r"\n[^\n]{5,120} điện *: *(?=\n)")
"""What stands for "Kính gửi" in a telegram."""
_ITEM: Final = re.compile(r"(?:^|\n|;|\t)\s*[-–+*]\s*|;\s*")
_COPIES: Final = compiled(r"nơi +nhận *:?")
_COPY: Final = compiled(
    r"[\n\t;:.]\s*[-–+*]\s*(lưu[^;\n\t]{0,100}?(?=[;\n\t]|$|\.\s|\.$)|[^;\n\t]{2,160}(?=[;\n\t]|$))"
)
_ROLES: Final = (
    *("PHÓ TỔNG GIÁM ĐỐC", "TỔNG GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "GIÁM ĐỐC", "PHÓ CHỦ TỊCH THƯỜNG TRỰC", "PHÓ CHỦ TỊCH"),
    *("CHỦ TỊCH", "PHÓ TRƯỞNG BAN THƯỜNG TRỰC", "PHÓ TRƯỞNG BAN", "TRƯỞNG BAN", "PHÓ CHÁNH VĂN PHÒNG"),
    *("CHÁNH VĂN PHÒNG", "PHÓ CỤC TRƯỞNG", "CỤC TRƯỞNG", "THỨ TRƯỞNG", "BỘ TRƯỞNG", "PHÓ TRƯỞNG PHÒNG"),
    *("TRƯỞNG PHÒNG", "PHÓ CHI CỤC TRƯỞNG", "CHI CỤC TRƯỞNG", "PHÓ BÍ THƯ THƯỜNG TRỰC", "PHÓ BÍ THƯ", "BÍ THƯ"),
    *("PHÓ TRƯỞNG CÔNG AN", "TRƯỞNG CÔNG AN", "CHÁNH THANH TRA", "PHÓ THỦ TƯỚNG", "THỦ TƯỚNG", "VIỆN TRƯỞNG"),
    *("CHÁNH ÁN", "PHÓ TỔNG CỤC TRƯỞNG", "TỔNG CỤC TRƯỞNG", "CHỈ HUY TRƯỞNG", "PHÓ TRƯỞNG ĐOÀN", "TRƯỞNG ĐOÀN"),
    *("PHÓ ĐỒN TRƯỞNG", "ĐỒN TRƯỞNG", "CHÍNH TRỊ VIÊN", "PHÓ HIỆU TRƯỞNG", "HIỆU TRƯỞNG", "PHÓ TRẠM TRƯỞNG"),
    *("TRẠM TRƯỞNG", "PHÓ TRƯỞNG TRẠM", "TRƯỞNG TRẠM", "PHÓ CHỦ NHIỆM", "CHỦ NHIỆM", "ĐỘI TRƯỞNG", "TỔNG BIÊN TẬP"),
)
_ROLE: Final = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(each.replace(' ', ' +') for each in _ROLES)})(?![^\W\d_])"
    rf"(?: [{CAPITAL}][{CAPITAL} ]{{1,60}})?"
)
_FOR: Final = re.compile(rf"(?<![^\W\d_])(?:(?:TM|KT|TL|TUQ|Q)\.|[TK]/[ML]\b) *[^\n\t;{SMALL}]{{2,80}}")
_NAME_WORD: Final = rf"[{CAPITAL}](?:[’'][{CAPITAL}]?)?[{SMALL}]{{0,6}}"
_RANK: Final = (
    r"(?:(?:đồng chí|đại tá|thượng tá|trung tá|thiếu tá|thiếu tướng|trung tướng|thượng tướng"
    r"|bs|ths|ts|pgs|gs|cn|luật sư)\.? *){0,3}"
)
_NAME_LINE: Final = re.compile(
    rf"(?:^|[\n\t]|(?<=[.;]) ) *(?i:{_RANK})({_NAME_WORD}(?: {_NAME_WORD}){{1,4}}) *(?=[\n\t]|$)"
)
_NAME_IN_CAPITALS: Final = re.compile(
    rf"(?:^|[\n\t]) *(?i:{_RANK})([{CAPITAL}]{{2,7}}(?: [{CAPITAL}]{{1,7}}){{1,4}}) *(?=[\n\t]|$)"
)
"""Only below a role: elsewhere it is a heading."""
_IS_BODY: Final = compiled(BODY)
_APPENDIX: Final = re.compile(r"\n *(?:PHỤ LỤC|Phụ lục)(?: +[IVX\d]+)? *(?=[\n:]|$)")
_ALONE: Final = re.compile(rf"\n(?=(?:{_FOR.pattern}|{_ROLE.pattern}) *\n)")
"""A line that is nothing but a role."""
ABOVE: Final = 400
"""Characters of a signature."""
MOST_LINES: Final = 4
"""Lines of a role, in one or several pieces."""
_END_MARK: Final = re.compile(r"\./\.")


def people(text: str) -> list[Finding]:
    """Return addressees, recipients of copies, the signer's role and name."""
    to, text = _addressees(text), text[: _end_of_foot(text)]
    return known([*to, *_copies(text), *_signer(text)])


def _end_of_foot(text: str) -> int:
    """Return where the first appendix behind the list of recipients begins."""
    copies = _COPIES.search(text)
    appendix = _APPENDIX.search(text, copies.end()) if copies else None
    return appendix.start() if appendix else len(text)


def _addressees(text: str) -> Iterator[Finding | None]:
    match = _TO.search(text) or _WIRED.search(text, 0, HEAD_CHARS)
    if match is None:
        return
    most = min(len(text), match.end() + 2000)
    end = _TO_ENDS.search(text, match.end(), most)
    stop = end.start() if end else _end_of_paragraph(text, match.end(), most)
    last = match.end()
    for mark in [*_ITEM.finditer(text, match.end(), stop), None]:
        item_end = mark.start() if mark else stop
        yield _trimmed(f.TO, text, last, item_end)
        last = mark.end() if mark else stop


def _end_of_paragraph(text: str, start: int, most: int) -> int:
    line = re.compile(r"[^\n]*\S[^\n]*").search(text, start, most)
    return line.end() if line else start


def _trimmed(field: str, text: str, start: int, end: int) -> Finding | None:
    while start < end and text[start] in " \n\t-–+*:":
        start += 1
    while end > start and text[end - 1] in " \n\t;.,:":
        end -= 1
    return at(field, text, start, end) if any(char.isalpha() for char in text[start:end]) else None


def _copies(text: str) -> Iterator[Finding | None]:
    match = list(_COPIES.finditer(text))
    if not match:
        return
    start = match[-1].end() - 1  # the colon may stand right before the first item
    for item in _COPY.finditer(text, start, min(len(text), start + 3000)):
        signed = _signature_in(item[1])
        yield _trimmed(f.RECIPIENT, text, item.start(1), item.start(1) + signed)
        if re.match(r"lưu\b", item[1], re.IGNORECASE):
            return


def _signature_in(item: str) -> int:
    """Return where an item of the list ends and the other column begins."""
    places = [match.start() for pattern in (_FOR, _ROLE) if (match := pattern.search(item))]
    return min(places, default=len(item))


def _signer(text: str) -> Iterator[Finding | None]:
    """The role, line by line where the other column stands between: KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC; then the name."""
    foot = _foot(text)
    lines: list[tuple[int, int]] = []
    names = [match for match in _NAME_LINE.finditer(text, foot) if not _is_no_name(match[1])]
    for start, end in _role_lines(text, foot):
        if lines and not text[lines[-1][1] : start].strip() and "\n\n" not in text[lines[-1][1] : start]:
            lines[-1] = (lines[-1][0], end)
        elif len(lines) < MOST_LINES and not (lines and any(lines[-1][1] <= name.start(1) < start for name in names)):
            lines.append((start, end))
    for place in lines:
        yield at(f.SIGNER_ROLE, text, *place)
    if lines:
        capitals = _NAME_IN_CAPITALS.finditer(text, lines[0][1])
        names = sorted([*names, *(each for each in capitals if not _is_title(each[1]))], key=lambda each: each.start(1))
    behind = [match for match in names if not lines or match.start(1) >= lines[0][1]]
    if behind:
        yield at(f.SIGNER, text, *behind[0].span(1))


def _is_title(capitals: str) -> bool:
    """True for capitals that are a role or a body and no name."""
    return bool(_ROLE.search(capitals) or _FOR.search(capitals) or _IS_BODY.search(capitals)) or _is_no_name(capitals)


def _role_lines(text: str, foot: int) -> Iterator[tuple[int, int]]:
    """Yield each line of capitals that says for whom somebody signs, or as what."""
    last = foot
    for match in sorted([*_FOR.finditer(text, foot), *_ROLE.finditer(text, foot)], key=lambda each: each.start()):
        if match.start() >= last:
            last = match.start() + len(match[0].rstrip(' -–.,("“'))
            yield match.start(), last


def _is_no_name(text: str) -> bool:
    """True for what looks like a name at the foot of a letter and is none."""
    return bool(
        re.match(r"(?:như|lưu|nơi|sở|phòng|văn|ban|ủy|uỷ|công|đã|phụ|kèm|tên|cơ|thời|ngày|người)\b", text.lower())
    )


def _foot(text: str) -> int:
    """Return where the foot begins: after "./.", else at Nơi nhận or the signature above it, else in the last tenth."""
    ends = [match.end() for match in _END_MARK.finditer(text)]
    copies = [match.start() for match in _COPIES.finditer(text)]
    if ends and (not copies or ends[-1] < copies[-1]):
        return ends[-1]
    above = _ALONE.search(text, max(0, copies[-1] - ABOVE), copies[-1]) if copies else None
    if above:
        return above.start()
    return copies[-1] if copies else max(0, len(text) - ABOVE)
