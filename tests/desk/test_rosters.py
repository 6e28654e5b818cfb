"""Units and people from Excel: each bad cell is named, nothing is written before the yes, 171 accounts at once."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from server.core.db import db, reading, writing
from server.data import units
from server.data.units import BUILT_IN
from server.models import AuditLine, Membership, Officer, Roster, Stream, Unit
from server.services.administration.roster_words import COLUMNS, KINDS, ROLE_WORDS, role, short
from server.services.audit.acts import Act
from server.services.comparison.workbook import FILE_BYTES
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, import_tree
from server.services.units.scope import ADMIN
from server.serving.body_limits import FORM_BYTES
from support.checks.counting import counted
from support.world.changes import merge
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
PEOPLE = ["Họ và tên", "Tên đăng nhập", "Mã đơn vị", "Vai trò", "Số điện thoại"]
UNITS = ["Mã đơn vị", "Tên đầy đủ", "Tên gọi", "Cấp", "Mã đơn vị cấp trên"]
USERNAME = "chỉ gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới, từ 2 đến 64 ký tự."
NO_TEXT = "là ngày hoặc giá trị đúng/sai, không phải chữ. Đề nghị định dạng ô là Văn bản rồi gõ lại."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600
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
    one.get("/desk/people/import")
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


def numbers(world: World) -> tuple[int, int, int]:
    with world.app.app_context(), reading() as session:
        found = (session.scalar(select(func.count()).select_from(each)) for each in (Officer, Unit, Membership))
        people, units, roles = (number or 0 for number in found)
    return people, units, roles


@pytest.mark.slow
@pytest.mark.costly
def test_171_accounts_in_one_file_after_one_yes(world: World, desk: MakeDesk) -> None:
    one, before = desk("quantri"), numbers(world)
    codes = ["12286", "12289", "12397"]
    rows = [
        [f"Cán bộ số {number:03}", f"moi.{number:03}", codes[number % 3], "Cán bộ nhập liệu", 912000000 + number]
        for number in range(170)
    ]
    rows.append(["Quản trị huyện", "qt.kimdong", 331, "Quản trị", None])
    assert faults(one, "people", *rows) == []
    assert "171 tài khoản sẽ được tạo" in one.text
    assert numbers(world) == before
    take = one.form("/take")
    one.post(take)
    assert numbers(world) == before  # without the yes nothing is written
    assert one.post(take, yes="1").status_code == 303
    one.follow()
    assert "Đã tạo 171 tài khoản" in one.text
    assert numbers(world) == (before[0] + 171, before[1], before[2] + 171)
    one.post(take, yes="1")  # a second press
    assert numbers(world)[0] == before[0] + 171
    with world.app.app_context(), reading() as session:
        first = session.scalars(select(Officer).where(Officer.username == "moi.000")).one()
        assert (first.name, first.phone) == ("Cán bộ số 000", "0912000000")
        assert session.scalars(select(Roster)).one().rows == []
        added = select(func.count()).select_from(AuditLine).where(AuditLine.act == Act.ACCOUNT_ADDED)
        assert (session.scalar(added) or 0) >= 171
    one.get(f"/desk/people/import/{take.action.split('/')[-2]}")
    batches = [form for form in one.forms() if form.action.endswith("/cards")]
    assert [len(form.values["officer"]) for form in batches] == [100, 71]
    one.post(batches[1])
    one.follow()
    assert len(re.findall(r"\d{4} \d{4} \d{4} \d{4}", one.text)) >= 71


@pytest.mark.slow
def test_each_bad_cell_of_a_person_is_named(desk: MakeDesk) -> None:
    one = desk("quantri")
    said = faults(
        one,
        "people",
        GOOD,
        ["", "b", "99999", "Thủ trưởng", "gọi sau"],
        ["Cán bộ loa đài", "hoa.chinhnghia", "12286", "người duyệt", ""],
        ["Trần Văn Ba", "XA1", '=A1&"x"', "Cán bộ nhập liệu", "=1+1"],
        ["Trần Văn Ba", "có dấu", "12286", "#N/A", True],
    )
    assert said == [
        "Dòng 3, cột A: chưa điền.",
        f"Dòng 3, cột B: tên đăng nhập “b” {USERNAME}",
        "Dòng 3, cột C: không có đơn vị mã “99999”.",
        "Dòng 3, cột D: vai trò “Thủ trưởng” không rõ. Đề nghị chọn trong danh sách của tệp mẫu.",
        "Dòng 3, cột E: “gọi sau” không phải số điện thoại.",
        "Dòng 4, cột B: “hoa.chinhnghia” đã có ở dòng 2.",
        "Dòng 5, cột B: tên đăng nhập “xa1” đã có người dùng.",
        "Dòng 5, cột C: ô này là công thức. Đề nghị chép rồi dán giá trị.",
        "Dòng 5, cột E: ô này là công thức. Đề nghị chép rồi dán giá trị.",
        f"Dòng 6, cột B: tên đăng nhập “có dấu” {USERNAME}",
        "Dòng 6, cột D: ô này báo lỗi #N/A.",
        f"Dòng 6, cột E: “True” {NO_TEXT}",
    ]
    assert not one.has_form("/take")


@pytest.mark.slow
def test_each_bad_cell_of_a_unit_is_named(desk: MakeDesk) -> None:
    one = desk("quantri")
    said = faults(
        one,
        "units",
        ["12300", "Xã Mới", "", "Xã", "12300"],
        ["12301", "Xã A", "A", "Xã", "12302"],
        ["12302", "Xã B", "B", "Xã", "12301"],
        ["12286", "Xã C", "C", "Xã", "331"],
        ["12303", "Huyện D", "D", "Huyện", "331"],
        ["12303", "Xã E", "E", "Xã", "331"],
        ["12305", "Xã F", "F", "Bản", "77777"],
        ["12306", "xa nhan la", "", "Xã", "331"],
        ["mã lạ", "Xã G", "", "Xã", "331"],
    )
    assert said == [
        "Dòng 2, cột E: đơn vị “12300” không thể là cấp trên của chính nó.",
        "Dòng 3, cột D: cấp “Xã” không thể trực thuộc đơn vị “12302”.",
        "Dòng 3, cột E: “12302”: các đơn vị là cấp trên của nhau thành vòng.",
        "Dòng 4, cột D: cấp “Xã” không thể trực thuộc đơn vị “12301”.",
        "Dòng 4, cột E: “12301”: các đơn vị là cấp trên của nhau thành vòng.",
        "Dòng 5, cột A: mã “12286” đang dùng cho Xã Chính Nghĩa.",
        "Dòng 6, cột D: cấp “Huyện” không thể trực thuộc đơn vị “331”.",
        "Dòng 7, cột A: “12303” đã có ở dòng 6.",
        "Dòng 8, cột D: cấp “Bản” không rõ. Đề nghị ghi Tỉnh, Huyện hoặc Xã.",
        "Dòng 9, cột B: đã có đơn vị “xa nhan la” cùng cấp trên.",
        "Dòng 10, cột A: mã “mã lạ” chỉ gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối, nhiều nhất 16 ký tự.",
    ]


@pytest.mark.slow
def test_units_may_stand_before_the_one_above(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    assert (
        faults(one, "units", ["12501", "Xã Toàn Thắng", "", "Xã", "335"], ["335", "Huyện Mới", "", "Huyện", 33]) == []
    )
    one.post(one.form("/take"), yes="1")
    one.follow()
    assert "Đã thêm 2 đơn vị" in one.text
    with world.app.app_context(), reading() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "12501")).one()
        above = session.get_one(Unit, unit.parent_id)
        assert (unit.short_name, above.code, above.parent_id) == ("Toàn Thắng", "335", world.units["33"])


def macros() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(PEOPLE, GOOD))) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            target.writestr(part, source.read(part))
        target.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


def rows_of_another_program(count: int) -> bytes:
    """So many rows, which openpyxl would take long to write."""
    row = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in GOOD)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(PEOPLE, GOOD))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for part in source.infolist():
            data = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", f"<row>{row}</row>".encode() * count + b"</sheetData>")
            to.writestr(part, data)
    return out.getvalue()


def renamed(name: str) -> bytes:
    """A packed file of another program that somebody renamed to .xlsx."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "x")
    return out.getvalue()


