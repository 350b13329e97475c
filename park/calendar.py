"""Lease ends as a calendar (RFC 5545) that an operator's own calendar program reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from kernel.texts import gettext as _
from kernel.texts import local
from park.models import Park
from park.service.overview import EndingLease

REMINDERS = (90, 30)


def lease_calendar(park: Park, leases: Sequence[EndingLease], now: datetime) -> bytes:
    """One all-day entry on the last day of each lease without a successor, with reminders 90 and 30 days before."""
    calendar = Calendar()
    calendar.add("prodid", "-//ParkLink//park leases//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Lease ends, %(park)s", park=local(park, "name")))
    for lease in leases:
        if lease.is_renewed:
            continue
        event = Event()
        event.add("uid", f"{lease.id}@parklink")
        event.add("dtstamp", now)
        event.add("dtstart", lease.end_on)
        event.add("dtend", lease.end_on + timedelta(days=1))
        event.add(
            "summary", _("Lease %(number)s of %(company)s ends", number=lease.number, company=lease.company.local())
        )
        event.add("description", ", ".join(lease.unit_codes))
        for days in REMINDERS:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", lease.number)
            alarm.add("trigger", timedelta(days=-days))
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
