"""Letters: the text of a file, what is recognised in it, and the draft of a campaign that grows out of it."""

__all__ = [
    "citing",
    "drafts",
    "extraction",
    "facts",
    "legacy",
    "originals",
    "publishing",
    "recognition",
    "understanding",
]
