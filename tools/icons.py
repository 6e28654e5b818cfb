"""Draws the app's icons: a loudspeaker, white on the red of the banners. Run by hand when the drawing changes.

    .venv/bin/python tools/icons.py

Drawn by code so that nobody needs a drawing program, and one drawing serves every size.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

PUBLIC = Path(__file__).resolve().parent.parent / "pwa" / "public"
RED, WHITE = (163, 18, 26, 255), (255, 255, 255, 255)
FINE = 4  # drawn larger and scaled down, because Pillow's shapes have hard edges


def icon(size: int, *, maskable: bool) -> Image.Image:
    """Return an icon. A maskable one fills the square and keeps the drawing inside the circle every launcher shows."""
    canvas = size * FINE
    image = Image.new("RGBA", (canvas, canvas), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, canvas, canvas), 0 if maskable else canvas * 0.2, fill=RED)
    scale, shift = (0.62, 0.19) if maskable else (0.8, 0.1)

    def at(*points: float) -> list[float]:
        return [(point * scale + shift) * canvas for point in points]

    draw.rounded_rectangle(at(0.05, 0.36, 0.30, 0.64), canvas * 0.03, fill=WHITE)
    draw.polygon(at(0.30, 0.36, 0.62, 0.12, 0.62, 0.88, 0.30, 0.64), fill=WHITE)
    draw.rounded_rectangle(at(0.13, 0.60, 0.25, 0.88), canvas * 0.03, fill=WHITE)
    wide = round(canvas * 0.06 * scale)
    draw.arc(at(0.50, 0.32, 0.80, 0.68), -60, 60, fill=WHITE, width=wide)
    draw.arc(at(0.46, 0.16, 0.96, 0.84), -60, 60, fill=WHITE, width=wide)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write the three files that the manifest names."""
    for name, size, maskable in (
        ("icon-192", 192, False),
        ("icon-512", 512, False),
        ("icon-maskable-512", 512, True),
    ):
        icon(size, maskable=maskable).quantize(32).save(PUBLIC / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
