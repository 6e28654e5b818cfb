"""The installation at the desk: the red bar, and figures for a monitoring program."""
