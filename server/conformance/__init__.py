"""Proves a server or a client of somebody else against sync/SPEC.md, with the cases of sync/vectors (`loa conform`).

It needs the standard library and `sync` alone: a server is known by its address, a client by its command.
"""
