"""A report's sections with what people wrote in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.narrative import automatic, passages
from server.services.narrative.owners import Owner
from server.services.narrative.sections import FIELDS, OWN, is_part, paragraphs
from server.services.narrative.tokens import printed
from server.services.reports import Report, Section, legible
from server.services.units.scope import Scope


def today(session: Session, scope: Scope, campaign: Campaign, unit_id: str, report: Report) -> Report:
    """Return a unit's draft of today's figures with its texts."""
    texts = passages.texts(session, Owner(campaign.id, unit_id))
    has_parts = any(is_part(code) for code in texts)
    values = automatic.live(session, scope, campaign, unit_id).values if has_parts else {}
    return filled(report, texts, values) if texts else report


def filled(report: Report, texts: Mapping[str, str], values: Mapping[str, str]) -> Report:
    """Return the report with these texts. `values`: the amounts of figures as printed.

    A field follows what stands there of itself. An edited part of section II takes the place of the automatic one.
    Section II.2 says "có báo cáo riêng", whatever anybody wrote.
    """
    return legible(replace(report, sections=tuple(_filled(report.sections, texts, values))))


def _filled(sections: tuple[Section, ...], texts: Mapping[str, str], values: Mapping[str, str]) -> Iterator[Section]:
    for section in sections:
        said, inner = texts.get(section.code, ""), tuple(_filled(section.sections, texts, values))
        if said and is_part(section.code):
            edited = tuple(paragraphs(printed(said, values)))
            yield replace(section, sentences=edited, sections=inner)
        elif said and (section.code in FIELDS or section.code.startswith(OWN)):
            both = (*section.sentences, *paragraphs(said))
            yield replace(section, sentences=both, blank=False, sections=inner)
        else:
            yield replace(section, sections=inner)
