"""Pages where a unit states money and documents."""
