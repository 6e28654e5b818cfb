"""What a letter says, read off its text alone: pure functions, which know the form that Decree 30/2020 gives letters."""

__all__ = ["found", "reading"]
