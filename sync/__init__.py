"""The rules of Loa's sync as pure functions. See SPEC.md and SERVER.md beside this file."""
