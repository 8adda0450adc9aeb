"""What an administrator still has to set up before patients book needles: import, sign, publish, and how far it is."""

import re
from html import unescape

import pytest
from django.urls import reverse

from booking.suitability.policies import KEY
from booking.suitability.shipped import shipped_content
from core.models import Policy
from core.policies.actions import policies as actions
from core.policies.keys import policy_key
from core.roles import Role
from tests.booking.pages.drafting import LIST, act, staff
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.policies import SOMEBODY, end_suitability
from tests.factories.scheduler import AT, make_site

pytestmark = pytest.mark.usefixtures("clock")
WITHOUT = "Until then patients book no therapy that goes through the skin, or warms it, by themselves: staff do."
STEPS = ["Import: make a draft", "Sign: 2 clinicians who did not write it", "Publish: from now on"]


@pytest.fixture
def lakeside(catalogue):
    end_suitability()
    return make_site("lakeside")


@pytest.fixture
def ada(client, lakeside):
    return sign_in(client, "ada", Role.ADMIN, lakeside)


def first_page(client):
    return text_of(client.get(reverse("admin:index")))


def done(page):
    """Which of the steps are done, by their first words."""
    return [word for word in ("Import", "Sign", "Publish") if re.search(rf"{word}: [^:]*(: \d+)?\. Done\.", page)]


def test_the_first_page_lists_what_is_to_do_and_how_far_it_is_until_it_is_done(ada, lakeside):
    said = first_page(ada)
    assert "Still to be set up at Lakeside clinic: Questions before booking" in said
    assert WITHOUT in said
    assert [said.index(step) for step in STEPS] == sorted(said.index(step) for step in STEPS)
    assert done(said) == []
    row = actions.draft(KEY, shipped_content(), by=SOMEBODY, at=AT, site=lakeside)
    assert done(first_page(ada)) == ["Import"]
    for name in ("carol", "cyrus"):
        act(staff(name, Role.CLINICIAN, lakeside), row, "approve")
    assert done(first_page(ada)) == ["Import", "Sign"]
    actions.publish(row.pk, by=SOMEBODY, at=AT)
    assert "Still to be set up" not in first_page(ada)


def test_the_way_from_the_first_page_begins_with_what_is_shipped(ada, lakeside):
    page = ada.get(reverse("admin:index")).text
    link = unescape(re.search(r'href="([^"]+)">Make a draft of what comes with this release', page)[1])
    form = ada.get(link).text
    text = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)[1])
    sent = ada.post(link, {"key": KEY, "site": lakeside.pk, "text": text})
    assert sent.status_code == 302
    row = Policy.objects.get(key=KEY, state="draft")
    assert policy_key(KEY).completed(row.content) == shipped_content()
    assert "Go on with the draft" in first_page(ada)


def test_the_desk_says_the_same_beside_the_policies(ada, lakeside):
    said = text_of(ada.get(LIST))
    assert WITHOUT in said
    assert all(step in said for step in STEPS)


def test_whoever_edits_no_policies_is_told_of_nothing_to_set_up(client, ada, lakeside):
    dana = sign_in(type(client)(), "dana", Role.SCHEDULER, lakeside)
    assert "Still to be set up" not in first_page(dana)
