"""What an installation is: the secret that it is served with, and whether it holds the demo's sample data."""

__all__ = ["own_secret", "sample"]
"""Modules for others; the rest is this package's own."""
