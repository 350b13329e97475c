"""What the administrator watches: the work behind the pages, and the log of every deed."""
