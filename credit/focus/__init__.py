"""The cloud bill in the FOCUS format: read tolerantly, counted exactly, held against the standard rule by rule."""

from credit.focus.bill import STEPS, Bill, read_bill

__all__ = ["STEPS", "Bill", "read_bill"]
