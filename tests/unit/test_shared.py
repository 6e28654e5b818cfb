"""What tests share to be quick, an application and a filled world, brings nothing from one test into the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.core.db import Base, db, reading
from server.models import Device, Mark, Officer
from server.serving.installation import installed
from support.installation.databases import ENGINES, Engine
from support.world.world import World, fill
from support.world.world import world as make_world


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Engine:
    return database_engine(request.param)


def count(world: World, table: type[Base]) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_moved_application_has_nothing_of_the_world_before(engine: Engine, tmp_path: Path) -> None:
    urls = [engine.fresh(fill), engine.fresh(fill)]
    with make_world(urls[0], tmp_path / "one") as first:
        app, secret = first.app, first.app.secret_key
        token = first.token("xa1")
        first.app.config["PROPAGATE_EXCEPTIONS"] = False
        assert count(first, Device) == 1
    with make_world(urls[1], tmp_path / "two") as second:
        assert second.app is app
        assert second.app.secret_key != secret
        assert second.app.config["PROPAGATE_EXCEPTIONS"] is None
        assert installed(second.app).settings.data_dir == tmp_path / "two"
        assert count(second, Device) == 0
        asked = {"Authorization": f"Bearer {token}"}
        assert second.app.test_client().get("/api/v1/catalog", headers=asked).status_code == 401
        second.token("xa1")
    assert (tmp_path / "two" / "last_mark").exists()


def test_two_worlds_at_once_have_an_application_each(engine: Engine, tmp_path: Path) -> None:
    with (
        make_world(engine.fresh(fill), tmp_path / "one") as first,
        make_world(engine.fresh(fill), tmp_path / "two") as second,
    ):
        first.token("xa1")
        assert first.app is not second.app
        assert (count(first, Device), count(second, Device)) == (1, 0)


def test_an_application_of_a_test_that_failed_is_not_used_again(engine: Engine, tmp_path: Path) -> None:
    def fail() -> None:
        with make_world(engine.fresh(fill), tmp_path / "one") as first:
            apps.append(first.app)
            raise LookupError

    apps: list[object] = []
    with pytest.raises(LookupError):
        fail()
    with make_world(engine.fresh(fill), tmp_path / "two") as second:
        assert second.app not in apps


def test_a_copied_world_is_what_is_filled_in_place(engine: Engine, tmp_path: Path) -> None:
    with make_world(engine.fresh(fill), tmp_path / "copied") as copied:
        assert count(copied, Mark) == 0
        held = counts(copied)
    with make_world(engine.fresh(), tmp_path / "filled") as filled:
        assert held == counts(filled) | {"mark": 0, "audit_line": 0, "audit_head": 0}
        assert held["officer"] == count(filled, Officer) > 0


def counts(world: World) -> dict[str, int]:
    with world.app.app_context(), reading() as session:
        tables = db.Model.metadata.sorted_tables
        return {each.name: session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}
