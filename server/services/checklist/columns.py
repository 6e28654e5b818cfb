"""The columns of a version's workbook: codes in the first row, which are read; words in the second, for people."""

from __future__ import annotations

from typing import Final

from server.services.checklist import regimes

_WORDS: Final = {
    "law": "Luật (2011 hoặc 2024)",
    "kind": "Loại dòng",
    "line": "Mã dòng",
    "from": "Tiếp nhận từ ngày",
    "to": "Đến ngày (để trống: chưa hết)",
    "letter": "Điểm",
    "what": "Nội dung",
    "event": "Mốc tính thời hạn (mã)",
    "start": "Tính từ (lời văn)",
    "limit_text": "Thời hạn: lời văn",
    "limit_most": "Thời hạn: số",
    "limit_unit": "Thời hạn: đơn vị",
    "limit_kind": "Thời hạn: để làm gì",
    "agency": "Cơ quan",
    "papers": "Giấy tờ, cách nhau bằng dấu ;",
    "source": "Nguồn: văn bản, điều, khoản",
    "source_state": "Đã xem nguồn chưa",
    "check": "Phần cần đối chiếu",
}
KINDS: Final = {regimes.BENEFIT: "chế độ", regimes.STEP: "việc phải làm"}
UNITS: Final = {"days": "ngày", "working_days": "ngày làm việc", "months": "tháng"}
LIMIT_KINDS: Final = {"lasts": "hưởng đến", "apply": "nộp hồ sơ", "do": "làm xong", "inform": "báo quyền"}
GRADES: Final = {"given": "Được hưởng", "considered": "Xem xét", "duty": "Phải làm"}
PARTS: Final = ("what", "grade", "start", "limit", "agency", "papers", "source")
CATEGORY: Final = "for."
"""Start of the code of a category's column."""


def heads() -> dict[str, str]:
    """The codes of the columns with their words, in order; after `what` a column for each category."""
    found: dict[str, str] = {}
    for code, words in _WORDS.items():
        found[code] = words
        if code == "what":
            found |= {f"{CATEGORY}{each.id}": each.label["vi"] for each in regimes.categories()}
    return found


def state_words() -> dict[str, str]:
    """How the articles of a line may have been read, with their words."""
    return {state: regimes.words()[f"state_{state}"] for state in regimes.SOURCE_STATES}


def part_words() -> dict[str, str]:
    """The parts of a line that may still have to be compared with the law, with their words."""
    return {part: regimes.words()[f"part_{part}"] for part in PARTS}
