"""The log of a scheduler taken as records of broadcasts."""
