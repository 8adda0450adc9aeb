"""May I have it? What is claimed is claimed whole, once, and given back whole."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from psycopg.types.range import TimestamptzRange

from scheduler.models import Claim, Resource, WeekSheet
from scheduler.models.resources import ResourceKind
from scheduler.public import (
    Audience,
    ClaimLapsed,
    ClaimRequest,
    SearchQuery,
    SlotTaken,
    lapse,
    postpone,
    release,
    search,
    slot,
    take_over,
)
from scheduler.public import claim as claim_together
from scheduler.sheets import free_time
from scheduler.sheets.free_time import WantedTime
from tests.factories.scheduler import (
    AT,
    claim,
    lay_out,
    make_device,
    make_hours,
    make_places,
    make_practitioner,
    make_site,
)

pytestmark = [pytest.mark.django_db]
QUARTER = timedelta(minutes=15)
STAFF = Audience.STAFF_WITH_REASON


@pytest.fixture
def clinic(catalogue):
    site = make_site()
    make_places(site, 2)
    make_device(site, "cup_set", reprocess_minutes=60)
    make_practitioner(site, offers=["acu_manual", "cup_dry"])
    lay_out()
    return site


@pytest.fixture
def at_nine(clinic):
    return soonest("acu_manual")


def soonest(therapy):
    query = SearchQuery(
        therapy=therapy, visit="followup", starts_at=AT, ends_at=AT + timedelta(days=7), audience=STAFF, limit=1
    )
    return search(query, at=AT)[0]


def later(one, minutes):
    return slot(replace(one.key, start=one.start + timedelta(minutes=minutes)).encode())


def stretches(allocation):
    rows = Claim.objects.filter(allocation=allocation, retired_at=None).select_related("resource").order_by("period")
    start = min(c.period.lower for c in rows)
    return sorted(
        (c.resource.kind, (c.period.lower - start).seconds // 60, (c.period.upper - start).seconds // 60) for c in rows
    )


def marks():
    return dict(WeekSheet.objects.values_list("pk", "taken"))


def test_a_visit_claims_each_resource_for_its_own_stretch(at_nine):
    mine = uuid4()
    claim(at_nine.id, audience=STAFF, allocation=mine, expires_at=None, at=AT)
    assert stretches(mine) == [("hands", 0, 20), ("hands", 50, 55), ("lane", 20, 50), ("place", 0, 70)]


def test_cups_come_back_to_the_pool_when_they_are_clean_again(clinic):
    cups, mine = soonest("cup_dry"), uuid4()
    claim(cups.id, audience=STAFF, allocation=mine, expires_at=None, at=AT)
    assert ("device", 0, 90) in stretches(mine)


def test_the_patient_leaves_before_the_place_is_ready_again(at_nine):
    claimed = claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    assert claimed.period == (at_nine.start, at_nine.start + timedelta(minutes=60))


def test_a_second_claim_on_the_same_time_is_refused_with_three_alternatives(at_nine):
    claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    before = marks()
    with pytest.raises(SlotTaken) as refusal:
        claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    near = refusal.value.facts["alternatives"]
    assert [(s.start - at_nine.start).seconds // 60 for s in near] == [20, 55, 70]
    assert marks() == before
    assert claim(near[0].id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)


def test_a_refused_claim_leaves_no_row_and_no_bit(clinic, at_nine):
    WeekSheet.objects.filter(resource__kind=ResourceKind.PLACE).update(open=0)
    before = marks()
    with pytest.raises(SlotTaken):
        claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    assert (Claim.objects.count(), marks()) == (0, before)


def test_a_visit_moves_onto_time_that_overlaps_its_own(at_nine):
    old, new = uuid4(), uuid4()
    claim(at_nine.id, audience=STAFF, allocation=old, expires_at=None, at=AT)
    moved = claim(later(at_nine, 15).id, audience=STAFF, allocation=new, expires_at=None, at=AT, replacing=old)
    assert moved.slot.start == at_nine.start + QUARTER
    assert not Claim.objects.filter(allocation=old, retired_at=None).exists()
    assert claim(later(at_nine, 75).id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)


def test_a_move_that_is_refused_keeps_the_old_time(at_nine):
    old, theirs = uuid4(), uuid4()
    claim(at_nine.id, audience=STAFF, allocation=old, expires_at=None, at=AT)
    claim(later(at_nine, 60).id, audience=STAFF, allocation=theirs, expires_at=None, at=AT)
    before = marks()
    with pytest.raises(SlotTaken):
        claim(later(at_nine, 60).id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT, replacing=old)
    assert marks() == before
    assert stretches(old)


def test_the_next_writer_clears_what_has_expired(at_nine):
    held, mine = uuid4(), uuid4()
    claim(at_nine.id, audience=STAFF, allocation=held, expires_at=AT + QUARTER, at=AT)
    claim(at_nine.id, audience=STAFF, allocation=mine, expires_at=None, at=AT + QUARTER)
    assert not Claim.objects.filter(allocation=held, retired_at=None).exists()
    assert stretches(mine)


def test_what_is_kept_for_a_while_can_be_kept_for_good_only_in_time(at_nine):
    held = uuid4()
    claim(at_nine.id, audience=STAFF, allocation=held, expires_at=AT + QUARTER, at=AT)
    with pytest.raises(ClaimLapsed):
        take_over(held, at=AT + QUARTER)
    take_over(held, at=AT + QUARTER - timedelta(seconds=1))
    assert set(Claim.objects.filter(allocation=held).values_list("expires_at", flat=True)) == {None}


def test_a_claim_that_somebody_else_has_cleared_cannot_be_taken_over(at_nine):
    held = uuid4()
    claim(at_nine.id, audience=STAFF, allocation=held, expires_at=AT + QUARTER, at=AT)
    claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT + QUARTER)
    for late in (take_over, lambda a, at: postpone(a, until=at + QUARTER, at=at)):
        with pytest.raises(ClaimLapsed):
            late(held, at=AT + timedelta(minutes=1))


def test_more_time_is_given_while_there_is_some_left(at_nine):
    held = uuid4()
    claim(at_nine.id, audience=STAFF, allocation=held, expires_at=AT + QUARTER, at=AT)
    postpone(held, until=AT + 2 * QUARTER, at=AT + timedelta(minutes=14))
    take_over(held, at=AT + timedelta(minutes=29))


def test_a_cancelled_visit_keeps_its_time_until_it_lapses(at_nine):
    mine = uuid4()
    claim(at_nine.id, audience=STAFF, allocation=mine, expires_at=None, at=AT)
    lapse(mine, until=AT + timedelta(minutes=10))
    with pytest.raises(SlotTaken):
        claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT + timedelta(minutes=9))
    assert claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT + timedelta(minutes=10))


def test_giving_back_clears_every_bit_and_twice_is_harmless(at_nine):
    before, mine = marks(), uuid4()
    claim(at_nine.id, audience=STAFF, allocation=mine, expires_at=None, at=AT)
    assert marks() != before
    release(mine, at=AT)
    release(mine, at=AT)
    assert marks() == before


def test_a_week_without_sheets_is_laid_out_by_whoever_books_in_it(clinic, at_nine):
    WeekSheet.objects.all().delete()
    assert claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)


def test_the_constraint_has_the_last_word_when_a_sheet_lies(at_nine):
    claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    WeekSheet.objects.update(taken=0)
    with pytest.raises(SlotTaken):
        claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)


def test_without_the_constraint_a_lying_sheet_lets_two_people_in(at_nine):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduler_claim DROP CONSTRAINT claim_shares_no_time_with_another")
    claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    WeekSheet.objects.update(taken=0)
    claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    assert Claim.objects.filter(retired_at=None, resource__kind=ResourceKind.HANDS).count() == 4


def test_raw_rows_cannot_overlap_either(at_nine):
    claim(at_nine.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    one = Claim.objects.filter(retired_at=None).first()
    with pytest.raises(IntegrityError, match="claim_shares_no_time_with_another"):
        Claim.objects.create(
            allocation=uuid4(), resource=one.resource, period=TimestamptzRange(one.period.lower, one.period.upper)
        )


def test_taking_sheets_is_refused_when_one_of_them_is_missing(clinic, at_nine):
    hands = Resource.objects.get(kind=ResourceKind.HANDS)
    nowhere = at_nine.start + timedelta(weeks=60)
    assert not free_time.take([WantedTime(clinic.pk, [free_time.Stretch(hands.pk, nowhere, nowhere + QUARTER)])])


def test_a_visit_across_the_utc_weeks_end_is_claimed_whole(catalogue):
    site = make_site(opens="07:00", closes="23:00")
    make_places(site, 1)
    make_practitioner(site, hours=[(7, "17:00", "21:00")])
    lay_out()
    query = SearchQuery(
        therapy="acu_manual", visit="followup", starts_at=AT, ends_at=AT + timedelta(days=7), audience=STAFF
    )
    across = next(s for s in search(query, at=AT) if s.start.weekday() == 6 and s.end.weekday() == 0)
    mine = uuid4()
    claim(across.id, audience=STAFF, allocation=mine, expires_at=None, at=AT)
    assert stretches(mine) == [("hands", 0, 20), ("hands", 50, 55), ("lane", 20, 50), ("place", 0, 70)]
    with pytest.raises(SlotTaken):
        claim(across.id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)


# -- several visits as one act ----------------------------------------------------------------------------------------


def together(*slots, replacing=None):
    own = [None] * len(slots) if replacing is None else replacing
    requests = [
        ClaimRequest(slot=one, audience=STAFF, allocation=uuid4(), replacing=old)
        for one, old in zip(slots, own, strict=True)
    ]
    return [one.allocation for one in requests], claim_together(requests, at=AT)


def test_visits_wanted_together_are_claimed_together_in_the_order_asked(at_nine):
    wanted = [later(at_nine, 120), at_nine, later(at_nine, 24 * 60)]
    mine, claimed = together(*wanted)
    assert [one.slot for one in claimed] == wanted
    assert all(stretches(one) == stretches(mine[0]) for one in mine)


def test_two_visits_at_once_take_different_places_and_lanes(clinic, at_nine):
    make_practitioner(clinic, name="Dr Kim")
    lay_out()
    both = [s for s in search(soon(at_nine), at=AT) if s.start == at_nine.start]
    _, claimed = together(*both)
    assert len({one.place_id for one in claimed}) == 2


def test_a_second_visit_starts_while_the_first_one_rests_also_when_both_are_claimed_at_once(at_nine):
    mine, claimed = together(at_nine, later(at_nine, 20))
    assert len({one.place_id for one in claimed}) == 2
    assert len(Claim.objects.filter(allocation__in=mine)) == 8


def test_when_one_of_them_is_taken_none_is_claimed_and_it_is_named(at_nine):
    claim(later(at_nine, 120).id, audience=STAFF, allocation=uuid4(), expires_at=None, at=AT)
    before, rows = marks(), Claim.objects.count()
    with pytest.raises(SlotTaken) as refusal:
        together(at_nine, later(at_nine, 120), later(at_nine, 240))
    assert [one.start for one in refusal.value.taken] == [later(at_nine, 120).start]
    assert refusal.value.facts["alternatives"]
    assert (marks(), Claim.objects.count()) == (before, rows)


def test_two_visits_for_which_there_is_room_for_one_are_not_claimed_together(at_nine):
    before = marks()
    with pytest.raises(SlotTaken) as refusal:
        together(at_nine, later(at_nine, 5))
    assert [one.start for one in refusal.value.taken] == [later(at_nine, 5).start]
    assert marks() == before


def test_visits_change_places_in_one_act(at_nine):
    other = later(at_nine, 60)
    (first, second), _ = together(at_nine, other)
    new, _ = together(other, at_nine, replacing=[first, second])
    assert not Claim.objects.filter(allocation__in=[first, second], retired_at=None).exists()
    assert [Claim.objects.filter(allocation=one, retired_at=None).count() for one in new] == [4, 4]


def test_visits_at_two_sites_are_claimed_together_also_with_one_practitioner(clinic, at_nine):
    north = make_site("northside")
    make_places(north, 1)
    kim = make_practitioner(clinic, north, name="Dr Kim")
    make_hours(kim, north, [(6, "09:00", "17:00")])
    lay_out()
    hers = search(replace(soon(at_nine), practitioner=kim.public_id), at=AT)
    monday, saturday = hers[0], hers[-1]
    _mine, claimed = together(monday, saturday)
    assert [one.slot.site.id for one in claimed] == [clinic.pk, north.pk]
    with pytest.raises(SlotTaken) as refusal:
        together(later(monday, 240), saturday)
    assert refusal.value.taken == (saturday,)


def test_weeks_without_sheets_are_laid_out_by_whoever_books_in_several_of_them(at_nine):
    WeekSheet.objects.all().delete()
    mine, _ = together(at_nine, later(at_nine, 14 * 24 * 60))
    assert len(Claim.objects.filter(allocation__in=mine)) == 8


def soon(at_nine):
    return SearchQuery(
        therapy="acu_manual",
        visit="followup",
        starts_at=at_nine.start,
        ends_at=AT + timedelta(days=7),
        audience=STAFF,
        limit=500,
    )
