"""Foreign files are read in confined processes alone: what such a process may do, and what becomes of a bad one."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import select
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from click.testing import CliRunner
from PIL import Image

from server.cli.doctor import doctor
from server.core.problem_details import Problem
from server.decoding import confinement, limits, service
from server.decoding import keeper as beside
from server.decoding.limits import LIMITS, Decoding, Unfit
from server.services.administration import roster_sheet
from server.services.campaigns import files as campaign_files
from server.services.comparison import grid
from server.services.letters import extraction
from server.services.photos import computer_photos, images
from server.services.reports.documents import report_forms
from server.services.reports.word import own_template
from server.services.reports.workflow import paper_documents
from support.clients import pdfs
from support.clients.bombs import hidden_scans, jpeg, scans
from support.letters.files import pdf as letter_pdf
from sync.errors import CODES

ROOT = Path(__file__).parents[2]
MACHINE = "unavailable"

# --- nothing is decoded elsewhere ----------------------------------------------------

DECODERS = {"PIL", "pypdf", "openpyxl", "docx", "docxtpl", "lxml", "jinja2", "zipfile", "tarfile", "numpy"}
OWN = {
    "server/demo/": "draws its own pictures and PDF files",
    "server/services/likeness/": "compares pixels that a confined process gave it",
    "server/services/reports/word/": "writes Word files",
    "server/services/reports/documents/log_book.py": "writes a Word file",
    "server/services/reports/documents/leader_sheet.py": "writes a Word file",
    "server/services/reports/documents/closing.py": "writes a ZIP file",
    "server/cli/upgrade.py": "unpacks a release for root; its signature is checked before any of it runs",
}
LIMITING = {"RLIMIT_AS", "RLIMIT_CPU", "Popen"}
OPENS = {"open", "PdfReader", "load_workbook", "parse_xml", "DocxTemplate", "fromstring", "from_file", "frombuffer"}
OF_OURS = {
    "server/services/reports/word/chart.py": {"from_file"},  # the size of the picture that was just drawn
    # The size of a JPEG that a confined process wrote; the Word file that was just written.
    "server/services/reports/word/parts.py": {"from_file", "ZipFile"},
    "server/cli/upgrade.py": {"ZipFile"},  # the wheel of a release whose signature was checked
}


@cache
def modules() -> dict[str, ast.Module]:
    """The modules that may matter: the words are looked for before the syntax."""
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / "server").rglob("*.py")}
    words = re.compile(rf"\b({'|'.join((*DECODERS, *LIMITING))})\b")
    return {
        name: ast.parse(text)
        for name, text in texts.items()
        if words.search(text) and not name.startswith("server/decoding/workers/")
    }


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
    return found & DECODERS


def opening(tree: ast.Module) -> set[str]:
    """Calls by which these libraries read a file that is there."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        of, _, name = ast.unparse(node.func).rpartition(".")
        if name in OPENS and (name != "open" or of == "Image"):
            found.add(name)
        if name == "Document" and node.args:
            found.add(name)
        if name == "ZipFile" and not (len(node.args) > 1 and ast.literal_eval(node.args[1]) in ("w", "x")):
            found.add(name)
    return found


@pytest.mark.slow
def test_no_other_module_reads_files_with_these_libraries() -> None:
    strange, opened = set(), {}
    for name, tree in modules().items():
        if imported(tree) and not name.startswith(tuple(OWN)):
            strange.add(name)
        if imported(tree) and opening(tree):
            opened[name] = opening(tree)
    assert strange == set()
    assert opened == OF_OURS


@pytest.mark.slow
def test_no_other_module_limits_a_process_or_starts_one_for_a_file() -> None:
    found = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in LIMITING
    }
    # The last two open no file of others: `loa conform --client` starts the client of a shell's user, `loa install` and
    # `loa upgrade` the programs of the machine.
    started = {"server/decoding/service.py", "server/processes/job_child.py", "server/conformance/clients.py"}
    started.add("server/cli/machine_setup.py")
    assert found == {"server/decoding/confinement.py", *started}


