"""Events: an outbox written with the deed, delivered at least once, each subscriber's effect exactly once."""

from kernel.events.contracts import Event, Handler, Subscriber
from kernel.events.dispatch import deliver_due, drain, revive, run_dispatcher
from kernel.events.emit import emit
from kernel.events.models import EventDelivery, EventRecord

__all__ = [
    "Event",
    "EventDelivery",
    "EventRecord",
    "Handler",
    "Subscriber",
    "deliver_due",
    "drain",
    "emit",
    "revive",
    "run_dispatcher",
]
