"""The parts of a letter: number, issuer, bases, tasks, kinds, who signs."""

from __future__ import annotations

import pytest

from server.services.letters import facts
from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import read
from support.letters.sentences import ASKED, HEAD, said


def test_what_a_task_cites_at_the_end_is_no_basis() -> None:
    for basis in ("Căn cứ Luật A số 1/2025/QH15;\n", ""):
        tasks = "1. Treo băng rôn tại trụ sở xã.\n2. Phát thanh hai lần mỗi ngày."
        body = f"{basis}{ASKED}:\n{tasks}\n3. Kinh phí: theo Nghị quyết số 12/2025/NQ-HĐND."
        told = said(read(HEAD.format(month=6) + body))
        assert told[f.BASIS] == (["Luật A số 1/2025/QH15"] if basis else [])
        assert told[f.TASK] == ["Treo băng rôn tại trụ sở xã", "Phát thanh hai lần mỗi ngày"]
        assert told[f.KIND] == ["banner", "broadcast"]


def test_what_is_asked_right_behind_a_basis_without_a_body() -> None:
    asked = "đề nghị các xã báo cáo kết quả trước ngày 10/8/2026"
    told = said(read(HEAD.format(month=6) + f"Thực hiện Kế hoạch số 9/KH-UBND, {asked}."))
    assert (told[f.BASIS], told[f.DUE], told[f.TASK]) == (["Kế hoạch số 9/KH-UBND"], ["2026-08-10"], [asked])


def test_short_items_of_a_list_are_tasks() -> None:
    items = ["Treo băng rôn", "Phát tờ rơi", "Tuyên truyền lưu động", "Tổ chức hội thi"]
    told = said(read(HEAD.format(month=6) + f"{ASKED}:\n" + "".join(f"- {item};\n" for item in items)))
    assert told[f.TASK] == items


def test_the_kinds_that_a_letter_names_are_proposed_and_none_that_it_forbids() -> None:
    body = f"{ASKED}không in tờ rơi, không tổ chức mít tinh; treo băng rôn."
    assert facts.proposed(read(HEAD.format(month=6) + body))["kinds"] == ["banner"]
    assert facts.proposed(read(HEAD.format(month=6) + f"{ASKED}quan tâm."))["kinds"] == [], "nothing that was not read"


def test_a_number_without_a_colon_and_a_stamp() -> None:
    head = "UBND TỈNH A\nBAN CHỈ ĐẠO 138\nHỎA TỐC\nSố 27/BCĐ138-CAT\nHà Nội, ngày 10 tháng 6 năm 2026\n"
    told = said(read(f"{head}V/v triển khai Kế hoạch số 5/KH-UBND\n\nKính gửi: Các xã\n\n{ASKED}treo băng rôn."))
    assert told[f.NUMBER] == ["27/BCĐ138-CAT"]
    assert told[f.ISSUER] == ["BAN CHỈ ĐẠO 138"]
    bare = said(read(f"SỞ Y TẾ\nV/v triển khai Kế hoạch số 5/KH-UBND\n\nKính gửi: Các xã\n\n{ASKED}treo băng rôn."))
    assert bare[f.NUMBER] == []
    for stamp in ("KHẨN", "THƯỢNG KHẨN", "MẬT", "HOẢ TỐC HẸN GIỜ"):
        head = f"SỞ Y TẾ TỈNH A\n{stamp}\nSố: 1/SYT\n\nKính gửi: Các xã\n"
        assert said(read(head))[f.ISSUER] == ["SỞ Y TẾ TỈNH A"]


@pytest.mark.parametrize(
    ("signed", "role", "name"),
    [
        ("GIÁM ĐỐC\n\nPHẠM VĂN MẪU\n", "GIÁM ĐỐC", "PHẠM VĂN MẪU"),
        ("TUQ. GIÁM ĐỐC\nTRƯỞNG PHÒNG BẢO TRỢ XÃ HỘI\n\nĐại tá CAO MINH MẪU", None, "CAO MINH MẪU"),
        ("GIÁM ĐỐC\n(Đã ký)\n\nPHỤ LỤC\nĐịa Bàn Trọng Điểm\n", "GIÁM ĐỐC", ""),
        ("GIÁM ĐỐC\n\nPHỤ LỤC I\nNỘI DUNG\n", "GIÁM ĐỐC", ""),
        ("KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\nPhạm Văn Mẫu\nPHỤ LỤC\nLÊ THỊ KHÁC\n", None, "Phạm Văn Mẫu"),
    ],
)
def test_who_signs(signed: str, role: str | None, name: str) -> None:
    foot = "./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n"
    reading = read(HEAD.format(month=6) + f"{ASKED}treo băng rôn{foot}{signed}")
    assert reading.value(f.SIGNER) == name
    assert role is None or reading.value(f.SIGNER_ROLE) == role
