"""Loa's server: the application factory is in `application.py`.

`server.api` (JSON, phones) and `server.desk` (HTML, reviewers) are two front ends over `server.services`. README.md has
the picture. Nothing is imported here: a form is filled in a process of its own, which imports a few of our modules, and
the whole application would take it a second of the processor.
"""
