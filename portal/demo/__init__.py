"""The demo world: one invented park, sixty invented companies, and the sequence that loads them through the real services."""
