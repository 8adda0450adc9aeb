"""Who takes part in a program, until when, and what of it program staff see."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from booking import audiences, queries
from booking.actions.families.family_links import keep_in_grace
from booking.actions.patients import enrolments, merging, patients
from booking.families.enrolment_errors import AlreadyEnrolled, EnrolmentUndoOver
from booking.families.queries import family_links
from booking.models import Enrolment, RecordAct, RecordChange
from booking.subjects import of_appointment, of_patient
from core.refusals import Invalid, Missing
from core.rights import Action, may
from core.roles import Role
from scheduler.models import Program, WorkingHours
from scheduler.public import CANCER_PROGRAM
from tests.factories.booking import DAY, HOUR, SYSTEM, chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.families import confirmed, invited
from tests.factories.scheduler import AT, CHICAGO, lay_out

LAST_DAY = date(2026, 10, 20)
MIDNIGHT = datetime(2026, 10, 20, tzinfo=ZoneInfo(CHICAGO))
PMR = "physical-medicine-rehabilitation"


def as_at(person, at):
    """Return somebody as they act at a time."""
    return type(person.principal).of(person.user, at=at)


def enrolled(patient, dana, *, ends_on=LAST_DAY, program=CANCER_PROGRAM, at=AT):
    return enrolments.enrol(patient, program=program, site=patient.site, ends_on=ends_on, by=dana.principal, at=at)


def test_whom_program_staff_enter_is_theirs_at_once(frank, lakeside):
    facts = {"name": "Zoë Quinn", "birth_date": date(1980, 2, 29), "email": "zoe@example.org", "site": lakeside}
    made = patients.enter(**facts, by=frank.principal, at=AT)
    assert queries.patient(made.public_id, by=frank.principal) == made
    assert RecordChange.objects.get(patient=made).act == RecordAct.ENROLLED


def test_whom_the_desk_enters_takes_part_in_no_program_unless_it_says_so(dana, lakeside):
    facts = {"birth_date": date(1980, 2, 29), "site": lakeside, "by": dana.principal, "at": AT}
    patients.enter(name="Zoë Quinn", email="zoe@example.org", **facts)
    assert not Enrolment.objects.exists()
    patients.enter(name="Rita Stone", email="rita@example.org", program=PMR, ends_on=LAST_DAY, **facts)
    assert Enrolment.objects.get().program == PMR


@pytest.mark.parametrize(
    ("moment", "counts"), [(MIDNIGHT - timedelta(seconds=1), True), (MIDNIGHT, False), (MIDNIGHT + 40 * DAY, False)]
)
def test_an_enrolment_counts_for_nothing_from_the_day_on_which_it_ends(dana, frank, dr_li, moment, counts):
    ben = make_patient(dr_li.offerings.first().site, "Ben Adams")
    WorkingHours.objects.update(audience=CANCER_PROGRAM)
    lay_out()
    row = enrolled(ben, dana)
    assert row.counts(at=moment) is counts
    assert bool(audiences.memberships_of(ben, at=moment).programs) is counts
    assert queries.patients(as_at(frank, moment)).filter(pk=ben.pk).exists() is counts


def test_what_somebody_booked_while_enrolled_stays_in_sight_until_it_is_over(dana, frank, lakeside, dr_li):
    ben = make_patient(lakeside, "Ben Adams")
    enrolled(ben, dana)
    visit = make_visit(ben, slot_id(dr_li, chicago(26, 10)))  # after the last day
    during, over = as_at(frank, visit.period.upper - HOUR / 2), as_at(frank, visit.period.upper)
    for by, seen in ((during, True), (over, False)):
        assert queries.appointments(by).filter(pk=visit.pk).exists() is seen
        assert queries.patients(by).filter(pk=ben.pk).exists() is seen
        assert may(by, Action.CANCEL, of_appointment(visit, by)) is seen
        subject = of_patient(ben, by, sites=frozenset({lakeside.pk}), practitioners=frozenset())
        assert may(by, Action.SEE_PATIENT, subject) is seen


def test_a_year_of_grace_is_for_staff_whose_patient_had_a_family_linked_and_for_nobody_before(alice, frank, riverside):
    eve, dead = make_staff("eve", Role.PROGRAM, site=riverside), AT + DAY
    alice.record.enrolments.create(site=riverside, ends_on=(AT - 9 * DAY).date(), ends_at=AT - 9 * DAY)
    link = confirmed(alice.record)
    keep_in_grace(link, reason="She has died.", by=SYSTEM, at=dead)
    alice.record.enrolments.filter(ends_at=None).update(ends_on=dead.date(), ends_at=dead)
    for who, site, reached in ((frank, alice.record.site, True), (eve, riverside, False)):
        by = as_at(who, dead + DAY)
        assert queries.patients(by).filter(pk=link.relative.pk).exists() is reached
        subject = of_patient(link.relative, by, sites=frozenset({site.pk}), practitioners=frozenset())
        assert may(by, Action.SEE_PATIENT, subject) is reached


def test_what_somebody_booked_after_it_ended_program_staff_do_not_see(dana, frank, lakeside, dr_li):
    ben = make_patient(lakeside, "Ben Adams")
    enrolments.end(enrolled(ben, dana), by=dana.principal, at=AT)
    visit = make_visit(ben, slot_id(dr_li, chicago(26, 10)), at=AT + HOUR)
    by = as_at(frank, AT + 2 * HOUR)
    assert not queries.appointments(by).filter(pk=visit.pk).exists()
    assert not queries.patients(by).filter(pk=ben.pk).exists()
    assert not may(by, Action.CANCEL, of_appointment(visit, by))


def test_twin_read_without_its_end_an_enrolment_goes_on_for_ever(dana, frank, lakeside, monkeypatch):
    ben = make_patient(lakeside, "Ben Adams")
    enrolled(ben, dana)
    monkeypatch.setattr("booking.models.patients.in_force", lambda _at, of="": Q())
    assert queries.patients(as_at(frank, MIDNIGHT)).filter(pk=ben.pk).exists()


def test_acts_on_an_enrolment_stand_in_the_ledger_of_the_record(dana, lakeside):
    ben, by = make_patient(lakeside, "Ben Adams"), dana.principal
    row = enrolled(ben, dana)
    assert enrolled(ben, dana) == row  # pressed twice
    enrolments.change_end(row, ends_on=None, by=by, at=AT)
    enrolments.end(row, by=by, at=AT)
    enrolments.end(row, by=by, at=AT)
    again = enrolled(ben, dana, at=AT + HOUR)
    assert again.pk == row.pk
    acts = RecordChange.objects.filter(patient=ben).values_list("act", "was__until")
    assert list(acts) == [
        ("enrolled", "2026-10-20"), ("end", ""), ("ended", "2026-10-05"), ("enrolled", "2026-10-20"),
    ]  # fmt: skip


def test_whoever_is_enrolled_until_another_day_is_not_enrolled_anew(dana, lakeside):
    ben = make_patient(lakeside, "Ben Adams")
    row = enrolled(ben, dana)
    with pytest.raises(AlreadyEnrolled) as refused:
        enrolled(ben, dana, ends_on=None)
    assert refused.value.facts == {"enrolment": str(row.public_id)}


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"program": "astrology"}, "/program"),
        ({"ends_on": AT.date()}, "/ends_on"),
        ({"ends_on": date(2026, 1, 1)}, "/ends_on"),
        ({"ends_on": date(8000, 1, 1)}, "/ends_on"),
    ],
)
def test_an_enrolment_that_cannot_be_is_refused(dana, lakeside, given, pointer):
    with pytest.raises(Invalid) as refused:
        enrolled(make_patient(lakeside, "Ben Adams"), dana, **given)
    assert refused.value.facts["errors"][0]["pointer"] == pointer


def test_frank_takes_back_that_he_ended_an_enrolment_although_he_sees_the_patient_no_more(dana, frank, lakeside):
    ben = make_patient(lakeside, "Ben Adams")
    row = enrolled(ben, dana)
    enrolments.end(row, by=frank.principal, at=AT)
    assert not queries.patients(as_at(frank, AT)).exists()
    assert enrolments.undo(row.public_id, by=frank.principal, at=AT).ends_on == LAST_DAY
    assert queries.patients(as_at(frank, AT)).exists()
    with pytest.raises(EnrolmentUndoOver):  # once
        enrolments.undo(row.public_id, by=frank.principal, at=AT)


def test_that_somebody_was_enrolled_is_taken_back_by_ending_it(dana, lakeside):
    row = enrolled(make_patient(lakeside, "Ben Adams"), dana)
    assert not enrolments.undo(row.public_id, by=dana.principal, at=AT).counts(at=AT)


def test_nobody_takes_back_the_act_of_another_or_of_another_day(dana, frank, lakeside):
    row = enrolled(make_patient(lakeside, "Ben Adams"), dana)
    with pytest.raises(Missing):
        enrolments.undo(row.public_id, by=frank.principal, at=AT)
    with pytest.raises(EnrolmentUndoOver):
        enrolments.undo(row.public_id, by=dana.principal, at=AT + DAY)


@pytest.mark.parametrize(("mine", "other", "later"), [(None, LAST_DAY, None), (LAST_DAY, None, None),
    (LAST_DAY, date(2026, 12, 1), date(2026, 12, 1)), (date(2026, 12, 1), LAST_DAY, date(2026, 12, 1))])  # fmt: skip
def test_two_records_that_become_one_are_enrolled_until_the_later_end(dana, lakeside, mine, other, later):
    kept, given_up = make_patient(lakeside, "Ben Adams"), make_patient(lakeside, "Benjamin Adams")
    enrolled(kept, dana, ends_on=mine)
    enrolled(given_up, dana, ends_on=other)
    merging.merge(kept=kept, given_up=given_up, by=dana.principal, at=AT)
    assert Enrolment.objects.get().ends_on == later
    assert Enrolment.objects.get().patient == kept


def test_program_staff_say_in_which_program_where_their_site_has_several_and_not_their_own(frank, lakeside, riverside):
    Program.objects.get(key=CANCER_PROGRAM).sites.set([riverside])
    Program.objects.create(key="pediatrics", name={"en": "Pediatrics"})
    facts = {"birth_date": date(1980, 2, 29), "site": lakeside, "by": frank.principal, "at": AT}
    with pytest.raises(Invalid) as refused:
        patients.enter(name="Zoë Quinn", email="zoe@example.org", **facts)
    assert refused.value.facts["errors"][0]["pointer"] == "/program"
    made = patients.enter(name="Zoë Quinn", email="zoe@example.org", program="pediatrics", **facts)
    assert queries.patient(made.public_id, by=frank.principal) == made


def test_whose_enrolment_has_ended_their_family_is_not_for_program_staff_to_see_any_more(dana, frank, lakeside):
    ben = make_patient(lakeside, "Ben Adams")
    row = enrolled(ben, dana)
    invited(ben)
    assert family_links(as_at(frank, AT)).count() == 1
    enrolments.end(row, by=dana.principal, at=AT)
    assert family_links(as_at(frank, AT)).count() == 0
