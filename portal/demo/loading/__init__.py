"""Loads the demo world through the rooms' own services, step by step, in the order in which it would have happened."""
