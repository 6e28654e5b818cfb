"""A letter is read as it stands: nothing is lost of what it says, nothing is made up of what it does not."""

from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import pytest

from server.services.letters import facts
from server.services.letters.extraction import MOST_CHARS
from server.services.letters.plain import one_line, plain
from server.services.letters.recognition import found as f
from server.services.letters.recognition.asks import phrases
from server.services.letters.recognition.reading import read
from support.letters.files import FOLDER, SEED
from support.letters.files import LETTERS as SAMPLES
from support.letters.sentences import said
from sync.figures import every_figure
from sync.registry import KINDS


def wanted(sample: Path) -> dict[str, list[str]]:
    """What a person reads in a sample, by field; a field that is not in the file is not asked about."""
    raw = json.loads((FOLDER / f"{sample.stem}.json").read_text("utf-8"))
    return {
        field: [] if value is None else value if isinstance(value, list) else [value] for field, value in raw.items()
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_letter_of_another_body_year_and_form(sample: Path) -> None:
    reading = read(plain(sample.read_text("utf-8")))
    told = said(reading)
    assert {field: told[field] for field in wanted(sample)} == wanted(sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
@pytest.mark.parametrize(
    "form", ["NFD", "no-break", "broken lines", "one column in spaces", "soft hyphens", "cut words"]
)
def test_it_is_the_same_letter_in_another_form(sample: Path, form: str) -> None:
    text = sample.read_text("utf-8")
    changed = {
        "NFD": lambda: unicodedata.normalize("NFD", text),
        "no-break": lambda: text.replace(" ", "\u00a0"),
        "broken lines": lambda: text.replace("phòng, chống mua bán người", "phòng,\nchống mua bán người"),
        "one column in spaces": lambda: text.replace("\t", "          "),
        "cut words": lambda: text.replace("mua bán người", "mua b\nán ng\nười"),
        "soft hyphens": lambda: text.replace("tuyên truyền", "tuyên tru\u00adyền"),
    }[form]()
    told, expected = said(read(plain(changed))), wanted(sample)
    if form == "broken lines":  # a list of slogans is read by its lines, and so is a subject
        expected = {field: value for field, value in expected.items() if field not in ("slogan", "subject", "above")}
    assert {field: told[field] for field in expected} == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_what_is_said_to_be_read_stands_there(sample: Path) -> None:
    reading = read(plain(sample.read_text("utf-8")))
    for each in reading.found:
        words = one_line(reading.text[each.start : each.end])
        assert words
        assert each.note == "" or each.note in f.NOTES
        if each.field in (f.SLOGAN, f.TO, f.EVENT, f.YEAR, f.HOTLINE, f.TASK, f.PLACE, f.SIGNER, f.RECIPIENT):
            assert each.value == words


def test_the_seed_letter_comes_out_whole() -> None:
    values = facts.proposed(read(plain(SEED.read_text("utf-8"))))
    assert values["name"] == "Ngày toàn dân phòng, chống mua bán người năm 2021"
    assert len(values["tasks"].splitlines()) == 6
    assert values["tasks"].splitlines()[1].startswith("Xây dựng pano, treo băng rôn")
    assert {"banners", "panels", "posters", "leaflets", "folded_leaflets", "mobile_sessions", "airings"} <= set(
        values["figures"]
    )
    for left_open in ("number", "dated", "signer", "starts_on", "ends_on", "cutoff"):
        assert not values.get(left_open), left_open
    told = facts.worked_out(read(plain(SEED.read_text("utf-8"))))
    assert told == {"due.commune": "2021-08-01"}, "but for the communes' day all is just what the letter says"


def test_the_words_are_of_kinds_and_figures_that_there_are() -> None:
    assert set(phrases()["kinds"]) <= {kind.name for kind in KINDS.recorded()}
    assert set(phrases()["figures"]) <= {figure.code for figure in every_figure()}


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "“", '"', "\n", "-\n", "Căn cứ ", "số 1/", "ngày 1/1 ", "khẩu hiệu ", "SỞ ", "Kính gửi: ", "A ", "1.\n"),
        *(
            "trước ngày 1/1 báo cáo ",
            "tháng năm ",
            "Ngày toàn dân ",
            "đường dây nóng ",
            "TM. ",
            "- x; ",
            "và Luật số 1 ",
        ),
        *(
            "Thực hiện ",
            "Sở Y tế đề nghị ",
            "Nơi nhận:\n- a;\n",
            "./.",
            "\t",
            ", ",
            "từ ngày 1/1 đến ",
            "Hà Nội, ngày ",
        ),
        *("- khẩu hiệu:\n", "khẩu hiệu “ab” ", "khẩu hiệu: \n“ab” ", "đường dây nóng 0912 345 678 cũ "),
        *("để tổng hợp báo cáo trước 1/8 ", "từ 1/7 đến 2/7 ", "số liệu tính đến 1/1/2020 ", "không in tờ rơi "),
        *("GIÁM ĐỐC\nPHẠM VĂN MẪU\n", "PHỤ LỤC\n", "Số 1/A\n", "Nơi nhận: PHỤ LỤC\n", "- Treo băng rôn;\n"),
        *("khẩu hiệu tại các cơ quan sau: \n- ab\n", "khẩu hiệu theo Luật số “a”", "hotline 0912 "),
    ],
)
@pytest.mark.costly
def test_a_text_made_to_cost_time_costs_none(unit: str) -> None:
    text = plain((unit * MOST_CHARS)[:MOST_CHARS])
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 3