# --- what a confined process may do --------------------------------------------------

ATTACKS = """
import ctypes, json, os, socket, subprocess, sys
from pathlib import Path
from server.decoding import confinement, keeper

secret, folder, given = sys.argv[1], Path(sys.argv[2]), open(sys.argv[1] + ".given")
parent = os.getppid()

def connect():
    with socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2):
        pass

def first_of(paths):
    for path in paths:
        try:
            return open(path, "rb").read(1)
        except OSError:
            pass
    raise OSError

as_program = sys.argv[4] == "program"
readable = [str(path) for path in keeper.readable("/usr/bin/soffice")] if as_program else []
others = [str(path) for path in Path("/etc").iterdir() if path.is_file() and str(path) not in readable]
others = [path for path in others if not os.path.islink(path)]  # whose files lie elsewhere
assert others, "the test proves nothing here"

tries = {
    "read a key": lambda: open(secret).read(),
    "read the server's environment": lambda: open(f"/proc/{parent}/environ", "rb").read(),
    "read passwords": lambda: open("/etc/passwd").read(),
    "list the folder": lambda: os.listdir(os.path.dirname(secret)),
    "write beside": lambda: open(secret + ".new", "w"),
    "cut a file": lambda: os.truncate(secret, 0),
    "remove a file": lambda: os.unlink(secret),
    "connect": connect,
    "a socket of this machine": lambda: socket.socket(socket.AF_UNIX),
    "start a program": lambda: subprocess.run(["/bin/true"]),
    "become a program": lambda: os.execv("/bin/true", ["true"]),
    "fork": lambda: os.fork() or os._exit(0),
    "end the server": lambda: os.kill(parent, 0),  # it asks for the right alone
    "read other files of the system": lambda: first_of(others),
    "more memory": lambda: bytearray(400 << 20),
    "a large file": lambda: (folder / "large").write_bytes(b"x" * (2 << 20)),
    "many files": lambda: [open(os.devnull) for _ in range(100)],
    "raise the limits": lambda: __import__("resource").setrlimit(9, (-1, -1)),
}
own = {
    "its own file": given.read,
    "its own folder": lambda: (folder / "a").write_text("a"),
    "a module": lambda: __import__("wave"),
    "compute": lambda: sum(range(1000)),
}
confinement.limit(30, 300, 1, 5, program=as_program)
if as_program:
    tries.pop("become a program")
    if Path(secret).is_relative_to("/tmp"):
        tries.pop("remove a file")  # LibreOffice has a socket there
    confinement.enter([folder, Path(os.devnull)], [*map(Path, readable), *confinement.own_folders()], program=True)
else:
    confinement.enter([folder])
said = {}
for name, attempt in {**tries, **own}.items():
    try:
        attempt()
        said[name] = True
    except BaseException as error:
        said[name] = False
os.write(1, json.dumps({"tries": [said[name] for name in tries], "own": [said[name] for name in own]}).encode())
os.write(1, json.dumps([name for name in tries if said[name]]).encode())
os._exit(0)
"""


A_PROGRAM_MAY = {
    *("read passwords", "a socket of this machine", "start a program", "fork", "many files", "raise the limits"),
    *(() if confinement.landlock_version() >= 6 else ("end the server",)),
}
"""What LibreOffice cannot do without, or no filter can tell from it."""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["confined", "program"])
def test_a_confined_process_reaches_nothing(tmp_path: Path, how: str) -> None:
    """Code that took such a process over reads no key, calls nobody, starts and ends nothing; a program reads none."""
    secret, folder = tmp_path / "keys" / "keyring", tmp_path / "own"
    secret.parent.mkdir()
    folder.mkdir()
    secret.write_text("key")
    Path(f"{secret}.given").write_text("given")
    words = [sys.executable, "-c", ATTACKS, str(secret), str(folder), "9", how]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said, _, succeeded = done.stdout.partition("}")
    assert done.returncode == 0, done
    assert json.loads(f"{said}}}")["own"] == [True] * 4
    if how == "program":
        assert "start a program" in json.loads(succeeded)
        assert set(json.loads(succeeded)) <= A_PROGRAM_MAY
    else:
        assert json.loads(succeeded) == []
    assert secret.read_text() == "key"


