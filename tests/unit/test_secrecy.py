"""A paper that is marked secret is known by its stamp; words that only sound like it are none."""

from __future__ import annotations

import unicodedata

import pytest

from server.core.secrecy import is_marked_secret
from support.letters.files import LETTERS

HEAD = "UBND TỈNH HƯNG YÊN\nSỞ Y TẾ\n{}\nSố: 12/SYT-NVY\n\nKính gửi: Các xã\n"


@pytest.mark.parametrize(
    "text",
    [
        *(
            HEAD.format(mark)
            for mark in ("MẬT", "TỐI MẬT", "TUYỆT MẬT", "Tuyệt mật", "( MẬT )", "M Ậ T", "Độ mật: Mật")
        ),
        HEAD.format("SỞ Y TẾ\tMẬT"),
        HEAD.format("SỞ Y TẾ TỐI MẬT Hưng Yên, ngày 05 tháng 6 năm 2026"),
        HEAD.format("HỎA TỐC, MẬT"),
        unicodedata.normalize("NFD", HEAD.format("TUYỆT MẬT")),
        "Sở Y tế đề nghị các xã báo cáo.\n" * 200 + "\nTỐI MẬT\n",
        HEAD.format("MẬT").replace("\n", "\r\n"),
        "Sở Y tế đề nghị các xã báo cáo.\n" * 200 + "\nMẬT Bản số: 01\n",
        "Sở Y tế đề nghị các xã báo cáo.\n" * 200 + "\nMẬT – Số: 12/BC\n",
    ],
)
def test_a_stamp_is_seen(text: str) -> None:
    assert is_marked_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        HEAD.format("BAN BẢO MẬT"),
        HEAD.format("V/v tăng cường BẢO VỆ BÍ\nMẬT NHÀ NƯỚC"),
        HEAD.format("V/v bảo mật thông tin"),
        HEAD.format("PHÒNG BÍ MẬT NHÀ NƯỚC"),
        HEAD.format("Giữ bí mật thông tin nạn nhân"),
        "Đề nghị các xã giữ bí mật.\nKhông đóng dấu mật vào phiếu này.\n",
        *(sample.read_text("utf-8") for sample in LETTERS),
    ],
)
def test_what_is_no_stamp_is_none(text: str) -> None:
    assert not is_marked_secret(text)
