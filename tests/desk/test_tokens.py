"""One look: colours that desk and phone both name are the same, and text stands out from its ground by 7:1 at least."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server import desk

DESK = Path(desk.__file__).parent / "static"
STYLES = Path(desk.__file__).parents[2] / "pwa" / "src" / "ui" / "styles"
SHEETS = sorted(path.name for path in DESK.glob("*.css") if path.name != "tokens.css")
ON_PAPER = {"cards.css", "cards_a4.css"}
"""Sheets of what is printed, whose text is sized by the paper."""
COLOUR = re.compile(r"(--[\w-]+):\s*(#[0-9a-f]+)")


def colours(file: Path, dark: Path | None = None) -> dict[str, str]:
    """The colours by day; with `dark`, the file that has those by night, as they are then."""
    day = file.read_text("utf-8").partition("@media")[0]
    night = dark.read_text("utf-8").partition("prefers-color-scheme: dark")[2] if dark else ""
    return dict(COLOUR.findall(day)) | dict(COLOUR.findall(night))


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
        *((text, ground) for text in ("ink", "ink-soft", "accent-dark") for ground in ("paper", "ground")),
        *((name, f"{name}-ground") for name in ("waiting", "good", "returned", "changed", "none")),
        *((name, "paper") for name in ("waiting", "good", "returned", "changed")),
        ("waiting", "ground"),
        ("returned", "ground"),
        ("accent-dark", "accent-ground"),
        ("on-primary", "primary"),
        *((text, "good-ground") for text in ("ink", "ink-soft")),
        *((text, "silent-ground") for text in ("ink", "ink-soft", "waiting")),
    ],
)
def test_text_can_be_read(text: str, ground: str) -> None:
    for known in (colours(DESK / "tokens.css"), colours(DESK / "tokens.css", DESK / "tokens.css")):
        assert contrast(known[f"--{text}"], known[f"--{ground}"]) >= 7


def test_desk_and_phone_look_alike() -> None:
    """By day and by night."""
    pairs = ((None, None), (DESK / "tokens.css", STYLES / "dark.css"))
    for our_night, their_night in pairs:
        ours, theirs = colours(DESK / "tokens.css", our_night), colours(STYLES / "tokens.css", their_night)
        both = ours.keys() & theirs.keys()
        assert len(both) > 8
        assert {name: ours[name] for name in both} == {name: theirs[name] for name in both}


def test_every_token_used_is_there() -> None:
    known = set(re.findall(r"(--[\w-]+):", (DESK / "tokens.css").read_text("utf-8")))
    sheets = "".join((DESK / name).read_text("utf-8") for name in SHEETS)
    used, own = set(re.findall(r"var\((--[\w-]+)\)", sheets)), set(re.findall(r"(--[\w-]+):", sheets))
    assert used - own <= known
    assert known <= used


def test_type_has_five_sizes() -> None:
    """On the screen: whatever is printed is sized by the paper."""
    sizes = set()
    for name in set(SHEETS) - ON_PAPER:
        screen = (DESK / name).read_text("utf-8")
        sizes |= {size for size in re.findall(r"font-size: ([^;]+);", screen) if not size.endswith(("pt", "inherit"))}
    sizes |= set(re.findall(r"font: (var\(--[\w-]+\))", (DESK / "desk.css").read_text("utf-8")))
    assert sizes == {f"var(--{name})" for name in ("small", "row", "size", "heading", "title")}


def test_no_sheet_of_a_page_gives_a_part_of_the_kit_another_look() -> None:
    """Once the place to drop files on gave its dashes to all that opens in the head of that page."""
    rule = re.compile(r"(?m)^(\.[\w-]+)(?= \{)")
    kit = set(re.findall(rule, (DESK / "desk.css").read_text("utf-8")))
    assert len(kit) > 80
    own = {name: set(re.findall(rule, (DESK / name).read_text("utf-8"))) for name in SHEETS if name != "desk.css"}
    assert not {name: found & kit for name, found in own.items() if found & kit}