def test_a_program_may_read_no_folder_in_which_a_key_may_lie() -> None:
    papers = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("install.md", "reference.md"))
    keys = {Path(each) for each in re.findall(r"(?<![\w.])/(?:etc|srv|opt|mnt|home|root)/[\w./-]+", papers)}
    assert Path("/etc/loa/loa.toml") in keys
    keys.add(Path(f"/proc/{os.getpid()}/environ"))
    for program in ("/usr/bin/soffice", "/opt/libreoffice25.2/program/soffice", "/opt/soffice"):
        for key in keys | {
            Path("/opt/loa/keys"),
            Path("/etc/shadow"),
            Path("/root/x"),
            Path("/var/lib/loa/secret_key"),
        }:
            assert not [each for each in beside.readable(program) if key.is_relative_to(each)], key
    assert Path("/opt/libreoffice25.2") in beside.readable("/opt/libreoffice25.2/program/soffice")


FILTER = """
from server.decoding import confinement
confinement.landlock_version = lambda: 0
confinement._may_change_user = lambda: False
confinement.prepare()
confinement._filter = lambda program: bytes([255]) * 8
try:
    confinement.enter()
except OSError as error:
    print("refused", error.errno)
"""


@pytest.mark.slow
@pytest.mark.skipif(not confinement.has_call_filter(), reason="no seccomp here")
def test_a_filter_of_system_calls_that_is_refused_is_no_confinement() -> None:
    done = subprocess.run([sys.executable, "-c", FILTER], capture_output=True, text=True, check=False)
    assert done.stdout == f"refused {errno.EINVAL}\n", done


def test_a_confinement_that_fails_is_logged_and_the_file_may_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for job in (Decoding.PHOTO, Decoding.OFFICE_PDF):
        monkeypatch.setitem(LIMITS, job, replace(LIMITS[job], output_mb=1 << 60))  # no number for the kernel
    for run in (
        lambda: images.judge(photo(tmp_path), tmp_path / "thumb"),
        lambda: service.program(["/bin/true"], tmp_path),
    ):
        caplog.clear()
        with pytest.raises(Problem, match=MACHINE):
            run()
        (line,) = caplog.messages
        assert "could not be confined" in line


def test_a_program_that_ends_badly_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Problem, match="pdf_failed"):
        service.program(["/bin/sh", "-c", "exit 77"], tmp_path)
    assert caplog.messages == ["Decoding (program) ended with exit status 77."]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keeper that does not start."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho Traceback >&2\necho 'ImportError: libjpeg.so.62' >&2\nexit 3\n")
    python.chmod(0o755)
    service._keeper.end()  # noqa: SLF001
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(python))
        yield
    service._keeper.end()  # noqa: SLF001


@pytest.mark.usefixtures("broken")
def test_a_keeper_that_does_not_start_says_why(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Problem, match=MACHINE):
        images.judge(photo(tmp_path), tmp_path / "thumb")
    ended = "The process that has files decoded ended with status 3. ImportError: libjpeg.so.62"
    assert ended in caplog.messages
    assert all("\n" not in each for each in caplog.messages)


@pytest.mark.usefixtures("broken")
def test_doctor_has_a_picture_decoded() -> None:
    found = CliRunner().invoke(doctor)
    assert found.exit_code == 2
    assert "A picture of our own could not be decoded (unavailable)" in found.output


def keeper() -> int:
    process = service._keeper._process  # noqa: SLF001
    assert process is not None
    return process.pid


def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg())
    return path


