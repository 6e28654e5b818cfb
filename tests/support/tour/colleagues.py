"""What others did on the server before a picture is taken: a commune's second officer, a reviewer, the sealing."""

from __future__ import annotations

from typing import Any

from server.core.db import writing
from server.demo.photo import Scene, shoot
from server.models import Record
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients import pdfs
from support.clients.client import Client, Shot
from support.clients.pdfs import Pdf
from support.clients.phone import Phone
from support.world.world import World

SLOGAN = "Chung tay phòng, chống nạn mua bán người"
LONG = "Phát tin về thủ đoạn lừa đưa người ra nước ngoài làm việc nhẹ lương cao, cách nhận biết và nơi báo tin"
REASON = "Ảnh bị nhòe, không đọc được khẩu hiệu. Đề nghị chụp lại ban ngày và ghi rõ treo ở thôn nào."


def photo(seed: str, slogan: str = SLOGAN) -> Shot:
    """A drawn street with a banner."""
    made = shoot(Scene(seed, slogan, "UBND xã Chính Nghĩa"))
    return Shot(made.photo, made.thumb)


class Colleague:
    """Another phone in the province."""

    def __init__(self, world: World, username: str, unit: str = "12286") -> None:
        self.client = Client(world.app.test_client(), world.token(username))
        self.phone = Phone(self._send, world.units[unit], world.campaign)

    def _send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    def banner(self, shot: Shot | None = None, **values: Any) -> str:
        """Push a banner and its photo. Returns the record's id."""
        record = self.phone.create(slogan="s1", **values, **(shot.register if shot else {}))
        self.phone.sync()
        if shot:
            for sha256, data in ((shot.thumb_sha256, shot.thumb), (shot.sha256, shot.data)):
                assert self.client.create_upload(sha256, len(data), data).status_code == 201
        return record

    def directive(self, *documents: Pdf) -> str:
        """Push a directive with its PDF files, and the bytes of all but the last. Returns the record's id."""
        registers: dict[str, Any] = {}
        for each in documents:
            registers |= each.register
        record = self.phone.create("media", form="directive", headline=LONG, published_on="2021-07-20", **registers)
        self.phone.sync()
        for each in documents[:-1]:
            self.client.create_upload(each.sha256, len(each.data), each.data)
        return record


def judge(world: World, record: str, verdict: str, reason: str = "", *fields: str, by: str = "huyen") -> None:
    """Decide on everything that is stored."""
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers[by])
        survivors = dict(session.get_one(Record, record).survivors)
        decide(session, scope, record, Verdict(verdict, reason, list(fields)), survivors)


def commune(world: World) -> dict[str, str]:
    """Play what a second officer and the district did meanwhile. Returns the records' ids by their state."""
    two, three = Colleague(world, "xa2"), Colleague(world, "xa2")
    held = {
        name: two.banner(photo(name), quantity=number, hamlet="Thôn Tạ Thượng")
        for number, name in enumerate(("waiting", "returned", "counted", "not_counted", "amended"), 1)
    }
    held |= {
        name: two.banner(quantity=2, note=LONG) for name in ("conflict", "edited_while_deleted", "deleted", "unknown")
    }
    held["document"] = two.directive(pdfs.pdf(name=f"{LONG}.pdf"), pdfs.with_script(), pdfs.pdf(1))
    three.phone.sync()
    judge(world, held["returned"], "returned", REASON, "hamlet", "photos")
    judge(world, held["not_counted"], "not_counted", "Bản ghi thử")
    for name in ("counted", "amended"):
        judge(world, held[name], "counted")
    two.phone.edit(held["amended"], quantity=9)
    two.phone.edit(held["unknown"], a_field_of_tomorrow=LONG.replace(" ", "")[:90])
    two.phone.edit(held["conflict"], quantity=3, note=LONG)
    three.phone.edit(held["conflict"], quantity=5, note="Treo ở cổng chợ")
    two.phone.delete(held["edited_while_deleted"])
    three.phone.edit(held["edited_while_deleted"], quantity=4)
    two.phone.delete(held["deleted"])
    for number in range(60):
        two.phone.create(
            "broadcast",
            script=f"Tin số {number}",
            schedule={"from": "2021-07-01", "to": "2021-07-05", "times_a_day": 2},
            minutes=10,
        )
    two.phone.sync()
    three.phone.sync()
    return held
