"""Files that the demo's campaign gives to its units: scripts to read out, and drawn designs of banners."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.demo.cloth import cloth
from server.demo.letter import SLOGANS
from server.models import Campaign
from server.services.campaigns.files import NewFile, add

_CLOSING: Final = (
    "Khi nghi ngờ có mua bán người hoặc cần giúp đỡ, hãy gọi ngay đường dây nóng 111, miễn phí, 24 giờ trong ngày.\n\n"
    "Xin trân trọng cảm ơn bà con đã lắng nghe.\n"
)
SCRIPTS: Final = {
    "Hưởng ứng Ngày toàn dân phòng, chống mua bán người 30/7": (
        "Kính thưa bà con nhân dân!\n\n"
        "Ngày 30 tháng 7 hằng năm là Ngày toàn dân phòng, chống mua bán người. Mua bán người xâm phạm tự do, "
        "nhân phẩm, sức khỏe của con người và làm tan vỡ nhiều gia đình. Phòng, chống mua bán người là trách "
        "nhiệm của mỗi cá nhân, mỗi gia đình và toàn xã hội.\n\n"
        "Ủy ban nhân dân đề nghị các thôn, tổ dân phố, các ban, ngành, đoàn thể treo băng rôn, tổ chức sinh "
        "hoạt, nhắc nhở con em không nghe theo lời mời đi làm xa của người lạ, và báo ngay cho Công an khi "
        "thấy dấu hiệu nghi vấn.\n\n"
    ),
    "Thủ đoạn lừa đảo “việc nhẹ, lương cao” và cách phòng tránh": (
        "Kính thưa bà con nhân dân!\n\n"
        "Kẻ mua bán người thường kết bạn qua mạng xã hội, hứa việc nhẹ lương cao, hứa kết hôn với người nước "
        "ngoài, hoặc cho vay không cần thế chấp; sau đó đưa người bị hại đi xa, thu giấy tờ và ép làm việc "
        "trái ý muốn.\n\n"
        "Để phòng tránh, đề nghị bà con hỏi rõ nơi đến, công việc, hợp đồng; báo cho gia đình và Ủy ban nhân "
        "dân xã trước khi đi; không đưa căn cước công dân, hộ chiếu cho người khác giữ.\n\n"
    ),
    "Tổng đài điện thoại quốc gia bảo vệ trẻ em 111": (
        "Kính thưa bà con nhân dân!\n\n"
        "Tổng đài 111 tiếp nhận mọi thông tin về trẻ em bị xâm hại và về mua bán người. Người gọi được giữ bí"
        " mật, được tư vấn và được chuyển đến nơi có thể giúp đỡ gần nhất. Số điện thoại gồm ba chữ số 1, gọi"
        " được từ mọi máy.\n\n"
        "Đề nghị các gia đình, nhà trường hướng dẫn trẻ em nhớ số 111 và mạnh dạn gọi khi cần.\n\n"
    ),
}
DESIGNS: Final = {f"Mẫu băng rôn {number}: {SLOGANS[at]}": SLOGANS[at] for number, at in ((1, 1), (2, 2))}
"""Title to slogan."""


def give(session: Session, blobs: Blobs, campaign: Campaign) -> dict[str, str]:
    """Add all files. Returns the ids by title."""
    ids = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "given"
        for title, text in SCRIPTS.items():
            path.write_text(text + _CLOSING, "utf-8")
            ids[title] = add(session, blobs, campaign, NewFile("script", title, path)).id
        for title, slogan in DESIGNS.items():
            rng = Random(title)  # noqa: S311  # a drawing, not a secret
            cloth(rng, slogan, "UBND xã … · Tổng đài 111").save(path, "PNG")
            ids[title] = add(session, blobs, campaign, NewFile("design", title, path)).id
    return ids
