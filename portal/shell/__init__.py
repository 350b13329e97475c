"""The shell: the pages that belong to no single room, from the log-in to "who used my data"."""
