"""Documents that jobs make, forms to fill, letterheads."""
