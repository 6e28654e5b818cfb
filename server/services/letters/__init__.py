"""Letters: the text of a file, what is recognised in it, and the draft of a campaign that grows out of it."""

__all__ = ["drafts", "extraction", "facts", "legacy", "publishing", "recognition", "understanding"]
