"""What happens around a closure, in a few words: it is closed, Dana proposes to all, a worker looks, mails go out."""

from datetime import date

from django.core import mail

from booking.actions import proposals
from booking.models import Appointment
from core import clock as core_clock
from core.models import Site
from notifications.actions import dispatch
from scheduler.actions import calendars
from scheduler.models import Therapy
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

FIRST, LAST = date(2026, 10, 6), date(2026, 10, 11)


def say() -> list[str]:
    """Let a round go out; return the mails."""
    mail.outbox.clear()
    dispatch.run(now=core_clock.now)
    return [f"{one.subject}\n{one.body}" for one in mail.outbox]


def the_visit() -> Appointment:
    """Return Alice's appointment."""
    return Appointment.objects.order_by("pk")[0]


def close(therapy="acu_manual", last_on=LAST) -> str:
    """Close a therapy, as the desk would; return where its page is."""
    given = Therapy.objects.get(key=therapy)
    site = Site.objects.get(key="lakeside")
    made = calendars.add_closure(
        site, therapy=given, first_on=FIRST, last_on=last_on, name="Ventilation", by=SYSTEM, at=AT
    )
    return f"/desk/closures/{made.row.public_id}/"


def page(dana, where, **query) -> str:
    """Return a page of the desk as it reads."""
    return text_of(dana.get(where, query))


def propose_to_all(dana, where) -> str:
    """Let Dana press the button for all, and a worker look for the times; return her page as it reads then."""
    assert dana.post(f"{where}propose/").status_code == 302
    proposals.look_for_times(now=core_clock.now)
    return page(dana, where)
