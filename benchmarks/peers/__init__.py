"""What others would write: the same routes in the idioms of their frameworks, to be timed beside ours."""
