"""People look for a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from scheduler.models import Claim, Practitioner, WeekSheet
from scheduler.public import (
    Audience,
    NotOffered,
    SearchQuery,
    TechniqueNeeded,
    UnknownPractitioner,
    UnknownSlot,
    days,
    explain,
    first,
    lapse,
    search,
    slot,
)
from scheduler.search import reading
from scheduler.search.availability import Availability
from tests.factories.booking import read_slot
from tests.factories.scheduler import (
    AT,
    claim,
    hands,
    lay_out,
    make_claim,
    make_device,
    make_place,
    make_places,
    make_practitioner,
    make_room,
    make_site,
)

CHICAGO = ZoneInfo("America/Chicago")
FRIDAY_NIGHT = AT + timedelta(days=4, hours=11)
STAFF = Audience.STAFF_WITH_REASON
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def query(**said):
    asked = {
        "therapy": "acu_manual",
        "visit": "followup",
        "starts_at": AT,
        "ends_at": AT + timedelta(days=14),
        "audience": STAFF,
    }
    return SearchQuery(**{**asked, **said})


def wall(slots):
    return [f"{s.start.astimezone(CHICAGO):%a %H:%M}" for s in slots]


@pytest.fixture
def clinic(catalogue):
    site = make_site()
    make_places(site, 2)
    make_practitioner(site)
    lay_out()
    return site


@pytest.mark.usefixtures("clinic")
def test_the_soonest_times_come_first_on_a_grid_of_fifteen_minutes():
    assert wall(search(query(limit=3), at=AT)) == ["Mon 09:00", "Mon 09:15", "Mon 09:30"]


@pytest.mark.usefixtures("clinic")
def test_the_last_visit_of_the_day_ends_its_contact_within_hours():
    monday = [s for s in search(query(limit=100), at=AT) if s.start.astimezone(CHICAGO).day == 5]
    assert wall(monday)[-1] == "Mon 16:00"
    assert monday[-1].end - monday[-1].start == timedelta(minutes=60)


@pytest.mark.usefixtures("clinic")
def test_patients_need_notice_and_time_to_read_what_they_are_offered():
    soonest = first(query(audience=Audience.PATIENT), at=AT)
    assert soonest is not None
    assert soonest.start == AT + timedelta(hours=4, minutes=15)


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("audience", [Audience.PATIENT, Audience.STAFF])
def test_the_soonest_time_offered_can_be_had_for_as_long_as_a_page_is_read(audience):
    soonest = first(query(audience=audience), at=AT)
    assert soonest is not None
    read = AT + timedelta(minutes=10)
    assert explain(soonest, audience=audience, at=read).free
    assert not explain(soonest, audience=audience, at=read + timedelta(minutes=6)).free


@pytest.mark.usefixtures("clinic")
def test_patients_cannot_look_past_their_horizon():
    far = query(
        starts_at=AT + timedelta(days=35), ends_at=AT + timedelta(days=60), audience=Audience.PATIENT, limit=500
    )
    assert max(s.start for s in search(far, at=AT)) < AT + timedelta(days=42)


@pytest.mark.usefixtures("clinic")
def test_a_taken_time_is_not_shown_and_its_neighbours_follow_the_hands():
    taken = search(query(limit=1), at=AT)[0]
    claim(taken.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    monday = [s for s in wall(search(query(limit=8), at=AT)) if s.startswith("Mon")]
    assert monday[:4] == ["Mon 09:20", "Mon 09:55", "Mon 10:10", "Mon 10:25"]


@pytest.mark.usefixtures("clinic")
def test_time_kept_for_a_while_is_free_again_by_reading_alone():
    taken = search(query(limit=1), at=AT)[0]
    claim(taken.id, audience=STAFF, allocation=uuid4(), expires_at=AT + timedelta(minutes=15), at=AT)
    assert search(query(limit=1), at=AT + timedelta(minutes=14))[0] != taken
    assert search(query(limit=1), at=AT + timedelta(minutes=15))[0] == taken


@pytest.mark.usefixtures("clinic")
def test_an_expired_hold_does_not_open_time_that_has_closed_meanwhile():
    taken = search(query(limit=1), at=AT)[0]
    claim(taken.id, audience=STAFF, allocation=uuid4(), expires_at=AT + timedelta(minutes=15), at=AT)
    WeekSheet.objects.update(open=0)
    assert search(query(), at=AT + timedelta(minutes=20)) == []


@pytest.mark.usefixtures("clinic")
def test_a_visit_that_moves_does_not_stand_in_its_own_way():
    taken, own = search(query(limit=1), at=AT)[0], uuid4()
    claim(taken.id, audience=STAFF, allocation=own, expires_at=None, at=AT)
    assert wall(search(query(limit=2, moving=own), at=AT)) == ["Mon 09:00", "Mon 09:15"]


@pytest.mark.usefixtures("clinic")
def test_days_say_how_many_starts_they_have():
    loads = days(query(), at=AT)
    assert [(f"{d.day:%a %d}", d.starts) for d in loads[:2]] == [("Mon 05", 29), ("Tue 06", 29)]
    assert sum(d.starts for d in loads) == len(search(query(limit=5000), at=AT))


@pytest.mark.usefixtures("clinic")
def test_parts_of_the_day_are_those_of_the_clinics_clock():
    evening = search(query(part_of_day="afternoon", limit=5000), at=AT)
    assert {s.start.astimezone(CHICAGO).hour for s in evening} == {12, 13, 14, 15, 16}


def test_the_night_the_clocks_go_back_moves_no_appointment():
    site = make_site()
    make_places(site, 1)
    make_practitioner(site)
    lay_out()
    around = query(starts_at=datetime(2026, 10, 30, tzinfo=UTC), ends_at=datetime(2026, 11, 4, tzinfo=UTC), limit=5000)
    firsts = {s.start.astimezone(CHICAGO).date(): s for s in reversed(search(around, at=AT))}
    assert {f"{s.start.astimezone(CHICAGO):%H:%M}" for d, s in firsts.items() if d.day in (30, 2, 3)} == {"09:00"}
    assert {s.start.hour for s in firsts.values() if s.start.day in (30, 2)} == {14, 15}


def test_people_choose_by_language_gender_and_name():
    site = make_site()
    make_places(site, 4)
    li = make_practitioner(site, name="Dr Li", languages=["en", "zh-Hans"], gender="female")
    sol = make_practitioner(site, name="Sol Reyes", languages=["en", "es"], gender="male")
    lay_out()
    assert {s.practitioner.name for s in search(query(language="es"), at=AT)} == {"Sol Reyes"}
    assert {s.practitioner.name for s in search(query(gender="female"), at=AT)} == {"Dr Li"}
    assert {s.practitioner.id for s in search(query(practitioner=sol.public_id), at=AT)} == {sol.pk}
    assert {s.practitioner.id for s in search(query(limit=2), at=AT)} == {li.pk, sol.pk}


def test_smoke_takes_the_whole_room():
    site = make_site()
    room = make_room(site)
    make_place(room, "table", "ventilated"), make_place(room, "table", "ventilated")
    make_practitioner(site, offers=["moxa_indirect"])
    make_practitioner(site, name="Sol Reyes", offers=["moxa_indirect", "acu_manual"])
    lay_out()
    moxa = query(therapy="moxa_indirect")
    start = search(moxa, at=AT)[0]
    claim(start.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    assert min(s.start for s in search(moxa, at=AT)) >= start.end
    assert min(s.start for s in search(query(), at=AT)) >= start.end


def test_ventilated_bays_stay_free_for_moxibustion():
    site = make_site()
    ventilated = make_place(make_room(site), "table", "ventilated", "exhaust")
    plain = make_place(make_room(site), "table")
    make_practitioner(site), make_practitioner(site, name="Sol Reyes")
    lay_out()
    one, two = search(query(limit=2), at=AT)
    assert claim(one.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT).place_id == plain.pk
    assert claim(two.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT).place_id == ventilated.pk


def test_a_device_in_use_leaves_no_second_visit_beside_it():
    site = make_site()
    make_places(site, 3)
    make_device(site, "estim_unit")
    make_practitioner(site, offers=["acu_electro"]), make_practitioner(site, name="Sol Reyes", offers=["acu_electro"])
    lay_out()
    electro = query(therapy="acu_electro")
    start = search(electro, at=AT)[0]
    claim(start.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    assert search(electro, at=AT)[0].start >= start.end


def test_a_practitioners_overlapping_patients_lie_in_one_suite():
    site = make_site()
    near, far = make_places(site, 1, suite="north")[0], make_places(site, 1, suite="south")[0]
    make_practitioner(site)
    lay_out()
    at_nine = search(query(limit=1), at=AT)[0]
    assert claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT).place_id == near.pk
    later = search(query(limit=1), at=AT)[0]
    assert wall([later]) == ["Mon 09:55"]
    reasons = explain(
        read_slot(slot(at_nine.id).id.replace(at_nine.id, _at(at_nine, minutes=20))), at=AT, audience=STAFF
    ).reasons
    assert [r.code for r in reasons] == ["practitioner-elsewhere"]
    assert far.pk != near.pk


def _at(one, *, minutes):
    return replace(one.key, start=one.start + timedelta(minutes=minutes)).encode()


@pytest.mark.usefixtures("clinic")
def test_an_expired_undo_and_a_cancelled_claim_are_told_apart():
    taken, own = search(query(limit=1), at=AT)[0], uuid4()
    claim(taken.id, audience=STAFF, allocation=own, expires_at=None, at=AT)
    lapse(own, until=AT + timedelta(minutes=10))
    assert search(query(limit=1), at=AT)[0] != taken
    assert search(query(limit=1), at=AT + timedelta(minutes=10))[0] == taken
    assert Claim.objects.filter(retired_at=None).exists()


@pytest.mark.usefixtures("clinic")
def test_a_slot_says_why_it_cannot_be_had():
    free = search(query(limit=1), at=AT)[0]
    assert explain(read_slot(free.id), at=AT, audience=STAFF).free
    claim(free.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    assert [r.code for r in explain(read_slot(free.id), at=AT, audience=STAFF).reasons] == ["practitioner-busy"]
    early, before = read_slot(_at(free, minutes=-60)), AT - timedelta(days=1)
    for audience, told in (
        (STAFF, "does not work at this time. On that day they work: 9:00\xa0AM to 5:00\xa0PM."),
        (Audience.PATIENT, "The practitioner does not work at this time."),
    ):
        (why,) = [r for r in explain(early, at=before, audience=audience).reasons if r.code == "practitioner-off"]
        assert told in why.detail
    assert "notice-too-short" in [r.code for r in explain(read_slot(free.id), at=AT, audience=Audience.PATIENT).reasons]
    last = search(query(limit=None), at=AT)[-1]
    for audience, told in (
        (STAFF, "This does not fit before 5:00\xa0PM, when"),
        (Audience.PATIENT, "does not work at this time"),
    ):
        assert told in explain(read_slot(_at(last, minutes=15)), at=AT, audience=audience).reasons[-1].detail
    for audience, told in ((Audience.PATIENT, "Please call us"), (Audience.STAFF, "without a reason")):
        (why,) = [
            r for r in explain(read_slot(free.id), at=AT, audience=audience).reasons if r.code == "notice-too-short"
        ]
        assert told in why.detail
    assert "off-grid" in [r.code for r in explain(read_slot(_at(free, minutes=2)), at=AT, audience=STAFF).reasons]


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("odd", ["", "x", "é", "A" * 500, "AAAA", "YS5iLmMuZC5lLmY"])
def test_an_id_that_says_nothing_is_unknown(odd):
    with pytest.raises(UnknownSlot):
        slot(odd)


@pytest.mark.usefixtures("clinic")
def test_what_is_not_offered_is_refused_and_a_technique_is_asked_for():
    with pytest.raises(NotOffered):
        search(query(therapy="reiki"), at=AT)
    with pytest.raises(TechniqueNeeded) as refusal:
        search(query(therapy="acu_heated"), at=AT)
    assert refusal.value.facts["techniques"] == ["heat_lamp", "needle_top_moxa"]


@pytest.mark.usefixtures("clinic")
def test_nobody_looks_for_a_practitioner_who_is_not_there():
    for look in (search, days, first):
        with pytest.raises(UnknownPractitioner):
            look(query(practitioner=uuid4()), at=AT)


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("technique", ["bogus", "heat_lamp"])
def test_a_technique_that_the_therapy_does_not_have_is_not_offered(technique):
    with pytest.raises(NotOffered):
        search(query(technique=technique), at=AT)
    key = replace(first(query(technique="twirling"), at=AT).key, technique=technique)
    for asked in (slot, lambda one: explain(read_slot(one), at=AT)):
        with pytest.raises(UnknownSlot):
            asked(key.encode())


@pytest.fixture
def patients_in_the_north(catalogue):
    """Every day Dr Li has a patient in the north while only the south is free."""
    site = make_site()
    north, south = (make_places(site, 1, suite=suite)[0] for suite in ("north", "south"))
    li = make_practitioner(site)
    lay_out()
    for day in range(1, 14):
        start = AT + timedelta(days=day, hours=3)
        other = make_claim(hands(li), start, 20).allocation
        make_claim(north.resource, start, 60, allocation=other)
        make_claim(south.resource, start + timedelta(minutes=60), 45)


@pytest.mark.usefixtures("patients_in_the_north")
@pytest.mark.parametrize("plenty", [0.1, 4])
def test_patients_in_other_suites_count_however_far_ahead_and_however_few_times_are_wanted(monkeypatch, plenty):
    monkeypatch.setattr(reading, "PLENTY", plenty)  # also where the stretch looked at first leaves too few
    everything = search(query(limit=None), at=AT)
    assert len(everything) > 80
    assert all(explain(one, at=AT, audience=STAFF).free for one in everything[::20])
    for wanted in (1, 60, 80, len(everything)):
        assert search(query(limit=wanted), at=AT) == everything[:wanted]


@pytest.mark.usefixtures("patients_in_the_north")
def test_twin_when_nobody_looks_for_patients_elsewhere_times_are_shown_that_cannot_be_held(monkeypatch):
    load = Availability.load
    everything = search(query(limit=None), at=AT)
    monkeypatch.setattr(Availability, "load", lambda *weeks, **_: load(*weeks, presence=False))
    assert search(query(limit=60), at=AT) != everything[:60]


@pytest.mark.usefixtures("clinic")
def test_a_change_of_the_catalogue_shows_at_once():
    assert search(query(), at=AT)
    Practitioner.objects.update(active=False)
    assert search(query(), at=AT) == []
