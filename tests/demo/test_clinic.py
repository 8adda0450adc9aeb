"""What a newcomer finds: a clinic that is open, staffed, and about 60 % full."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from booking.actions.screening.suggested_absences import suggested_absences
from booking.families.family_measures import held_time, measures
from booking.models import (
    Appointment,
    FamilyLink,
    LinkedVisits,
    MeetingTime,
    Patient,
    Referral,
    Reservation,
    Seat,
)
from booking.screening.queries import groups
from booking.seats.seat_rules import ReservationAnchor
from booking.seats.seat_sets import WantedSeats, seat_sets
from booking.status import Status
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from demo import load
from demo.filling import DAYS, open_days, quiet_day
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, MessageKind
from proof.checker import check
from scheduler import public as scheduler
from scheduler.models import Device, Place, Practitioner, WorkingHours
from tests.booking.stories.test_to_do import cards, kinds
from tests.demo_clinic import OPENED_AT

pytestmark = pytest.mark.usefixtures("clinic")
CHICAGO = ZoneInfo("America/Chicago")


def places(*features):
    return [place for place in Place.objects.all() if set(features) <= set(place.features)]


def ahead():
    """Return the appointments of the days that are still to come."""
    return Appointment.objects.filter(period__startswith__date__gt=OPENED_AT.date())


def test_there_are_two_sites_in_chicago_that_tell_nothing_of_why_people_come():
    assert {site.key for site in Site.objects.all()} == {"lakeside", "riverside"}
    for site in Site.objects.all():
        assert site.zone == "America/Chicago"
        assert site.phone.startswith("(312) 555-01")
        assert site.directions["en"]
        assert site.parking["en"]
        assert not {"cancer", "acupuncture", "oncology"} & set(f"{site.name['en']} {site.address}".lower().split())


def test_six_acupuncturists_and_two_physiatrists_treat_people_in_many_languages():
    staff = Practitioner.objects.values_list("nucc", flat=True)
    assert sorted(staff) == ["171100000X"] * 6 + ["208100000X"] * 2
    spoken = {tag for who in Practitioner.objects.all() for tag in who.languages}
    assert {"en", "es", "pl", "zh-Hans", "ar", "ru"} <= spoken


def test_there_are_ten_bays_an_exam_room_a_group_room_and_devices():
    bays = [p for p in places("table") if "exam" not in p.features]
    assert len(bays) == 10
    assert len(places("ventilated")) == 2
    assert len(places("exam")) == 1
    assert len(places("recliner")) == 6
    assert Device.objects.filter(pool="estim_unit").count() == 2
    assert Device.objects.filter(pool="cup_set").count() == 6


def test_hours_differ_some_work_evenings_saturdays_every_second_week_or_at_two_sites():
    hours = WorkingHours.objects.all()
    assert hours.filter(every_weeks=2).exists()
    assert hours.filter(weekday=6).exists()
    assert hours.filter(ends__gt="19:00").exists()
    assert {s.pk for s in Site.objects.all()} == set(
        hours.filter(practitioner__name="Omar Haddad").values_list("site", flat=True)
    )


def test_mei_li_keeps_friday_afternoons_for_the_program():
    friday = datetime(2026, 11, 13, 13, tzinfo=CHICAGO)
    asked = {"therapy": "acu_manual", "visit": "followup", "starts_at": friday, "ends_at": friday + timedelta(hours=3)}
    li = Practitioner.objects.get(name="Mei Li").public_id
    lakeside = Site.objects.get(key="lakeside")
    alice = scheduler.Audience.of_patient(frozenset({(lakeside.pk, "cancer-integrative-medicine")}))
    for audience, sees in ((scheduler.Audience.PATIENT, False), (alice, True)):
        query = scheduler.SearchQuery(**asked, practitioner=li, audience=audience)
        assert bool(scheduler.search(query, at=OPENED_AT)) is sees


def test_the_next_three_weeks_are_about_sixty_percent_full():
    offered = taken = timedelta()
    for who in Practitioner.objects.all():
        for stretches in open_days(who, since=OPENED_AT).values():
            offered += sum((end - start for start, end in stretches), timedelta())
        visits = ahead().filter(practitioner=who).values_list("period", flat=True)
        taken += together(sorted((visit.lower, visit.upper) for visit in visits))
    assert 0.5 < taken / offered < 0.7


def together(stretches):
    """Return how long stretches last, what overlaps counted once."""
    total, until = timedelta(), None
    for start, end in stretches:
        first = start if until is None or start > until else until
        total += max(end - first, timedelta())
        until = end if until is None else max(until, end)
    return total


def test_today_somebody_stands_in_every_state(client):
    lakeside = Site.objects.get(key="lakeside")
    day = Appointment.objects.filter(site=lakeside, period__startswith__date=OPENED_AT.date())
    states = set(day.values_list("status", flat=True))
    assert states >= set(Status) - {Status.ENTERED_IN_ERROR}
    client.force_login(User.objects.get(username="scheduler"))
    with time_machine.travel(OPENED_AT, tick=False):
        board = client.get("/desk/").content.decode()
    for status in states - {Status.CANCELLED}:
        assert f'class="v {status} ' in board


def test_nobody_is_offered_thanksgiving_or_christmas():
    for day in (date(2026, 11, 26), date(2026, 12, 25)):
        noon = datetime.combine(day, time(12), CHICAGO)
        asked = {"therapy": "acu_manual", "visit": "followup", "audience": scheduler.Audience.STAFF}
        around = scheduler.SearchQuery(**asked, starts_at=noon - timedelta(days=2), ends_at=noon + timedelta(days=2))
        offered = {load.day for load in scheduler.days(around, at=OPENED_AT)}
        assert day not in offered
        assert day - timedelta(days=1) in offered


def test_demand_has_the_shape_of_real_demand():
    visits = Appointment.objects.all()
    # Whoever lacks a referral, asked for a time today, or took one that they had waited for; and who come together.
    waiting, couple = 3, 2
    assert (
        visits.filter(created_at__gte=OPENED_AT).count() == sum(map(len, load.THEIR_VISITS.values())) + waiting + couple
    )
    assert max((v.period.lower - OPENED_AT).days for v in visits) <= DAYS + 1
    often = defaultdict(int)
    for patient in visits.values_list("patient", flat=True):
        often[patient] += 1
    assert max(often.values()) > 2


def test_nothing_is_wrong_with_it():
    assert list(check(at=OPENED_AT)) == []


def test_loading_it_again_changes_nothing(clinic):
    before = Appointment.objects.count()
    assert load.load(at=OPENED_AT) is None
    assert Appointment.objects.count() == before
    since_today = Appointment.objects.filter(period__startswith__date__gte=OPENED_AT.date())
    assert since_today.count() == clinic.visits


def test_the_outbox_is_not_flooded_and_reminders_are_still_to_come():
    due_now = Message.objects.filter(status=Delivery.DUE, due_at__lte=OPENED_AT)
    assert due_now.count() == 0
    assert Message.objects.filter(status=Delivery.DUE, kind=MessageKind.REMINDER).count() > 300
    ended = Message.objects.exclude(status=Delivery.DUE).exclude(reason=DeliveryReason.SAID_BEFORE)
    assert set(ended.values_list("kind", "status")) == {(MessageKind.REMINDER, Delivery.SENT)}
    assert not ended.filter(appointment__period__startswith__gt=OPENED_AT).exists()


def test_alice_rosa_and_ben_sign_in_and_have_visits_of_their_own():
    for name in ("patient", "patient2", "relative"):
        patient = Patient.objects.get(user__username=name)
        assert patient.appointments.filter(period__startswith__gt=OPENED_AT).exists()


def test_schedulers_of_two_sites_hold_their_own_site_only():
    held = RoleAssignment.objects.filter(user__username__startswith="scheduler")
    assert {(a.user.username, a.site.key) for a in held} == {("scheduler", "lakeside"), ("scheduler2", "riverside")}


def test_those_who_keep_calendars_may_open_the_staff_pages():
    staff = User.objects.filter(is_staff=True).values_list("username", flat=True)
    assert set(staff) == {"scheduler", "scheduler2", "practitioner", "clinician", "clinician2", "clinician3", "admin"}
    assert Practitioner.objects.get(user__username="practitioner").name == "Mei Li"


def test_the_door_finds_people_in_every_state_and_schedulers_an_absence_to_decide_about():
    ahead = Appointment.objects.filter(status="booked", period__startswith__gt=OPENED_AT).select_related("site")
    known = groups(list(ahead.order_by("period")[:150]), at=OPENED_AT).values()
    assert {one[0].state.value for one in known} >= {"unanswered", "clear", "in-review", "stay-away"}
    assert any(len(people) > 1 for people in known)
    (suggested,) = suggested_absences(Site.objects.get(key="lakeside"), at=OPENED_AT)
    assert suggested.practitioner.name == "Omar Haddad"


def test_one_program_asks_for_a_referral_that_two_have_and_for_which_one_waits():
    waiting = Appointment.objects.exclude(awaits_referral="").get()
    assert (waiting.status, waiting.patient.name) == (Status.PENDING, "Ben Martin")
    assert Referral.objects.count() == 2
    rows = scheduler.policies_for(
        "booking", waiting.site_id, at=waiting.created_at, programs={scheduler.CANCER_PROGRAM}
    )
    assert [row.content["booking"]["horizon_days_patient"] for row in rows] == [90]


def test_time_is_kept_for_families_in_each_stage_and_near_a_treatment():
    site = Site.objects.get(key="lakeside")
    stages = {
        one.stage
        for one in scheduler.block_occurrences(site.pk, OPENED_AT, OPENED_AT + timedelta(days=14), at=OPENED_AT)
    }
    assert {"linked_families", "cancer_program_patients_and_families", "all_eligible_patients"} <= stages
    states = sorted(Seat.objects.values_list("state", flat=True))
    assert states == ["named", "named", "open", "open", "open"]
    assert Reservation.objects.filter(name_by__lte=OPENED_AT + timedelta(days=1)).count() == 1
    assert sorted(FamilyLink.objects.values_list("state", flat=True)) == ["active", "invited"]


def test_three_of_a_family_find_times_side_by_side_after_two_on_the_quiet_day():
    near = datetime.combine(quiet_day(OPENED_AT), time(14), ZoneInfo("America/Chicago"))
    anchor = ReservationAnchor(at=near, minutes=45, site=Site.objects.get(key="lakeside"))
    what = {"therapy": "acu_manual", "visit": "first", "technique": ""}
    wanted = WantedSeats(seats=3, in_a_row=False, program=scheduler.CANCER_PROGRAM, anchor=anchor, **what)
    assert seat_sets(wanted, at=OPENED_AT)


def test_two_people_come_together_one_offers_their_time_and_kept_time_was_used_for_weeks():
    (link,) = LinkedVisits.objects.all()
    assert {visit.status for visit in link.visits.all()} == {Status.BOOKED}
    assert MeetingTime.objects.get(withdrawn_at=None).appointment.patient.user.username == "patient"
    by, since = Principal.of(User.objects.get(username="program"), at=OPENED_AT), OPENED_AT - timedelta(weeks=8)
    site = Site.objects.get(key="lakeside")
    *_blocks, together = measures(held_time(site, since, by=by, at=OPENED_AT, single=""), "block")
    assert 0 < together.claimed < together.held
    assert 0 < together.wasted < together.held - together.claimed


@pytest.mark.parametrize(
    ("account", "waits"),
    [
        ("scheduler", {"calls", "stays-away", "absences", "duplicates"}),
        ("clinician", {"calls", "reviews"}),
        ("program", {"family-time"}),
        ("practitioner", set()),
        ("admin", set()),
        ("auditor", set()),
    ],
)
def test_what_is_to_be_done_is_one_click_from_where_it_is_done(account, waits):
    browser = Client()
    with time_machine.travel(OPENED_AT, tick=False):
        browser.force_login(User.objects.get(username=account))
        page = browser.get("/desk/to-do/")
        assert set(kinds(page)) >= waits
        assert ("wait for a clinician of this site" in page.text) is (account == "scheduler")
        assert {browser.get(url).status_code for _who, url in cards(page)} <= {200}
