"""A letter is the same as a text, a Word file and a PDF file, also copied with a blank line after every line."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from server.decoding.workers import letter_text
from server.services.letters import facts
from server.services.letters.plain import plain
from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import read
from support.letters.files import LETTERS, SEED, pdf, word
from support.letters.sentences import said

PAGE = 38


def wrapped(text: str, width: int = 90) -> list[str]:
    """The lines of a page; those of a table with tabs stay whole."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += [line] if "\t" in line else textwrap.wrap(line, width, break_on_hyphens=False) or [""]
    return lines


def raw(text: str, width: int = 90) -> str:
    return "\n\n".join(line for line in wrapped(text, width) if line)


def paged(lines: list[str]) -> list[str]:
    """Pages, from the second on with their numbers above."""
    pages = [lines[at : at + PAGE] for at in range(0, len(lines), PAGE)]
    return ["\n".join([str(number), *page] if number > 1 else page) for number, page in enumerate(pages, 1)]


FORMS: dict[str, Callable[[str], str]] = {
    "lines apart": raw,
    "narrow lines apart": lambda text: raw(text, 75),
    "wide lines apart": lambda text: raw(text, 110),
    "pages": lambda text: "\n\f\n".join(paged(wrapped(text))),
    "Word": lambda text: letter_text.docx(io.BytesIO(word(text))),
    "Word, lines apart": lambda text: letter_text.docx(io.BytesIO(word(raw(text)))),
    "PDF": lambda text: letter_text.pdf(io.BytesIO(pdf(*paged(wrapped(text))))),
    "PDF, lines apart": lambda text: letter_text.pdf(io.BytesIO(pdf(*paged(raw(text).split("\n"))))),
}


@pytest.mark.slow
@pytest.mark.parametrize("sample", LETTERS, ids=lambda sample: sample.stem)
@pytest.mark.parametrize("form", FORMS)
def test_a_letter_in_each_form_says_the_same(form: str, sample: Path) -> None:
    text = sample.read_text("utf-8")
    whole, told = said(read(plain(text))), said(read(plain(FORMS[form](text))))
    # Which lines of a signature belong together is not to be told, and a heading may stand before what it heads.
    assert " ".join(told.pop(f.SIGNER_ROLE)) == " ".join(whole.pop(f.SIGNER_ROLE))
    tasks, wanted = told.pop(f.TASK), whole.pop(f.TASK)
    assert len(tasks) == len(wanted)
    for one, other in zip(tasks, wanted, strict=True):
        assert one.endswith(other) or other.endswith(one)
    assert told == whole


@pytest.mark.parametrize("width", range(60, 125, 5))
def test_the_seed_letter_with_lines_apart_comes_out_whole(width: int) -> None:
    reading = read(plain(raw(SEED.read_text("utf-8"), width)))
    assert len(reading.every(f.BASIS)) == 3
    whole = facts.proposed(read(plain(SEED.read_text("utf-8"))))
    assert facts.proposed(reading) == whole
    assert len(whole["tasks"].splitlines()) == 6


def test_a_basis_is_never_glued_to_the_subject() -> None:
    head = "SỞ Y TẾ\n\nSố: 1/SYT-NV\n\nV/v triển khai các hoạt động hưởng ứng Ngày toàn dân phòng, chống mua bán\n\n"
    text = (
        head + "người năm 2023\n\nThực hiện Kế hoạch số 211/KH-UBND ngày 12/6/2023 của UBND tỉnh, Sở Y tế đề nghị:\n\n"
    )
    bases = read(plain(text)).every(f.BASIS)
    assert [each.value for each in bases] == ["Kế hoạch số 211/KH-UBND ngày 12/6/2023 của UBND tỉnh"]


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("hỗ trợ\n\nnạn nhân", "hỗ trợ\nnạn nhân"),
        ("hỗ trợ\n\n2\n\nnạn nhân", "hỗ trợ\nnạn nhân"),
        ("hỗ trợ\n\n- 2 -\n\x0cNạn nhân", "hỗ trợ\nNạn nhân"),
        ("Hết.\n\x0cNạn nhân", "Hết.\n\nNạn nhân"),
        ("trong tháng\n\n7 và 8", "trong tháng\n7 và 8"),
        ("gồm “Chung tay\n\nPhòng chống”", "gồm “Chung tay\nPhòng chống”"),
        ("Kính gửi: Các xã\n\nSở Y tế", "Kính gửi: Các xã\n\nSở Y tế"),
        ("Báo cáo\n\na) Treo", "Báo cáo\n\na) Treo"),
        ("1\nTreo băng rôn\n2\nBáo cáo", "1\nTreo băng rôn\n2\nBáo cáo"),
    ],
)
def test_a_blank_line_within_a_sentence_ends_nothing(text: str, closed: str) -> None:
    assert plain(text) == closed
    assert plain(closed) == closed
