"""What a transcript says, filled in with what this run drew, and compared with what came.

In a transcript `$name` stands for a value: the first use draws an id (in what is sent) or takes what came (in what is
expected), later ones are the same. `$id` is another id each time, `$any` is anything.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]
_NAME: Final = re.compile(r"\$(\w+)")


def new_id() -> str:
    """96 random bits (ID-1)."""
    return secrets.token_urlsafe(12)


@dataclass
class Names:
    """The values behind `$names`. `forms`: parts that many writes share, laid in by `"$form": name`."""

    forms: Json = field(default_factory=dict)
    values: Json = field(default_factory=dict)

    def fill(self, template: Any) -> Any:
        """The template with the values of this run; a name that has none yet gets a new id."""
        if isinstance(template, list):
            return [self.fill(item) for item in template]
        if isinstance(template, dict):
            if "$text" in template:  # ["x", 5]: a long text
                return template["$text"][0] * template["$text"][1]
            if "$times" in template:  # [1001, item]: a long list
                return [self.fill(template["$times"][1]) for _ in range(template["$times"][0])]
            whole = {**self.forms.get(template.get("$form", ""), {}), **template}
            return {self.fill(key): self.fill(value) for key, value in whole.items() if key != "$form"}
        if not isinstance(template, str):
            return template
        whole_name = _NAME.fullmatch(template)
        return self._of(whole_name) if whole_name else _NAME.sub(lambda found: str(self._of(found)), template)

    def _of(self, found: re.Match[str]) -> Any:
        return new_id() if found[1] == "id" else self.values.setdefault(found[1], new_id())

    def fault(self, expected: Any, came: Any, where: str = "") -> str | None:
        """What differs first, in words; None if all that is expected came. More keys than expected may come (V-2)."""
        if isinstance(expected, str) and (name := _NAME.fullmatch(expected)):
            if name[1] == "any" or self.values.setdefault(name[1], came) == came:
                return None
            return f"{where or 'it'} is {_short(came)}, not {_short(self.values[name[1]])}"
        if isinstance(expected, dict):
            return (
                self._not_fault(expected, came, where)
                if "$not" in expected
                else self._dict_fault(expected, came, where)
            )
        if isinstance(expected, list):
            if not isinstance(came, list) or len(came) != len(expected):
                return f"{where} is {_short(came)}, not {len(expected)} long"
            faults = (self.fault(one, other, f"{where}[{n}]") for n, (one, other) in enumerate(zip(expected, came)))  # noqa: B905
            return next((fault for fault in faults if fault), None)
        filled = self.fill(expected)
        return (
            None if (type(filled), filled) == (type(came), came) else f"{where} is {_short(came)}, not {_short(filled)}"
        )

    def _dict_fault(self, expected: Json, came: Any, where: str) -> str | None:
        if "$has" in expected:  # a list that holds each of these, in any order
            items = came if isinstance(came, list) else []
            missing = (one for one in expected["$has"] if all(self._trial(one, item) for item in items))
            return next((f"{where} lacks {_short(self.fill(one))}" for one in missing), None)
        if not isinstance(came, dict):
            return f"{where} is {_short(came)}, no object"
        for key, value in expected.items():
            name, at = self.fill(key), f"{where}.{key}" if where else key
            if value == "$absent":
                if name in came:
                    return f"{at} is there"
            elif name not in came:
                return f"{at} is missing"
            elif fault := self.fault(value, came[name], at):
                return fault
        return None

    def _not_fault(self, expected: Json, came: Any, where: str) -> str | None:
        """None if it is another than this value, or than each of these."""
        others = self.fill(expected["$not"])
        return (
            f"{where} is {_short(came)} again" if came in (others if isinstance(others, list) else [others]) else None
        )

    def _trial(self, expected: Any, came: Any) -> str | None:
        """As `fault`, but names are taken only if it fits."""
        before = dict(self.values)
        fault = self.fault(expected, came)
        if fault:
            self.values = before
        return fault


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


@dataclass
class Proof:
    """What was found of each rule. A rule that failed once has failed."""

    passed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, list[str]] = field(default_factory=dict)

    def note(self, rules: list[str], story: str, fault: str | None) -> None:
        """Count a check for each rule that it concerns."""
        for rule in rules:
            if fault:
                self.failed.setdefault(rule, []).append(f"{story}: {fault}")
            else:
                self.passed[rule] = self.passed.get(rule, 0) + 1

    def lines(self) -> list[str]:
        """One line a rule, those that failed last."""
        good = [rule for rule in self.passed if rule not in self.failed]
        return [f"{rule} passed ({self.passed[rule]})" for rule in sorted(good, key=_order)] + [
            f"{rule} FAILED: {said}" for rule in sorted(self.failed, key=_order) for said in self.failed[rule]
        ]


def _order(rule: str) -> tuple[str, int]:
    letter, _, number = rule.partition("-")
    return (letter, int(number)) if number.isdigit() else (letter[:1], int(letter[1:]))
