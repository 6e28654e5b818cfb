"""Papers of a freeze on their way to the signature, and what follows after they were issued."""