REFUSED: list[tuple[str, Callable[[], bytes], int, str]] = [
    ("no excel", lambda: b"Ho ten;Tai khoan", 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("macros", macros, 422, "có macro nên không nhận"),
    ("old", lambda: OLE, 422, "kiểu cũ (.xls)"),
    ("password", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), 422, "có mật khẩu"),
    ("word", lambda: renamed("word/document.xml"), 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("calc", lambda: renamed("content.xml"), 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("cut", lambda: book(PEOPLE, GOOD)[:1500], 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("no bytes", lambda: b"", 422, "không có dòng nào"),
    ("no cells", book, 422, "không có dòng nào"),
    ("100,000 rows", lambda: rows_of_another_program(100_000), 422, "trên 2.000"),
    ("empty", lambda: book(PEOPLE), 422, "không có dòng nào"),
    ("heads", lambda: book(["Một", "Hai"], GOOD), 422, "Không thấy đủ tên các cột"),
    ("rows", lambda: book(PEOPLE, *[GOOD] * 2001), 422, "trên 2.000"),
    ("large", lambda: b"PK\x03\x04" + b"0" * (FILE_BYTES + FORM_BYTES), 413, "trên 10 MB"),
    ("50 MB", lambda: b"PK\x03\x04" + b"0" * (50 * 1024**2), 413, "trên 10 MB"),
]


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        pytest.param(*each[1:], id=each[0], marks=[pytest.mark.slow] if each[0] == "100,000 rows" else [])
        for each in REFUSED
    ],
)
@pytest.mark.costly
def test_a_file_that_is_no_list_is_refused_in_a_sentence(
    world: World, desk: MakeDesk, data: Callable[[], bytes], status: int, sentence: str
) -> None:
    one = desk("quantri")
    assert send(one, "people", data()).status_code == status
    assert sentence in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Roster)).all() == []


