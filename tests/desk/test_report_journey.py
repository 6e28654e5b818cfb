"""One campaign to its end: two reports of one freeze, a district that locks late, an unlock, a supplement."""

from __future__ import annotations

import io

import pytest

from server.services.reports.snapshot.freezing import LockChoice
from server.services.reports.workflow.papers import PaperAct, PaperState
from support.checks import documents
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import issuing, locking
from support.world.issuing import changes, downloaded, make, prose, step, to, write
from support.world.papers import decide, fill
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
COMMITTEE, MINISTRY = "Ủy ban nhân dân tỉnh Hưng Yên", "Bộ Lao động - Thương binh và Xã hội"


@pytest.mark.databases("both")
@pytest.mark.costly
def test_two_reports_a_late_district_an_unlock_and_a_supplement(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Whatever comes later, each issued report keeps its bytes, and its figures are those of its own moment."""
    fill(desk, phone)
    province = desk("tinh")
    then = documents.truth(world, documents.named(world, world.units["33"]))
    frozen = locking.lock(world, "tinh", "33")

    first = make(world, "tinh", "33")
    write(world, first, "tinh", set__to=COMMITTEE, strengths="Viết sau khi khóa.", difficulties="Kinh phí chậm.")
    second = make(world, "tinh", "33")
    write(world, second, "tinh", set__to=MINISTRY, strengths="Chỉ gửi Bộ.", set__signing="KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC")
    to(world, first, PaperState.ISSUED, "tinh", doc_number="101/BC-SLĐTBXH")
    to(world, second, PaperState.ISSUED, "tinh", doc_number="102/BC-SLĐTBXH")
    issued = {paper: downloaded(province, paper) for paper in (first, second)}
    for paper, whom, strengths in ((first, COMMITTEE, "Viết sau khi khóa."), (second, MINISTRY, "Chỉ gửi Bộ.")):
        said = prose(issued[paper])
        assert f"Kính gửi: {whom}" in said
        assert strengths in said
        assert "Kinh phí chậm." in said, "a second report begins as a copy"
        assert documents.check_prose(io.BytesIO(issued[paper]), then["Tỉnh Hưng Yên"]) >= 10
        assert documents.check_word(io.BytesIO(issued[paper]), then, "Tỉnh Hưng Yên") > 10

    officer = phone("xa1")
    late = officer.create(quantity=5)
    officer.sync()
    decide(desk("huyen"), late)
    district = locking.lock(world, choice=LockChoice(late=frozen))
    assert locking.frozen(world, district).row.at == locking.frozen(world, frozen).row.at
    below = to(world, make(world), PaperState.ISSUED, doc_number="45/BC-UBND")
    assert documents.check_prose(io.BytesIO(downloaded(desk("huyen"), below)), then["Huyện Kim Động"]) >= 8

    locking.unlock(world, "quantri", "33")
    assert locking.state(world, "331") == "locked", "what the district signed stays as it is"
    locking.lock(world, "tinh", "33")
    now = documents.truth(world, documents.named(world, world.units["33"]))
    supplement = make(world, "tinh", "33", kind="supplement", follows=first)
    rows = changes(downloaded(province, supplement))
    before, after = (each["Tỉnh Hưng Yên"]["banners"].number for each in (then, now))
    assert (before, after) == (48, 53)
    assert ["", "Tổng cộng", "Băng rôn (chiếc)", "48", "53", "+5", "thêm 01 kết quả"] in rows
    to(world, supplement, PaperState.ISSUED, "tinh", doc_number="120/BC-SLĐTBXH")
    step(world, supplement, PaperAct.FILE, "tinh", pdf=issuing.pdf("signed"), looked_at=True)

    assert {paper: downloaded(province, paper) for paper in issued} == issued
    assert "Báo cáo số 101/BC-SLĐTBXH" in prose(downloaded(province, supplement))
    page = province.get(f"/desk/report?unit={world.units['33']}&campaign={world.campaign}")
    assert "101/BC-SLĐTBXH" in page or "102/BC-SLĐTBXH" in page, "an issued report comes first"
