"""The workload of size and speed tests: records of about 12 fields and 600 bytes of Vietnamese JSON, from a seed."""

from __future__ import annotations

import random
from typing import Any

from sync.text import encode_id

TEXT = """
tuyên truyền phòng chống mua bán người treo tại cổng chợ trước nhà văn hóa thôn trên trục đường chính gần trường học
ủy ban nhân dân xã chung tay đẩy lùi nạn đường dây nóng một trăm mười một phát huy tinh thần trách nhiệm toàn xã hội
"""
WORDS = TEXT.split()


def records(count: int, unit: str, campaign: str, seed: int = 1) -> list[dict[str, Any]]:
    """`count` creating writes, as a phone would push them."""
    rng = random.Random(seed)
    return [_record(rng, number, unit, campaign) for number in range(count)]


def _record(rng: random.Random, number: int, unit: str, campaign: str) -> dict[str, Any]:
    fields = {
        "submitted": True,
        "slogan": rng.choice(("s1", "s2", "s3")),
        "quantity": rng.randint(1, 5),
        "put_up_on": f"2021-07-{rng.randint(1, 31):02}",
        "hamlet": f"Thôn {rng.choice(WORDS).title()} {rng.randint(1, 9)}",
        "place": {
            "lat_e6": 20_650_000 + rng.randint(-90_000, 90_000),
            "lon_e6": 106_050_000 + rng.randint(-90_000, 90_000),
            "accuracy_m": rng.randint(3, 60),
            "fixed_at": 1_627_000_000_000 + rng.randint(0, 10**9),
        },
        "hotline": rng.random() < 0.8,
        "note": " ".join(rng.choices(WORDS, k=rng.randint(22, 34))),
        "landmark": " ".join(rng.choices(WORDS, k=4)),
        "size": rng.choice(("5 x 0,9 m", "6 x 1,0 m")),
    }
    id_ = encode_id(rng.randbytes(12))
    at = 1_627_000_000_000 + number * 61_000
    return {"id": id_, "at": at, "kind": "banner", "unit": unit, "campaign": campaign, "set": fields}