@pytest.mark.slow
def test_the_work_of_a_list_of_units_does_not_grow_with_its_length(world: World, desk: MakeDesk) -> None:
    """Each unit joins what runs above it; asked one by one, 10,600 units took the square of that."""
    one, sizes = desk("quantri"), []
    for first, many in ((20000, 10), (30000, 60)):
        rows = [[str(first + n), f"Xã số {first + n}", "", "Xã", "331"] for n in range(many)]
        assert faults(one, "units", *rows) == []
        take = one.form("/take")
        with world.app.app_context(), counted(db.engine) as counts:
            assert one.post(take, yes="1").status_code == 303
        sizes.append(counts.statements)
        with world.app.app_context(), reading() as session:
            theirs = select(func.count()).select_from(Stream).join(Unit, Unit.id == Stream.unit_id)
            assert session.scalar(theirs.where(Unit.code.startswith(str(first)[:2]))) == 2 * many
    assert sizes[1] <= sizes[0] + 2, sizes


@pytest.mark.parametrize(
    ("name", "short_name"),
    [
        ("Phường 1", "Phường 1"),
        ("Quận 10", "Quận 10"),
        ("Phường 3/2", "Phường 3/2"),
        ("Phường II", "Phường II"),
        ("Thị trấn Ân Thi", "Ân Thi"),
        ("Xã Trần Hưng Đạo", "Trần Hưng Đạo"),
        ("Phường An Tảo", "An Tảo"),
        ("Xã Phú Sơn 2", "Phú Sơn 2"),
    ],
)
def test_a_number_alone_is_no_name(name: str, short_name: str) -> None:
    assert short(name) == short_name


def test_the_units_of_hung_yen_shorten_as_their_lists_say() -> None:
    for named in BUILT_IN:
        rows = units.read(named, date(2025, 7, 1)).rows
        assert {row.name: short(row.name) for row in rows} == {row.name: row.short_name for row in rows}


@pytest.mark.slow
def test_cells_that_are_merged_are_named(desk: MakeDesk) -> None:
    one, made = desk("quantri"), Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (["DANH SÁCH CÁN BỘ"], PEOPLE, GOOD, [GOOD[0], "khac.ten", "", *GOOD[3:]]):
        sheet.append(row)
    sheet.merge_cells("A1:E1")  # a title across is none
    sheet.merge_cells("C3:C4")
    out = io.BytesIO()
    made.save(out)
    assert send(one, "people", out.getvalue()).status_code == 303
    one.follow()
    assert "Dòng 4, cột C: ô này gộp với ô khác" in one.text
    assert not one.has_form("/take")


@pytest.mark.slow
def test_people_who_are_there_already_are_named_in_the_second_upload(desk: MakeDesk) -> None:
    one = desk("quantri")
    rows = [["Cán bộ", f"hai.lan.{number}", "12286", "Cán bộ nhập liệu", ""] for number in range(3)]
    assert faults(one, "people", *rows) == []
    one.post(one.form("/take"), yes="1")
    said = faults(one, "people", *rows, ["Cán bộ", "HAI.LAN.0", "12286", "Cán bộ nhập liệu", ""])
    assert said[:3] == [f"Dòng {n + 2}, cột B: tên đăng nhập “hai.lan.{n}” đã có người dùng." for n in range(3)]
    assert said[3].startswith("Dòng 5, cột B: ")


