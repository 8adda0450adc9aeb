"""Hours that are open to one audience alone: who sees them, who is told what, and what an edit of them leaves."""

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from core.principal import Principal
from core.refusals import Invalid
from scheduler.actions import calendars, drift
from scheduler.audience import CANCER_PROGRAM, EVERYONE, STAFF_ALONE
from scheduler.calendars.shifts import Shift
from scheduler.errors import HoursClash
from scheduler.models import Program, WeekSheet, WorkingHours
from scheduler.public import (
    Audience,
    ClaimRequest,
    NotOpenYet,
    SearchQuery,
    SlotKey,
    audiences,
    claim,
    days,
    explain,
    first,
    search,
    slot,
    uncovered_allocations,
)
from scheduler.sheets.edit_impact import STAYS
from tests.factories.scheduler import AT, chicago, hands, lay_out, make_hours, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db
SYSTEM = Principal.system("tests")
TUESDAY = "2026-10-06"
STAFF_FOR_A_STRANGER = replace(Audience.STAFF, programs=frozenset())


@pytest.fixture
def site(catalogue):
    site = make_site()
    make_places(site, 2)
    return site


@pytest.fixture
def li(site):
    """Dr Li: Tuesdays nine to noon for everyone, noon to two for the program, two to four by staff alone."""
    li = make_practitioner(site, hours=[])
    make_hours(li, site, [(2, "09:00", "12:00")])
    make_hours(li, site, [(2, "12:00", "14:00")], audience=CANCER_PROGRAM)
    make_hours(li, site, [(2, "14:00", "16:00")], audience=STAFF_ALONE)
    lay_out()
    return li


@pytest.fixture
def alice(site):
    """Somebody of the program of this site."""
    return Audience.of_patient(frozenset({(site.pk, CANCER_PROGRAM)}))


def query(audience, **wanted):
    asked = {"therapy": "acu_manual", "visit": "followup", "limit": None, "step_minutes": 5}
    return SearchQuery(**{**asked, "starts_at": AT, "ends_at": AT + timedelta(days=7), "audience": audience, **wanted})


def starts(audience, **wanted):
    return {found.start: found.only_for for found in search(query(audience, **wanted), at=AT)}


def at(wall):
    return chicago(TUESDAY, wall)


def start(li, site, wall):
    return slot(
        SlotKey(
            practitioner=li.public_id,
            site=site.key,
            therapy="acu_manual",
            visit="followup",
            technique="",
            start=at(wall),
        ).encode()
    )


def told(slot, audience):
    return [why.code for why in explain(slot, audience=audience, at=AT).reasons]


def book(slot, audience, allocation=None):
    return claim([ClaimRequest(slot=slot, allocation=allocation or uuid4(), audience=audience)], at=AT)[0]


def test_a_stranger_sees_no_start_that_reaches_into_hours_of_others(li):
    assert max(starts(Audience.PATIENT)) == at("11:05")  # the practitioner is needed for 55 minutes
    assert first(query(Audience.PATIENT, starts_at=at("11:10")), at=AT) is None
    assert [load.starts for load in days(query(Audience.PATIENT), at=AT)] == [26]


def test_alice_of_the_program_sees_its_hours_too_and_which_they_are(li, alice):
    found = starts(alice)
    assert max(found) == at("13:05")
    assert found[at("11:05")] == ""
    assert {found[at(wall)] for wall in ("11:10", "12:00", "13:05")} == {CANCER_PROGRAM}


def test_alice_is_a_stranger_at_a_site_where_she_is_in_no_program(li, site):
    elsewhere = Audience.of_patient(frozenset({(site.pk + 1, CANCER_PROGRAM)}))
    assert max(starts(elsewhere)) == at("11:05")


def test_staff_see_all_hours_and_for_whom_they_are(li):
    for staff in (Audience.STAFF, Audience.STAFF_WITH_REASON):
        found = starts(staff)
        assert {found[at(wall)] for wall in ("09:00", "11:05")} == {""}
        assert found[at("12:00")] == CANCER_PROGRAM
        assert found[at("14:00")] == STAFF_ALONE
        assert max(found) == at("15:05")


def test_staff_who_book_for_a_stranger_see_what_staff_alone_book_and_not_the_program(li):
    found = starts(STAFF_FOR_A_STRANGER)
    assert at("12:00") not in found
    assert found[at("14:00")] == STAFF_ALONE


