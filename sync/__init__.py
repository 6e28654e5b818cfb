"""The rules of Loa's sync as pure functions. See SPEC.md and README.md beside this file."""
