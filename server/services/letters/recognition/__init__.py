"""What a letter says, read off its text alone by pure functions, which know the form of Decree 30/2020."""

__all__ = ["found", "reading"]
