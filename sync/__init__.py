"""The rules of Loa's sync as pure functions. See SPEC.md beside this file."""
