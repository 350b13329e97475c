"""Events: an outbox written with the deed, delivered at least once, each subscriber's effect exactly once."""

from kernel.events.contracts import Event, Handler, Subscriber
from kernel.events.emit import emit
from kernel.events.models import EventDelivery, EventRecord

__all__ = ["Event", "EventDelivery", "EventRecord", "Handler", "Subscriber", "emit"]
