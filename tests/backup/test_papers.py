"""A backup has reports that were presented, their texts and signed PDFs; restored, the same bytes are handed out."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from server.core.db import reading
from server.models import PaperFile
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.serving.installation import installed
from support.clients.client import Client
from support.installation.machine import Machine
from support.world import locking
from support.world.issuing import history, make, pdf, step, to, word, write
from support.world.world import World


def test_reports_and_their_signed_pdfs(
    here: Machine, there: Machine, world: World, calling: Client, tmp_path: Path
) -> None:
    assert calling.token
    locking.lock(world)
    paper = make(world)
    write(world, paper, strengths="Người dân hưởng ứng.")
    to(world, paper, PaperState.ISSUED)
    step(world, paper, PaperAct.FILE, pdf=pdf())
    made = word(world, paper)
    with world.app.app_context(), reading() as session:
        sha256 = session.scalars(select(PaperFile.sha256)).one()
    here.done("backup", tmp_path / "b")
    there.done("restore", "--without-keys", tmp_path / "b")
    with there.holding(world) as restored:
        assert installed(restored.app).blobs.sha256(sha256) == sha256
        assert word(restored, paper) == made
        assert history(restored, paper).state is PaperState.ISSUED
