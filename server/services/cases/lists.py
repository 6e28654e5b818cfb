"""All that may be said of a case is chosen from these lists: there is no text that a person types."""

from __future__ import annotations

from typing import Final

SEXES: Final = ("female", "male", "unknown")
AGES: Final = ("child", "youth", "adult", "unknown")
"""Under 16, 16 and 17, 18 and over."""
SOURCES: Final = ("self", "police", "border", "abroad", "other")
BASES: Final = ("law", "consent")
"""What the data are kept by: the law's duty to support, or the person's consent."""
CONSENTS: Final = ("not_needed", "person", "representative", "not_asked")
"""`not_asked` of the representative: suspected of taking part. Help never waits for consent."""
OUTCOMES: Final = ("confirmed", "not_victim")
BODIES: Final = ("police", "border", "coast_guard", "prosecution", "abroad", "other")
"""Who issued the document that a finding is by. Kinds of bodies: who is competent for what, the document says."""
MISTAKES: Final = ("wrong_case", "wrong_outcome", "wrong_paper", "no_paper")
"""Why a finding was recorded by mistake."""
ANEW: Final = ("new_facts", "complaint", "court", "replaced")
"""Why a new document opens the identification again."""
STATES: Final = ("informed", "needed", "declined", "applied", "provided")
"""States of a benefit, beside the one before any: not asked yet. `informed`: the person knows it and decides later."""
NEXT: Final = {
    "": STATES,
    "informed": ("needed", "declined", "applied", "provided"),
    "needed": ("applied", "provided", "declined"),
    "declined": ("needed",),
    "applied": ("provided", "declined", "needed"),
    "provided": ("needed",),
}
"""What may follow a state. From `provided` back: it was recorded by mistake, or is needed once more."""
REASONS: Final = ("record", "deadline", "handover", "report", "inspection")
"""Why somebody opens a case."""
WHY_OPEN: Final = ("no_contact", "moved_away", "not_granted", "elsewhere", "refused")
"""Why a case closes although a benefit is open."""
WHY_UNASKED: Final = ("no_contact", "moved_away", "elsewhere")
"""Those of them for a benefit of which nobody informed the person: silence refuses nothing."""
AWAY: Final = "away"
"""Where a case goes that leaves the province."""
