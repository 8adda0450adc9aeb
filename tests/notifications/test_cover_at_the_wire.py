"""Cover that goes after a mail was written holds it back, too: it is judged with the rest, just before the wire."""

from datetime import date, time
from functools import partial

import pytest
from django.db.models import F

from booking.models import CallTask
from core.database.transactions import rehearsal
from core.principal import Principal
from notifications.actions import claims, deliver, dispatch
from notifications.actions.deliver import Start
from notifications.status import Delivery, DeliveryReason, MessageKind
from scheduler.actions import calendars, practitioners, sites
from scheduler.actions.catalogue_edits import change
from scheduler.models import CoverEdit, Device, Offering, Place, Resource, Therapy, VisitPlan, WeekSheet
from tests.factories.booking import DAY, chicago, make_patient, make_visit, slot_id
from tests.factories.scheduler import (
    AT,
    lay_out,
    make_device,
    make_places,
    make_practitioner,
    make_site,
    put_out_of_use,
)
from tests.notifications.rounds import ended, run

pytestmark = pytest.mark.django_db
THERAPY = "acu_electro"
DAY_BEFORE = chicago(14, 16)
DATES = {"first_on": date(2026, 10, 15), "last_on": date(2026, 10, 15)}
HOW = {"by": Principal.system("test"), "at": AT}


@pytest.fixture
def clinic(catalogue):
    """A site with a bay, a device and Dr Li."""
    site = make_site()
    make_places(site, 1)
    make_device(site)
    li = make_practitioner(site, offers=[THERAPY])
    lay_out(weeks=2)
    return site, li


@pytest.fixture
def visits(clinic, mailoutbox):
    """Alice and Ben come on a Thursday afternoon, one after the other, and know it."""
    site, li = clinic
    booked = [
        make_visit(make_patient(site, name), slot_id(li, chicago(15, hour), therapy=THERAPY))
        for name, hour in (("Alice Adams", 13), ("Ben Adams", 15))
    ]
    run(AT)
    run(DAY_BEFORE - 2 * DAY)
    mailoutbox.clear()
    return booked


def absent(site, li):
    calendars.add_absence(li, starts_at=chicago(15, 0), ends_at=chicago(16, 0), reason="illness", **HOW)


def thursdays(site, li, **now):
    hours = li.working_hours.get(weekday=4)
    calendars.change_hours(hours, **now, **HOW)


EDITS = {
    "the site closes": lambda site, li: calendars.add_closure(site, name="Holiday", confirmed=True, **DATES, **HOW),
    "Dr Li is ill": absent,
    "Dr Li leaves at noon": partial(thursdays, ends=time(12)),
    "Dr Li works on Saturdays": partial(thursdays, weekday=6),
    "Dr Li is out of use": lambda site, li: put_out_of_use(li),
    "Dr Li gives it no more": lambda site, li: practitioners.remove_offering(Offering.objects.get(), **HOW),
    "the clinic shuts at noon": lambda site, li: sites.change_opening_hours(
        site.opening_hours.get(weekday=4), weekday=4, opens=time(7), closes=time(12), **HOW
    ),
    "the clinic opens no more": lambda site, li: sites.remove_opening_hours(site.opening_hours.get(weekday=4), **HOW),
    "the site is out of use": lambda site, li: put_out_of_use(site),
    "the bay is out of use": lambda site, li: put_out_of_use(Place.objects.get()),
    "the table is carried away": lambda site, li: change(Place.objects.get(), features=["chair"], **HOW),
    "the device is out of use": lambda site, li: change(Device.objects.get(), active=False, **HOW),
    "the therapy is out of use": lambda site, li: change(Therapy.objects.get(key=THERAPY), active=False, **HOW),
    "by hand: what the visit needs": lambda site, li: VisitPlan.objects.update(place_features=["sink"]),
    "by hand: the lanes": lambda site, li: type(li).objects.update(lanes=0),
    "by hand: the sheets": lambda site, li: WeekSheet.objects.all().delete(),
}


def starts_beside_edits(site, li):
    """Make each edit between reading a reminder and its wire, and take it back; return whether the mail may go."""
    ids = claims.claim("email", at=DAY_BEFORE)
    reading = next(iter(claims.read_claimed(ids, at=DAY_BEFORE).values()))
    starts = {}
    for name, edit in EDITS.items():
        with rehearsal(only=True):
            edit(type(site).objects.get(), type(li).objects.get())
            starts[name] = deliver.begin(reading, at=DAY_BEFORE)
    return starts


def test_alice_is_not_reminded_of_a_visit_that_lost_its_cover_while_her_mail_waited_for_the_wire(visits, clinic):
    assert starts_beside_edits(*clinic) == dict.fromkeys(EDITS, Start.CHANGED)


def test_twin_a_mark_that_does_not_look_at_edits_reminds_her(visits, clinic, monkeypatch):
    monkeypatch.setattr(deliver, "AS_OPEN", "TRUE")
    assert starts_beside_edits(*clinic) == dict.fromkeys(EDITS, Start.BEGUN)


def round_with(edit, mailoutbox):
    """Run a round in which `edit` is made once the first mail is out, within the ten seconds that a reading is good."""
    done = []

    def now():
        if mailoutbox and not done:
            done.append(edit())
        return DAY_BEFORE

    dispatch.run(now=now)


def test_ben_is_not_reminded_where_the_clinic_closes_while_alice_is_written_to_and_dana_is_to_call(
    visits, clinic, mailoutbox
):
    round_with(lambda: EDITS["the site closes"](*clinic), mailoutbox)
    alice, ben = visits
    assert [mail.to for mail in mailoutbox] == [[alice.patient.contacts.get().value]]
    assert ended(ben, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.DUE, DeliveryReason.WITHOUT_COVER)
    assert CallTask.objects.get(appointment=ben).reason == "without-cover"


def test_edits_again_and_again_that_leave_their_visits_alone_hold_no_mail_back_and_have_none_written_anew(
    visits, clinic, mailoutbox, monkeypatch
):
    monkeypatch.setattr(deliver, "look_again", lambda *_, **__: pytest.fail("written anew"))

    def now():
        change(clinic[1], credentials="L.Ac., PhD", **HOW)
        return DAY_BEFORE

    dispatch.run(now=now)
    assert len(mailoutbox) == 2


def test_a_booking_is_no_edit_and_many_edits_leave_one_row(visits, clinic):
    site, li = clinic
    before = set(CoverEdit.objects.values_list("pk", flat=True))
    make_visit(make_patient(site, "Cara Stone"), slot_id(li, chicago(16, 10), therapy=THERAPY))
    assert set(CoverEdit.objects.values_list("pk", flat=True)) == before
    for _ in range(3):
        Resource.objects.update(place=F("place"))
    assert CoverEdit.objects.count() == 1
    assert not before & set(CoverEdit.objects.values_list("pk", flat=True))
