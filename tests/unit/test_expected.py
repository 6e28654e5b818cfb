"""What a campaign expects of all communes, of a class of them, of one unit: read from lines, and looked up."""

from __future__ import annotations

import pytest

from server.services.campaigns import expected

UNITS = {
    "xa minh hai": ["u1"],
    "12007": ["u1"],
    "phuong an tao": ["u2"],
    "11956": ["u2"],
    "xa tan tien": ["u3", "u4"],
    "12043": ["u3"],
    "12360": ["u4"],
}
LINES = """Phường; Băng rôn; 3
xã\tbang ron\t1.200

Xã Minh Hải (12007); Băng rôn; 0
12043; banners; 7
THỊ TRẤN; Tờ rơi; 500"""


def test_lines_become_rows_and_the_unit_goes_before_its_class() -> None:
    own, wrong = expected.read(LINES, UNITS)
    rows = expected.merged({"banners": 5, "airings": 20}, own)
    assert wrong == 0
    assert [(row["figure"], row["amount"]) for row in rows] == [("banners", 5), ("airings", 20), ("leaflets", 0)]
    of = {
        ("u1", "Xã Minh Hải"): {"airings": 20},
        ("u2", "Phường An Tảo"): {"banners": 3, "airings": 20},
        ("u3", "Xã Tân Tiến"): {"banners": 7, "airings": 20},
        ("u4", "Xã Tân Tiến"): {"banners": 1200, "airings": 20},
        ("u5", "Thị trấn Trần Cao"): {"banners": 5, "airings": 20, "leaflets": 500},
        ("u6", "Đặc khu Cô Tô"): {"banners": 5, "airings": 20},
    }
    assert {unit: expected.of_unit(rows, *unit) for unit in of} == of


def test_a_campaign_without_any_is_as_before() -> None:
    assert expected.merged({"airings": 20, "banners": 5}, expected.read(" \n", UNITS)[0]) == [
        {"figure": "banners", "amount": 5},
        {"figure": "airings", "amount": 20},
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Xã Tân Tiến; Băng rôn; 3",
        "Xã Không Có; Băng rôn; 3",
        "Phường; Bóng bay; 3",
        "Phường; Băng rôn",
        "Phường; Băng rôn; ba",
        "Phường; Băng rôn; -3",
        "Phường; Băng rôn; 3; 4",
        f"Phường; Băng rôn; {10**20}",
        "Phường; Băng rôn; ²",
    ],
    ids=[
        "a name of two units",
        "no such unit",
        "no figure",
        "no amount",
        "a word",
        "minus",
        "more",
        "too much",
        "sign",
    ],
)
def test_the_line_that_is_not_understood_is_named(line: str) -> None:
    assert expected.read(f"Phường; Băng rôn; 3\n\n{line}\nXã; Băng rôn; 1", UNITS) == ([], 3)
