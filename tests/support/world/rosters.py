"""Lists of units and people from Excel, as an administrator sends them at the desk."""

from __future__ import annotations

import io
import re
from typing import Any

from openpyxl import Workbook

PEOPLE = ["Họ và tên", "Tên đăng nhập", "Mã đơn vị", "Vai trò", "Số điện thoại"]
UNITS = ["Mã đơn vị", "Tên đầy đủ", "Tên gọi", "Cấp", "Mã đơn vị cấp trên"]
GOOD = ["Cán bộ văn hóa", "hoa.chinhnghia", "12286", "Cán bộ nhập liệu", "0912 345 678"]


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def send(one: Any, kind: str, data: bytes, **more: str) -> Any:
    one.get("/desk/people/new")
    form = one.form(f"/import/{kind}")
    body = b""
    for name, values in (form.values | {name: [value] for name, value in more.items()}).items():
        if name != "file":
            body += f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{values[0]}\r\n'.encode()
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="danh-sach.xlsx"\r\n\r\n'
    body += head + data + b"\r\n--edge--\r\n"
    kind_of_body = "multipart/form-data; boundary=edge"
    answer = one.http.post(form.action, data=body, content_type=kind_of_body, buffered=True)
    one.status, one.html = answer.status_code, answer.get_data(as_text=True)
    if answer.status_code == 303:
        one.location = answer.headers["Location"]
    return answer


def faults(one: Any, kind: str, *rows: list[Any]) -> list[str]:
    """Send these rows below the heads; the sentences of the dry run."""
    assert send(one, kind, book(PEOPLE if kind == "people" else UNITS, *rows)).status_code == 303, one.text
    one.follow()
    found = re.search(r'<ul class="faults">(.*?)</ul>', one.html, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]
