"""A clinic closes in the very moment in which a reminder meets its wire: what was committed by then holds it back."""

from datetime import date

import pytest

from booking import public as booking
from core.principal import Principal
from notifications.actions import claims, deliver, send_checks
from notifications.actions.deliver import Start
from notifications.plan import SEND
from scheduler.actions import calendars
from tests.factories.booking import chicago, make_patient, make_visit, slot_id
from tests.factories.scheduler import AT, lay_out, make_places, make_practitioner, make_site
from tests.notifications.rounds import run
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)
DAY_BEFORE = chicago(7, 16)
HOW = {"by": Principal.system("test"), "at": AT}


@pytest.fixture
def clinic(catalogue, mailoutbox):
    """Alice has a visit on a Thursday at a small clinic."""
    site = make_site()
    make_places(site, 1)
    li, wu = make_practitioner(site), make_practitioner(make_site("riverside"), name="Dr Wu")
    lay_out(weeks=1)
    visit = make_visit(make_patient(site, "Alice Adams"), slot_id(li, chicago(8, 10)))
    run(AT)
    return site, visit, wu


def shut(site):
    calendars.add_closure(
        site, first_on=date(2026, 10, 8), last_on=date(2026, 10, 8), name="Water pipe", confirmed=True, **HOW
    )


def picked_up():
    """Return the reminder that may go, as a worker reads it."""
    readings = claims.read_claimed(claims.claim("email", at=DAY_BEFORE), at=DAY_BEFORE).values()
    (reading,) = (each for each in readings if send_checks.verdict(each, at=DAY_BEFORE) == SEND)
    return reading


def start_behind_a_closing(site, visit, _wu):
    """The reminder waits for the lock of its visit, which somebody holds who closes the site."""
    reading = picked_up()

    def close():
        booking.visits([visit.pk], lock=True)
        shut(site)

    _, start = beside(lambda: deliver.begin(reading, at=DAY_BEFORE), while_open=close)
    return start


def test_a_closing_that_is_saved_while_the_reminder_waits_for_its_visits_lock_holds_it_back(clinic):
    assert start_behind_a_closing(*clinic) is Start.CHANGED


def test_twin_a_mark_that_does_not_look_at_edits_lets_it_go(clinic, monkeypatch):
    monkeypatch.setattr(deliver, "AS_OPEN", "TRUE")
    assert start_behind_a_closing(*clinic) is Start.BEGUN


def start_after_an_older_edit(site, wu):
    """A closing begins first and is saved last: an edit elsewhere is saved, and the mail read, in between."""

    def later_edit():
        calendars.add_absence(wu, starts_at=chicago(8, 9), ends_at=chicago(8, 17), **HOW)
        return picked_up()

    _, reading = beside(later_edit, while_open=lambda: shut(site))
    assert not reading.uncovered
    return deliver.begin(reading, at=DAY_BEFORE)


def test_an_edit_that_began_before_another_and_was_saved_after_it_is_not_overlooked(clinic):
    site, _, wu = clinic
    assert start_after_an_older_edit(site, wu) is Start.CHANGED


def test_twin_who_compares_the_highest_number_of_an_edit_overlooks_it(clinic, monkeypatch):
    site, _, wu = clinic
    highest = "(SELECT max(id) FROM scheduler_coveredit) = (SELECT max(one) FROM unnest(%(edits)s::bigint[]) AS one)"
    monkeypatch.setattr(deliver, "AS_OPEN", highest)
    assert start_after_an_older_edit(site, wu) is Start.BEGUN
