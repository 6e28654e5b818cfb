"""The capabilities of the product, one file each: what it adds to the desk, the menu, the commands and the jobs.

Nothing imports these files (import-linter): `server.registration.collect` finds them.
"""
