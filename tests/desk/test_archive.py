"""The closing file of a campaign: a hồ sơ công việc, what was signed first, drafts apart, an index, hashes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pytest

from server.core.clock import now_ms, stopped_at
from server.services.reports.documents import closing
from server.services.reports.documents.asking import KINDS, DocumentKind
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked, issuing, locking, papers
from support.world.paper_steps import again
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


@pytest.fixture
def filled(desk: MakeDesk, phone: MakePhone) -> list[str]:
    return papers.fill(desk, phone)


def archived(world: World, desk: MakeDesk) -> zipfile.ZipFile:
    return zipfile.ZipFile(asked.got(world, desk("huyen"), "331", "dossier"))


def index(archive: zipfile.ZipFile) -> list[list[str]]:
    """The rows of the index, without its heads."""
    return [[cell.text for cell in row.cells] for row in docx.Document(archive.open("0-muc-luc.docx")).tables[1].rows][
        1:
    ]


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_what_was_signed_comes_first_and_drafts_apart(world: World, desk: MakeDesk) -> None:
    signed = issuing.pdf("signed")
    freeze = locking.lock(world)
    first = issuing.make(world)
    issuing.to(world, first, PaperState.PRESENTED)
    issuing.downloaded(desk("huyen"), first)
    issuing.step(world, first, PaperAct.BACK)
    issuing.to(world, first, PaperState.ISSUED)
    issuing.step(world, first, PaperAct.FILE, pdf=signed)
    issued = issuing.downloaded(desk("huyen"), first)
    newer = again(world)
    issuing.make(world, kind="supplement", follows=first)
    archive = archived(world, desk)
    names = sorted(archive.namelist())
    assert archive.read("1-van-ban-da-ky/12-bc-ubnd.pdf") == signed
    assert archive.read("3-van-ban-da-phat-hanh/12-bc-ubnd.docx") == issued
    assert [each for each in names if each.startswith("3-")] == ["3-van-ban-da-phat-hanh/12-bc-ubnd.docx"]
    drafts = {each for each in names if each.startswith("8-")}
    assert drafts == {f"8-ban-thao/{each}.docx" for each in (freeze, newer)}, "the one that came back, and the next"
    assert f"4-so-lieu-da-khoa/{freeze}/dong.ndjson" in names
    head = json.loads(archive.read(f"4-so-lieu-da-khoa/{freeze}/dau.json"))
    assert head["format"] == "loa-freeze-5"
    told = index(archive)
    assert [row[0] for row in told] == [str(place) for place in range(1, len(told) + 1)]
    assert told[0][1] == "12/BC-UBND"
    assert re.fullmatch(r"\d\d/\d{1,2}/\d{4}", told[0][2])
    assert told[0][3].startswith("Báo cáo kết quả tổ chức hoạt động hưởng ứng")
    assert told[0][3].endswith("(bản đã ký)")
    assert told[0][4] == "PHÒNG LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI"
    assert {row[5] for row in told} == {"………"}, "nobody set how long they are kept"
    files = [row[6] for row in told]
    assert [each[0] for each in files] == sorted(each[0] for each in files), "in the order of the folders"
    assert not any(each.startswith("8-") for each in files), "drafts are in no index"
    folders = {name[: at.end()] for name in names for at in re.finditer("/", name)}
    assert set(files) <= folders | set(names)
    sums = dict(line.split("  ", 1)[::-1] for line in archive.read("SHA256SUMS.txt").decode().splitlines())
    assert set(sums) == set(names) - {"SHA256SUMS.txt"}
    assert all(hashlib.sha256(archive.read(name)).hexdigest() == sum_ for name, sum_ in sums.items())


def test_a_report_that_came_back_is_there_as_it_was_presented_and_as_it_is(world: World, desk: MakeDesk) -> None:
    freeze = locking.lock(world)
    paper = issuing.to(world, issuing.make(world), PaperState.PRESENTED)
    presented = issuing.downloaded(desk("huyen"), paper)
    issuing.step(world, paper, PaperAct.BACK)
    archive = archived(world, desk)
    drafts = [archive.read(each) for each in archive.namelist() if each.startswith(f"8-ban-thao/{freeze}")]
    assert len(drafts) == 2
    assert presented in drafts
    issuing.step(world, paper, PaperAct.SUBMIT)
    archive = archived(world, desk)
    assert sum(each.startswith("8-ban-thao/") for each in archive.namelist()) == 2, "and presented again, once"


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_what_is_left_to_do_and_figures_that_nobody_reported_on(world: World, desk: MakeDesk) -> None:
    freeze = locking.lock(world)
    archive = archived(world, desk)
    assert [each for each in archive.namelist() if each.startswith("8-")] == [f"8-ban-thao/{freeze}.docx"]
    left = openpyxl.load_workbook(io.BytesIO(archive.read("7-viec-con-lai/viec-con-lai.xlsx")))
    hanging = list(left["Chưa tháo"].iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in hanging] == ["Xã Chính Nghĩa"]
    silent = {row[1]: str(row[3]) for row in left["Đơn vị còn việc"].iter_rows(min_row=2, values_only=True)}
    assert silent["Xã Nhân La"] == "Chưa báo cáo"
    assert "Còn 1 kết quả chờ duyệt" in silent["Xã Chính Nghĩa"]
    assert desk("tinh").http.get("/desk/report/documents").status_code == 200


def test_the_index_says_how_long_each_kind_is_kept(world: World, desk: MakeDesk) -> None:
    locking.lock(world)
    paper = issuing.to(world, issuing.make(world), PaperState.ISSUED)
    issuing.step(world, paper, PaperAct.FILE, pdf=issuing.pdf("signed"))
    said = {"signed": 0, "figures": 20}
    usual = dict(KINDS.named())["dossier"]
    KINDS.remove("dossier")
    KINDS.add("dossier", DocumentKind(lambda order: closing.make(order, said), may=closing.may))
    try:
        told = {row[6].partition("-")[0]: row[5] for row in index(archived(world, desk))}
    finally:
        KINDS.remove("dossier")
        KINDS.add("dossier", replace(usual))
    assert (told["1"], told["4"], told["3"]) == ("Vĩnh viễn", "20 năm", "………")


def test_two_signed_files_of_one_number_are_both_there(world: World, desk: MakeDesk) -> None:
    signed = [issuing.pdf("first"), issuing.pdf("second")]
    for data, years_ago in zip(signed, (1, 0), strict=True):
        with stopped_at(now_ms() - years_ago * 366 * 86_400_000):
            locking.lock(world)
            paper = issuing.make(world)
            issuing.to(world, paper, PaperState.ISSUED)
            issuing.step(world, paper, PaperAct.FILE, pdf=data)
            locking.unlock(world)
    archive = archived(world, desk)
    told = [archive.read(f"1-van-ban-da-ky/12-bc-ubnd{end}.pdf") for end in ("", "-2")]
    assert told == signed
    assert [row[6] for row in index(archive)][:2] == [f"1-van-ban-da-ky/12-bc-ubnd{end}.pdf" for end in ("", "-2")]


def test_a_signed_file_whose_bytes_are_gone_is_said_to_be(world: World, desk: MakeDesk) -> None:
    locking.lock(world)
    paper, data = issuing.to(world, issuing.make(world), PaperState.ISSUED), issuing.pdf("signed")
    issuing.step(world, paper, PaperAct.FILE, pdf=data)
    installed(world.app).blobs.drop([hashlib.sha256(data).hexdigest()])
    archive = archived(world, desk)
    assert not [each for each in archive.namelist() if each.startswith("1-")]
    assert index(archive)[0][6] == "không còn tệp trên máy chủ"


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_it_is_for_who_writes_for_the_unit(world: World, desk: MakeDesk) -> None:
    document = asked.asked(world, desk("huyen"), "331", "dossier")
    asked.made(world, document)
    page = f"/desk/report/documents?unit={world.units['331']}"
    for username, status, listed in (("huyen", 200, True), ("quantri", 403, False)):
        one = desk(username)
        assert one.http.get(f"/desk/report/documents/{document}", buffered=True).status_code == status, username
        one.get(page)
        assert (document in one.html) == listed, username
