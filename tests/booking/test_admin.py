"""Visits in Django's admin: Dana sees who comes, and which visits a change of the calendar left without cover."""

import pytest
import time_machine
from django.urls import reverse

from booking.models import Appointment, UnusualBooking
from booking.status import Status
from core.roles import Role
from scheduler.actions import calendars
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, slot_id, visit_of_both
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was

LIST = "admin:booking_appointment_changelist"
COLUMNS = {field.attname for field in Appointment._meta.concrete_fields}


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(scope="module")
def visits_once(made_once, once_a_module):
    """Alice comes at ten on a Thursday and on the Monday after."""
    with once_a_module():
        return [visit_of_both(made_once, chicago(day, 10)).pk for day in (8, 12)]


@pytest.fixture
def visits(visits_once, alice, dr_li):
    return [as_it_was(pk) for pk in visits_once]


def listed(client, **query) -> list[Appointment]:
    answer = client.get(reverse(LIST), query)
    assert answer.status_code == 200
    return list(answer.context["cl"].queryset)


def test_dana_sees_who_comes_when_and_how_to_reach_them_but_not_what_for(client, lakeside, visits):
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    assert listed(dana) == visits
    page = dana.get(reverse(LIST)).content.decode()
    for told in ("Alice", "@example.org", "Thu, Oct 8, 10:00 AM", visits[0].reference):
        assert told in page.replace("\xa0", " ")
    assert "cupuncture" not in page
    for typed in (visits[1].reference, visits[1].reference.replace("-", " ").lower()):
        assert listed(dana, q=typed) == visits[1:]


def test_an_absence_shows_the_visits_that_it_leaves_without_cover_until_they_move(client, lakeside, dr_li, visits):
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    assert listed(dana, cover="without") == []
    calendars.add_absence(dr_li, starts_at=chicago(12, 0), ends_at=chicago(13, 0), reason="leave", by=SYSTEM, at=AT)
    assert listed(dana, cover="without") == visits[1:]


def test_the_list_asks_as_little_for_many_as_for_few(client, dr_li, visits, django_assert_max_num_queries):
    lakeside = visits[0].site
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    listed(dana, cover="without")
    for hour in (9, 12, 15):
        make_visit(make_patient(lakeside, "Cara Stone"), slot_id(dr_li, chicago(13, hour)))
    with django_assert_max_num_queries(13):
        dana.get(reverse(LIST))
    with django_assert_max_num_queries(14):
        dana.get(reverse(LIST), {"cover": "without"})


def test_what_is_over_is_shown_when_asked_for(client, lakeside, visits):
    with time_machine.travel(chicago(10, 9), tick=False):
        dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
        assert listed(dana) == visits[1:]
        assert listed(dana, when="all") == visits


def test_dana_sees_that_the_time_of_a_request_is_no_longer_kept_though_nobody_tidied_up(client, lakeside, alice, dr_li):
    make_visit(alice.record, slot_id(dr_li, chicago(8, 10)), Status.PROPOSED)
    for at, shown in ((AT, False), (chicago(8, 9), True)):
        with time_machine.travel(at, tick=False):
            dana = sign_in(client, f"dana {at:%d}", Role.SCHEDULER, lakeside)
            page = dana.get(reverse(LIST)).content.decode()
            assert ("waiting for a check, but its time is no longer kept" in page) is shown


@pytest.mark.parametrize("role", [Role.AUDITOR, None])
def test_whoever_may_not_see_names_sees_no_list(client, lakeside, visits, role):
    assert sign_in(client, "vera", role, lakeside).get(reverse(LIST)).status_code == 403


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SCHEDULER, Role.CLIENT])
def test_the_list_answers_no_question_about_what_it_does_not_show(client, lakeside, visits, role):
    vera = sign_in(client, "vera", role, lakeside)
    for asked in (*COLUMNS, "note__icontains", "therapy__key", "patient__birth_date__year"):
        assert vera.get(reverse(LIST), {asked: "1"}).status_code == 400, asked


def test_dana_of_another_site_sees_none_and_a_practitioner_their_own(client, riverside, dr_li, visits):
    assert listed(sign_in(client, "rae", Role.SCHEDULER, riverside)) == []
    dr_li.user.is_staff = True
    dr_li.user.save()
    client.force_login(dr_li.user)
    assert listed(client) == visits


def test_nobody_changes_or_deletes_a_visit_here(client, lakeside, visits):
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    one = reverse("admin:booking_appointment_change", args=[visits[0].pk])
    assert dana.get(one).status_code == 200
    assert dana.post(one, {"status": "cancelled"}).status_code == 403
    assert dana.post(reverse("admin:booking_appointment_delete", args=[visits[0].pk])).status_code == 403
    assert dana.get(reverse("admin:booking_appointment_add")).status_code == 403


def test_dana_sees_which_guests_have_not_shown_that_their_address_is_theirs(client, lakeside, dr_li, visits):
    unknown, known = (make_patient(lakeside, name, guest=True) for name in ("Gus Guest", "Vera Verified"))
    known.contacts.update(verified_at=AT)
    for number, patient in enumerate((unknown, known)):
        make_visit(patient, slot_id(dr_li, chicago(14, 9 + 2 * number)))
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    assert [visit.patient for visit in listed(dana, address="unverified")] == [unknown]
    assert dana.get(reverse(LIST)).content.decode().count("not verified") == 1
    UnusualBooking.objects.create(
        site=lakeside, whose="network", digest="abcdef0123456789", on=AT.date(), first_at=AT, last_at=AT, refused=7
    )
    seen = dana.get(reverse("admin:booking_unusualbooking_changelist")).content.decode()
    assert "abcdef012345" in seen
    assert "one network" in seen
    assert f'{reverse(LIST)}?address=unverified"' in seen


def test_the_first_page_names_things_as_dana_does(client, lakeside, visits):
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    groups = [group["name"] for group in dana.get(reverse("admin:index")).context["app_list"]]
    assert {"Appointments and calls", "Calendars and catalogue", "Access over the API"} <= set(groups)
    assert not {"Booking", "Core", "Knox", "Scheduler", "Notifications"} & set(groups)
    assert str(lakeside) == lakeside.name["en"] != lakeside.key
