"""The end of the audit log on paper: a witness that nobody alters with the database, and that a freeze keeps."""

from __future__ import annotations

import pytest

from support.checks.audit_log import lines
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.locking import lock
from support.world.papers import fill, foot, opened, word
from support.world.world import World


@pytest.mark.slow
def test_a_report_names_the_last_line(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    last = lines(world)[-1]
    data = one.http.get("/desk/report/word", query_string={"unit": world.units["33"]}, buffered=True).data
    assert f"dòng {last.number}, mã {last.mac[:12]}" in foot(opened(data))


@pytest.mark.slow
@pytest.mark.costly
def test_the_report_of_a_freeze_names_the_last_line_before_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Whenever it is built: the moment of the freeze counts."""
    fill(desk, phone)
    last = lines(world)[-1]
    freeze = lock(world, "tinh", "33")
    one = desk("tinh")
    assert lines(world)[-1].number > last.number + 1
    for more in ("count=counted", "count=with_waiting"):
        said = foot(opened(word(one, freeze, more)))
        assert f"dòng {last.number}, mã {last.mac[:12]}" in said
        assert said.count("mã ") == 2, "of the log, and of the freeze"