def test_a_stranger_is_told_that_it_is_not_open_and_what_to_do_and_not_for_whom_it_is(li, site, alice):
    for wall in ("11:10", "12:00", "15:00"):
        (why,) = explain(start(li, site, wall), audience=Audience.PATIENT, at=AT).reasons
        assert why.code == "not-open-yet"
        assert why.detail == "Please choose another time, or call us and we help you find one."
    assert told(start(li, site, "15:30"), Audience.PATIENT) == ["practitioner-off"]  # it would end after all hours
    assert told(start(li, site, "12:00"), alice) == []
    assert explain(start(li, site, "12:00"), audience=alice, at=AT).slot.only_for == CANCER_PROGRAM


def test_a_stranger_is_told_the_same_where_the_time_is_taken(li, site, alice):
    book(start(li, site, "12:00"), alice)
    assert told(start(li, site, "12:00"), Audience.PATIENT) == ["not-open-yet"]
    assert told(start(li, site, "12:00"), alice) == ["practitioner-busy"]


def test_a_stranger_who_claims_it_is_refused_and_offered_what_is_open_to_them(li, site, alice):
    with pytest.raises(NotOpenYet) as refusal:
        book(start(li, site, "12:00"), Audience.PATIENT)
    offered = [one.start for one in refusal.value.facts["alternatives"]]
    assert offered == [at(wall) for wall in ("11:00", "10:45", "10:30")]
    assert book(start(li, site, "12:00"), alice).only_for == CANCER_PROGRAM
    assert book(start(li, site, "09:00"), alice).only_for == ""


def test_one_visit_may_lie_in_hours_of_everyone_and_of_the_program(li, site, alice):
    assert book(start(li, site, "11:30"), alice).only_for == CANCER_PROGRAM
    assert drift.check(at=AT) == []


def test_two_people_who_claim_together_need_each_to_be_of_the_audience(li, site, alice):
    wanted = [
        ClaimRequest(slot=start(li, site, "12:00"), allocation=uuid4(), audience=alice),
        ClaimRequest(slot=start(li, site, "12:20"), allocation=uuid4(), audience=Audience.PATIENT),
    ]
    with pytest.raises(NotOpenYet) as refusal:
        claim(wanted, at=AT)
    assert refusal.value.taken == (wanted[1].slot,)
    assert len(claim([wanted[0], replace(wanted[1], audience=alice)], at=AT)) == 2


def test_weeks_that_nobody_has_laid_out_are_open_to_the_same_people(li, site, alice):
    WeekSheet.objects.all().delete()
    noon = start(li, site, "12:00")
    assert [told(noon, who) for who in (Audience.PATIENT, alice)] == [["not-open-yet"], []]
    with pytest.raises(NotOpenYet):
        book(noon, Audience.PATIENT)
    assert book(noon, alice)


def test_hours_that_become_the_program_s_are_gone_for_a_stranger_at_once_and_what_is_booked_stays(li, site, alice):
    allocation = uuid4()
    book(start(li, site, "09:00"), Audience.PATIENT, allocation)
    morning = WorkingHours.objects.get(starts="09:00")

    impact = calendars.change_hours(morning, audience=CANCER_PROGRAM, by=SYSTEM, at=AT)

    assert impact.uncovered == ()
    assert [one.code for one in impact.warnings] == [STAYS]
    assert "Tuesday, October 6, 2026" in impact.warnings[0].detail
    assert uncovered_allocations([allocation], at=AT) == frozenset()
    assert starts(Audience.PATIENT) == {}
    assert max(starts(alice)) == at("13:05")
    assert drift.check(at=AT) == []


def test_an_hour_for_the_program_within_hours_for_everyone_is_one_row_and_goes_before_them(li, site, alice):
    shift = Shift(
        site=site, weekday=2, starts=time(10), ends=time(11), valid_from=date(2026, 9, 1), audience=CANCER_PROGRAM
    )
    book(start(li, site, "10:00"), Audience.PATIENT)
    impact = calendars.add_hours(li, shift, by=SYSTEM, at=AT)
    assert (impact.uncovered, [one.code for one in impact.warnings]) == ((), [STAYS])
    assert at("11:00") in starts(Audience.PATIENT)
    assert not {at("10:00"), at("10:30")} & set(starts(Audience.PATIENT))
    assert told(start(li, site, "10:30"), Audience.PATIENT) == ["not-open-yet"]
    assert drift.check(at=AT) == []
    removed = calendars.remove_hours(impact.row, by=SYSTEM, at=AT)
    assert (removed.uncovered, removed.warnings) == ((), ())
    assert at("11:00") in starts(Audience.PATIENT)
    assert told(start(li, site, "10:30"), Audience.PATIENT) != ["not-open-yet"]


