"""One table of error codes: complete in both languages, and every code that the code raises is in it."""

from __future__ import annotations

import re
from pathlib import Path

from sync.errors import CODES

ROOT = Path(__file__).parents[2]


def test_every_row_is_complete() -> None:
    for code, row in CODES.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert 200 <= row.status < 600
        for sentence in (row.vi, row.en):
            assert sentence.endswith("."), sentence
        assert row.vi != row.en
        assert " bạn " not in f" {row.vi.lower()} ", "official screens do not say bạn"


def test_every_code_raised_is_in_the_table() -> None:
    for folder in ("server", "sync"):
        for path in (ROOT / folder).rglob("*.py"):
            for code in re.findall(r"""(?:Problem|Refused)\(\s*"([a-z_]+)\"""", path.read_text("utf-8")):
                assert code in CODES, (path, code)


def test_every_row_is_used() -> None:
    source = "\n".join(
        path.read_text("utf-8") for folder in ("server", "sync") for path in (ROOT / folder).rglob("*.py")
    )
    unused = [code for code in CODES if f'"{code}"' not in source]
    assert unused == []
