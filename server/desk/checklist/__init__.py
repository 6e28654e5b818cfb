"""The checklist of support for a returned victim."""
