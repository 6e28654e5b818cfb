"""The text of a letter in one plain form, whatever file it came from: the form that is kept, shown and searched.

NFC, one kind of blank, no soft hyphens and no invisible signs. Lines stay as the file broke them. A gap between two
columns of one line is one tab: letterheads have two columns, and programs that read PDF files put them on one line.
A blank line ends a paragraph. So one goes where the sentence goes on behind it: between two pages, and in a text that
was copied with a blank line after every line.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_HYPHENATED: Final = re.compile("\u00ad *\n *")
_VOWELS: Final = "aeiouyàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_CUT_WORD: Final = re.compile(rf"(?<![\w/.-])(?<!\d )([b-df-hj-np-tv-xzđ]{{1,3}})\n(?=[{_VOWELS}])")
"""A line that ends within a syllable: what stands there has no vowel, and the next line begins with one."""
_BULLETS: Final = re.compile("[\uf000-\uf0ff\u2022\u25cf\u25aa\u25a0\u2023\u2043]")
"""Bullets, also those that symbol fonts keep in the private area."""
_LIGATURES: Final = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_GAP: Final = re.compile(r" *\t[ \t]*| {3,}")
_BLANKS: Final = re.compile(r" {2,}")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_PAGE_END: Final = "\x0c"
_BLANK: Final = " \t\r\n"
_PAGE_NUMBER: Final = re.compile(r"[-–]? *\d{1,2} *[-–]?")
_GOES_ON: Final = re.compile(r"(?![a-zđ]{1,2}[.)] |v/v)[a-zđ]")
"""How a line begins that goes on with the sentence before, once its tone marks are off; "a) " begins an item."""
_ENDED: Final = (".", ":", "!", "?")
_UNFINISHED: Final = re.compile(r"(?:[,/(“–-]|(?<![^\W\d_])(?:năm|ngày|tháng|số|và|của|về|với))$")
_OPENED: Final = re.compile(r"“[^”]*$")
_ITEM: Final = re.compile(r"[-–+*] |(?:\d{1,2}(?:\.\d{1,2})*|[a-zđ])[.)] ")
SPACED: Final = 0.6
"""The share of lines with a blank one behind from which on blank lines say nothing."""
WIDE, WIDEST, FEW = 40, 160, 8
"""A line of a page has so many characters; below so many lines a text is too short to tell."""


def plain(text: str) -> str:
    """Return the text in this form. Plain text stays as it is."""
    text = _LINE_ENDS.sub("\n", _one_page(text))
    text = _HYPHENATED.sub("", text)
    text = unicodedata.normalize("NFC", _BULLETS.sub("-", text).translate(_LIGATURES))
    text = "".join(_kept(char) for char in text)
    lines = (_BLANKS.sub(" ", _GAP.sub("\t", line.strip())) for line in text.split("\n"))
    joined = _CUT_WORD.sub(r"\1", "\n".join(lines))
    # What was taken out may have stood between two parts of one letter, so it is composed once more.
    return _closed_up(unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n", joined).strip()))


def _one_page(text: str) -> str:
    """Join pages, without their numbers. One that ends within a sentence ends no line more than any other."""
    if _PAGE_END not in text:
        return text
    pages, made = text.split(_PAGE_END), ""
    joined = [made := _without_foot(pages[0])]
    for place, whole in enumerate(pages[1:], start=2):
        page = _without_head(whole)
        if place < len(pages):
            page = _without_foot(page)
        if page:
            joined += ["\n" if made and made[-1] not in (*_ENDED, ";") else "\n\n", made := page]
    return "".join(joined)


def _without_foot(page: str) -> str:
    page = page.rstrip(_BLANK)
    rest, end, last = page.rpartition("\n")
    return rest.rstrip(_BLANK) if end and _PAGE_NUMBER.fullmatch(last.strip(" ")) else page


def _without_head(page: str) -> str:
    page = page.lstrip(_BLANK)
    first, end, rest = page.partition("\n")
    return rest.lstrip() if end and _PAGE_NUMBER.fullmatch(first.rstrip(" \r")) else page


def _closed_up(text: str) -> str:
    """Take blank lines out behind which the sentence goes on, and the number of a page that stands there."""
    blocks = [block.split("\n") for block in text.split("\n\n")]
    count = sum(map(len, blocks))
    width = _width([line for block in blocks for line in block]) if count >= FEW else 0
    is_spaced = count >= FEW and len(blocks) - 1 >= SPACED * (count - 1)
    made: list[list[str]] = []
    for number, block in enumerate(blocks):
        last = made[-1][-1] if made else ""
        if made and len(block) == 1 and _is_page_number(block[0], last, blocks[number + 1 : number + 2]):
            continue
        if made and (_goes_on(last, block[0]) or (is_spaced and _is_same(last, block[0], width))):
            made[-1] += block
        else:
            made.append(block)
    return "\n\n".join("\n".join(block) for block in made)


def _is_page_number(line: str, last: str, behind: list[list[str]]) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(line) and behind and _goes_on(last, behind[0][0]))


def _goes_on(last: str, line: str) -> bool:
    """True if the line begins as no sentence does, or the one before ends as none does."""
    if not last or _ITEM.match(line) or last.endswith((*_ENDED, ";")):
        return bool(_OPENED.search(last))
    begins = _GOES_ON.match(_bare(line[:6])) or (line.startswith(("(", "“")) and last[-1].isalnum())
    return bool(begins or _UNFINISHED.search(last) or _OPENED.search(last))


def _bare(text: str) -> str:
    """The letters without their marks."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _is_same(last: str, line: str, width: int) -> bool:
    """True if two lines of a text with a blank one after every line belong together: a paragraph, a list, a head."""
    if _ITEM.match(line) or (last.upper() == last and line.upper() == line):
        return True
    is_full = 0 < width <= len(last) + 1 + len(line.partition(" ")[0])
    return (is_full and not last.endswith((".", "!", "?"))) or (last.endswith(":") and line.startswith("“"))


def _width(lines: list[str]) -> int:
    """Return how wide a page is by its lines; 0 where a line is a paragraph."""
    wide = sorted(len(line) for line in lines if len(line) >= WIDE)
    usual = wide[len(wide) * 3 // 4] if wide else 0
    return usual if usual <= WIDEST else 0


def _kept(char: str) -> str:
    if char in "\n\t" or " " < char < "\x7f":
        return char
    kind = unicodedata.category(char)
    if kind == "Zs":
        return " "
    return "" if kind in ("Cc", "Cf", "Cs", "Co", "Cn") else char


def flat(text: str) -> str:
    """Return the text in one line of the same length, so that a position in it is one in the text."""
    return text.replace("\n", " ").replace("\t", " ")


def one_line(text: str) -> str:
    """Return the text with each run of blanks as one: how a value is written that a line break cut."""
    return " ".join(text.split())
