"""Grace may see patients again while her absence still stands: schedulers are asked to end it, and she reads so."""

from datetime import timedelta

import pytest

from booking.actions.screening import practitioner_screening, suggested_absences
from booking.models import CallReason, CallTask, PractitionerScreening
from booking.models.practitioner_screening import FitnessDecision
from core import clock as core_clock
from core.models import User
from core.principal import Principal
from scheduler.actions import calendars
from scheduler.models import Absence
from tests.booking.pages.stories.test_practitioner_screening import (  # noqa: F401
    ABSENCES,
    DAY,
    MINE,
    POSITIVE,
    REVIEWS,
    carol,
    dana,
    decide,
    grace,
    say,
    talk,
)
from tests.booking.pages.walk import text_of


@pytest.mark.parametrize("days", [0, 2])
def test_whoever_may_see_patients_again_while_their_absence_stands_hears_so_and_dana_ends_it(
    grace,  # noqa: F811
    dana,  # noqa: F811
    carol,  # noqa: F811
    clock,
    days,
):
    say(grace, POSITIVE)
    decide(dana, "enter")
    clock.shift(60)
    say(grace, {"none": "1"})
    clock.shift(days * DAY)
    for browser, name in ((grace, "grace"), (dana, "dana"), (carol, "carol")):
        browser.force_login(User.objects.get(username=name))
    assert "May see patients again" not in text_of(dana.get(ABSENCES))
    talk(carol, "may-work")
    assert "the schedulers have it on their list" in text_of(carol.get(REVIEWS))
    told = text_of(grace.get(MINE)) if not days else say(grace, {"none": "1"})
    assert "You may work again, once your absence is ended" in told
    assert "You can see patients today" not in told
    assert "Grace Okoro May see patients again, and is still away in the calendar until" in text_of(dana.get(ABSENCES))
    assert "Grace Okoro is not away any more" in text_of(decide(dana, "end"))
    assert decide(dana, "end").status_code == 409
    assert not Absence.objects.filter(period__endswith__gt=core_clock.now()).exists()
    assert not CallTask.objects.filter(done_at=None, reason=CallReason.WITHOUT_COVER).exists()
    assert "You can see patients today" in text_of(grace.get(MINE))
    assert "May see patients again" not in text_of(dana.get(ABSENCES))
    assert (
        PractitionerScreening.objects.exclude(absence=None).latest("pk").decisions[-1]["ended_by"].startswith("user:")
    )


def test_no_absence_is_ended_of_whoever_is_still_to_stay_away(grace, dana):  # noqa: F811
    say(grace, POSITIVE)
    decide(dana, "enter")
    assert decide(dana, "end").status_code == 409
    row = PractitionerScreening.objects.get()
    with pytest.raises(suggested_absences.AbsenceDecided):
        suggested_absences.end_absence(row.public_id, by=Principal.system("dana"), at=core_clock.now())
    assert Absence.objects.count() == 1


def ended(grace, dana, carol, clock):  # noqa: F811
    """Let Grace be away by what was entered, then well, and her absence be ended by what Carol says."""
    say(grace, POSITIVE)
    decide(dana, "enter")
    clock.shift(60)
    say(grace, {"none": "1"})
    talk(carol, "may-work")
    return decide(dana, "end")


def test_whom_a_clinician_keeps_away_after_all_once_their_absence_is_ended_is_suggested_anew(
    grace,  # noqa: F811
    dana,  # noqa: F811
    carol,  # noqa: F811
    clock,
):
    ended(grace, dana, carol, clock)
    row, at = PractitionerScreening.objects.first(), core_clock.now()
    by = Principal.system("carol")
    practitioner_screening.take_fitness_back(row.public_id, by=by, at=at)
    assert row.practitioner_id in suggested_absences.unsettled(row.site, at=at)
    practitioner_screening.decide_fitness(row.public_id, FitnessDecision.STAYS_AWAY, by=by, at=at)
    assert suggested_absences.suggested_absences(row.site, at=at) == [row]
    assert row.practitioner_id in suggested_absences.unsettled(row.site, at=at)
    assert decide(dana, "enter").status_code == 200
    assert Absence.objects.filter(period__endswith__gt=at).exists()


def test_the_end_of_an_absence_ends_no_holiday_that_it_has_become(grace, dana, carol, clock):  # noqa: F811
    say(grace, POSITIVE)
    decide(dana, "enter")
    clock.shift(60)
    say(grace, {"none": "1"})
    talk(carol, "may-work")
    absence, at = Absence.objects.get(), core_clock.now()
    until = absence.period.upper + timedelta(days=10)
    calendars.change_absence(absence, ends_at=until, by=Principal.system("dana"), at=at)
    shown = dana.get(ABSENCES)
    assert "changed in the calendar since. Please change it there." in text_of(shown)
    assert b"End the absence now" not in shown.content
    refused = decide(dana, "end")  # by a page from before
    assert refused.status_code == 409
    assert "changed in the calendar since" in text_of(refused)
    assert Absence.objects.get().period.upper == until
