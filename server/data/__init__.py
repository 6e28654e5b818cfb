"""Lists of units that come with Loa, and the reading of anybody's own list in the same form."""