def test_what_reads_files_never_had_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its keeper has neither the environment nor the open files of the server."""
    service._keeper.end()  # noqa: SLF001
    monkeypatch.setenv("LOA_S3_SECRET", "khoa-bi-mat")
    with (tmp_path / "keyring").open("w"):
        assert images.judge(photo(tmp_path), tmp_path / "thumb").code is None
        proc = Path(f"/proc/{keeper()}")
        assert b"LOA_" not in (proc / "environ").read_bytes()
        opened = [str(each.readlink()) for each in (proc / "fd").iterdir()]
    assert not [each for each in opened if each.startswith("/") and not each.startswith("/dev/null")]


def test_a_keeper_that_was_killed_is_started_again(tmp_path: Path) -> None:
    path = photo(tmp_path)
    assert images.judge(path, tmp_path / "thumb").code is None
    before = keeper()
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert images.judge(path, tmp_path / "thumb").code is None
    assert keeper() != before


def test_the_keeper_ends_with_its_server(tmp_path: Path) -> None:
    words = (
        "import sys; from pathlib import Path; from server.decoding import service;"
        "from server.services.photos.images import judge; judge(Path(sys.argv[1]), Path(sys.argv[2]));"
        "sys.stdout.write(str(service._keeper._process.pid)); sys.stdout.flush(); import os; os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", words, str(photo(tmp_path)), str(tmp_path / "thumb")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    try:
        handle = os.pidfd_open(int(said))
    except ProcessLookupError:
        return
    assert select.select([handle], [], [], 30)[0], "it is still there"
    os.close(handle)


# --- every road, and every way to end badly ------------------------------------------


def sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "x"
    book.save(path)


def long_sheet(path: Path) -> None:
    """30,000 texts, each another one: no process has the memory for them left over from before."""
    book = openpyxl.Workbook(write_only=True)
    rows = book.create_sheet()
    for row in range(3_000):
        rows.append([f"{row} {column} {'x' * 300}" for column in range(10)])
    book.save(path)


def form(path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("{{ don_vi_bao_cao }}")
    made.save(str(path))


def letter(path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("Kính gửi: Ủy ban nhân dân các xã.")
    made.save(str(path))


def code_of(refused: str | None) -> None:
    if refused is not None:
        raise Unfit(refused)


def computer_photo(path: Path) -> None:
    with path.open("rb") as file:
        computer_photos.prepare(file, path.parent, 0)


def packed_pdf(path: Path) -> None:
    """A few kilobytes that unpack to strings of 64 MB: no process has as much left over from before."""
    path.write_bytes(pdfs.that_takes_long(2, 64).data)


Make = Callable[[Path], Any]
ROADS: dict[str, tuple[Decoding, Make, Make]] = {
    "a photo of a phone": (
        Decoding.PHOTO,
        lambda path: path.write_bytes(jpeg()),
        lambda path: code_of(images.judge(path, path.with_name("thumb")).code),
    ),
    "a photo of a computer": (Decoding.COMPUTER_PHOTO, lambda path: path.write_bytes(jpeg()), computer_photo),
    "a document": (
        Decoding.PDF,
        packed_pdf,
        lambda path: code_of(images.judge_document(path).code),
    ),
    "a signed PDF": (Decoding.PDF, packed_pdf, paper_documents.judged_pdf),
    "a PDF of a campaign": (Decoding.PDF, packed_pdf, campaign_files.type_of),
    "a picture of a campaign": (
        Decoding.PICTURE_TYPE,
        lambda path: path.write_bytes(jpeg((3000, 2000))),
        campaign_files.type_of,
    ),
    "a letter in Word": (Decoding.LETTER_WORD, letter, extraction.text_of),
    "a letter in PDF": (
        Decoding.LETTER_PDF,
        lambda path: path.write_bytes(letter_pdf("Kính gửi: Ủy ban nhân dân các xã.")),
        extraction.text_of,
    ),
    "a list of people": (Decoding.SHEET, sheet, lambda path: roster_sheet.read(path, "people")),
    "figures of before": (Decoding.SHEET, long_sheet, grid.read),
    "a form": (Decoding.FORM, form, report_forms.checked),
    "a template of a report": (
        Decoding.REPORT_TEMPLATE,
        lambda path: path.write_bytes(own_template.starter()),
        own_template.checked,
    ),
    "a report in a template": (
        Decoding.FILLED_REPORT,
        lambda path: path.write_bytes(own_template.starter()),
        lambda path: service.decode(
            Decoding.FILLED_REPORT,
            [path],
            [path.with_name("filled")],
            at=[2021, 8, 1, 8, 0, 0],
            needed=list(own_template.NEEDED),
            **own_template.example(2),
        ),
    ),
    "a form that is filled": (
        Decoding.FILLED_FORM,
        form,
        lambda path: report_forms.filled(path, report_forms.example(), path.with_name("filled")),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("how", ["hangs", "wants too much memory"])
def test_a_file_that_costs_too_much_ends_alone_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, road: str, how: str
) -> None:
    """A real file of each road, with limits that it cannot keep."""
    job, make, take = ROADS[road]
    path = tmp_path / "file"
    make(path)
    less = replace(LIMITS[job], wall_s=0) if how == "hangs" else replace(LIMITS[job], memory_mb=40)
    monkeypatch.setitem(LIMITS, job, less)
    with pytest.raises(Problem) as refused:
        take(path)
    # Libraries hide that memory ran out: the file is then called unreadable. Time that is up is the machine's fault.
    assert (refused.value.code == MACHINE) == (how == "hangs")
    assert CODES[refused.value.code].vi
    monkeypatch.undo()
    before = keeper()
    assert images.judge(photo(tmp_path), tmp_path / "thumb").code is None, "others go on"
    assert keeper() == before


@pytest.mark.slow
@pytest.mark.parametrize("road", ["a photo of a phone", "a photo of a computer", "a picture of a campaign"])
@pytest.mark.parametrize("make", [scans, hidden_scans])
def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(
    tmp_path: Path, road: str, make: Callable[[int], bytes]
) -> None:
    """Each scan is a pass over the whole picture. By its own costs it would be called too large."""
    path = tmp_path / "scans.jpg"
    path.write_bytes(make(3_000))
    if road == "a picture of a campaign":
        with pytest.raises(campaign_files.BadFile):
            campaign_files.type_of(path)
        return
    with pytest.raises(Problem, match="not_an_image"):
        ROADS[road][2](path)


def test_a_photo_of_a_camera_has_few_scans(tmp_path: Path) -> None:
    """Progressive, with a small picture in its EXIF and a film behind its end."""
    path = tmp_path / "camera.jpg"
    data = jpeg((1600, 1200), progressive=True, exif=b"Exif\0\0" + jpeg((160, 120)))
    path.write_bytes(data + b"\xff\xda" * 1000)
    computer_photo(path)


@pytest.mark.slow
def test_a_sheet_of_all_rows_and_columns_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """12,000 rows of 100 cells in 60 kB took 15 s of the processor."""
    path = tmp_path / "sheet.xlsx"
    sheet(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    at = "xl/worksheets/sheet1.xml"
    head, _, rest = parts[at].partition(b"<sheetData>")
    row = b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>"
    parts[at] = head + b"<sheetData>" + row * 12_000 + b"</sheetData>" + rest.partition(b"</sheetData>")[2]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(Problem, match="sheet_too_complex"):
        grid.read(path)


def test_every_limit_has_its_sentence() -> None:
    assert set(LIMITS) == set(Decoding)
    for job, row in LIMITS.items():
        assert row.over in CODES, job
        assert row.cpu_s <= row.wall_s, job
    assert LIMITS[Decoding.SHEET].cpu_s <= 5


def test_a_process_that_a_file_took_over_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it writes in place of its answer is no answer."""
    for said in (b"", b"[]", b'{"other": 1}', b"\xff\xfe", b'{"value"'):

        def answer(_head: bytes, files: Any, _seconds: float, said: bytes = said) -> dict[str, Any]:
            files[1].write(said)
            files[1].flush()
            return {"status": 0, "late": False, "cpu_s": 0.0, "peak_mb": 1}

        monkeypatch.setattr(service, "_exchange", answer)
        with pytest.raises(Problem, match=MACHINE):
            service.decode(Decoding.PHOTO, [photo(tmp_path)], [tmp_path / "thumb"], side=320)