def test_hours_are_open_to_the_patients_of_whichever_program_is_at_the_site(li, site):
    pediatrics = Program.objects.create(key="pediatrics", name={"en": "Pediatrics"})
    hours = Shift(
        site=site, weekday=6, starts=time(10), ends=time(11), valid_from=date(2026, 9, 1), audience=pediatrics.key
    )
    calendars.add_hours(li, hours, by=SYSTEM, at=AT)
    nora = Audience.of_patient(frozenset({(site.pk, pediatrics.key)}))
    saturday = {when: word for when, word in starts(nora).items() if when.astimezone(site.tz).isoweekday() == 6}
    assert set(saturday.values()) == {pediatrics.key}
    assert not any(when in saturday for when in starts(Audience.PATIENT))
    pediatrics.sites.set([make_site("riverside")])
    for audience, words in ((pediatrics.key, "not at this site"), ("nobody", "no such group")):
        with pytest.raises(Invalid) as refusal:
            calendars.add_hours(li, replace(hours, weekday=7, audience=audience), by=SYSTEM, at=AT)
        assert words in refusal.value.facts["errors"][0]["detail"]


@pytest.mark.parametrize("audience", [CANCER_PROGRAM, STAFF_ALONE])
def test_hours_for_two_audiences_at_once_are_refused_and_so_is_being_at_two_sites(li, site, audience):
    riverside = make_site("riverside")
    within = Shift(
        site=site, weekday=2, starts=time(12, 30), ends=time(13), valid_from=date(2026, 9, 1), audience=audience
    )
    with pytest.raises(HoursClash):
        calendars.add_hours(li, within, by=SYSTEM, at=AT)
    for resource in li.resources.all():
        resource.sites.add(riverside)
    with pytest.raises(HoursClash):
        calendars.add_hours(li, replace(within, site=riverside, starts=time(10), ends=time(11)), by=SYSTEM, at=AT)


def test_hours_that_open_to_everyone_leave_nobody_aside_and_warn_of_nothing(li, site, alice):
    book(start(li, site, "12:00"), alice)
    noon = WorkingHours.objects.get(starts="12:00")
    impact = calendars.change_hours(noon, audience=EVERYONE, by=SYSTEM, at=AT)
    assert (impact.uncovered, impact.warnings) == ((), ())
    assert max(starts(Audience.PATIENT)) == at("13:05")


def test_hours_of_the_program_that_are_taken_away_leave_their_visits_without_cover(li, site, alice):
    allocation = uuid4()
    book(start(li, site, "12:00"), alice, allocation)
    noon = WorkingHours.objects.get(starts="12:00")
    impact = calendars.remove_hours(noon, by=SYSTEM, at=AT)
    assert [one.allocation for one in impact.uncovered] == [allocation]
    assert told(start(li, site, "12:00"), alice) == ["practitioner-off"]


def test_a_preview_of_narrower_hours_names_what_stays_and_changes_nothing(li, site):
    book(start(li, site, "09:00"), Audience.PATIENT)
    morning = WorkingHours.objects.get(starts="09:00")
    impact = calendars.change_hours(morning, audience=STAFF_ALONE, by=SYSTEM, at=AT, dry_run=True)
    assert [one.code for one in impact.warnings] == [STAYS]
    assert max(starts(Audience.PATIENT)) == at("11:05")


def test_a_sheet_that_shows_hours_of_one_audience_to_another_is_found_and_put_right(li):
    sheet = WeekSheet.objects.filter(resource=hands(li)).earliest("week")
    WeekSheet.objects.filter(pk=sheet.pk).update(audiences=[STAFF_ALONE], open_to=sheet.open_to[:1])
    found = drift.check(at=AT)
    assert {one.column for one in found} == {"open_to"}
    assert drift.check(at=AT) == []
    again = WeekSheet.objects.get(pk=sheet.pk)
    assert (again.audiences, again.open_to) == (sheet.audiences, sheet.open_to)


def test_a_clinic_without_such_hours_asks_nothing_more(site, django_assert_num_queries):
    make_practitioner(site)
    lay_out()
    assert audiences() == {}
    soon = query(Audience.STAFF, ends_at=AT + timedelta(days=2))
    search(soon, at=AT)
    with django_assert_num_queries(2):
        search(soon, at=AT)
