"""How much work an answer takes tells nothing: whatever is wrong with a code, and whoever is known here or is not.

Work is counted, and no clock is read: which statements are sent, and which functions of ours are called how often.
"""

import re
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking import queries
from booking.actions.families import family_links
from booking.actions.patients import patients
from booking.families import codes
from booking.families import queries as queries_of_links
from booking.families.codes import LinkPurpose
from booking.families.errors import OwnInvitation
from tests.api.conftest import client_of
from tests.factories.booking import DAY, SYSTEM, make_patient
from tests.factories.families import claimed, confirmed, invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

OURS = tuple(str(Path(__file__).parents[2] / name) + "/" for name in ("booking", "core", "scheduler", "notifications"))
VALUES = re.compile(r"'(?:[^']|'')*'|\b\d[\d.]*\b|\bs\d+_x\d+\b")
BY_SIGN = re.compile(r"/core/text/|/search_words\.py:|/misspellings\.py:|:_plain$|:as_given_out\.|:as_vector\.")
"""What is done for each sign that was typed: its length is known to who types it."""

BEN = {"name": "Ben Adams", "email": "ben@example.test", "birth_date": "2/3/1968", "language": "en"}


@contextmanager
def counted(work: Counter):
    """Count the statements, without the values in them, and the calls of our own functions; take back what is done."""

    def called(frame, event, _arg):
        name = f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}"
        if event == "call" and name.startswith(OURS) and not BY_SIGN.search(name):
            work[name] += 1

    with transaction.atomic(), CaptureQueriesContext(connection) as sent:
        sys.setprofile(called)
        try:
            yield
        finally:
            sys.setprofile(None)
        transaction.set_rollback(True)
    work.update(VALUES.sub("?", one["sql"]) for one in sent.captured_queries)


def work_of(act) -> Counter:
    """Return what an act takes once all that is made once has been made."""
    for work in (Counter(), Counter()):
        with counted(work):
            act()
    return work


def differences(works: dict[str, Counter]) -> dict[str, dict[str, int]]:
    """Return what any of them takes more or less of than the first."""
    first, *others = works.values()
    named = list(works)[1:]
    return {name: dict((one - first) + (first - one)) for name, one in zip(named, others, strict=True) if one != first}


@pytest.fixture
def bad(alice):
    """Return links whose invitations open nothing, by why; taken back and run out also once they were confirmed."""
    ran_out, revoked = invited(alice.record, at=AT - 15 * DAY), invited(alice.record)
    family_links.revoke(revoked, by=SYSTEM, at=AT)
    left = confirmed(alice.record)
    family_links.leave(left, by=SYSTEM, at=AT)
    return {"used": claimed(alice.record), "taken back": revoked, "run out": ran_out, "given up": left}


@pytest.fixture(autouse=True)
def monday(time_machine):
    time_machine.move_to(AT, tick=False)


def work_of_codes(bad):
    typed = {"wrong": "7777-7777", "no code": "hello"}
    typed |= {why: codes.code_of(link.public_id) for why, link in bad.items()}
    return {why: work_of(partial(type_code, code)) for why, code in typed.items()}


def type_code(code):
    answered(Client().post("/family/", {"code": code}), 422)


def answered(response, status):
    assert response.status_code == status, response.content.decode()


def test_whatever_is_wrong_with_a_code_looking_takes_the_same(bad):
    assert differences(work_of_codes(bad)) == {}


def test_twin_where_a_code_is_read_first_and_judged_then_that_is_seen(bad, monkeypatch):
    def opened(which, *, at):
        link = queries_of_links.FamilyLink.objects.filter(which).first()
        if link is None or not link.is_live(at=at) or link.state != "invited":
            raise queries_of_links.FamilyCodeUnknown
        return link

    monkeypatch.setattr(queries_of_links, "INVITED", Q())
    monkeypatch.setattr(queries_of_links, "_opened", opened)
    assert set(differences(work_of_codes(bad))) == set(bad)


@pytest.mark.parametrize("purpose", LinkPurpose)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nor_does_it_matter_why_a_mailed_link_opens_nothing(bad, purpose, method):
    tokens = {"wrong": "x" * 43, "no link": "x"}
    dead = bad if purpose is LinkPurpose.INVITATION else {why: one for why, one in bad.items() if why != "used"}
    tokens |= {why: codes.token_of(link.public_id, purpose) for why, link in dead.items()}
    works = {
        why: work_of(lambda token=token: answered(getattr(Client(), method)(f"/family/{token}/"), 404))
        for why, token in tokens.items()
    }
    assert differences(works) == {}


def details_sent(link, details, status):
    browser = Client()
    answered(browser.post("/family/", {"code": codes.code_of(link.public_id)}), 302)
    return lambda: answered(browser.post("/family/you/", details), status)


HERS = BEN | {"name": "alice  ADAMS", "birth_date": "5/1/1970"}
"""What Alice, the patient, types of herself."""


def work_of_people(alice):
    """Return what it takes when somebody takes a code up who is known, was a guest, is not known, or the patient."""
    site = alice.record.site
    known, guest = make_patient(site, "Carl Known"), make_patient(site, "Dora Guest", guest=True)
    said = {
        who.name: BEN | {"name": who.name, "email": who.contacts.get().value, "birth_date": "5/1/1970"}
        for who in (known, guest)
    }
    link = invited(alice.record)
    everybody = {"nobody": BEN, **said, "the patient": HERS}
    return {name: work_of(details_sent(link, details, 302)) for name, details in everybody.items()}


def test_whoever_takes_a_code_up_nothing_tells_whether_they_are_known(alice):
    assert differences(work_of_people(alice)) == {}


def test_nor_whether_it_is_the_patient_and_no_page_says_it(alice):
    """She would be told on her own page, behind her birth date; and nobody makes her family of her own."""
    pages = []
    for details in (BEN, HERS):
        link, browser = invited(alice.record), Client()
        browser.post("/family/", {"code": codes.code_of(link.public_id)})
        pages.append(without_signs(browser.post("/family/you/", details, follow=True)))
    assert pages[0] == pages[1]
    for act in (family_links.confirm, partial(family_links.vouch, reason="We know them")):
        with pytest.raises(OwnInvitation):
            act(link, by=SYSTEM, at=AT)


def without_signs(answer):
    return re.sub(r'value="[^"]{40,}"|nonce="[^"]*"', "", answer.content.decode())


def test_twin_where_somebody_is_looked_for_first_that_is_seen(alice, monkeypatch):
    register = patients.register

    def looks_first(**named):
        had = queries.guest_record(name=named["name"], birth_date=date(1970, 5, 1), email=named["email"])
        return had or register(**named)

    monkeypatch.setattr(patients, "register", looks_first)
    assert set(differences(work_of_people(alice))) >= {"Dora Guest"}


def test_a_link_of_others_costs_whoever_asks_for_it_what_none_does(alice, mallory):
    client, link = client_of(mallory.user), claimed(alice.record)
    asked = {"none": uuid4(), "theirs": link.public_id}
    for path in ("", "confirm/", "revoke/", "leave/", "renew/"):
        ask = client.post if path else client.get
        addresses = {what: f"/api/v1/family-links/{one}/{path}" for what, one in asked.items()}
        works = {what: work_of(lambda to=to, ask=ask: answered(ask(to), 404)) for what, to in addresses.items()}
        assert differences(works) == {}, path
