"""A capability is one package: others import only what its `__init__.py` names (server/services/README.md)."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[2] / "server"
SERVICES = SERVER / "services"
PACKAGES = sorted(path.parent.name for path in SERVICES.glob("*/__init__.py"))


@cache
def imports(path: Path) -> list[tuple[str, list[str]]]:
    """Each import from a service's package: its dotted path below `server.services`, and the names."""
    return [
        (node.module.removeprefix("server.services").removeprefix("."), [each.name for each in node.names])
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("server.services")
    ]


def names_of(package: str, path: Path) -> Iterator[str]:
    """What a file uses of a package, as dotted paths; `letters.plain` after `from server.services import letters`."""
    for module, names in imports(path):
        first, _, rest = module.partition(".")
        if first == package:
            yield from (f"{rest}.{name}".lstrip(".") for name in names)
        if not module and package in names:
            yield from re.findall(rf"\b{package}\.(\w+)", path.read_text("utf-8"))


def public_in(dotted: str, public: set[str]) -> str:
    """The public name that a path leads through: `text.passages` for `text.passages.Owner`; empty without one."""
    parts = dotted.split(".")
    ways = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((way for way in ways if way in public), "")


def strangers(package: str) -> Iterator[Path]:
    inside = SERVICES / package
    return (path for path in SERVER.rglob("*.py") if inside not in path.parents)


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_others_import_only_public_names(package: str) -> None:
    public = set(importlib.import_module(f"server.services.{package}").__all__)
    used = {name for path in strangers(package) for name in names_of(package, path)}
    assert {name for name in used if not public_in(name, public)} == set(), "not named in __all__"
    assert public - {public_in(name, public) for name in used} == set(), "named in __all__ and used by nobody"


def test_services_are_packages() -> None:
    assert [path.name for path in SERVICES.glob("*.py")] == ["__init__.py"]


def test_every_file_is_described() -> None:
    described = (SERVICES / "README.md").read_text("utf-8")
    for package in PACKAGES:
        assert f"`{package}/`" in described, package
        for path in (SERVICES / package).glob("[!_]*.py"):
            names = {f"`{path.name}`", f"`{package}/{path.name}`"}
            assert any(name in described for name in names), f"{package}/{path.name}"
    for path in (SERVICES / "reports").glob("*/[!_]*.py"):
        assert f"`{path.parent.name}/{path.name}`" in described, path.name


def test_core_is_described() -> None:
    described = (SERVER / "core" / "README.md").read_text("utf-8")
    there = {path.name for path in (SERVER / "core").glob("[!_]*.py")}
    assert {
        name for row in described.splitlines() for name in re.findall(r"`(\w+\.py)`", row.partition(" | ")[0])
    } == there


def test_tables_are_in_files_named_after_the_services() -> None:
    assert {path.stem for path in (SERVER / "models").glob("[!_]*.py")} - {"columns", "steps"} <= set(PACKAGES)
