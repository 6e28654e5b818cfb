"""What was presented stays as it was, and says so where it was altered or purged; who may see it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.core.db import reading, writing
from server.models import PaperVersion
from server.services.reports.workflow.papers import PaperAct, PaperState
from support.clients.desk import MakeDesk
from support.world import locking
from support.world.issuing import make, pdf, prose, step, to, word
from support.world.locking import lock
from support.world.papers import images, with_photos
from support.world.purging import purge
from support.world.world import World

A, S = PaperAct, PaperState


@pytest.mark.databases("both")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paper_step SET doc_number = '99/BC-UBND'",
        "DELETE FROM paper_step",
        "UPDATE paper_version SET content = '{}'",
        "DELETE FROM paper_version",
        "UPDATE paper_file SET differs = NOT differs",
        "DELETE FROM paper_file",
    ],
)
def test_no_statement_alters_what_was_presented(world: World, statement: str) -> None:
    lock(world)
    step(world, to(world, make(world), S.ISSUED), A.FILE, pdf=pdf())
    with world.app.app_context(), pytest.raises(DBAPIError, match="not altered"), writing() as session:
        session.execute(text(statement))


@pytest.mark.databases("both")
def test_the_page_says_what_was_altered_behind_its_back(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.PRESENTED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert "đã bị thay đổi sau khi trình" not in one.text
    locking.alter(world, "UPDATE paper_version SET content = replace(content, 'loa-paper-1', 'loa-paper-9')")
    one.get(f"/desk/papers/{paper}")
    assert "đã bị thay đổi sau khi trình" in one.text


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_a_purged_record_is_in_no_paper_either(world: World, desk: MakeDesk) -> None:
    """L-11: the document is built again without its photo; what was presented holds no word of it."""
    records = with_photos(world, desk, range(3))
    lock(world)
    paper = to(world, make(world), S.PRESENTED)
    assert images(word(world, paper)) == 3
    purge(world, records[0])
    made = word(world, paper)
    assert images(made) == 2
    assert "01 ảnh không còn trong phụ lục này" in prose(made)
    assert word(world, paper) == made
    with world.app.app_context(), reading() as session:
        assert "Thôn Kín" not in session.scalars(select(PaperVersion.content)).one()


@pytest.mark.slow
@pytest.mark.costly
def test_who_may_see_one(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = make(world)
    for who, code in (("huyen", 200), ("tinh", 200), ("quantri", 200), ("phucu", 404), ("xa1", 404)):
        one = desk(who)
        for path in (f"/desk/papers/{paper}", f"/desk/report/word?paper={paper}", f"/desk/texts?paper={paper}"):
            assert one.http.get(path, buffered=True).status_code == code, (who, path)
    above = desk("tinh")
    above.get(f"/desk/papers/{paper}")
    assert not above.has_form("/step"), "the level above looks and does nothing"
