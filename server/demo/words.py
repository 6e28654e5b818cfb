"""What people write in the demo."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record is not counted: what the reviewer writes, the field marked (`photo` for the first), the flaw."""

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
    "Kính gửi đồng chí, lịch phát chưa khớp sổ theo dõi của đài. Đề nghị kiểm tra lại số lần phát mỗi ngày.",
    "schedule",
)
TWICE = Fault("not_counted", "Trùng với một bản ghi đã duyệt của cùng băng rôn.")
TRIAL = Fault("not_counted", "Bản ghi nhập thử, không phải hoạt động của đợt tuyên truyền.")
BANNER_FAULTS = (BLURRED, DARK, MANY, WHERE, BLURRED, TWICE, TRIAL)
BROADCAST_FAULTS = (TIMES, TIMES, TRIAL)
