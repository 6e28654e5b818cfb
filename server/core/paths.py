"""Paths of Loa's non-Python files: migrations, the built phone app, papers.

In a working tree they are beside `server/`; in an installed wheel they are inside it, put there by the build hook.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_PACKED = _PACKAGE / "_data"


def migrations() -> Path:
    """The folder of the Alembic scripts."""
    return _PACKED / "migrations" if _PACKED.is_dir() else _PACKAGE.parent / "migrations"


def phone_app() -> Path:
    """The folder served under /app/; absent in a working tree until the first build."""
    return _PACKED / "pwa" if _PACKED.is_dir() else _PACKAGE.parent / "pwa" / "dist"


def document(name: str) -> Path | None:
    """A paper of docs/ that the desk shows. None if this package has none."""
    path = (_PACKED if _PACKED.is_dir() else _PACKAGE.parent) / "docs" / name
    return path if path.is_file() else None


def deploy(name: str) -> Path | None:
    """A file that is shipped for the machine: the unit, nginx's block. None if this package has none."""
    path = (_PACKED if _PACKED.is_dir() else _PACKAGE.parent) / "deploy" / name
    return path if path.is_file() else None
