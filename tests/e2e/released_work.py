"""What the recorded phone holds, by the words in it."""

from __future__ import annotations

SENT = "Tin đã gửi đủ"
EDITED = "Tin đã gửi, đang sửa"
RETURNED = "Tin bị trả lại"
REFUSED = "Tin chưa nhận được"
HALF = "Tin có ảnh gửi dở"
UNSENT = "Tin chưa gửi"
DIRECTIVE = "Văn bản chưa gửi"
DRAFT = "Tin chưa lưu"
DRAFT_DIRECTIVE = "Văn bản chưa lưu"
AGAIN = "Tin đã gửi đủ, sửa chưa lưu"
ANSWER = "Phát ở cả ba thôn."
CHANGED = "20"
