"""The letter of June 2021 as a campaign, with its dates moved so that today is in the last week before the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from server.services.campaigns.lifecycle import NewCampaign

LETTER: Final = Path(__file__).resolve().parents[2] / "docs" / "letter.example" / "cong-van.txt"
"""The letter itself; a checkout has it, and only a checkout has the demo."""
DUE_IN_LETTER: Final = "03/8/2021"
BEGAN, ENDS, DUE = timedelta(days=-20), timedelta(days=6), timedelta(days=9)
NAME = "Ngày toàn dân phòng, chống mua bán người"
SLOGANS = (
    "Phát huy tinh thần phòng, chống dịch Covid, chung tay đẩy lùi nạn mua bán người",
    "Chung tay phòng, chống nạn mua bán người",
    "Phòng, chống mua bán người là trách nhiệm của cá nhân và toàn xã hội",
)
SLOGANS_2025 = ("Hãy lên tiếng để chấm dứt nạn mua bán người", *SLOGANS[1:])
FACTS: dict[str, dict[str, Any]] = {
    "2021": {
        "above": "Ủy ban nhân dân tỉnh Hưng Yên",
        "issuer": "Sở Lao động - Thương binh và Xã hội",
        "to": ["Ủy ban nhân dân các huyện, thị xã, thành phố"],
    },
    "2025": {"above": "Ủy ban nhân dân tỉnh Hưng Yên", "issuer": "Sở Y tế"},
}
"""Who sends the letter, and to whom: since March 2025 the department of health has this work."""
_DAY = f"“{NAME}” năm 2021"
_GUIDE = "về việc hướng dẫn hoạt động hưởng ứng"
_DECISION = "về triển khai thực hiện Quyết định của Thủ tướng Chính phủ"
BASES = (
    f"Kế hoạch số 185/KH-BCĐ ngày 04/5/2021 của Ban Chỉ đạo 138/CP {_DECISION} về {_DAY}",
    f"Công văn số 162/PCTNXH-HTNNTT ngày 27/5/2021 của Cục Phòng, chống tệ nạn xã hội {_GUIDE} {_DAY}",
    f"Kế hoạch số 86/KH-UBND ngày 08/6/2021 của Ủy ban nhân dân tỉnh {_DECISION} hưởng ứng {_DAY}",
)
EXPECTED = {
    "banners": 5,
    "airings": 20,
    "scripts": 3,
    "panels": 1,
    "leaflets": 300,
    "mobile_sessions": 2,
    "oral_sessions": 2,
}
"""Amount of each figure that each commune is asked for."""
FIGURES = (
    *("banners", "banner_metres", "airings", "minutes", "panels", "posters", "leaflets", "folded_leaflets"),
    *("mobile_sessions", "oral_sessions", "hotline_mentions", "hotline_units"),
)
"""Figures that the letter names."""
TASKS = (
    "Tuyên truyền trên hệ thống đài truyền thanh từ cấp huyện đến cấp xã",
    "Tuyên truyền lưu động",
    "Xây dựng pano, treo băng rôn, áp phích, tờ rơi, tờ gấp với các khẩu hiệu hành động",
    "Tuyên truyền về đường dây nóng 111",
    "Tiếp nhận, hỗ trợ nạn nhân bị mua bán hòa nhập cộng đồng",
    "Báo cáo kết quả về Sở Lao động - Thương binh và Xã hội đúng hạn",
)


BASES_2025 = (
    "Luật Phòng, chống mua bán người số 53/2024/QH15 ngày 28/11/2024",
    "Quyết định số 793/QĐ-TTg ngày 10/5/2016 của Thủ tướng Chính phủ về Ngày toàn dân phòng, chống mua bán người",
)
TASKS_2025 = (
    "Tuyên truyền trên hệ thống đài truyền thanh của xã, phường",
    *TASKS[1:-1],
    "Báo cáo kết quả về Sở Y tế đúng hạn",
)


def text(today: date) -> str:
    """Return the letter with its last day as the sample has it."""
    due = today + DUE
    return LETTER.read_text("utf-8").replace(DUE_IN_LETTER, f"{due:%d/%m/%Y}")


def campaign_2025(today: date) -> NewCampaign:
    """Return the campaign of the tree of 2025: communes and wards report to the province."""
    made = campaign(today)
    return replace(
        made,
        name=f"{NAME} năm 2025",
        slogans=list(SLOGANS_2025),
        bases=list(BASES_2025),
        tasks=list(TASKS_2025),
    )


def campaign(today: date, *, practice: bool = False) -> NewCampaign:
    """Return the campaign, or the practice campaign."""
    return NewCampaign(
        name=f"TẬP DƯỢT: {NAME}" if practice else NAME,
        starts_on=today + BEGAN,
        ends_on=today + ENDS,
        due_before=today + DUE,
        hotline="111",
        slogans=list(SLOGANS),
        bases=list(BASES),
        tasks=list(TASKS),
        figures=list(FIGURES),
        expected=[] if practice else [{"figure": code, "amount": amount} for code, amount in EXPECTED.items()],
        practice=practice,
    )
