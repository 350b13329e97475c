"""Which support policies a company can have, why, and how the money reaches it."""
