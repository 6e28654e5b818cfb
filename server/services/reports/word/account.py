"""The sections of the report as headings and paragraphs."""

from __future__ import annotations

from docx.document import Document

from server.services.reports.content import Section
from server.services.reports.word.styles import BLANK


def write(document: Document, sections: tuple[Section, ...], level: int = 1) -> None:
    """Write each section with its subsections."""
    for section in sections:
        title = f"{section.mark} {section.title}"
        document.add_paragraph(title.upper() if level == 1 else title, f"Heading {level}")
        for sentence in section.sentences:
            document.add_paragraph(sentence)
        if section.blank:
            document.add_paragraph("\t", BLANK)
        write(document, section.sections, level + 1)
