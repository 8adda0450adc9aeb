"""What stands without cover: the same as the edits said that led there, until it is open, or in use, again."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from core.principal import Principal
from scheduler.actions import calendars, catalogue
from scheduler.actions.catalogue_edits import change
from scheduler.errors import StillInUse
from scheduler.models import Claim, Device, Offering, Place, Therapy
from scheduler.public import Audience, SearchQuery, search
from scheduler.sheets import uncovered_claims
from scheduler.sheets.uncovered_claims import uncovered_allocations
from tests.factories.scheduler import (
    AT,
    chicago,
    claim,
    hands,
    judging_hours_alone,
    lay_out,
    make_claim,
    make_device,
    make_place,
    make_practitioner,
    make_room,
    make_site,
    put_out_of_use,
)

pytestmark = pytest.mark.django_db
EDITOR = {"by": Principal.system("test"), "at": AT}
MONDAY, SUNDAY = "2026-10-12", "2026-10-11"
THERAPIES = ("acu_electro", "moxa_indirect")


@pytest.fixture
def site(catalogue):
    """A room whose two bays moxibustion fills, one with a table, and a device."""
    site = make_site(opens="07:00", closes="23:30")
    make_device(site)
    airy = make_room(site)
    for room, feature in ((airy, "ventilated"), (airy, "ventilated"), (make_room(site), "table")):
        make_place(room, "table", feature)
    return site


@pytest.fixture
def li(site):
    """Works on Mondays, and through the end of the week by UTC: Sunday evening in Chicago."""
    li = make_practitioner(
        site, make_site("riverside"), offers=THERAPIES, hours=[(1, "09:00", "17:00"), (7, "17:00", "23:00")]
    )
    lay_out()
    return li


def visit(day: str, wall: str, therapy: str = "acu_electro") -> UUID:
    """Claim all that a follow-up takes."""
    start = chicago(day, wall)
    asked = SearchQuery(
        therapy=therapy, visit="followup", starts_at=start, ends_at=start + timedelta(minutes=5),
        audience=Audience.STAFF_WITH_REASON, step_minutes=5,
    )  # fmt: skip
    (slot,), allocation = search(asked, at=AT), uuid4()
    claim(slot.id, audience=asked.audience, allocation=allocation, expires_at=None, at=AT)
    return allocation


def now(*, at=AT) -> set[UUID]:
    return set(uncovered_allocations(list(Claim.objects.values_list("allocation", flat=True)), at=at))


def away(li, since: str, until: str, *, day: str = MONDAY):
    when = {"starts_at": chicago(day, since), "ends_at": chicago(day, until)}
    return calendars.add_absence(li, **when, reason="leave", **EDITOR)


def shut(site):
    days = {"first_on": date(2026, 10, 12), "last_on": date(2026, 10, 12)}
    return calendars.add_closure(site, **days, name="Holiday", confirmed=True, **EDITOR)


def elsewhere(li, site):
    """Let Dr Li work Mondays at the other site."""
    hours = li.working_hours.get(weekday=1)
    other = li.resources.first().sites.exclude(pk=site.pk).get()
    return calendars.change_hours(hours, site=other, **EDITOR)


def retire(entry, **fields):
    """Take an entry out of use, or what it has; where that is refused while it is needed, it goes all the same."""
    try:
        return change(entry, **(fields or {"active": False}), **EDITOR)
    except StillInUse as refused:
        put_out_of_use(entry)
        return refused


def table() -> Place:
    return Place.objects.exclude(features__contains=["ventilated"]).get()


def offer_of(li, site, therapy: str) -> Offering:
    return Offering.objects.get(practitioner=li, site=site, therapy__key=therapy)


EDITS = {
    "Dr Li leaves": lambda li, site: retire(li),
    "the bay with the table": lambda li, site: retire(table()),
    "the table is carried away": lambda li, site: retire(table(), features=["chair"]),
    "the e-stim unit": lambda li, site: retire(Device.objects.get()),
    "electroacupuncture": lambda li, site: retire(Therapy.objects.get(key="acu_electro")),
    "Dr Li gives moxa no more": lambda li, site: retire(offer_of(li, site, "moxa_indirect"), visits=["first"]),
    "the site": lambda li, site: retire(site),
    "mondays": lambda li, site: calendars.remove_hours(li.working_hours.get(weekday=1), **EDITOR),
    "sundays": lambda li, site: calendars.remove_hours(li.working_hours.get(weekday=7), **EDITOR),
    "morning": lambda li, site: away(li, "07:00", "09:05"),
    "while a patient rests": lambda li, site: away(li, "09:30", "09:35"),
    "after the end of the week": lambda li, site: away(li, "19:10", "19:15", day=SUNDAY),
    "closure": lambda li, site: shut(site),
    "another site": elsewhere,
}


EVERYTHING = {"closure", "Dr Li leaves", "the site"}


@pytest.fixture
def visits(li) -> set[UUID]:
    """At nine with needles and a device, at half past ten with moxa, and on Sunday across the end of the week."""
    return {
        visit(MONDAY, "09:00"),
        visit(MONDAY, "10:30", "moxa_indirect"),
        visit(SUNDAY, "18:30"),
    }


def test_what_is_within_hours_is_covered(visits):
    assert now() == set()


@pytest.mark.parametrize("edit", EDITS)
def test_it_is_what_the_edit_left_without_cover(site, li, visits, edit):
    left = {one.allocation for one in EDITS[edit](li, site).uncovered}
    assert left
    assert left < visits or edit in EVERYTHING
    assert now() == left


def test_what_needs_no_place_is_covered_wherever_the_hours_are(site, li):
    make_claim(hands(li), chicago(MONDAY, "11:00"), 30)
    elsewhere(li, site)
    assert now() == set()
    away(li, "11:10", "11:15")
    assert len(now()) == 1


def test_what_is_over_or_given_back_does_not_count(li):
    gone = make_claim(hands(li), chicago(MONDAY, "07:00"), 60)
    make_claim(hands(li), chicago(MONDAY, "06:00"), 60, expires_at=AT)
    assert now() == {gone.allocation}
    assert now(at=chicago(MONDAY, "08:00")) == set()
    Claim.objects.filter(pk=gone.pk).update(retired_at=AT)
    assert now() == set()


def test_a_rehearsed_retirement_names_the_visits_and_changes_nothing(li, visits):
    with pytest.raises(StillInUse) as refused:
        change(li, active=False, dry_run=True, **EDITOR)
    left = refused.value.uncovered
    assert {one.allocation for one in left} == visits
    assert [one.start for one in left] == sorted(one.start for one in left)
    li.refresh_from_db()
    assert li.active
    assert now() == set()


def test_what_comes_back_into_use_covers_its_visits_again_and_names_none(li, visits):
    retire(li)
    assert change(li, active=True, **EDITOR).uncovered == ()
    assert now() == set()


def test_a_visit_that_fills_a_room_can_do_with_either_bay(site, li):
    moxa = visit(MONDAY, "10:30", "moxa_indirect")
    first, second = Place.objects.filter(features__contains=["ventilated"])
    assert retire(first).uncovered == ()
    assert now() == set()
    assert [one.allocation for one in retire(second).uncovered] == [moxa]
    assert now() == {moxa}


def test_who_rests_in_a_lane_that_is_given_up_is_named(site):
    wu = make_practitioner(site, name="Dr Wu", offers=["acu_manual"])
    lay_out()
    at_once = [visit(MONDAY, "09:00", "acu_manual"), visit(MONDAY, "09:20", "acu_manual")]
    left = {one.allocation for one in retire(wu, lanes=1).uncovered}
    assert left < set(at_once)
    assert len(left) == 1
    assert now() == left


def test_a_change_of_name_leaves_every_visit_covered_and_names_none_that_is_not(li, visits):
    away(li, "09:00", "09:30")
    assert retire(li, name="Dr Lee").uncovered == ()


def test_claims_made_before_plans_were_named_are_covered_by_any_therapy(li, visits):
    Claim.objects.update(plan=None)
    retire(Therapy.objects.get(key="acu_electro"))
    assert now() == set()


def test_twin_a_judge_that_looks_at_hours_alone_misses_who_was_retired(li, visits, monkeypatch):
    monkeypatch.setattr(uncovered_claims, "UNCOVERED", judging_hours_alone(uncovered_claims.UNCOVERED))
    assert retire(li).uncovered == ()


def test_setting_therapies_back_keeps_what_claims_name(li, visits):
    before = set(Claim.objects.values_list("plan", flat=True))
    catalogue.load(overwrite=True)
    assert set(Claim.objects.values_list("plan", flat=True)) == before
    assert None not in before
