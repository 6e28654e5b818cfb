"""The `loa` commands, one small file per topic; server/commands.py puts them together."""
