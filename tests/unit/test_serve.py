"""Gunicorn gets what we mean, a taken port is said in words."""

from __future__ import annotations

import gc
import os
import re
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.sock import ssl_context

from server.processes import gunicorn_app
from server.processes.slow_lines import SlowLines
from server.settings import Settings
from support.installation.certificate import certificate
from support.installation.ports import LOOPBACK, PORTS, free_port


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


TESTS = Path(__file__).resolve().parents[1]
CHOOSE = """
import sys
from support.installation import ports
ports._turn = iter(range(int(sys.argv[1]), len(ports.PORTS)))
print(ports.free_port(), flush=True)
sys.stdin.read()
"""


def test_no_two_processes_choose_the_same_port() -> None:
    """Though nobody has bound it yet, and each looks from the same one on."""
    chosen = [free_port()]
    command = (sys.executable, "-c", CHOOSE, str(PORTS.index(chosen[0])))
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    with ExitStack() as running:
        for _ in range(2):
            one = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            running.enter_context(one)  # which closes its input; then it ends
            assert one.stdout is not None
            chosen.append(int(one.stdout.readline()))
    assert len(set(chosen)) == 3
