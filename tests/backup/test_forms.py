"""A backup has the forms that are on offer, all templates of reports, and the files of drafts of campaigns."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.backups.databases import dump
from server.core.clock import new_id
from server.core.db import db, writing
from server.models import LetterDraft, LetterDraftFile, ReportForm
from support.installation.machine import Machine
from support.world.world import World


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_forms_and_files_of_drafts_are_in_it(here: Machine, world: World, tmp_path: Path) -> None:
    assert here.data_dir.is_dir()
    officer, unit = world.officers["huyen"], world.units["331"]
    offered, removed, drafted, withdrawn = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
    with world.app.app_context(), writing() as session:
        for sha256, removed_at, tags in ((offered, None, None), (removed, 1, None), (withdrawn, 1, ["dau_hieu"])):
            row = ReportForm(id=new_id(), unit_id=unit, name="Biểu 01", type="xlsx", size_bytes=1, sha256=sha256)
            row.officer_id, row.added_at, row.removed_at = officer, 1, removed_at
            if tags:
                row.tags = tags
            session.add(row)
        draft = LetterDraft(id=new_id(), officer_id=officer, unit_id=unit, file_name="", text="", values={}, saved_at=1)
        session.add(draft)
        session.flush()
        file = LetterDraftFile(id=new_id(), draft_id=draft.id, use="script", title="Bài", type="text/plain")
        file.size_bytes, file.sha256 = 1, drafted
        session.add(file)
    with world.app.app_context():
        _, found = dump(db.engine, tmp_path, None)
    assert {offered, drafted} <= set(found.photos)
    assert withdrawn in found.photos, "papers that were presented in it are made anew from it"
    assert removed not in found.photos
