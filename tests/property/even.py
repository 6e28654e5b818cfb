"""Histories in which every kind of step may happen, the frequent ones more often.

Hypothesis' own runner leaves most kinds of steps out of each history on purpose (swarm testing): of 20 histories of 30
steps only three records ever reached a second phone. Here each step is drawn among all rules of the machine, weighted,
and everything else stays Hypothesis': seeds, shrinking, the database of failures.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import INITIALIZE_RULE_MARKER, RULE_MARKER, RuleBasedStateMachine

WEIGHTS = {
    "sync": 9,
    "create": 7,
    "edit": 5,
    "put_the_hub_back": 4,
    "judge": 3,
    "kill_amid": 3,
    "hand_in": 2,
    "save_form": 3,
    "outlive": 2,
    "open_form": 2,
    "lose_the_answer": 2,
    "cut_a_stream": 2,
    "send_twice": 2,
    "two_windows": 2,
    "count_anew": 2,
    "back_up_the_hub": 2,
    "put_the_hub_back_amid": 2,
    "move": 2,
}
"""Every other rule: 1. `LOA_WEIGHTS='{"put_the_hub_back": 9}'` sets others."""
WEIGHTS |= json.loads(os.environ.get("LOA_WEIGHTS", "{}"))
FAVOURED = 12
BLURRING = (
    *("attach_a_pdf", "back_up_the_hub", "enrol_anew", "purge", "put_the_hub_back", "put_the_hub_back_again"),
    *("put_the_hub_back_amid", "take_a_photo", "write_at_the_desk"),
)
"""Left out where some rules are favoured and these are not: they hide what those are to bring out."""
MOVING = ("merge", "move", "leave", "open_a_campaign", "split")
"""Where some rules are favoured and none of these, all is one commune in one campaign: people meet more often."""

taken: Counter[str] = Counter()
"""How many histories were run, and steps of each kind taken, since the process began: what `make soak` prints."""


def rules(machine: type[RuleBasedStateMachine]) -> dict[str, Any]:
    """The machine's rules by name."""
    found = {name: getattr(getattr(machine, name), RULE_MARKER, None) for name in dir(machine)}
    return {name: rule for name, rule in found.items() if rule is not None}


def run(machine: Any, steps: int, data: st.DataObject, favoured: Sequence[str] = ()) -> Any:
    """One history: begin, so many steps, and the checks of the end; what is there then."""
    known = rules(machine)
    one_place = bool(favoured) and not set(favoured) & set(MOVING)
    left_out = (*(BLURRING if favoured else ()), *(MOVING if one_place else ()))
    weights = WEIGHTS | dict.fromkeys(left_out, 0) | dict.fromkeys(favoured, FAVOURED)
    # The frequent ones first: what is drawn most is what comes first.
    often = sorted(known, key=lambda name: (-weights.get(name, 1), name))
    weighted = [name for name in often for _ in range(weights.get(name, 1))]
    one = machine()
    took: list[str] = []
    taken["histories"] += 1
    try:
        if one_place:
            took.append("begin(communes=1, campaigns=1)")
            one.begin(communes=1, campaigns=1)
        else:
            _take(one, "begin", getattr(machine.begin, INITIALIZE_RULE_MARKER), data, took)
        for _ in range(steps):
            name = data.draw(st.sampled_from(weighted))
            taken[name] += 1
            _take(one, name, known[name], data, took)
        one.teardown()
    except Exception as error:
        # Hypothesis shows no history that does not fail again, for its neighbours are others then.
        print("\n".join([f"History {one.number} failed: {error!r}", *took]), flush=True)
        raise
    return one


def _take(one: Any, name: str, step: Any, data: st.DataObject, took: list[str]) -> None:
    arguments = {key: data.draw(strategy) for key, strategy in step.arguments.items()}
    took.append(f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})")
    getattr(one, name)(**arguments)
