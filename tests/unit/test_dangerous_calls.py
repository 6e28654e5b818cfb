"""What our code never does, by its syntax tree: run texts or a shell, load objects, mark up data, log to files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS = {"eval", "exec", "compile", "__import__", "system", "popen", "render_template_string", "from_string", "Markup"}
FOREIGN = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "xml", "lxml", "defusedxml", "ldap3", "smtplib"}
STATEMENTS = {"text", "literal_column"}
HASHES = {"sha256", "file_digest", "new"}
"""`new` and one `file_digest` take the name that tus gives, SHA-1 or SHA-256: a checksum against a bad line."""
OF_CONSTANTS = {
    "server/backups/postgresql.py": ["a statement made of parts"],
    "server/services/photos/garbage.py": ["a statement made of parts"],
    "server/desk/charts.py": ["Markup"],
    "server/services/audit/witness.py": ["a log elsewhere than on standard error"],
    "server/core/alert_mail.py": ["smtplib"],
}
"""Statements put together of constants that stand in the same file; heads of the audit log, which no text is in;
tags of a drawing, into which `Markup.format` escapes what it is given; mails whose headers are settings."""
IN_A_PAGE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function\(|srcdoc"
)


def python() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("server", "sync"):
        for path in (ROOT / folder).rglob("*.py"):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def faults(tree: ast.Module) -> Iterator[str]:
    """What in this module must not be there."""
    ours = {  # functions of another meaning: words.text is a sentence
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("server.", "sync."))
        for each in node.names
    } | {  # and those that a module makes of its own catalogue
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name) and ast.unparse(node.value.func) == "own_words"
    }
    sql = any(isinstance(n, ast.ImportFrom) and n.module == "sqlalchemy" for n in ast.walk(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            yield from (name for name in names if name.partition(".")[0] in FOREIGN)
        if not isinstance(node, ast.Call):
            continue
        of, _, name = ast.unparse(node.func).rpartition(".")
        if name in RUNS and of != "re":
            yield name
        if any(each.arg == "shell" for each in node.keywords):
            yield "shell"
        if sql and not of and name in STATEMENTS - ours and not isinstance(node.args[0], ast.Constant):
            yield "a statement made of parts"
        if of == "hashlib" and name not in HASHES:
            yield f"hashlib.{name}"
        if name.endswith("Handler") or any(each.arg == "filename" for each in node.keywords if name == "basicConfig"):
            yield "a log elsewhere than on standard error"
        if of == "random":
            yield "random numbers that can be guessed"


@pytest.mark.slow
def test_no_code_is_run_that_was_data() -> None:
    found = {path: said for path, tree in python() if (said := sorted(set(faults(tree))))}
    assert found == OF_CONSTANTS


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "import pickle",
        "from xml.etree import ElementTree",
        "os.system(x)",
        "subprocess.run(x, shell=True)",
        "from sqlalchemy import text\ntext(f'SELECT {x}')",
        "hashlib.md5(x)",
        "random.random()",
        "render_template_string(x)",
        "Markup(x)",
        "logging.FileHandler(x)",
        "SysLogHandler()",
        "logging.basicConfig(filename=x)",
    ],
)
def test_each_of_these_is_noticed(code: str) -> None:
    assert list(faults(ast.parse(code)))


@pytest.mark.slow
def test_only_one_cipher_is_used() -> None:
    """AES-GCM, from `cryptography`; in the browser the same by WebCrypto."""
    wanted = re.compile(r"cryptography\.hazmat\.primitives\.ciphers[\w.]* import (.*)")
    used = {name for _, tree in python() for name in wanted.findall(ast.unparse(tree))}
    assert used == {"AESGCM"}
    phone = "".join(path.read_text("utf-8") for path in (ROOT / "pwa" / "src").rglob("*.ts"))
    assert set(re.findall(r'"(AES-\w+|RSA[\w-]*)"', phone)) == {"AES-GCM"}
    assert set(re.findall(r'"(SHA-\d+|MD5)"', phone)) == {"SHA-256"}


def test_no_page_makes_markup_of_data() -> None:
    scripts = [*(ROOT / "pwa" / "src").rglob("*.ts*"), *(ROOT / "server" / "desk" / "static").glob("*.js")]
    templates = [*(ROOT / "server").rglob("*.html"), ROOT / "pwa" / "index.html"]
    assert len(scripts) > 100
    assert len(templates) > 30
    assert [path.name for path in scripts if IN_A_PAGE.search(path.read_text("utf-8"))] == []
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(")
    assert [path.name for path in templates if unsafe.search(path.read_text("utf-8"))] == []
