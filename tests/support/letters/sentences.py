"""Letters of a few sentences, for one thing that a letter says, and what is read in them."""

from __future__ import annotations

from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import Reading

HEAD = "SỞ Y TẾ\nSố: 1/SYT-NV\nHà Nội, ngày 10 tháng {month} năm 2026\n\nKính gửi: Các xã\n\n"
ASKED = "Sở Y tế đề nghị các xã "


def said(reading: Reading) -> dict[str, list[str]]:
    return {field: [each.value for each in reading.every(field)] for field in f.FIELDS}
