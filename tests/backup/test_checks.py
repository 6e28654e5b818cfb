"""Checks are one registry: the worker keeps what it found, and desk, metrics and alarm read the same."""

from __future__ import annotations

import fcntl
import html
import http.server
import json
import re
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from server import checks
from server.checks import CHECKS, CheckContext, machine, watching
from server.core import findings
from server.core.clock import DAY_MS, HOUR_MS, now_ms, stopped_at
from server.core.db import reading, writing
from server.core.findings import HealthFinding, Level
from server.desk import words
from server.services.audit import log
from server.services.audit.acts import Act
from server.settings import Settings
from support.clients.client import Client
from support.installation.backups import full_disk
from support.installation.certificate import certificate
from support.installation.machine import Machine
from support.world.world import PASSWORD, World


def found(here: Machine, world: World) -> dict[tuple[str, str], HealthFinding]:
    with world.app.app_context():
        return {(one.check, one.outcome): one for one in watching.look(Settings.from_environment(here.environment))}


def happened(world: World, *acts: tuple[Act, int]) -> None:
    """Log these acts, each at its time."""
    with world.app.app_context():
        for act, at in acts:
            with stopped_at(at), writing() as session:
                log.append(session, act)


def first_page(world: World, username: str) -> str:
    """What somebody sees who signs in at the desk."""
    client = world.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk/sign-in").get_data(as_text=True))
    assert token
    sent = {"csrf_token": token[1], "username": username, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=sent).status_code == 303
    return client.get("/desk/").get_data(as_text=True)


