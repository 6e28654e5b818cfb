"""Who opens confidential cases and annexes: by a key of their own, never by a role alone.

The case key seals by its public half, at any time. Its private half is stored only as copies sealed to holders, whose
own keys are sealed with passphrases that nobody stores. See docs/decisions/cases-by-key.md.
"""

__all__ = ["holders", "losing", "recovery_sheet", "sealing", "vault"]
"""Modules for other packages; the rest is private to this one."""
