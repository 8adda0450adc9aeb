"""Alice invites her family behind her mail's link, and staff do so at the desk in her place."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from booking.actions import links
from booking.actions.families import family_links
from booking.families import codes
from booking.families.status import FamilyState
from booking.models import Appointment, FamilyLink, FamilyLinkChange
from core.roles import Role
from tests.booking.pages.walk import hidden_on, printed, text_of
from tests.factories.booking import DAY, SYSTEM, make_patient, make_staff
from tests.factories.families import BEN, claimed, confirmed, invited
from tests.factories.scheduler import AT, make_site

pytestmark = pytest.mark.django_db

BORN = "3/27/1961"
SHOWN_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


@pytest.fixture
def visit(booked_once, clock):
    """Return Alice's visit of tomorrow; she takes part in the program of its site."""
    found = Appointment.objects.select_related("patient", "site").get()
    found.patient.enrolments.create(site=found.site)
    return found


@pytest.fixture
def page(visit):
    """Return the address of her family's page."""
    return f"/m/{links.issue(visit, at=AT)}/family/"


@pytest.fixture
def desk(visit):
    """Return the browser of somebody who works for the program."""
    browser = Client()
    browser.force_login(make_staff("frank", Role.PROGRAM, site=visit.site).user)
    return browser


def press(browser, page, act, **sent):
    return browser.post(page, {"birth_date": BORN, "act": act} | sent)


def test_behind_the_link_her_birth_date_is_asked_first(page, visit):
    confirmed(visit.patient)
    asked = Client().get(page)
    assert "birth date" in text_of(asked)
    wrong = Client().post(page, {"birth_date": "1/1/1980"})
    for one in (asked, wrong):
        assert BEN.name not in text_of(one)
    assert BEN.name in text_of(Client().post(page, {"birth_date": BORN}))


def test_her_visit_leads_to_it_where_she_takes_part_in_a_program(page, visit):
    see = page.removesuffix("family/")
    assert page in Client().get(see).content.decode()
    visit.patient.enrolments.all().delete()
    assert page not in Client().get(see).content.decode()
    assert "Please call us" in text_of(Client().post(page, {"birth_date": BORN}))


def test_where_her_program_takes_no_families_nothing_is_offered_that_is_refused(page, visit):
    visit.patient.enrolments.update(program="physical-medicine-rehabilitation")
    assert page not in Client().get(page.removesuffix("family/")).content.decode()
    assert "Make a code" not in text_of(Client().post(page, {"birth_date": BORN}))


def test_once_the_program_is_over_her_visit_leads_still_to_whom_she_can_take_back(page, visit):
    confirmed(visit.patient)
    visit.patient.enrolments.update(ends_on=AT.date(), ends_at=AT)
    assert page in Client().get(page.removesuffix("family/")).content.decode()
    assert BEN.name in text_of(Client().post(page, {"birth_date": BORN}))


def test_the_code_is_shown_large_once_it_is_made_and_again_while_it_can_be_used(page, visit):
    number = str(uuid4())
    made = press(Client(), page, "invite", link=number, relation="SPS", mail_to="")
    code = codes.in_groups(codes.code_of(FamilyLink.objects.get().public_id))
    assert SHOWN_CODE.findall(text_of(made))[0] == code
    again = press(Client(), page, "invite", link=number, relation="SPS", mail_to="")
    assert code in text_of(again)
    assert FamilyLink.objects.count() == 1
    assert code in text_of(Client().post(page, {"birth_date": BORN}))
    claimed(visit.patient)
    family_links.claim(FamilyLink.objects.first(), details=BEN, by=SYSTEM, at=AT)
    assert code not in text_of(Client().post(page, {"birth_date": BORN}))


def test_a_form_that_says_not_who_it_is_is_shown_again(page):
    wrong = press(Client(), page, "invite", link=str(uuid4()), relation="", mail_to="ben at home")
    assert wrong.status_code == 422
    assert "Choose who it is" in text_of(wrong)
    assert press(Client(), page, "invite", link="7", relation="SPS").status_code == 422


def test_she_confirms_who_came_and_takes_it_back(page, visit):
    link = claimed(visit.patient)
    shown = Client().post(page, {"birth_date": BORN})
    assert "Is it the person whom you invited?" in text_of(shown)
    press(Client(), page, "confirm", link=str(link.public_id))
    link.refresh_from_db()
    assert link.state == FamilyState.ACTIVE
    gone = press(Client(), page, "revoke", link=str(link.public_id))
    link.refresh_from_db()
    assert link.state == FamilyState.REVOKED
    assert "taken back" in text_of(gone)


def test_nothing_is_done_without_the_birth_date_or_with_somebody_elses_link(page, visit, mallory_link):
    link = claimed(visit.patient)
    Client().post(page, {"birth_date": "1/1/1980", "act": "confirm", "link": str(link.public_id)})
    for named in (mallory_link.public_id, uuid4(), "x"):
        assert press(Client(), page, "revoke", link=str(named)).status_code == 422
    link.refresh_from_db()
    mallory_link.refresh_from_db()
    assert (link.state, mallory_link.state) == (FamilyState.CLAIMED, FamilyState.ACTIVE)