def test_what_the_worker_finds_of_a_backup(
    here: Machine, world: World, calling: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert calling.token
    here = replace(here, more={"LOA_BACKUP_DIR": str(tmp_path / "other" / "loa")})
    (tmp_path / "other" / "loa").mkdir(parents=True)
    here.data_dir.chmod(0o700)
    assert ("trial", "never") in found(here, world)
    here.done("backup")
    here.done("backup", "verify")
    here.done("backup", "try")
    said = found(here, world)
    assert {
        ("backup", "good"),
        ("pool", "good"),
        ("trial", "good"),
        ("tables", "good"),
        ("worker", "good"),
    } <= said.keys()
    assert [one for one in said.values() if one.level is Level.BAD] == []
    assert (here.data_dir / "good_night").read_text().strip() == next((tmp_path / "other/loa/nights").iterdir()).name
    with monkeypatch.context() as patch:
        patch.setattr("server.backups.databases.check_dump", full_disk)
        here.refused("backup")
    assert found(here, world)["backup", "failed"].level is Level.BAD
    for one in found(here, world).values():
        for lang in words.LANGUAGES:
            assert "{" not in words.finding(one, lang)


def test_the_alarm_is_given_once_and_taken_back_once(here: Machine, world: World, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    script = tmp_path / "alert"
    script.write_text(f"#!/bin/sh\n(cat; echo --) >> {heard}\n")
    script.chmod(0o755)
    here = replace(here, more={"LOA_ALERT_COMMAND": str(script)})
    here.data_dir.chmod(0o755)
    for _ in range(2):
        assert ("files", "open") in found(here, world)
    assert heard.read_text().count("--") == 1
    assert f"Người dùng khác trên máy đọc được {here.data_dir}" in heard.read_text()
    here.data_dir.chmod(stat.S_IRWXU)
    found(here, world)
    assert heard.read_text().splitlines()[-2:] == ["Máy chủ đã hoạt động bình thường trở lại.", "--"]


def test_the_red_bar_is_for_the_top_and_metrics_for_this_machine(here: Machine, world: World) -> None:
    here.data_dir.chmod(0o755)
    found(here, world)
    assert "Người dùng khác trên máy" in first_page(world, "quantri")
    assert "Người dùng khác trên máy" not in first_page(world, "huyen")
    client = world.app.test_client()
    near = {"REMOTE_ADDR": "127.0.0.1"}
    said = client.get("/metrics", environ_overrides=near).get_data(as_text=True)
    assert 'loa_check{check="files",what=""} 2' in said
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "10.0.0.7"}).status_code == 404
    assert client.get("/metrics", environ_overrides=near, headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 404


def tiles(world: World) -> dict[str, tuple[str, str]]:
    """The tiles of the administrator's first page: how each looks, and its number, by its text."""
    every = re.findall(r'<li class="(\w*)">.*?<b>([^<]*)</b> <span>([^<]*)</span>', first_page(world, "quantri"))
    return {text: (look, number) for look, number, text in every}


def test_the_tiles_say_what_the_checks_found(
    here: Machine, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that was begun only is none, and one that failed is red; nothing is read but what the worker kept."""
    here = replace(here, more={"LOA_BACKUP_DIR": str(tmp_path / "other" / "loa")})
    (tmp_path / "other" / "loa").mkdir(parents=True)
    here.data_dir.chmod(0o700)
    assert tiles(world)["việc nền"] == ("none", "không chạy"), "nobody ever checked"
    with monkeypatch.context() as patch:
        patch.setattr("server.backups.sqlite.dump", full_disk)
        patch.setattr("server.backups.postgresql.dump", full_disk)
        assert "The backup was not finished" in here.refused("backup")
    found(here, world)
    assert tiles(world)["lần sao lưu mới nhất không thành công"] == ("none", "chưa có")
    here.done("backup")
    assert tiles(world)["lần sao lưu mới nhất không thành công"] == ("none", "chưa có"), "what was kept"
    said = found(here, world)
    now = tiles(world)
    assert now["việc nền"] == ("done", "đang chạy")
    assert now["việc nền bị lỗi trong 7 ngày"] == ("done", "0")
    assert now["sao lưu gần nhất"][0] == "done"
    assert re.fullmatch(r"\d+/\d+ \d+:\d+", now["sao lưu gần nhất"][1])
    for place in ("dữ liệu", "sao lưu"):
        assert re.fullmatch(r"\d[\d.]*/\d[\d.]* GB", now[f"còn trống ở ổ đĩa {place}"][1])
    look = [one for one in said.values() if one.level is Level.WARN]
    assert look
    page = first_page(world, "quantri")
    assert f"{len(look)} điều cần xem ở máy chủ" in page
    assert all(html.escape(words.finding(one, "vi"), quote=False) in page for one in look)
    assert "điều cần xem ở máy chủ" not in first_page(world, "tinh")
    with monkeypatch.context() as patch:
        patch.setattr("server.backups.databases.check_dump", full_disk)
        here.refused("backup")
    found(here, world)
    assert tiles(world)["lần sao lưu mới nhất không thành công"][0] == "none"


def test_a_backup_that_was_killed_is_a_failed_one(here: Machine, world: World) -> None:
    here.data_dir.mkdir(exist_ok=True)
    with world.app.app_context(), stopped_at(now_ms() - 13 * HOUR_MS), writing() as session:
        log.append(session, Act.BACKUP_BEGUN)
    assert found(here, world)["backup", "failed"].level is Level.BAD


def test_a_restore_is_no_failed_backup(here: Machine, world: World, tmp_path: Path) -> None:
    """What is restored holds the beginning of its own backup; the end was logged behind it, and is not in it."""
    here.data_dir.chmod(0o700)
    hour = now_ms() - 13 * HOUR_MS
    with stopped_at(hour - DAY_MS):
        here.done("backup", tmp_path / "backup")
    happened(world, (Act.BACKUP_FAILED, hour - HOUR_MS), (Act.BACKUP_BEGUN, hour), (Act.RESTORED, hour + HOUR_MS))
    said = found(here, world)
    assert ("backup", "failed") not in said, "neither its own, nor that of the night before"
    assert said["backup", "good"].level is Level.GOOD


def test_a_backup_that_takes_long_is_no_failed_one_while_it_runs(here: Machine, world: World, tmp_path: Path) -> None:
    """The first copy of a country's photos takes more than half a day."""
    here = replace(here, more={"LOA_BACKUP_DIR": str(tmp_path)})
    happened(world, (Act.BACKUP_BEGUN, now_ms() - 13 * HOUR_MS))
    assert ("backup", "failed") in found(here, world)
    with (tmp_path / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert ("backup", "failed") not in found(here, world)
    assert ("backup", "failed") in found(here, world)


def test_what_was_found_before_the_worker_died_is_not_shown_as_good(here: Machine, world: World) -> None:
    """Without a worker there are no nightly backups either."""
    here.data_dir.mkdir(exist_ok=True)
    kept = [
        HealthFinding("worker", "good", Level.GOOD),
        HealthFinding("backup", "good", Level.GOOD, {"day": "01:00 01/07/2021", "at": 1_625_076_000_000}),
        HealthFinding("jobs", "good", Level.GOOD, {"count": 0}),
    ]
    findings.write(here.data_dir, kept, now_ms() - 90 * 60_000)
    page = first_page(world, "quantri")
    assert re.search(r"kiểm tra lúc \d+/\d+ \d+:\d+; từ đó chưa kiểm tra lại", page)
    assert tiles(world)["việc nền"] == ("none", "không chạy")
    assert "sao lưu gần nhất" not in tiles(world), "of those with a colour"
    assert ">0</b> <span>việc nền bị lỗi trong 7 ngày" in page
    findings.write(
        here.data_dir, [kept[0], HealthFinding("backup", "error", Level.WARN, {"error": "OSError"})], now_ms()
    )
    assert tiles(world)["sao lưu gần nhất"] == ("part", "–"), "not that there was none"


def test_a_worker_that_is_silent_for_five_minutes_is_dead(here: Machine, world: World) -> None:
    here.data_dir.mkdir(exist_ok=True)
    assert findings.read(here.data_dir, now_ms()) is None
    findings.write(here.data_dir, [HealthFinding("worker", "good", Level.GOOD)], now_ms() - 6 * 60_000)
    (one,) = findings.read(here.data_dir, now_ms()) or []
    assert (one.check, one.outcome, one.level, one.values["minutes"]) == ("worker", "dead", Level.BAD, 6)
    assert "đã dừng 6 phút" in first_page(world, "quantri")


def test_a_check_that_fails_keeps_no_other_from_running(here: Machine, world: World) -> None:
    def broken(_context: CheckContext) -> Iterator[HealthFinding]:
        raise RuntimeError

    CHECKS.add("broken", broken)
    try:
        said = found(here, world)
    finally:
        CHECKS.remove("broken")
    assert said["broken", "error"].values == {"error": "RuntimeError"}
    assert ("tables", "good") in said


def test_a_database_that_is_gone_is_found(here: Machine, world: World, tmp_path: Path) -> None:
    settings = replace(Settings.from_environment(here.environment), database_url=f"sqlite:///{tmp_path}/no/such.sqlite")
    assert HealthFinding("tables", "silent", Level.BAD) in checks.run(settings, None)
    with world.app.app_context(), reading() as session:
        assert HealthFinding("tables", "good", Level.GOOD) in checks.run(settings, session)


@pytest.mark.parametrize(("days", "level"), [(3, Level.BAD), (10, Level.WARN), (60, Level.GOOD)])
def test_the_certificate_is_that_of_the_public_address(
    here: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, level: Level
) -> None:
    """Asked on this machine, for the unit keeps Loa off the network."""
    with _shown(tmp_path, days) as port:
        settings = replace(Settings.from_environment(here.environment), public_url=f"https://loa.invalid:{port}")
        (one,) = machine.certificate(CheckContext(settings, None, now_ms()))
    assert (one.level, one.values["days"]) == (level, days - 1)
    (one,) = machine.certificate(CheckContext(settings, None, now_ms()))
    assert (one.outcome, one.level, one.values["error"]) == ("unseen", Level.WARN, "gaierror")
    monkeypatch.setattr(machine, "NGINX", tmp_path)
    (one,) = machine.certificate(CheckContext(settings, None, now_ms()))
    assert (one.outcome, one.level) == ("silent", Level.BAD)


@contextmanager
def _shown(folder: Path, days: int) -> Iterator[int]:
    made = certificate(folder, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made["LOA_TLS_CERT"], made["LOA_TLS_KEY"])
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_findings_survive_their_file(tmp_path: Path) -> None:
    kept = [HealthFinding("disk", "low", Level.WARN, {"path": "/srv/loa", "free": 1})]
    findings.write(tmp_path, kept, now_ms())
    assert findings.read(tmp_path, now_ms()) == kept
    (tmp_path / findings.NAME).write_text(json.dumps({"at": 1}))
    assert findings.read(tmp_path, now_ms()) is None
