"""What can end a job's run from outside."""


class JobEnded(Exception):
    """The run must stop: its row no longer wants it."""


class JobCancelled(JobEnded):
    """Somebody asked for the job to stop."""


class LeaseLost(JobEnded):
    """Another worker has taken the job over; this one must not write anything any more."""
