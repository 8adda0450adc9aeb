"""Mallory guesses codes, links and ids of family links: twenty thousand times in vain. A share of it runs each time.

So she does with the birth date behind links that she has: of a mailbox that she reads there are many.
"""

import random
from uuid import UUID

import pytest
from django.test import Client

from booking.actions import links as actions
from booking.families import codes
from booking.families.codes import ALPHABET, LENGTH
from booking.families.errors import FamilyCodeUnknown, FamilyPageClosed
from booking.families.queries import family_links, invited_by_code, link_of, opened_by_patient, opened_by_token
from booking.public import FamilySide, family_link_facts
from core.refusals import Missing
from tests.api.conftest import client_of
from tests.factories.booking import chicago, make_patient, make_visit, slot_id
from tests.factories.families import claimed, confirmed, invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # pragma: allowlist secret
SHARES = [pytest.param(0, 100, id="100"), *(pytest.param(n, 1_000, marks=pytest.mark.full) for n in range(1, 8))]
"""Who guesses, and how many of each of three kinds: 21,000 by the seven who come with --full."""


@pytest.fixture
def links(alice):
    """Return a link in each state that opens something, of which the patient was mailed as well."""
    found = [invited(alice.record), claimed(alice.record), confirmed(alice.record)]
    assert all(one.token for one in (family_link_facts(link.pk, FamilySide.PATIENT, at=AT) for link in found) if one)
    return found


def opens(read, *refusals) -> bool:
    try:
        read()
    except refusals:
        return False
    return True


def guessed(dice, tries, mallory):
    """Return what was hit, of as many codes, links and ids as Mallory tries."""
    hits = []
    for _ in range(tries):
        code = "".join(dice.choices(ALPHABET, k=LENGTH))
        token = "".join(dice.choices(URL_SAFE, k=43))
        named = UUID(int=dice.getrandbits(128), version=4)
        if opens(lambda code=code: invited_by_code(code, at=AT), FamilyCodeUnknown):
            hits.append(code)
        if opens(lambda token=token: opened_by_token(token, at=AT), FamilyCodeUnknown):
            hits.append(token)
        if opens(lambda token=token: opened_by_patient(token, at=AT), FamilyPageClosed):
            hits.append(token)
        if opens(lambda named=named: link_of(mallory.record, named), Missing):
            hits.append(str(named))
        if family_links(mallory.principal).filter(public_id=named).exists():
            hits.append(str(named))
    return hits


@pytest.mark.parametrize(("who", "tries"), SHARES)
def test_nothing_is_hit(links, mallory, who, tries):
    assert guessed(random.Random(who), tries, mallory) == []


def test_ids_of_others_open_nothing_either(links, mallory):
    """She knows them, from wherever: they open nothing, and read like those that there are not."""
    browser = client_of(mallory.user)
    answers = {
        browser.get(f"/api/v1/family-links/{named}/").content
        for named in [UUID(int=7), *(one.public_id for one in links)]
    }
    assert len(answers) == 1
    assert not [one for one in links if opens(lambda one=one: link_of(mallory.record, one.public_id), Missing)]


def test_twin_where_codes_are_short_she_finds_one(alice, mallory, monkeypatch):
    """The same guesser sees what there is to see: where a code has a single sign that differs, she has it soon."""
    monkeypatch.setattr(codes, "code_of", lambda *_: "0" * LENGTH)
    invited(alice.record)

    class Loaded(random.Random):
        def choices(self, population, *, k):
            drawn = super().choices(population, k=1)
            return drawn + [population[0]] * (k - 1)

    assert guessed(Loaded(11), 60, mallory)


def test_over_the_pages_guessing_ends_after_a_few_tries(links, time_machine):
    """From one network, whatever the browser: then a try every 20 seconds, of some 10**12 codes."""
    time_machine.move_to(AT, tick=False)
    statuses = [Client().post("/family/", {"code": f"AAAA-{number:04}"}).status_code for number in range(40)]
    assert statuses == [422] * 30 + [429] * 10


@pytest.fixture
def mailbox(lakeside, dr_li, time_machine):
    """The links of three of a patient's appointments."""
    time_machine.move_to(AT, tick=False)
    patient = make_patient(lakeside, "Nora North")
    visits = [make_visit(patient, slot_id(dr_li, chicago(day, 10))) for day in (7, 14, 21)]
    return [f"/m/{actions.issue(visit, at=AT)}/again/" for visit in visits]


def knows_after_guessing(mailbox):
    """Type four wrong days behind each link in turn, then the right one behind the last; return whether it opens."""
    for day in range(2, 6):
        for page in mailbox:
            assert Client().post(page, {"birth_date": f"5/{day}/1970"}).status_code == 422
    return Client().post(mailbox[-1], {"birth_date": "5/1/1970"}).status_code == 302


def test_birth_dates_are_guessed_ten_times_behind_all_links_of_a_mailbox_together(mailbox):
    assert not knows_after_guessing(mailbox)


def test_twin_where_each_link_counts_for_itself_a_mailbox_is_as_many_tries_as_it_has_mails(mailbox, monkeypatch):
    monkeypatch.setattr(actions, "WRONG_FOR_A_PATIENT", 1000)
    assert knows_after_guessing(mailbox)


def test_what_nobody_has_typed_wrong_behind_one_link_is_refused_where_the_others_are_used_up(mailbox):
    for page in mailbox[:2]:
        for day in range(2, 7):
            Client().post(page, {"birth_date": f"5/{day}/1970"})
    answer = Client().get(mailbox[-1])
    assert "That did not work a few times" in answer.text
