"""PDF files through LibreOffice, where it is installed: one at a time, with a profile of its own, under limits.

It is confined as all that reads files is (server/decoding/). Two at once with one profile collide, and a first start
that was killed leaves a damaged one. So each run gets an empty profile, and a lock in the data folder keeps other
processes of this host waiting.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from server.core.problem_details import Problem
from server.decoding import service
from server.services.jobs.attempt import Later

_BUSY_S: Final = 15.0
OFF: Final = "0"


class Converter:
    """LibreOffice on this host, if there is one."""

    def __init__(self, program: str, data_dir: Path) -> None:
        """`program`: its path, empty to look on PATH, `0` for none."""
        self._program = None if program == OFF else shutil.which(program or "soffice")
        self._lock = data_dir / "pdf.lock"

    @property
    def is_there(self) -> bool:
        """True if PDF files can be made."""
        return self._program is not None

    def convert(self, file: Path, folder: Path) -> Path:
        """Return the PDF of a Word or Excel file, in the folder. Raises Problem `no_pdf`, `pdf_failed`; Later."""
        if self._program is None:
            raise Problem("no_pdf")
        profile = folder / "profile"
        out = folder / "pdf"
        command = [
            *(self._program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "pdf", "--outdir", str(out), str(file)),
        ]
        with self._alone():
            service.program(command, folder)
        made = out / f"{file.stem}.pdf"
        if not made.is_file():
            raise Problem("pdf_failed")
        return made

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of this host. Raises Later while another process converts."""
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Later(_BUSY_S) from None
            yield
