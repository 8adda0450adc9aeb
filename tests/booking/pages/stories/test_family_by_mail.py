"""Alice has no appointment: the mail about her family leads to a page of hers, behind her birth date."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client

from booking.actions.families import family_links
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.families.errors import NoFamilyTime
from booking.families.status import FamilyAct, FamilyState
from booking.public import FamilySide, family_link_facts
from core.models import Site
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import MINUTE, SYSTEM, make_enrolled
from tests.factories.families import BEN, claimed
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db

BORN = "5/1/1970"


@pytest.fixture
def link(clinic, clock):
    """Return the link of Alice with Ben, who has used her code."""
    return claimed(make_enrolled(Site.objects.get(), "Alice Adams").record)


@pytest.fixture
def page(link, mailoutbox):
    """Return where the button of the mail to her leads."""
    run(AT)
    (mail,) = [one for one in mailoutbox if one.subject == "Please confirm an invitation"]
    (path,) = set(re.findall(r"/family/patient/[^/]+/", mail.body))
    return path


def press(page, link, act):
    return Client().post(page, {"birth_date": BORN, "act": act, "link": str(link.public_id)})


def state_of(link):
    link.refresh_from_db()
    return link.state


def test_her_birth_date_is_asked_before_it_says_who_it_is(page, link):
    asked, wrong = Client().get(page), Client().post(page, {"birth_date": "1/1/1980"})
    assert "birth date" in text_of(asked)
    for one in (asked, wrong):
        assert not [name for name in (BEN.name, "Alice") if name in text_of(one)]
    assert f"{BEN.name} Wife or husband: has used your code" in text_of(Client().post(page, {"birth_date": BORN}))
    assert state_of(link) == FamilyState.CLAIMED


def test_an_invitation_that_was_asked_for_and_not_made_is_among_what_was_done(page, link):
    family_links.note_refusal(FamilyAct.INVITE, NoFamilyTime(), link.patient, by=SYSTEM, at=AT)
    shown = text_of(Client().post(page, {"birth_date": BORN}))
    assert "Not made Monday, October 5: an invitation was asked for, and none was made" in shown


@pytest.mark.parametrize(("act", "after"), [("confirm", FamilyState.ACTIVE), ("revoke", FamilyState.REVOKED)])
def test_there_she_confirms_him_or_takes_it_back_and_reads_how_it_stands(page, link, act, after):
    before = text_of(Client().post(page, {"birth_date": BORN}))
    assert {"confirm": "Yes, I know them: confirm", "revoke": "No: take it back"}[act] in before
    assert str(after.label) in text_of(press(page, link, act))
    assert state_of(link) == after
    last = link.changes.order_by("pk").last()
    assert (last.act, last.by) == (act, f"link:{link.public_id}")


def test_what_does_not_go_any_more_is_refused_there_as_anywhere(page, link):
    family_links.revoke(link, by=SYSTEM, at=AT)
    refused = press(page, link, "confirm")
    assert refused.status_code == 422
    assert "This cannot be done with the family link as it stands." in text_of(refused)


def test_an_act_without_her_birth_date_is_none(page, link):
    Client().post(page, {"act": "confirm", "link": str(link.public_id)})
    assert state_of(link) == FamilyState.CLAIMED


@pytest.fixture
def typed(page, clock):
    """Return a browser that keeps cookies, in which her birth date was typed."""
    browser = Client()
    browser.get(page)
    assert browser.post(page, {"birth_date": BORN}).status_code == 302
    return browser


def test_back_sends_nothing_again_each_press_leads_on_to_an_address(page, link, typed):
    """What the browser shows was asked for by an address alone, so that Back and looking anew do nothing."""
    sent = {"act": "confirm", "link": str(link.public_id)}
    done = typed.post(page, sent)
    assert (done.status_code, done.headers["Location"]) == (302, page)
    assert "confirmed, until" in text_of(typed.get(page))
    number = str(uuid4())
    made = typed.post(page, {"act": "invite", "link": number, "relation": "SIB", "mail_to": ""}, follow=True)
    assert made.redirect_chain == [(f"{page}?new={number}", 302)]
    assert "The code for them" in text_of(made)
    assert "The code for them" not in text_of(typed.get(f"{page}?new={link.public_id}"))


def test_after_a_while_her_birth_date_is_asked_again_and_what_she_pressed_is_done_then(page, link, typed, clock):
    clock.move_to(AT + 15 * MINUTE)
    asked = typed.post(page, {"act": "confirm", "link": str(link.public_id)})
    assert BEN.name not in text_of(asked)
    assert state_of(link) == FamilyState.CLAIMED
    typed.post(page, hidden_on(asked) | {"birth_date": BORN})
    assert state_of(link) == FamilyState.ACTIVE


def test_what_was_typed_behind_one_link_opens_no_other(page, link, typed):
    other = claimed(make_enrolled(Site.objects.get(), "Olga Other").record)
    facts = family_link_facts(other.pk, FamilySide.PATIENT, at=AT)
    assert facts is not None
    assert "birth date" in text_of(typed.get(f"/family/patient/{facts.token}/"))


def test_where_she_has_typed_the_code_herself_she_reads_it_and_is_not_asked_to_confirm_it(clinic, clock):
    alice = make_enrolled(Site.objects.get(), "Alice Adams").record
    own = claimed(alice, details=replace(BEN, name="alice adams", birth_date=alice.birth_date))
    facts = family_link_facts(own.pk, FamilySide.PATIENT, at=AT)
    assert facts is not None
    shown = text_of(Client().post(f"/family/patient/{facts.token}/", {"birth_date": BORN}))
    assert "your own name and birth date were typed with this code" in shown
    assert "Yes, I know them" not in shown


def guessed(page):
    for year in range(1950, 1955):
        Client().post(page, {"birth_date": f"1/1/{year}"})
    return text_of(Client().post(page, {"birth_date": BORN}))


def test_a_stranger_who_has_the_mail_does_not_guess_it(page):
    assert "That did not work a few times. Please call us" in guessed(page)


def test_twin_where_wrong_days_are_not_counted_they_do(page, monkeypatch):
    monkeypatch.setattr("booking.actions.links.WRONG_BIRTH_DATES", 100)
    assert BEN.name in guessed(page)


def opens(page):
    answer = Client().post(page, {"birth_date": BORN})
    return answer.status_code == 200 and BEN.name in text_of(answer)


def moved_to_another_address(link):
    link.patient.contacts.update(value="alice.new@example.test")


def test_it_is_good_until_the_link_ends_and_for_the_address_alone_that_it_was_mailed_to(page, link, time_machine):
    assert opens(page)
    others = {purpose: codes.token_of(link.public_id, purpose) for purpose in LinkPurpose}
    assert not [purpose for purpose, token in others.items() if opens(f"/family/patient/{token}/")]
    assert Client().get(page.replace("/patient", "")).status_code == 404
    time_machine.move_to(link.ends_at - MINUTE, tick=False)
    assert opens(page)
    time_machine.move_to(link.ends_at, tick=False)
    assert "This link does not open anything." in text_of(Client().get(page))


def test_who_reads_her_old_mailbox_finds_nothing_and_the_next_mail_has_one_that_opens(page, link):
    moved_to_another_address(link)
    assert Client().get(page).status_code == 404
    assert not opens(page)
    anew = family_link_facts(link.pk, FamilySide.PATIENT, at=AT)
    assert anew is not None
    assert opens(f"/family/patient/{anew.token}/")


def test_twin_where_the_address_is_not_looked_at_the_old_mail_opens(page, link, monkeypatch):
    moved_to_another_address(link)
    monkeypatch.setattr("booking.families.queries.patients_token_again", lambda _link: "any")
    assert opens(page)
