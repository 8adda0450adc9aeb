"""Ada adds Dana at the desk; Dana chooses a password that nobody else knows, works, and is stopped at once."""

import re

import pytest
import time_machine
from django.test import Client

from core.models import RoleAssignment, Site, User
from core.roles import Role
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

PAGE = "/desk/setup/accounts/"
DANA = {"name": "Dana Fox", "username": "dana", "email": "dana@example.test", "role": "scheduler", "ends_on": ""}
CHOSEN = "violet kettle harbor"  # pragma: allowlist secret
LINK = re.compile(r"http://testserver(/desk/first-password/[^<\s]+)")


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(clock, clinic, site):
    found = staff("ada", Role.ADMIN, site)
    User.objects.filter(username="ada").update(is_staff=True)
    return found


@pytest.fixture
def page_of_dana(ada):
    """The page of Dana's account, just added; with her link."""
    return ada.post(f"{PAGE}new/", DANA, follow=True)


def link_on(page):
    return LINK.search(page.content.decode()).group(1)


def choose(link, typed=CHOSEN):
    browser = Client()
    page = browser.get(link, follow=True)
    return browser.post(page.request["PATH_INFO"], {"new_password1": typed, "new_password2": typed}, follow=True)


def signed_in(typed=CHOSEN):
    browser = Client()
    browser.post("/desk/sign-in/", {"username": "dana", "password": typed})
    return browser


def at(url=""):
    return f"{PAGE}{User.objects.get(username='dana').public_id}/{url}"


def test_dana_chooses_her_password_by_a_link_that_is_shown_once_and_works_once(ada, page_of_dana):
    link = link_on(page_of_dana)
    assert "Dana Fox has an account" in text_of(page_of_dana)
    assert not LINK.search(ada.get(at()).content.decode())
    assert signed_in("").get("/desk/to-do/").status_code == 302
    assert "too short" in text_of(choose(link, "short"))
    assert "Everybody knows this password" in text_of(choose(link, "meridian-demo"))
    assert "Your password is chosen" in text_of(choose(link))
    assert signed_in().get("/desk/to-do/").status_code == 200
    assert "This link works no more" in text_of(Client().get(link, follow=True))


def test_a_link_is_shown_on_the_page_of_its_own_account_whatever_is_open_beside(ada, page_of_dana):
    kim = ada.post(f"{PAGE}new/", DANA | {"name": "Kim Ray", "username": "kim", "email": "kim@example.test"})
    ada.post(at("new-link/"))  # in another tab, before the page of Kim is shown
    assert "Kim Ray" in text_of(first := ada.get(kim["Location"]))
    assert link_on(ada.get(at())) != link_on(first)
    assert "Your password is chosen" in text_of(choose(link_on(first)))
    assert not User.objects.get(username="dana").has_usable_password()


def test_what_ends_ends_with_the_next_page_that_she_opens(ada, page_of_dana, clock):
    choose(link_on(page_of_dana))
    dana = signed_in()
    role = RoleAssignment.objects.get(user__username="dana")
    clock.shift(60)
    ada.post(f"{PAGE}roles/{role.public_id}/end/")
    assert dana.get("/desk/to-do/").status_code == 403
    ada.post(at("role/"), {"role": "scheduler", "ends_on": ""})
    assert dana.get("/desk/to-do/").status_code == 200
    ada.post(at("close/"))
    assert dana.get("/desk/to-do/").status_code == 302
    assert "This account is closed" in text_of(ada.get(at()))
    ada.post(at("open/"))
    assert signed_in().get("/desk/to-do/").status_code == 200


def test_a_new_link_ends_the_old_password_and_her_sessions_and_none_opens_a_closed_account(ada, page_of_dana):
    choose(link_on(page_of_dana))
    dana = signed_in()
    link = link_on(ada.post(at("new-link/"), follow=True))
    assert dana.get("/desk/to-do/").status_code == 302
    assert signed_in().get("/desk/to-do/").status_code == 302
    ada.post(at("close/"))
    assert "This link works no more" in text_of(Client().get(link, follow=True))
    assert User.objects.get(username="dana").has_usable_password() is False


def test_what_is_wrong_is_said_beside_its_field(ada):
    answer = ada.post(f"{PAGE}new/", DANA | {"username": "ada", "email": "nowhere", "ends_on": "yesterday"})
    assert answer.status_code == 422
    assert "Please type a day such as" in text_of(answer)
    answer = ada.post(f"{PAGE}new/", DANA | {"username": "ada", "email": "nowhere", "ends_on": "1/5/2020"})
    said = text_of(answer)
    assert ("already exists" in said, "The end must be later" in said or "e-mail" in said) == (True, True)
    assert not User.objects.filter(username="dana").exists()


def test_nobody_changes_their_own_account_or_gives_a_role_beyond_their_site(ada, page_of_dana):
    own = User.objects.get(username="ada")
    role = RoleAssignment.objects.get(user=own)
    assert ada.post(f"{PAGE}{own.public_id}/close/").status_code == 403
    assert ada.post(f"{PAGE}{own.public_id}/role/", {"role": "clinician", "ends_on": ""}).status_code == 422
    assert ada.post(f"{PAGE}roles/{role.public_id}/end/").status_code == 403
    assert "This is your own account" in text_of(ada.get(f"{PAGE}{own.public_id}/"))
    own.refresh_from_db()
    assert (own.is_active, RoleAssignment.objects.filter(user=own).count()) == (True, 1)
    harbor = Site.objects.create(key="harbor", name={"en": "Harbor"}, zone="America/Chicago", phone="(312) 555-0100")
    zoe = staff("zoe", Role.ADMIN, harbor)
    there = [zoe.get(at()), zoe.post(at("close/")), zoe.post(at("new-link/")), zoe.post(at("role/"), {"role": "admin"})]
    assert [one.status_code for one in there] == [404] * 4
    given = RoleAssignment.objects.get(user__username="dana")
    assert zoe.post(f"{PAGE}roles/{given.public_id}/end/").status_code == 404
    assert ada.post(at("role/"), {"role": "patient", "ends_on": ""}).status_code == 422
