"""Gunicorn gets what we mean, a taken port is said in words."""

from __future__ import annotations

import gc
import os
import re
import socket
import ssl
from typing import TYPE_CHECKING

import pytest
from gunicorn.config import Config
from gunicorn.sock import ssl_context

from server.processes import gunicorn_app
from server.processes.slow_lines import SlowLines
from server.settings import Settings
from support.installation.certificate import certificate
from support.installation.ports import LOOPBACK, free_port

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"LOA_DATA_DIR": str(tmp_path), "LOA_PORT": str(free_port())})


def test_gunicorn_knows_every_option(settings: Settings) -> None:
    config = Config()
    for name, value in gunicorn_app.options(settings).items():
        config.set(name, value)
    assert config.worker_class is SlowLines
    assert (config.workers, config.threads) == (2, 256)
    assert config.address == [(LOOPBACK, settings.port)]


def test_it_logs_to_standard_error_alone(settings: Settings) -> None:
    config = Config()
    for name, value in gunicorn_app.options(settings).items():
        config.set(name, value)
    assert (config.errorlog, config.accesslog, config.capture_output) == ("-", None, False)
    assert (config.syslog, config.logconfig, config.logconfig_dict, config.logconfig_json) == (False, None, {}, None)


def test_a_worker_leaves_its_application_out_of_full_collections(settings: Settings) -> None:
    """They stop every thread of the worker for as long as they take."""
    before = gc.get_freeze_count()
    app = gunicorn_app.Served(settings).load()
    assert gc.get_freeze_count() > before + 1000
    assert not any(each is app for each in gc.get_objects())


def test_its_own_tls_is_no_older_than_1_2(tmp_path: Path) -> None:
    made = Settings.from_environment({"LOA_DATA_DIR": str(tmp_path / "data"), **certificate(tmp_path)})
    context = ssl_context(gunicorn_app.Served(made).cfg)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    names = [cipher["name"] for cipher in context.get_ciphers()]
    assert len(names) >= 5
    assert [name for name in names if not re.fullmatch("(TLS|ECDHE)[-_].*(GCM|CHACHA20).*", name)] == []


def test_a_taken_port_is_explained() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(gunicorn_app.CannotListen, match=f"Port {port} .* is taken; .* LOA_PORT"):
            gunicorn_app.check_address(LOOPBACK, port)


def test_no_test_wants_the_port_that_a_running_loa_holds() -> None:
    """`make test` beside `make run`: a command that serves, started by a test, finds its port free."""
    assert Settings.from_environment(os.environ).port != Settings.from_environment({}).port
    gunicorn_app.check_address(LOOPBACK, Settings.from_environment(os.environ).port)


def test_a_free_port_stays_free_after_the_check(settings: Settings) -> None:
    gunicorn_app.check_address(settings.host, settings.port)
    gunicorn_app.check_address(settings.host, settings.port)
