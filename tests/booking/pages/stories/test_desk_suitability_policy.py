"""The questions before booking as a policy at the desk: from what is shipped to what two clinicians have signed."""

import re
from html import unescape

import pytest
from django.test import Client

from booking.suitability.policies import rules_in_force
from booking.suitability.shipped import shipped_rules
from core.models import Policy, PolicyState, RoleAssignment, User
from core.policies.keys import yaml_of, yaml_to_draft_from
from core.roles import Role
from tests.booking.pages.drafting import BOTH, LIST, act, drafted, page, staff, with_line
from tests.booking.pages.walk import text_of
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, make_site

pytestmark = pytest.mark.usefixtures("clock")
UNSIGNED = "No clinician has signed them."
SHIPPED = {"kind": "suitability:all", "place": "lakeside"}


def test_questions_before_booking_are_drafted_from_what_is_shipped_and_two_clinicians_sign_them(ada, lakeside):
    assert "Questions before booking" in text_of(ada.get(LIST))
    shown = ada.get(f"{LIST}new/", {"kind": "suitability:all"}).text
    text = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)[1])
    wrong = ada.post(f"{LIST}new/", SHIPPED | {"text": with_line(text, "ask: home_oxygen", "ask: oxygen")})
    assert re.search(r"Line \d+ \(rules, 26, ask\): R52: There is no question oxygen\.", text_of(wrong))
    assert ada.post(f"{LIST}new/", SHIPPED | {"text": text}).status_code == 302
    draft = Policy.objects.get(state=PolicyState.DRAFT)
    assert act(ada, draft, "publish").status_code == 409
    for name in ("carol", "cyrus"):
        assert act(staff(name, Role.CLINICIAN, lakeside), draft, "approve").status_code == 302
    said = text_of(page(ada, draft))
    oxygen = "You use oxygen at home or on the way: yes; Acupuncture with heat, all with moxa: not booked online"
    assert f"Rule R52: nothing → {oxygen}" in said
    assert act(ada, draft, "publish").status_code == 302
    assert len(rules_in_force(lakeside.pk, at=AT)[0].rules) == len(shipped_rules().rules)
    reviews = "/desk/health/before-booking/?site=lakeside"
    carol = Client()
    carol.force_login(User.objects.get(username="carol"))
    assert UNSIGNED not in text_of(carol.get(reviews))
    adopt_suitability(site=lakeside)
    assert UNSIGNED in text_of(carol.get(reviews))


def test_a_clinician_drafts_what_clinicians_sign_and_nothing_else(ada, lakeside):
    carol = staff("carol", Role.CLINICIAN, lakeside)
    assert "Make a new draft" in carol.get(LIST).text
    shown = carol.get(f"{LIST}new/", {"kind": "suitability:all"}).text
    assert "suitability:all" in shown
    assert "booking:all" not in shown
    text = yaml_to_draft_from("suitability")
    assert carol.post(f"{LIST}new/", SHIPPED | {"text": text}).status_code == 302
    draft = Policy.objects.get(state=PolicyState.DRAFT)
    assert act(carol, draft, "approve").status_code == 409  # she wrote it
    for name in ("cyrus", "claire"):
        assert act(staff(name, Role.CLINICIAN, lakeside), draft, "approve").status_code == 302
    assert act(carol, draft, "publish").status_code == 302
    assert rules_in_force(lakeside.pk, at=AT) is not None
    others = drafted(ada)
    assert carol.post(f"{LIST}new/", BOTH | {"text": yaml_of(others)}).status_code == 422
    assert carol.get(f"{LIST}{others.pk}/change/").status_code == 403
    assert act(carol, others, "publish").status_code == 403


def test_what_carol_wrote_and_somebody_else_copies_she_does_not_approve(ada, lakeside):
    carol = staff("carol", Role.CLINICIAN, lakeside)
    text = yaml_to_draft_from("suitability")
    carol.post(f"{LIST}new/", SHIPPED | {"text": text})
    hers = Policy.objects.get(state=PolicyState.DRAFT)
    changed = with_line(text, "fever_c: 38.0", "fever_c: 37.8")
    for where, words in ((f"{LIST}new/", text), (f"{LIST}new/?of={hers.pk}", changed)):
        assert ada.post(where, SHIPPED | {"text": words}).status_code == 302
        copy = Policy.objects.latest("pk")
        assert act(carol, copy, "approve").status_code == 409
        assert act(staff(f"cyrus{copy.pk}", Role.CLINICIAN, lakeside), copy, "approve").status_code == 302


def test_nor_where_it_takes_the_place_of_what_somebody_else_wrote(ada, lakeside):
    carol, text = staff("carol", Role.CLINICIAN, lakeside), yaml_to_draft_from("suitability")
    hers, other = (with_line(text, "fever_c: 38.0", f"fever_c: {degrees}") for degrees in ("37.8", "37.9"))
    carol.post(f"{LIST}new/", SHIPPED | {"text": hers})
    ada.post(f"{LIST}new/", SHIPPED | {"text": other})
    draft = Policy.objects.latest("pk")
    ada.post(f"{LIST}{draft.pk}/change/", {"text": hers, "seen": draft.content_hash})
    draft.refresh_from_db()
    assert act(carol, draft, "approve").status_code == 409


def test_who_drafts_at_two_sites_by_two_roles_is_told_where_a_kind_is_not_theirs(lakeside):
    both = staff("bea", Role.CLINICIAN, lakeside)
    RoleAssignment.objects.create(
        user=User.objects.get(username="bea"), role=Role.ADMIN, site=make_site("north"), starts_at=AT
    )
    text = yaml_of(Policy.objects.get(key="booking", version=1))
    refused = both.post(f"{LIST}new/", BOTH | {"text": text})
    assert refused.status_code == 422
    assert "You draft no policies of this kind there. Choose another place" in text_of(refused)
    assert both.post(f"{LIST}new/", BOTH | {"text": text, "place": "north"}).status_code == 302
