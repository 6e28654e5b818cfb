"""One look: colours that desk and phone both name are the same, and text stands out from its ground by 7:1 at least."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server import desk

DESK = Path(desk.__file__).parent / "static"
PHONE = Path(desk.__file__).parents[2] / "pwa" / "src" / "ui" / "styles" / "tokens.css"
COLOUR = re.compile(r"(--[\w-]+):\s*(#[0-9a-f]+)")


def colours(file: Path) -> dict[str, str]:
    return dict(COLOUR.findall(file.read_text("utf-8")))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "ink-soft", "accent", "accent-dark") for ground in ("paper", "ground")),
        *((name, f"{name}-ground") for name in ("waiting", "good", "returned", "changed", "none")),
        *((name, "paper") for name in ("waiting", "good", "returned", "changed")),
        ("waiting", "ground"),
        ("returned", "ground"),
        ("accent-dark", "accent-ground"),
        *((text, "silent-ground") for text in ("ink", "ink-soft", "waiting")),
    ],
)
def test_text_can_be_read(text: str, ground: str) -> None:
    known = colours(DESK / "tokens.css")
    assert contrast(known[f"--{text}"], known[f"--{ground}"]) >= 7


def test_desk_and_phone_look_alike() -> None:
    ours, theirs = colours(DESK / "tokens.css"), colours(PHONE)
    assert {name: ours[name] for name in ours if name in theirs} == {
        name: theirs[name] for name in theirs if name in ours
    }


def test_every_token_used_is_there() -> None:
    known = set(re.findall(r"(--[\w-]+):", (DESK / "tokens.css").read_text("utf-8")))
    sheets = "".join((DESK / name).read_text("utf-8") for name in ("desk.css", "figures.css"))
    used = set(re.findall(r"var\((--[\w-]+)\)", sheets))
    assert used <= known
    assert known <= used
