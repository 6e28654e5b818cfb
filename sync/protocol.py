"""Constants of the exchange (SPEC W-8, X-1, P-3). Changing one changes what phones in the field may do."""

from __future__ import annotations

from typing import Final

MINIMUM_APP: Final = 1
"""The least app that is told news; an older one's outbox is still taken (SPEC V-1)."""

RECEIPT_APP: Final = 3
"""The least app that says when a write it brings back was first received (SPEC L-13)."""

WRITE_BYTES: Final = 64 * 1024
SEEN_IDS: Final = 1024
RECORD_FIELDS: Final = 256
FIELD_SIDES: Final = 32
RECORD_WRITES: Final = 10_000
"""Most writes of a record; and most ids that they name in `seen` without the server holding them."""
FIELD_NAME_LENGTH: Final = 64
INTEGER_MAX: Final = 2**53 - 1

BODY_BYTES: Final = 1024 * 1024
"""Most bytes a request body may have as sent."""
INFLATED_BYTES: Final = 8 * 1024 * 1024
"""Most bytes it may have after gunzip."""
WRITES_PER_REQUEST: Final = 1000
PHOTOS_PER_REQUEST: Final = 500
KNOWN_PER_REQUEST: Final = 500
KNOWN_WRITES: Final = 32
"""Most writes that one entry of `known` may name (SPEC B-3)."""
RECORDS_PER_PAGE: Final = 200
PAGE_BYTES: Final = 256 * 1024
"""About how much JSON one page of changes may hold before it ends early."""
BLOCK_RECORDS: Final = 80
"""Records in a block of a streamed answer: what a cut may cost, under 1 % of 10,000 (SPEC X-19)."""
BLOCK_BYTES: Final = 96 * 1024
"""About how much JSON such a block may hold; so many ordinary records fit."""

FIGURE_MAX: Final = 10**9
"""More than this no record adds to a figure (SPEC D-8)."""
TIMES_A_DAY: Final = 1440
"""Most airings that can be confirmed of one day: one a minute (SPEC F-3)."""

NIL_PREFIX: Final = "nil/"
"""Fields in which a unit says that it has nothing to report of a figure (SPEC F-6)."""

PHOTO_BYTES: Final = 8 * 1024 * 1024
PHOTO_PIXELS: Final = 25_000_000
PHOTO_PREFIX: Final = "photos/"
PHOTO_KEY_LENGTH: Final = 16
CODE_DAYS: Final = 3
"""How long a code serves unless something else is chosen when it is made."""
CODE_DAYS_MOST: Final = 14
"""The longest: a card that is printed and sent."""
LINK_HOURS: Final = 72
"""How long a one-time link to the desk serves."""
CODE_MAKER_DAYS: Final = 30
"""How long who made a device's code is seen as an author of what it writes (SPEC D-6)."""
GRACE_DAYS: Final = 30
"""How long after the end of a role a phone may hand in what it holds (SPEC L-8)."""
KEPT_MS: Final = 30 * 24 * 60 * 60 * 1000
"""How long a phone keeps what was stored, in ms of server time (SPEC H-2)."""
STREAMS_ON_A_PHONE: Final = 32
"""So many a phone is told (SPEC L-9), and so many cursors it sends (X-1)."""

TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
