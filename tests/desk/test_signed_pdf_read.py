"""A signed PDF is read and compared with its paper: freeze code, number, figures; what does not fit asks."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading
from server.models import PaperFile
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.workflow.papers import PaperState as S
from support.clients.phone import Phone
from support.letters import files
from support.world.issuing import NUMBER, downloaded, make, opened, standing, to
from support.world.locking import lock
from support.world.papers import fill
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]


def text_of(data: bytes) -> str:
    """The text of a Word file with its feet, as an office's own program would print it."""
    document = opened(data)
    said = [each.text for each in document.paragraphs]
    said += [each.text for section in document.sections for each in section.footer.paragraphs]
    return "\n".join(said)


def paged(text: str) -> list[str]:
    """The text in pages of one length."""
    lines = text.split("\n")
    return ["\n".join(lines[at : at + 40]) for at in range(0, len(lines), 40)]


def issued(one: Any, paper: str, data: bytes, **more: str) -> Any:
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    one.post(form, doc_number=NUMBER, doc_date=today().isoformat(), pdf=[(io.BytesIO(data), "ky.pdf")], **more)
    return one


def kept(world: World) -> PaperFile | None:
    with world.app.app_context(), reading() as session:
        found = session.scalars(select(PaperFile)).first()
        session.expunge_all()
        return found


@pytest.fixture
def signed(world: World, desk: MakeDesk, phone: MakePhone) -> tuple[str, str]:
    """A signed report of a district with figures. Returns its freeze and its id."""
    fill(desk, phone)
    freeze = lock(world)
    return freeze, to(world, make(world), S.SIGNED)


def test_the_signed_copy_of_the_report_fits(world: World, desk: MakeDesk, signed: tuple[str, str]) -> None:
    _, paper = signed
    one = desk("huyen")
    pages = paged(f"Số: {NUMBER}\n{text_of(downloaded(one, paper))}")
    issued(one, paper, files.pdf(*pages))
    assert (one.status, standing(world, paper).state) == (303, S.ISSUED), one.text
    file = kept(world)
    assert file is not None
    assert (file.written, file.pictures, file.unfit) == (len(pages), 0, [])
    one.get(f"/desk/papers/{paper}")
    assert "PDF có chữ" in one.text


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("number", "Không thấy số, ký hiệu của báo cáo."),
        ("figure", "Không thấy số liệu như trong báo cáo: Băng rôn."),
        ("code", "Mã số liệu đã khóa là của số liệu khác."),
    ],
)
def test_what_does_not_fit_asks_and_records_nothing(
    world: World, desk: MakeDesk, signed: tuple[str, str], what: str, says: str
) -> None:
    freeze, paper = signed
    one = desk("huyen")
    text = text_of(downloaded(one, paper))
    number = "" if what == "number" else f"Số: {NUMBER}, ghi thêm cho đủ một trang chữ"
    if what == "figure":
        text = text.replace("treo 12 băng rôn", "treo 99 băng rôn")
        assert "99 băng rôn" in text
    if what == "code":
        assert spoken(freeze) in text
        text = text.replace(spoken(freeze), "0000-1111-2222-3333")
    data = files.pdf(*paged(f"{number}\n{text}"))
    issued(one, paper, data)
    assert one.status == 409
    assert says in one.text
    assert (standing(world, paper).state, kept(world)) == (S.SIGNED, None)
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    more = {"doc_number": NUMBER, "doc_date": today().isoformat(), "looked_at": "1"}
    one.post(form, pdf=[(io.BytesIO(data), "ky.pdf")], **more)
    assert (one.status, standing(world, paper).state) == (303, S.ISSUED), "a person compared it"
    one.get(f"/desk/papers/{paper}")
    assert says in one.text
    if what == "figure":
        one.http.set_cookie("loa_language", "en")
        one.get(f"/desk/papers/{paper}")
        assert "Not as in the report: Banners." in one.text, "its label, in the language of the page"


def test_a_picture_is_said_to_be_one(desk: MakeDesk, signed: tuple[str, str]) -> None:
    _, paper = signed
    one = desk("huyen")
    issued(one, paper, files.scan())
    assert one.status == 303
    one.get(f"/desk/papers/{paper}")
    assert "PDF là ảnh quét (1 trang): Loa không đọc được chữ" in one.text
