"""The previous period in tests: tables read at the desk, pasted or as files, and the page that sets them beside."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

from openpyxl import Workbook

from server.core.db import writing
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

READ = "/desk/comparison/read"
PASTED = "Đơn vị\tBăng rôn (chiếc)\tLần phát\nTổng cộng\t30\t400\nXa Chinh Nghia\t10\t150\nNhân la\t20\t250\n"


def counted(desk: MakeDesk, phone: MakePhone, **quantities: int) -> None:
    """Banners of communes, counted by their district."""
    units = {"xa1": "12286", "nhanla": "12289", "dinhcao": "12397"}
    for username, quantity in quantities.items():
        officer, reviewer = phone(username, units[username]), desk("phucu" if username == "dinhcao" else "huyen")
        record = officer.create(quantity=quantity)
        officer.sync()
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict="counted")


def page(one: Any, world: World, unit: str = "331") -> str:
    return str(one.get(f"/desk/comparison?unit={world.units[unit]}&campaign={world.campaign}"))


def paste(one: Any, world: World, text: str, unit: str = "331", **more: str) -> Any:
    page(one, world, unit)
    return one.post(one.form(READ), text=text, **more)


def upload(one: Any, world: World, data: bytes, name: str = "cung-ky.xlsx", unit: str = "331") -> Any:
    page(one, world, unit)
    form = one.form(READ)
    body = b""
    for key, values in form.values.items():
        if key != "file":
            body += f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{values[0]}\r\n'.encode()
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body += head.encode() + data + b"\r\n--edge--\r\n"
    kind = "multipart/form-data; boundary=edge"
    answer = one.http.post(form.action, data=body, content_type=kind, buffered=True)
    one.status, one.html = answer.status_code, answer.get_data(as_text=True)
    if answer.status_code == 303:
        one.location = answer.headers["Location"]
    return answer


def book(rows: list[list[Any]], merged: str = "") -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def take(one: Any, **more: Any) -> None:
    one.follow()
    assert one.post(one.form("/take"), yes="1", **more).status_code == 303, one.text
    one.follow()
    assert "Đã nhận số liệu cùng kỳ." in one.text


def line(one: Any, name: str) -> str:
    """The cells of a row of the page, with bars between them."""
    found = re.search(rf'<tr[^>]*><th scope="row">(?:<a[^>]*>)?{name}(?:</a>)?</th>(.*?)</tr>', one.html, re.DOTALL)
    assert found is not None, name
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)
    return "|".join(re.sub(r"<[^>]+>", "", cell).strip() for cell in cells)


def earlier_campaign(world: World) -> str:
    """A campaign of the year before."""
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Ngày toàn dân 2020", starts_on=date(2020, 7, 1), ends_on=date(2020, 7, 31),
            due_before=date(2020, 8, 3), hotline="111", slogans=["x"],
        )  # fmt: skip
        return open_campaign(session, world.units["33"], new).id