@pytest.mark.slow
def test_circles_of_three_and_units_that_were_merged(world: World, desk: MakeDesk) -> None:
    merge(world, "12289", into="12286")
    one = desk("quantri")
    said = faults(
        one,
        "units",
        ["A1", "Huyện A", "", "Huyện", "A2"],
        ["A2", "Huyện B", "", "Huyện", "A3"],
        ["A3", "Huyện C", "", "Huyện", "A1"],
        ["A4", "Xã D", "", "Xã", "12289"],
    )
    circles = [line for line in said if "thành vòng" in line]
    assert [line.split(":")[0] for line in circles] == ["Dòng 2, cột E", "Dòng 3, cột E", "Dòng 4, cột E"]
    assert any(line.startswith("Dòng 5, cột E: không có đơn vị mã “12289”, cả trong") for line in said), said


@pytest.mark.slow
@pytest.mark.costly
def test_a_code_that_began_and_ended_on_that_day_is_named(world: World, desk: MakeDesk) -> None:
    merge(world, "12289", into="12286")
    one = desk("quantri")
    one.get("/desk/people/import")
    sent = book(UNITS, ["12289", "Xã Nhân La Mới", "", "Xã", "331"])
    send(one, "units", sent, starts_on="2021-01-01")
    one.follow()
    assert "Dòng 2, cột A: mã “12289” đã có đơn vị bắt đầu đúng ngày đó rồi được sáp nhập." in one.text
    send(one, "units", sent, starts_on="2025-07-01")
    one.follow()
    assert one.post(one.form("/take"), yes="1").status_code == 303


@pytest.mark.slow
@pytest.mark.costly
def test_a_code_of_two_trees_is_that_of_the_officer_s_own(world: World, desk: MakeDesk) -> None:
    """Codes were given again in 2025: the tree of another province has the same ones, and a later day."""
    with world.app.app_context(), writing() as session:
        rows = [UnitRow("99", "Tỉnh Khác", "Khác", "province"), UnitRow("12286", "Xã Khác", "Khác", "commune", "99")]
        import_tree(session, rows, date(2025, 7, 1))
    one = desk("quantri")
    assert faults(one, "people", GOOD) == []
    one.post(one.form("/take"), yes="1")
    with world.app.app_context(), reading() as session:
        held = select(Membership.unit_id).join(Officer, Officer.id == Membership.officer_id)
        assert session.scalars(held.where(Officer.username == GOOD[1])).all() == [world.units["12286"]]
    assert faults(one, "people", ["Cán bộ", "nguoi.khac", "99", "Cán bộ nhập liệu", ""]) == [
        "Dòng 2, cột C: đơn vị “99” ngoài phạm vi đồng chí quản trị."
    ]


@pytest.mark.slow
def test_what_changed_after_the_dry_run_is_noticed(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    assert faults(one, "people", GOOD, [*GOOD[:1], "khac.ten", *GOOD[2:]]) == []
    take = one.form("/take")
    with world.app.app_context(), writing() as session:
        add_officer(session, NewOfficer("khac.ten", "Người khác"))
    before = numbers(world)
    assert one.post(take, yes="1").status_code == 409
    assert "Chưa ghi gì" in one.text
    assert numbers(world) == before


@pytest.mark.slow
def test_a_districts_administrator_fills_in_its_own_subtree_only(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["nhanla"], world.units["331"], ADMIN)
    one = desk("nhanla")
    assert faults(one, "people", GOOD, [GOOD[0], "khac", "12397", *GOOD[3:]], [GOOD[0], "nua", "33", *GOOD[3:]]) == [
        "Dòng 3, cột C: đơn vị “12397” ngoài phạm vi đồng chí quản trị.",
        "Dòng 4, cột C: đơn vị “33” ngoài phạm vi đồng chí quản trị.",
    ]
    roster = one.location
    assert desk("quantri").http.get(roster).status_code == 404  # somebody else's
    reviewer = desk("huyen")  # manages phones, makes no accounts
    assert reviewer.http.get("/desk/people/import").status_code == 403
    assert reviewer.http.get("/desk/people/import/template/people").status_code == 403


@pytest.mark.slow
@pytest.mark.costly
def test_the_templates_are_read_as_they_are_given(desk: MakeDesk) -> None:
    one = desk("quantri")
    for kind in KINDS:
        answer = one.http.get(f"/desk/people/import/template/{kind}")
        made = load_workbook(io.BytesIO(answer.data))
        sheet = made.active
        assert sheet is not None
        assert [cell.value for cell in sheet[1]] == [column.heads[0] for column in COLUMNS[kind]]
        assert sheet["C2"].number_format == "@"
        sheet.append([cell.value for cell in made["Ví dụ"][2]])
        out = io.BytesIO()
        made.save(out)
        assert send(one, kind, out.getvalue()).status_code == 303
        one.follow()
        assert "sẽ được" in one.text or "Dòng" in one.text
    assert [role(words[0]) for words in ROLE_WORDS.values()] == list(ROLE_WORDS)
