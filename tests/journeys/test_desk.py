"""The desk can be used by everybody: by keyboard, without script, on a phone and at a desk, by day and by night."""

import json

import pytest

from core import clock
from core.models import Policy, Site
from core.policies.actions import policies
from core.roles import Role
from tests.factories.policies import SOMEBODY, adopt_screening
from tests.journeys.desk_pages import employ, signs_in, walks_the_desk
from tests.journeys.people import DESK, PHONE, SMALL_PHONE
from tests.journeys.test_patient_pages import faults, faults_by_day_and_by_night

pytestmark = pytest.mark.journey


@pytest.fixture
def ada(clinic):
    """An administrator of Lakeside, where questions are asked."""
    adopt_screening()
    employ("ada", Role.ADMIN)


def test_every_page_of_the_desk_can_be_used_on_a_phone_by_day_and_by_night(open_page, ada):
    page, wrong = open_page(PHONE), {}
    for name in walks_the_desk(page):
        wrong[name] = faults_by_day_and_by_night(page)
    assert len(wrong) >= 15
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


@pytest.mark.full
@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", DESK), ("dark", PHONE), ("light", SMALL_PHONE)])
def test_so_they_can_on_every_screen_without_script(open_page, ada, scheme, size):
    page, wrong = open_page(size, scheme=scheme, script=False), {}
    for name in walks_the_desk(page):
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] = [f"scrolls sideways by {wider}"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_and_at_a_desk_with_letters_twice_as_large(open_page, ada, scheme):
    page, wrong = open_page(DESK, scheme=scheme), {}
    for name in walks_the_desk(page):
        wrong[name] = faults(page)
        page.evaluate("document.documentElement.style.fontSize = '34px'")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] += [f"scrolls sideways by {wider} at 200 %"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


def test_ada_signs_in_by_keyboard_and_reaches_the_main_content_with_two_keys(open_page, ada):
    page = open_page(DESK)
    signs_in(page, "ada")
    page.goto("/desk/policies/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the main content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.tabs')") is None


def presses_to(page, words):
    """Return after how many presses of a page's keys, past its tabs, a button or link is pressed."""
    for count, key in enumerate(["Tab", "Enter", *["Tab"] * 40], 1):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.innerText") == words:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return count + 1
    raise AssertionError(words)


@pytest.mark.full
def test_a_draft_is_approved_and_published_with_as_many_presses_as_are_promised(open_page, ada):
    for name in ("carol", "cyrus"):
        employ(name, Role.CLINICIAN)
    base = Policy.objects.filter(key="screening", audience="patient").latest("version")
    content = base.content | {"fever_free_hours": 48}
    draft = policies.draft("screening", content, by=SOMEBODY, at=clock.now(), site=base.site, audience="patient")
    Policy.objects.filter(pk=draft.pk).update(site=Site.objects.get(key="lakeside"))
    for name in ("carol", "cyrus", "ada"):
        page = open_page(DESK)
        signs_in(page, name)
        page.goto(f"/desk/policies/{draft.pk}/")
        words = "Publish: in force from now on" if name == "ada" else "Approve what it says"
        assert presses_to(page, words) <= 10
    draft.refresh_from_db()
    assert draft.state == "published"
    page.goto("/desk/policies/")
    for _press in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == "At the door":
            return
    raise AssertionError("too far")
