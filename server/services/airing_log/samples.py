"""A sample of each log: a scheduler's CSV file, and the Excel file of the *hệ thống thông tin nguồn*."""

from __future__ import annotations

import csv
import io
from typing import Final

from server.core.sheets import Sheets, made

SCHEDULER, SOURCE = "csv", "xlsx"
SCHEDULER_ROWS: Final = (
    ("Ngày", "Giờ phát", "Tên tệp", "Thời lượng"),
    ("21/07/2021", "05:30:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("21/07/2021", "17:00:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("22/07/2021", "05:30:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("22/07/2021", "17:00:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("22/07/2021", "17:15:00", "Dự báo thời tiết.mp3", "00:03:10"),
)
SOURCE_ROWS: Final = (
    (
        *("STT", "Ngày phát", "Giờ bắt đầu", "Giờ kết thúc", "Tên bản tin", "Loại bản tin", "Đài truyền thanh"),
        "Trạng thái",
    ),
    ("1", "23/07/2021", "05:30", "05:45", "Phòng, chống mua bán người - bài 2", "Tự sản xuất", "", "Đã phát"),
    ("2", "23/07/2021", "17:00", "17:15", "Phòng, chống mua bán người - bài 2", "Tự sản xuất", "", "Đã phát"),
    ("3", "24/07/2021", "05:30", "05:45", "Phòng, chống mua bán người - bài 2", "Tự sản xuất", "", "Lỗi kết nối"),
    ("4", "24/07/2021", "18:00", "18:30", "Thời sự tỉnh", "Tiếp âm", "", "Đã phát"),
)
SOURCE_TITLE: Final = "NHẬT KÝ PHÁT THANH"
_WIDTHS: Final = (6, 14, 14, 14, 44, 16, 22, 16)


def scheduler() -> bytes:
    """Return the CSV file, as Excel opens it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(SCHEDULER_ROWS)
    return out.getvalue().encode("utf-8-sig")


def source() -> bytes:
    """Return the Excel file; its cells are text, as such systems export them."""
    return made(_source)


def _source(book: Sheets) -> None:
    page, head = book.page("Nhật ký", _WIDTHS), book.look(bold=True, text_wrap=True)
    page.write_string(0, 0, SOURCE_TITLE, head)
    book.table(page, 2, SOURCE_ROWS[0], SOURCE_ROWS[1:], head, book.look(num_format="@"))
