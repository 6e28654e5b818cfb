"""What offices wrote for their reports: the province, and districts."""

from __future__ import annotations

from typing import Final

from server.core.db import writing
from server.demo.telling import Telling
from server.services.reports.letterheads import within
from server.services.reports.text import passages
from server.services.reports.text.passages import Owner

_SHARED: Final = {
    "strengths": "Các đơn vị triển khai đúng thời gian; mỗi hoạt động có ảnh hoặc nhật ký phát thanh, được cấp trên "
    "duyệt từng kết quả.",
    "difficulties": "Một số xã gửi kết quả chậm, có ảnh chưa rõ khẩu hiệu phải bổ sung; một số đơn vị chưa báo cáo.",
    "causes": "Cán bộ cấp xã kiêm nhiệm nhiều việc, thay đổi người phụ trách trong năm.",
    "ahead": "Tiếp tục tuyên truyền về thủ đoạn mua bán người và Tổng đài 111; tháo băng rôn hết hạn; đôn đốc đơn vị "
    "chưa báo cáo.",
    "proposals": "Đề nghị cấp trên cung cấp thêm tin, bài phát thanh, mẫu tờ rơi và tập huấn cho cán bộ cấp xã.",
}
_PROVINCE: Final = "Sở đã ban hành công văn hướng dẫn và giao chỉ tiêu cho từng đơn vị."
_DISTRICT: Final = "Ủy ban nhân dân {} đã ban hành văn bản triển khai, giao các xã, phường, thị trấn thực hiện."


def tell(telling: Telling, *usernames: str) -> None:
    """Write the sections of these people's units."""
    units = {unit.id: unit for unit in telling.cast.units.values()}
    with writing() as session:
        for person in (telling.cast.people[name] for name in usernames):
            unit = units[person.unit_id]
            direction = _PROVINCE if unit.level == "province" else _DISTRICT.format(within(unit.name))
            texts = {"direction": direction, **_SHARED}
            passages.begin(session, Owner(telling.campaigns[0], person.unit_id), person.officer_id, texts)
