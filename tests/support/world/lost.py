"""A phone that cannot send, its rescue file at the desk, and what the server has afterwards (SPEC R-1)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import Device, WriteRow
from server.serving.installation import installed
from support.clients.client import Client, Shot, shot
from support.clients.phone import Phone
from support.clients.rescue_file import rescue_file
from support.world.world import World

RESULTS = ("Vừa nhận", "Đã có từ trước", "Chưa nhận, đang chờ", "Không nhận được")


@dataclass
class Lost:
    """An enrolled phone that cannot send: its photos and outbox, and its rescue file."""

    world: World
    username: str
    enrolment: dict[str, str] = field(default_factory=dict)
    photos: list[Shot] = field(default_factory=list)

    def __post_init__(self) -> None:
        body = {"code": self.world.code(self.username), "label": "Điện thoại của xã"}
        self.enrolment = self.world.app.test_client().post("/api/v1/enrolment", json=body).get_json()
        self.client = Client(self.world.app.test_client(), self.enrolment["token"])
        self.phone = Phone(self.send, self.enrolment["unit"], self.world.campaign)

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    @property
    def device(self) -> str:
        return self.enrolment["device"]

    def banner(self, photo: Shot | None = None, **values: Any) -> str:
        self.photos += [photo] if photo else []
        return self.phone.create(quantity=1, **values, **(photo.register if photo else {}))

    def five_writes_and_two_photos(self) -> list[str]:
        records = [self.banner(shot(1), note="Cổng chợ"), self.banner(shot(2)), self.banner()]
        self.phone.edit(records[0], note="Cổng chợ Trung")
        self.phone.edit(records[2], hamlet="Thôn Tạ Thượng")
        return records

    def file(self, **bent: Any) -> bytes:
        photos = [data for photo in self.photos for data in (photo.thumb, photo.data)]
        given = {"device": self.device, "key": self.enrolment["rescue_key"], "writes": self.phone.outbox}
        return rescue_file(**given | {"photos": photos} | bent)


def hand_in(one: Any, data: bytes, **more: Any) -> int:
    """Hand in a file and follow the redirect to its result. Returns the answer's status."""
    one.get("/desk/rescue")
    answer = one.post(one.form("/desk/rescue"), file=(io.BytesIO(data), "cuu-ho.loa"), **more)
    if answer.status_code == 303:
        one.follow()
    status: int = answer.status_code
    return status


def sums(one: Any) -> tuple[list[int], list[int]]:
    """The table of results: counts of writes and of photos, by RESULTS."""
    rows = re.findall(
        r'<th scope="row">([^<]*)</th><td class="number">(\d+)</td><td class="number">(\d+)</td>', one.html
    )
    assert [row[0] for row in rows] == list(RESULTS)
    return [int(row[1]) for row in rows], [int(row[2]) for row in rows]


def stored(world: World) -> dict[str, tuple[str, str | None]]:
    """(officer, device) of each stored write."""
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(WriteRow))
        return {row.id: (row.officer_id, row.device_id) for row in rows}


def kept_files(world: World) -> list[str]:
    folder = installed(world.app).settings.data_dir / "rescue"
    return sorted(path.suffix for path in folder.glob("*"))


def verified(one: Lost) -> list[str]:
    hashes = [hash_ for photo in one.photos for hash_ in (photo.sha256, photo.thumb_sha256)]
    return [row["state"] for row in one.client.sync(photos=hashes)["photos"]]


def revoke(world: World, device: str) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).where(Device.id == device).values(revoked_at=1))


def photo_of(one: Any, record: str, photo: Shot) -> bytes:
    answer = one.http.get(f"/desk/records/{record}/photos/{photo.sha256[:16]}/full", buffered=True)
    data: bytes = answer.data
    return data


def entries(one: Any) -> list[Any]:
    return [form for form in one.forms() if form.action.endswith("/take")]


MakeLost = Callable[[str], Lost]
"""`lost("xa1")`: a phone of that officer that cannot send."""
