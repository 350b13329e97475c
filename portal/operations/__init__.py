"""Keeping the house running: migrations, the doctor's look, backup and restore."""
