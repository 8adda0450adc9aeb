"""What stands on time that is not open: the same as the edits said that led there, until it is open again."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from core.principal import Principal
from scheduler.actions import calendars
from scheduler.exposure import exposed
from scheduler.models import Claim, Resource
from scheduler.models.resources import Kind
from tests.factories.scheduler import AT, chicago, hands, lay_out, make_claim, make_places, make_practitioner, make_site

pytestmark = pytest.mark.django_db
EDITOR = {"by": Principal.system("test"), "at": AT}
MONDAY, SUNDAY = "2026-10-12", "2026-10-11"


@pytest.fixture
def site(catalogue):
    site = make_site(opens="07:00", closes="23:30")
    make_places(site, 2)
    return site


@pytest.fixture
def li(site):
    """Works on Mondays, and through the end of the week by UTC: Sunday evening in Chicago."""
    li = make_practitioner(site, hours=[(1, "09:00", "17:00"), (7, "17:00", "23:00")])
    lay_out()
    return li


def now(*sites, at=AT) -> set[UUID]:
    return set(exposed(sites=[site.pk for site in sites], at=at))


def visit(li, day: str, wall: str, **facts) -> UUID:
    """Claim Dr Li's hands and a place for an hour."""
    start, place = chicago(day, wall), Resource.objects.filter(kind=Kind.PLACE).order_by("pk")[0]
    allocation = make_claim(hands(li), start, 60, **facts).allocation
    make_claim(place, start, 60, allocation=allocation, **facts)
    return allocation


def test_what_is_within_hours_is_covered_also_across_the_end_of_a_week(site, li):
    visit(li, MONDAY, "09:00")
    visit(li, SUNDAY, "18:30")
    assert now(site) == set()


@pytest.mark.parametrize(
    "edit",
    [
        lambda li, site: calendars.remove_hours(li.working_hours.get(weekday=1), **EDITOR),
        lambda li, site: calendars.remove_hours(li.working_hours.get(weekday=7), **EDITOR),
        lambda li, site: calendars.add_absence(
            li, starts_at=chicago(SUNDAY, "19:05"), ends_at=chicago(MONDAY, "09:05"), reason="leave", **EDITOR
        ),
        lambda li, site: calendars.add_closure(
            site, first_on=date(2026, 10, 12), last_on=date(2026, 10, 12), name="Holiday", confirmed=True, **EDITOR
        ),
    ],
    ids=["mondays", "sundays", "absence", "closure"],
)
def test_it_is_what_the_edit_left_without_cover(site, li, edit):
    visits = {visit(li, MONDAY, wall) for wall in ("09:00", "11:00")} | {visit(li, SUNDAY, "18:30")}
    impact = edit(li, site)
    left = {one.allocation for one in impact.uncovered}
    assert left
    assert left <= visits
    assert now(site) == left


def test_what_is_over_given_back_or_of_another_site_does_not_count(site, li):
    gone = visit(li, MONDAY, "07:00")
    visit(li, MONDAY, "06:00", expires_at=AT)
    assert now(site) == {gone}
    assert now(make_site("riverside")) == set()
    assert now(site, at=chicago(MONDAY, "08:00")) == set()
    Claim.objects.filter(allocation=gone).update(retired_at=AT + timedelta(minutes=1))
    assert now(site) == set()