GOOD = {"width": 8, "height": 8, "type": "image/jpeg", "code": None}
ANSWERS: dict[str, list[Any]] = {
    "a photo of a phone": [
        *(
            {**GOOD, "type": "text/html"},
            {**GOOD, "type": ["image/jpeg"]},
            {**GOOD, "width": "8"},
            {**GOOD, "width": 0},
        ),
        *({**GOOD, "width": 10**9, "height": 10**9}, {**GOOD, "code": "own_code"}, {**GOOD, "code": 5}, {}, [], None),
        *({**GOOD, "code": "image_too_large", "height": 2**60}, {"code": None}, "x"),
    ],
    "a document": [{}, [], None, {"code": "own_code"}, {"code": ["document_cut"]}, {"other": None}],
    "a picture of a campaign": ["text/html", "image/webp", ["image/png"], {"x": 1}],
    "a form": ["../../x", "exe", None, ["docx"], {}],
    "figures of before": [
        *(None, [], {}, {"rows": 5}, {"rows": [[["s"]]], "merged": [], "name": "", "others": 0}),
        *(
            {"rows": [], "merged": [[1, 2]], "name": "", "others": 0},
            {"rows": [], "merged": [], "name": "", "others": "x"},
        ),
    ],
}


def answering(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
    """Let a child say this in place of its answer."""
    found = service.EndedChild(0, late=False, cpu_s=0.0, peak_mb=1, answer=answer)
    monkeypatch.setattr(service, "outcome", lambda *_args, **_named: found)


@pytest.mark.parametrize("road", ANSWERS)
def test_what_a_process_that_was_taken_over_answers_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, road: str
) -> None:
    """Another type, an unknown code, no number: the file is refused by a code that there is, and nothing is stored."""
    _, make, take = ROADS[road]
    path = tmp_path / "file"
    make(path)
    if road == "a document":
        path.write_bytes(letter_pdf("Kính gửi"))
    for said in ANSWERS[road]:
        answering(monkeypatch, {"value": said})
        with pytest.raises((Problem, campaign_files.BadFile)) as refused:
            take(path)
        assert not isinstance(refused.value, Problem) or refused.value.code in CODES, said


