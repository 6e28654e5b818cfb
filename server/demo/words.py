"""Texts that people write in the demo."""

from __future__ import annotations

from dataclasses import dataclass


def committee(unit_name: str) -> str:
    """Return the people's committee of a unit as it signs: UBND xã Chính Nghĩa."""
    return f"UBND {unit_name[0].lower()}{unit_name[1:]}"


SCRIPTS = (
    "Hưởng ứng Ngày toàn dân phòng, chống mua bán người 30/7",
    "Thủ đoạn lừa đảo “việc nhẹ, lương cao” và cách phòng tránh",
    "Tổng đài điện thoại quốc gia bảo vệ trẻ em 111",
    "Hỏi và đáp: hỗ trợ nạn nhân bị mua bán trở về",
    "Trách nhiệm của gia đình trong phòng, chống mua bán người",
)
NOTES = (
    "Treo trước cổng Ủy ban nhân dân.",
    "Đối diện chợ.",
    "Ngã tư đầu thôn.",
    "Cổng trường trung học cơ sở.",
    "Nhà văn hóa thôn.",
    "Phối hợp với Hội Phụ nữ.",
    "Đoàn Thanh niên treo.",
)
DOCUMENTS = (
    ("leaflet", "Tờ rơi: Nhận diện thủ đoạn mua bán người"),
    ("leaflet", "Tờ rơi: Gọi 111 khi cần giúp đỡ"),
    ("folded", "Tờ gấp: Hỏi và đáp về phòng, chống mua bán người"),
    ("handbook", "Sổ tay hỗ trợ nạn nhân bị mua bán trở về"),
)
EVENTS = (
    ("rally", "Mít tinh hưởng ứng Ngày toàn dân phòng, chống mua bán người"),
    ("conference", "Hội nghị triển khai công tác phòng, chống mua bán người"),
    ("training", "Tập huấn kỹ năng nhận diện nạn nhân bị mua bán"),
    ("contest", "Hội thi tìm hiểu pháp luật về phòng, chống mua bán người"),
    ("meeting", "Sinh hoạt chi hội: Phụ nữ với phòng, chống mua bán người"),
    ("meeting", "Nói chuyện chuyên đề với học sinh trung học cơ sở"),
    ("model", "Ra mắt mô hình “Thôn không có tội phạm mua bán người”"),
)
VENUES = ("Nhà văn hóa thôn", "Hội trường Ủy ban nhân dân", "Trường trung học cơ sở", "Sân vận động xã")
MEDIA = (
    ("article", "Chung tay phòng, chống mua bán người", "Trang thông tin điện tử"),
    ("post", "Chia sẻ số điện thoại 111 trên nhóm Zalo của thôn", "Nhóm Zalo thôn"),
    ("post", "Cảnh giác với lời mời “việc nhẹ, lương cao”", "Trang Facebook Đoàn Thanh niên"),
    ("directive", "Về việc hưởng ứng Ngày toàn dân phòng, chống mua bán người", ""),
)
"""Form, headline, outlet; an empty outlet means the unit itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason not to count a record: the reviewer's text, the field marked (`photo`: the first), the photo's flaw."""

    verdict: str
    reason: str
    field: str = ""
    flaw: str = ""


BLURRED = Fault(
    "returned",
    "Kính gửi đồng chí, ảnh bị nhòe, chưa đọc được khẩu hiệu. Đề nghị chụp lại rõ toàn bộ băng rôn.",
    "photo",
    "blurred",
)
DARK = Fault("returned", "Kính gửi đồng chí, ảnh chụp thiếu sáng. Đề nghị chụp lại vào ban ngày.", "photo", "dark")
MANY = Fault(
    "returned",
    "Kính gửi đồng chí, ảnh có một băng rôn nhưng số lượng ghi nhiều hơn. Đề nghị bổ sung ảnh hoặc sửa số lượng.",
    "quantity",
)
WHERE = Fault("returned", "Kính gửi đồng chí, đề nghị ghi rõ treo ở thôn, tổ dân phố nào.", "hamlet")
TIMES = Fault(
    "returned",
    "Kính gửi đồng chí, lịch phát chưa khớp sổ theo dõi của đài. Đề nghị kiểm tra lại số lượt phát mỗi ngày.",
    "schedule",
)
TWICE = Fault("not_counted", "Trùng với một bản ghi đã duyệt của cùng băng rôn.")
TRIAL = Fault("not_counted", "Bản ghi nhập thử, không phải hoạt động của đợt tuyên truyền.")
BANNER_FAULTS = (BLURRED, DARK, MANY, WHERE, BLURRED, TWICE, TRIAL)
BROADCAST_FAULTS = (TIMES, TIMES, TRIAL)
PRESENT = Fault(
    "returned",
    "Kính gửi đồng chí, số lượt người cao bất thường so với địa điểm. Đề nghị kiểm tra lại.",
    "attendances",
)
HANDED_OUT = Fault(
    "returned", "Kính gửi đồng chí, số đã phát cao hơn số được cấp. Đề nghị kiểm tra lại.", "distributed"
)
OTHER_FAULTS = {
    "panel": (WHERE, BLURRED, TRIAL),
    "leaflet": (HANDED_OUT, TRIAL),
    "mobile": (PRESENT, WHERE, DARK),
    "event": (PRESENT, BLURRED, TRIAL),
    "media": (TRIAL,),
}
