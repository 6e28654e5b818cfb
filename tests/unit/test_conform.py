"""`loa conform --client`: the clients of SPEC's levels pass; what a wrong client does wrong is named by its rule."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.commands import main
from server.conformance.matching import Names
from server.conformance.servers import vectors

TESTS = Path(__file__).parents[1]
PLANTED = """
import sys
from support.clients import conforming, reader, write_only
W, R = write_only.WriteOnly, reader.Reader
{fault}
conforming.main()
"""
WRITE_ONLY = {
    "G1": "W.keep = lambda self: None",
    "ID-1": "write_only.secrets.token_urlsafe = lambda bytes: '12'",
    "ID-5": "conforming.is_code = lambda typed: True",
    "W-6": "W.seen = lambda self, record, fields: []",
    "X-60": "was = W.request\nW.request = lambda self: (body := was(self)) and (body.pop('pull'), body)[1]",
    "X-18": "write_only.PUSH_BYTES = 10**6",
    "X-24": "W._not_judged = lambda self, code: None",
    "X-30": "was = W._push\nW._push = lambda self: (self._later.clear(), was(self))[1]",
    "X-31": "write_only.DAYS_30 = 10**15",
    "X-40": "was = W.answer\nW.answer = lambda self, status, *rest: was(self, 400 if status == 500 else status, *rest)",
    "X-41": "was = W.answer\nW.answer = lambda self, status, body, _=None: was(self, status, body)",
}
READ = {
    "X-9": "reader._lay, lay = lambda held, write: lay(held, {**write, 'seen': []}), reader._lay",
    "X-10": "R._own = lambda self, record: [row for row in self.kept['stored'] if row['record'] == record]",
    "X-12": "was = R.block\nR.block = lambda self, a, b, more: was(self, a, b, more=False)",
    "C-4": "was = R.block\nR.block = lambda s, a, b, more: was(s, a, [{**r, 'reset': False} for r in b], more=more)",
    "L-12": "was = R._change\nR._change = lambda self, change: was(self, {**change, 'purged': False})",
    "S-7": "was = R.shown\nR.shown = lambda self, record: (was(self, record)[0], {})",
}


def prove(level: str, folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str = "") -> tuple[int, str]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(TESTS), str(TESTS.parent))))
    script = folder / "client.py"
    script.write_text(PLANTED.format(fault=fault), "utf-8")
    ran = CliRunner().invoke(main, ["conform", "--client", f"{sys.executable} {script} {level}", "--level", level])
    return ran.exit_code, ran.output


@pytest.mark.slow
@pytest.mark.parametrize("level", ["write-only", pytest.param("read", marks=pytest.mark.costly)])
def test_a_client_written_from_its_level_passes(level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = prove(level, tmp_path, monkeypatch)
    assert (status, "FAILED" in said) == (0, False), said
    assert said.count(" passed (") >= {"write-only": 20, "read": 40}[level]


@pytest.mark.costly
@pytest.mark.parametrize(
    ("level", "rule", "fault"),
    [("write-only", *row) for row in WRITE_ONLY.items()] + [("read", *row) for row in READ.items()],
    ids=lambda value: value if len(value) < 12 else "",
)
def test_what_a_wrong_client_does_wrong_is_named(
    level: str, rule: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, said = prove(level, tmp_path, monkeypatch, fault)
    assert status == 1
    assert f"{rule} FAILED" in said, said


def test_a_command_that_is_no_client_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = prove("write-only", tmp_path, monkeypatch, "sys.exit(3)")
    assert status == 1
    assert "no answer" in said


def test_the_stories_of_a_server_never_submit_and_name_each_rule_that_they_judge() -> None:
    content = vectors("servers")
    assert '"submitted"' not in str(content).replace("'", '"'), "a draft counts nowhere"
    for name in ("servers", "clients"):
        content = vectors(name)
        stories = content["stories"] + content.get("restores", [])
        stories += [content["enrolment"]] if "enrolment" in content else []
        judged = {
            rule for story in stories for step in story["steps"] for rule in step.get("rules", story.get("rules", ()))
        }
        assert judged - {"G1"} == set(content["rules"]) - {"F-9"}, name


@pytest.mark.parametrize(
    ("expected", "came"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": "$x", "b": "$x"}, {"a": 1, "b": 2}),
        ({"a": "$absent"}, {"a": None}),
        ({"a": "$x", "b": {"$not": "$x"}}, {"a": 1, "b": 1}),
        ({"a": "$x", "b": {"$not": [0, "$x"]}}, {"a": 1, "b": 1}),
        ([1], [1, 2]),
        ({"$has": [{"a": 1}]}, [{"a": 2}]),
        ({"a": {}}, {"a": []}),
        ("$known", "other"),
    ],
)
def test_the_comparison_sees_what_is_missing_or_else(expected: object, came: object) -> None:
    assert Names({}, {"known": "this"}).fault(expected, came)


def test_the_comparison_lets_more_come_than_is_expected() -> None:
    """V-2."""
    names = Names({}, {})
    assert names.fault({"a": {"$has": [{"b": "$x"}]}}, {"a": [{"b": 1, "c": 2}], "d": 3}) is None
    assert names.values == {"x": 1}
