"""The sheet of what a returned victim is to be given."""
