"""Rough places of the demo's communes: each district's middle is known, communes are spread around it by code."""

from __future__ import annotations

from random import Random

DISTRICTS = {
    "33": (20.815, 106.060),
    "323": (20.655, 106.055),
    "325": (20.975, 106.030),
    "326": (20.940, 105.930),
    "327": (20.885, 106.030),
    "328": (20.930, 106.090),
    "329": (20.820, 106.090),
    "330": (20.835, 105.975),
    "331": (20.730, 106.050),
    "332": (20.690, 106.120),
    "333": (20.725, 106.180),
}
"""Latitude and longitude by the code of the district, or of the province where it has none."""
SPREAD, WALK = 0.03, 0.006
"""Degrees: communes around the district's middle, banners around the commune's."""


def fix(rng: Random, commune: str, district: str, at_ms: int) -> dict[str, int]:
    """Return a position in this commune, as a phone's receiver would give it."""
    around = Random(commune)  # noqa: S311  # the same middle each time
    place = [
        round((middle + around.uniform(-SPREAD, SPREAD) + rng.uniform(-WALK, WALK)) * 1_000_000)
        for middle in DISTRICTS[district]
    ]
    return {"lat_e6": place[0], "lon_e6": place[1], "accuracy_m": rng.choice((4, 5, 6, 8, 12, 20)), "fixed_at": at_ms}