def test_what_more_it_answers_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"value": {**GOOD, "size_bytes": 5, "owner": "x"}})
    path = photo(tmp_path)
    found = images.judge(path, tmp_path / "thumb")
    assert found == images.Judged(path.stat().st_size, 8, 8, "image/jpeg")


@pytest.mark.parametrize(
    "answer",
    [{"code": "own_code"}, {"code": ["x"], "place": 1}, {"errno": "5"}, {"errno": 10**6}, {"fault": {"x": 1}}],
)
def test_a_refusal_that_it_makes_up_is_the_one_of_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(Unfit, match="sheet_too_complex"):
        service.decode(Decoding.SHEET, [photo(tmp_path)], formulas_named=False)


@pytest.mark.slow
def test_a_large_picture_is_read_within_its_limits(tmp_path: Path) -> None:
    """25 megapixels with transparency, the dearest photo that is taken."""
    path = tmp_path / "large.png"
    Image.new("RGBA", (5_000, 5_000)).save(path)
    assert images.judge(path, tmp_path / "thumb").code is None


def test_what_a_machine_lacks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner().invoke
    assert ("not kept from" in run(doctor).output) == bool(confinement.lacking())
    monkeypatch.setattr(confinement, "landlock_version", lambda: 0)
    monkeypatch.setattr(confinement, "_may_change_user", lambda: False)
    monkeypatch.setattr(confinement, "has_call_filter", lambda: False)
    found = run(doctor)
    assert found.exit_code
    assert "not kept from files" in found.output
    assert "not kept from the network" in found.output
    assert "not kept from starting programs" in found.output
    assert limits.DecodingLane.PHOTOS in service.turns
