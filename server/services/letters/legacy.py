"""Text of the years before Unicode: bytes in UTF-16, windows-1258, TCVN3 (ABC) or VNI.

TCVN3 and VNI were fonts more than encodings. So a Word or PDF file from then holds signs of western Europe, and
`repaired()` reads them as what their font showed. Which of the encodings it is decides the number of common
Vietnamese words that come out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

_TCVN3: Final = str.maketrans(
    "¡¢§£¤¥¦¨©ª«¬®\xad"
    "µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂĐÊÔƠƯăâêôơđư"
    "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)  # fmt: skip
"""By the code table of TCVN 5712:1993. In a font of capitals, a letter with a tone has the code of the small one."""
_VNI_MARKS: Final = {
    **dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True)),
    "â": "\u0302", "ê": "\u0306",
    "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS: Final = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI: Final = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])|[{''.join(_VNI_LETTERS)}]", re.IGNORECASE)
_COMMON: Final = frozenset(
    (
        *("của", "và", "các", "về", "ngày", "tháng", "năm", "số", "ban", "nhân", "dân", "tỉnh", "xã", "hội", "chủ"),
        *("phòng", "chống", "mua", "bán", "người", "thực", "hiện", "kế", "hoạch", "công", "văn", "đề", "nghị", "báo"),
        *("cáo", "kính", "gửi", "việt", "nam", "độc", "lập", "tự", "do", "hạnh", "phúc", "được", "trên", "tại", "theo"),
        *("với", "đơn", "vị", "địa", "phương"),
    )
)
_WORD: Final = re.compile(r"[^\W\d_]+")


def decoded(data: bytes) -> str | None:
    """Return the text of these bytes; None if they are no text that we know."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strictly(data, name)
    text = _strictly(data, "utf-8")
    if text is not None and "\0" not in text:
        return repaired(text)
    if b"\0" in data:  # half of its bytes are zero where the text is ASCII
        even, odd = data[::2].count(0), data[1::2].count(0)
        return _strictly(data, "utf-16-be" if even > odd else "utf-16-le") if even != odd else None
    if any(byte < 9 or 13 < byte < 32 for byte in data):
        return None
    return best([*_from_1258(data), *_readings(data.decode("latin-1"))])


def repaired(text: str) -> str:
    """Return the text, read as its old font showed it where that makes more Vietnamese words."""
    return best([text, *_readings(text)])


def best(texts: Iterable[str]) -> str:
    """Return the text with the most common Vietnamese words; the first of equal ones."""
    return max(texts, key=_words)


def _words(text: str) -> int:
    return sum(word.lower() in _COMMON for word in _WORD.findall(unicodedata.normalize("NFC", text[:20_000])))


def _readings(text: str) -> Iterator[str]:
    yield _in_capitals(text.translate(_TCVN3))
    yield _VNI.sub(_vni_letter, text)


def _in_capitals(text: str) -> str:
    """Return the text with whole words in capitals: their fonts had letters with tones at the codes of small ones."""
    words = list(_WORD.finditer(text))
    sure = [_is_capital(word[0]) for word in words]
    made, last = [], 0
    for number, word in enumerate(words):
        beside = any(sure[max(0, number - 1) : number + 2])
        made += [
            text[last : word.start()],
            word[0].upper() if sure[number] or (beside and _may_be(word[0])) else word[0],
        ]
        last = word.end()
    return "".join(made) + text[last:]


def _is_capital(word: str) -> bool:
    return len(word) > 1 and _may_be(word) and any(char.isupper() for char in word[1:])


def _may_be(word: str) -> bool:
    """True if no letter of the word is certainly a small one."""
    return not any("a" <= char <= "z" for char in word)


def _vni_letter(found: re.Match[str]) -> str:
    letter, mark = found[1] or found[0], _VNI_MARKS[found[2].lower()] if found[2] else ""
    base = _VNI_LETTERS.get(letter.lower(), letter.lower())
    return unicodedata.normalize("NFC", (base.upper() if letter.isupper() else base) + mark)


def _from_1258(data: bytes) -> Iterator[str]:
    text = _strictly(data, "cp1258")
    if text is not None:
        yield unicodedata.normalize("NFC", text)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
