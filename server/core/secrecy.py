"""The marks of state secrets on a paper: MẬT, TỐI MẬT, TUYỆT MẬT. What bears one may not enter this system.

The mark is a stamp: it stands alone in a line or a column. In the head, which a program may give in one line, it counts
also between other words, unless they are of another term ("bảo mật", "cơ mật").
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARK: Final = r"(?:TUYỆT +M *Ậ *T|TỐI +M *Ậ *T|M *Ậ *T)"
_ALONE: Final = re.compile(
    rf"(?:^|[\n\t])[ (\[“\"*.]*(?:(?:ĐỘ|MỨC ĐỘ) +MẬT *: *)?{_MARK}[ )\]”\"*.]*"
    r"(?:[-–—]? *(?:bản )?số *:[^\n\t]*)?(?=[\n\t]|$)",
    re.IGNORECASE,
)
_IN_HEAD: Final = re.compile(rf"(?<![^\W\d_])(?<!BẢO )(?<!CƠ )(?<!BÍ )(?<!ĐỘ )(?<!GIẢI ){_MARK}(?![^\W\d_])")
HEAD_CHARS: Final = 1200


def is_marked_secret(text: str) -> bool:
    """True if the text of a paper bears one of the marks."""
    said = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    head = re.sub(r"(?<=BÍ)\n(?=MẬT\b)", " ", said[:HEAD_CHARS])  # a term that goes on in the next line
    return _ALONE.search(said) is not None or _IN_HEAD.search(head) is not None
