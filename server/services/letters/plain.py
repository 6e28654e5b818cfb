"""The text of a letter in one plain form, whatever file it came from: the form that is kept, shown and searched.

NFC, one kind of blank, no soft hyphens and no invisible signs. Lines stay as the file broke them. A gap between two
columns of one line is one tab: letterheads have two columns, and programs that read PDF files put them on one line.
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


def plain(text: str) -> str:
    """Return the text in this form. Plain text stays as it is."""
    text = _LINE_ENDS.sub("\n", text)
    text = _HYPHENATED.sub("", text)
    text = unicodedata.normalize("NFC", _BULLETS.sub("-", text).translate(_LIGATURES))
    text = "".join(_kept(char) for char in text)
    lines = (_BLANKS.sub(" ", _GAP.sub("\t", line.strip())) for line in text.split("\n"))
    joined = _CUT_WORD.sub(r"\1", "\n".join(lines))
    # What was taken out may have stood between two parts of one letter, so it is composed once more.
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n", joined).strip())


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
