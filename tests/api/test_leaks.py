"""What no visitor learns: files beside those served, lists of folders, echoes of a request, what went wrong inside."""

from __future__ import annotations

import logging

import pytest
from flask import request

from server.application import create_app
from server.serving.installation import installed
from server.settings import Settings
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize("root", ["", "/app", "/app/..", "/app/assets/../..", "/desk/static/..", "/desk/static/../.."])
@pytest.mark.parametrize("name", [".git/config", "server/settings.py", "guard.py", "pyproject.toml", "var/secret_key"])
def test_no_file_beside_those_that_are_served(world: World, root: str, name: str) -> None:
    http = world.app.test_client()
    for path in (f"{root}/{name}", f"{root}/{name}".replace("..", "%2e%2e"), f"{root}/{name}".replace("../", "..%2f")):
        assert http.get(path).status_code == 404, path


@pytest.mark.parametrize("folder", ["/app/assets/", "/app/assets", "/desk/static/", "/desk/static", "/api/v1/"])
def test_no_folder_is_listed(world: World, folder: str) -> None:
    assert world.app.test_client().get(folder).status_code == 404


@pytest.mark.parametrize("path", ["/", "/app/", "/desk/sign-in", "/api/v1/health", "/api/v1/sync"])
def test_no_request_is_echoed(world: World, path: str) -> None:
    answer = world.app.test_client().open(path, method="TRACE", headers={"Authorization": "Bearer seCret"})
    assert answer.status_code == 405
    assert "seCret" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(("path", "route"), [("/api/v1/health", "health.Health"), ("/", "home.door")])
def test_a_fault_is_told_in_one_sentence_and_logged(
    world: World, caplog: pytest.LogCaptureFixture, path: str, route: str
) -> None:
    """As it is served: neither debugging nor tests, which would see the error itself."""
    settings: Settings = installed(world.app).settings
    app = create_app(settings)
    assert (app.debug, app.testing) == (False, False)

    def broken() -> str:
        raise AttributeError("a slip of ours, with seCret")

    app.view_functions[route] = broken
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get(path)
    assert answer.status_code == 500
    said = answer.get_data(as_text=True)
    assert "Máy chủ gặp lỗi" in (answer.get_json()["detail"] if path.startswith("/api/") else said)
    assert "seCret" not in said
    assert "Traceback" not in said
    assert "AttributeError" not in said
    request = answer.headers["X-Request-ID"]
    logged = [line.getMessage() for line in caplog.records]
    assert logged == [f"unhandled AttributeError, GET {path}, request {request}"]


@pytest.mark.parametrize(("proxies", "believed"), [("0", "127.0.0.1"), ("1", "203.0.113.7"), ("2", "198.51.100.9")])
def test_the_address_is_the_one_that_the_nearest_proxies_saw(world: World, proxies: str, believed: str) -> None:
    """What a client writes itself stands before that and is passed over."""
    of_world: Settings = installed(world.app).settings
    env = {"LOA_DATABASE_URL": of_world.database_url, "LOA_DATA_DIR": str(of_world.data_dir)}
    app = create_app(Settings.from_environment({**env, "LOA_TRUSTED_PROXIES": proxies}))
    seen: list[str | None] = []

    @app.before_request
    def note() -> None:
        seen.append(request.remote_addr)

    forged = {"X-Forwarded-For": "10.0.0.1, 198.51.100.9, 203.0.113.7", "Forwarded": "for=10.0.0.3"}
    assert app.test_client().get("/api/v1/health", headers={**forged, "X-Real-IP": "10.0.0.2"}).status_code == 200
    assert seen == [believed]
