"""Making an application compiles no rule for building; each builds what werkzeug's own would."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.routing import Rule

from server.application import create_app
from server.settings import Settings

ID, SHA256 = "A" * 16, "0" * 64


def test_no_builder_is_compiled_before_an_address_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, own = [], Rule._compile_builder  # noqa: SLF001  # counted, not replaced

    def counted(self: Rule, append_unknown: bool = True) -> object:
        compiled.append(self.rule)
        return own(self, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    app = create_app(Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)}))
    assert compiled == []
    with app.test_request_context():
        assert app.url_for("queue.show", state="all") == "/desk/queue?state=all"
        assert app.url_for("queue.show", state="todo") == "/desk/queue?state=todo"
    assert compiled == ["/desk/queue"]


def test_every_rule_builds_what_it_matches(tmp_path: Path) -> None:
    app = create_app(Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)}))
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 100
    for rule in rules:
        values = {}
        for name in rule._converters:  # noqa: SLF001  # of the address, not those that a rule has by itself
            kind = type(rule._converters[name]).__name__  # noqa: SLF001  # what its ids look like
            values[name] = ID if kind == "IdConverter" else 7 if kind == "IntegerConverter" else SHA256
        built = rule.build({**values, "more": "a b"}, append_unknown=True)
        plain = Rule(rule.rule, endpoint=rule.endpoint, methods=rule.methods)
        plain.bind(app.url_map)
        assert built == plain.build({**values, "more": "a b"}, append_unknown=True)
        assert built is not None