@pytest.fixture
def mallory_link(visit):
    """Return a link of another patient."""
    other = make_patient(visit.site, "Mallory Moss")
    other.enrolments.create(site=visit.site)
    return confirmed(other)


def test_a_fifth_is_refused_with_what_to_do(page, visit):
    for _ in range(5):
        last = press(Client(), page, "invite", link=str(uuid4()), relation="SIB", mail_to="")
    assert last.status_code == 422
    assert "Take one back first, or call us" in text_of(last)
    assert FamilyLinkChange.objects.filter(refused="too-many-family-links").exists()


def test_staff_invite_for_her_print_the_code_and_vouch_with_a_reason(desk, visit):
    found = desk.get("/desk/families/links/", {"find": "Alice Adams"})
    assert "Their family" in text_of(found)
    invite = f"/desk/families/links/{visit.patient.public_id}/invite/"
    made = desk.post(
        invite, {"link": str(uuid4()), "relation": "CHILD", "mail_to": BEN.email, "reason": ""}, follow=True
    )
    assert made.redirect_chain  # Back sends nothing again
    assert f"We mail it to {BEN.email} as well." in text_of(made)
    link = FamilyLink.objects.get()
    assert codes.in_groups(codes.code_of(link.public_id)) in text_of(made)
    family_links.claim(link, details=BEN, by=SYSTEM, at=AT)
    vouch = f"/desk/families/links/{link.public_id}/vouch/"
    assert "Say why" in text_of(desk.post(vouch, {"reason": ""}))
    assert "Noted" in text_of(desk.post(vouch, {"reason": "We know them both."}, follow=True))
    assert "Alice Adams" not in printed(made)  # the paper is for whoever is invited
    shown = printed(desk.get("/desk/families/links/"))
    assert BEN.name in shown
    assert "Alice Adams" in shown
    desk.post(f"/desk/families/links/{link.public_id}/revoke/")
    link.refresh_from_db()
    assert link.state == FamilyState.REVOKED


def test_what_staff_have_vouched_for_says_so_and_is_not_offered_again(desk, visit):
    link = invited(visit.patient)
    assert "Vouch for them" in text_of(desk.get("/desk/families/links/"))
    vouch = f"/desk/families/links/{link.public_id}/vouch/"
    shown = text_of(desk.post(vouch, {"reason": "We know them both."}, follow=True))
    assert "Invited, vouched for by staff" in shown
    assert "Vouch for them" not in shown
    confirmed(visit.patient)
    assert "Vouch for them" not in text_of(desk.get("/desk/families/links/"))


def test_staff_are_asked_whether_she_has_died_before_it_is_kept_for_a_year_and_undo_it(desk, visit):
    link = confirmed(visit.patient)
    end, grace = link.ends_at, f"/desk/families/links/{link.public_id}/grace/"
    assert "Has Alice Adams died?" in text_of(desk.post(grace, {"reason": "The ward told us."}))
    assert "Say why" in text_of(desk.post(grace, {"reason": " ", "sure": "1"}))
    link.refresh_from_db()
    assert (link.grace_at, link.ends_at) == (None, end)
    kept = text_of(desk.post(grace, {"reason": "The ward told us.", "sure": "1"}, follow=True))
    assert "Nobody is written to" in kept
    assert "Undo: the patient has not died" in kept
    link.refresh_from_db()
    assert link.grace_at is not None
    undone = desk.post(f"/desk/families/links/{link.public_id}/undo-grace/", follow=True)
    assert "is as it was before" in text_of(undone)
    link.refresh_from_db()
    assert (link.grace_at, link.ends_at) == (None, end)


def test_who_works_elsewhere_sees_and_does_nothing(visit):
    link = confirmed(visit.patient)
    other = make_site("riverside")
    for role, site in ((Role.PROGRAM, other), (Role.PRACTITIONER, visit.site)):
        browser = Client()
        browser.force_login(make_staff("eve", role, site=site).user)
        assert BEN.name not in browser.get("/desk/families/links/").content.decode()
        assert browser.post(f"/desk/families/links/{link.public_id}/revoke/").status_code in {403, 404}
    link.refresh_from_db()
    assert link.state == FamilyState.ACTIVE


def test_what_was_done_is_told_by_day_and_nothing_of_what_he_booked(page, visit, clock):
    link = confirmed(visit.patient)
    clock.move_to(AT + DAY / 24)
    shown = text_of(Client().post(page, {"birth_date": BORN}))
    assert "confirmed by the patient" in shown
    assert hidden_on(Client().post(page, {"birth_date": BORN}))["birth_date"] == BORN
    assert link.relative.reference not in shown
