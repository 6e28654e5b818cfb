"""What a reader is told exists, and what exists is told: settings, commands, routes, error codes."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import click
import pytest
from flask import Flask

from chaos import nginx
from server.application import create_app
from server.commands import INDEX
from server.core.keyring import Purpose
from server.registration import collect
from server.services.units.scope import ROLES
from server.serving.every_request import LIMITS
from server.settings import Settings
from sync.errors import CODES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
DOCS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
API = (ROOT / "server" / "api" / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(Settings.from_environment({"LOA_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))


EXAMPLES = [
    path.relative_to(ROOT)
    for folder in ("sync", "server")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_examples(path: Path) -> None:
    module = import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    found = doctest.testmod(module)
    assert found.attempted
    assert found.failed == 0


def test_settings() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "server").rglob("*.py"))
    used = set(re.findall(r'"(LOA_[A-Z0-9_]*[A-Z0-9])"', source))
    told = set(re.findall(r"`(LOA_[A-Z0-9_]*[A-Z0-9])`", REFERENCE))
    assert used - told == set()
    assert told - used == {"LOA_CHROMIUM"}


def test_commands() -> None:
    known = {str(command.name): command for command in collect().commands}
    assert known.keys() == INDEX.keys()
    for name, command in known.items():
        row = next((line for line in REFERENCE.splitlines() if line.startswith(f"| `loa {name}")), "")
        assert row, f"loa {name} is not in docs/reference.md"
        for inner, below in command.commands.items() if isinstance(command, click.Group) else ():
            mark = f"| `loa {name} {inner}" if isinstance(below, click.Group) else ""
            told = mark in REFERENCE if mark else re.search(rf"\b{inner}`", row)
            assert told, f"loa {name} {inner} is not in docs/reference.md"


@pytest.mark.parametrize("runbook", ["docs/vi/van-hanh.md", "docs/operate.md"])
def test_each_command_of_a_runbook_is_there(runbook: str) -> None:
    """With each option that it names."""
    known = {str(command.name): command for command in collect().commands}
    told = re.findall(r"`sudo loa ([^`]+)`", (ROOT / runbook).read_text("utf-8"))
    assert len(told) > 8
    for line in told:
        command, words = known[line.split()[0]], line.split()[1:]
        if isinstance(command, click.Group) and words and words[0] in command.commands:
            command = command.commands[words[0]]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_each_command_of_the_runbook_is_run_on_a_bare_debian() -> None:
    """By tests/release/life.sh, with its options; what stands in capitals is another's there."""
    life = [line.strip() for line in (ROOT / "tests/release/life.sh").read_text("utf-8").splitlines()]
    told = re.findall(r"`sudo loa ([^`]+)`", (ROOT / "docs/vi/van-hanh.md").read_text("utf-8"))
    for line in told:
        words = re.findall(r"(?<!\S)[a-z-]+(?!\S)", line)
        ran = rf"\bloa {words[0]}\b" + "".join(rf"(?=.*(?<!\S){re.escape(word)}(?!\S))" for word in words[1:])
        assert any(re.search(ran, each) for each in life), line


def test_routes_of_the_api(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            assert re.search(rf"`[^`]*{re.escape(path)}`", API), path


def test_error_codes() -> None:
    told = set(re.findall(r"`([a-z_]+)`", API))
    assert set(CODES) - told == set()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", *DOCS])
def test_links_and_paths_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)", text)
    paths = re.findall(r"`((?:docs|migrations|pwa|server|sync|tests|tools)/[\w./-]*)`", text)
    for target in [*links, *paths]:
        assert (ROOT / target).exists() or ((ROOT / document).parent / target).exists(), target


def test_each_heading_that_a_link_names_is_there() -> None:
    for document in ("README.md", "CONTRIBUTING.md", "SECURITY.md", *DOCS):
        here = ROOT / document
        for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]+)\)", here.read_text("utf-8")):
            text = (here.parent / target if target else here).read_text("utf-8")
            headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}, (
                document,
                anchor,
            )


def test_readme_is_short_and_names_each_paper() -> None:
    """Who comes first finds what to try; each other reader's page is one link away."""
    assert len(README.splitlines()) <= 150
    for name in ("install", "reference", "operate", "cases", "how-sync-works", "vi/van-hanh"):
        assert f"docs/{name}.md" in README, name


def test_make_targets() -> None:
    """Each `make ...` that a reader is told of is there."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md", *DOCS):
        told = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / document).read_text("utf-8"), re.MULTILINE))
        assert told - targets == set(), document


def test_what_is_advised_for_nginx_is_what_is_put_before_the_server() -> None:
    """Raises where deploy/loa.conf cannot be taken as it stands."""
    assert "client_max_body_size 201m" in nginx.advised(1, ["127.0.0.1:2"])


def test_nginx_lets_through_what_each_route_takes(app: Flask) -> None:
    """nginx takes the first expression that matches, else the longest prefix."""
    block = nginx.advised(1, ["127.0.0.1:2"])
    (rest,) = re.findall(r"^  client_max_body_size (\d+)m;", block, re.MULTILINE)
    told = re.findall(r"^  location (~ |= |)(\S+) \{(.*)\}$", block, re.MULTILINE)
    sizes = [
        (kind.strip(), where, int((re.findall(r"client_max_body_size (\d+)m;", rules) or [rest])[0]))
        for kind, where, rules in told
    ]

    def most(path: str) -> int:
        matching = [size for kind, where, size in sizes if kind == "~" and re.search(where, path)]
        prefixes = [(len(where), size) for kind, where, size in sizes if not kind and path.startswith(where)]
        return (matching or [max(prefixes)[1]])[0] * 1024**2

    paths = [
        (re.sub(r"<[^>]+>", "A" * 16, rule.rule), LIMITS[rule.endpoint].size)
        for rule in app.url_map.iter_rules()
        if rule.endpoint in LIMITS
    ]
    assert len(paths) >= len(LIMITS)
    assert [path for path, size in paths if most(path) < size] == []


def test_security_names_each_role_way_in_and_key() -> None:
    tables = re.findall(r"^\| (.*?) \|", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
    told = {word for cell in tables for word in re.findall(r"`([^`]+)`", cell)}
    ways = {"/desk/sign-in", "/desk/welcome/", "/api/v1/enrolment", "/class/", "/demo/sign-in/", "loa device add"}
    ways |= {"/desk/exports/link/"}
    assert {*ROLES, *Purpose, *ways} - told == set()
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "server" / "services").rglob("*.py"))
    later = set(re.findall(r'^(?:AUDIT|PURPOSE|TAGS): Final = "([\w-]+)"', source, re.MULTILINE))
    assert len(later) == 7
    assert later - told == set()


def test_tests_that_hold_numbers() -> None:
    """Each row of docs/numbers.md names a test that is there."""
    rows = [line for line in (ROOT / "docs" / "numbers.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row.startswith(("| screen |", "| page |", "| --- |"))]
    assert len(rows) > 40
    for row in rows:
        file, named = "", 0
        for path, test in re.findall(r"`((?:tests|pwa)/[^`:]*)?(?:::(\w+))?`", row.rsplit("|", 2)[1]):
            file, named = path or file, named + 1
            source = (ROOT / file).read_text("utf-8")
            assert not test or f"def {test}(" in source, test
        assert named, row
