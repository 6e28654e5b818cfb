"""What reads foreign files: each function runs in a confined child of the keeper (limits.py has a row for each).

A function gets its files open, those to read first, and arguments from JSON. It returns what JSON can carry, or raises
Unfit. It imports the standard library, `sync` and its decoders; no path is open to it.
"""
