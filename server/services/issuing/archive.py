"""The signed PDFs of a unit's reports, as the archive wants them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.issuing import papers


def signed_files(session: Session, campaign: Campaign, unit_id: str) -> list[tuple[str, str]]:
    """Return the last signed PDF of each report that has one: a name, made of the report's number, and its hash.

    Numbers begin anew each year, so two may have the same name.
    """
    return [
        (f"{each.issued.doc_number if each.issued else each.row.id}.pdf", each.file.sha256)
        for each in papers.of_unit(session, unit_id, campaign.id)
        if each.file is not None
    ]
