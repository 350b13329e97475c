"""Use-cases of the park: one verb, one transaction."""
