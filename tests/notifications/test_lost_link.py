"""Alice lost her link: it is sent again, to the address on file, and nobody learns who is known here."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.actions.patients import patients
from booking.models import Proof
from core.principal import Principal
from notifications.actions import lost_links
from notifications.models import LinkRequest
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_visit, as_it_was, cancel, move
from tests.notifications.rounds import run
from tests.revealing_words import TELLING

pytestmark = pytest.mark.django_db
BORN = date(1970, 1, 1)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LATER = BOOKED_AT + DAY
HERS = {"email": "alice@example.test", "birth_date": BORN, "network": "n"}
TYPED = {"email": " alice@example.test ", "birth_date": "Jan 1, 1970"}


@pytest.fixture(scope="module")
def visit_once(what_visits_share, once_a_module):
    """A visit that Alice has the confirmation of."""
    with once_a_module():
        booked = a_visit(patient=a_patient())
        run(BOOKED_AT)
        return booked.pk


@pytest.fixture
def visit(visit_once, mailoutbox):
    return as_it_was(visit_once)


def mails_after_asking(mailoutbox, *, at=LATER, **typed):
    """Ask, let a worker look, and return the mails that come of it."""
    before = len(mailoutbox)
    lost_links.ask(**(HERS | typed), at=at)
    run(at)
    return mailoutbox[before:]


def test_the_link_is_sent_again_and_says_that_it_is_the_one_asked_for(visit, mailoutbox):
    (mail,) = mails_after_asking(mailoutbox)
    assert mail.subject == "The link you asked for"
    assert mail.to == ["alice@example.test"]
    first = next(line for line in mail.body.splitlines()[1:] if line)
    assert first.startswith("Here is the link you asked for.")
    assert mail.body.count("/m/") == 1
    assert [word for word in TELLING if word in mail.body.lower()] == []


def test_all_visits_ahead_come_in_one_mail_the_soonest_first(visit, mailoutbox):
    a_visit(patient=visit.patient, starts_at=STARTS_AT + 7 * DAY)
    asked_for = a_visit(patient=visit.patient, starts_at=STARTS_AT + 14 * DAY)
    asked_for.status = "proposed"
    asked_for.save()
    run(BOOKED_AT)
    (mail,) = mails_after_asking(mailoutbox)
    assert mail.subject == "The link you asked for"
    days = [line for line in mail.body.splitlines() if line.startswith("When:")]
    assert [day.split(", ")[1] for day in days] == ["December 8", "December 15", "December 22"]
    html = mail.alternatives[0][0]
    assert [said.count("We are checking your request") for said in (mail.body, html)] == [1, 1]
    assert "We are checking your request" in mail.body.split("December 22")[1]
    (link,) = {line for line in mail.body.splitlines() if "/m/" in line}
    assert link.endswith("/mine/")
    assert html.count("/mine/") == 1


@pytest.mark.parametrize("wrong", [{"email": "mallory@example.test"}, {"birth_date": date(1970, 1, 2)}])
def test_it_takes_the_address_and_the_date_of_birth(visit, wrong, mailoutbox):
    assert mails_after_asking(mailoutbox, **wrong) == []


def test_capital_letters_in_an_address_do_not_matter(visit, mailoutbox):
    assert len(mails_after_asking(mailoutbox, email="Alice@Example.TEST")) == 1


def test_one_mail_lists_what_was_booked_with_her_address_in_capitals_too(visit, mailoutbox):
    other = a_patient()
    other.contacts.all().update(value="Alice@EXAMPLE.test")
    a_visit(patient=other, starts_at=STARTS_AT + 7 * DAY)
    run(BOOKED_AT)
    (mail,) = mails_after_asking(mailoutbox)
    assert mail.body.count("/m/") == 2


@pytest.mark.parametrize("typed", ["Ann@STRAßE.example", "ann@xn--strae-oqa.example"])
def test_an_address_is_found_in_whichever_letters_its_domain_is_typed(typed, mailoutbox):
    a_visit(patient=a_patient(email="ann@straße.example"))
    run(BOOKED_AT)
    mailoutbox.clear()
    asked_on_the_page(typed)
    run(LATER)
    assert [mail.to for mail in mailoutbox] == [["ann@xn--strae-oqa.example"]]


def test_somebody_impatient_gets_three_mails_an_hour_and_six_a_day_and_the_next_day_more(visit, mailoutbox):
    sent = [len(mails_after_asking(mailoutbox, at=LATER + n * 5 * MINUTE)) for n in range(30)]
    assert [sum(sent[:12]), sum(sent[12:24]), sum(sent[24:])] == [3, 3, 0]
    assert len(mails_after_asking(mailoutbox, at=LATER + DAY + HOUR)) == 1


def test_asking_with_a_wrong_birth_date_keeps_nobody_from_her_own_link(visit, mailoutbox):
    for day in range(2, 12):
        mails_after_asking(mailoutbox, birth_date=date(1970, 1, day))
    assert len(mails_after_asking(mailoutbox)) == 1


def test_a_moved_visit_is_told_as_it_is_now(visit, mailoutbox):
    move(visit, starts_at=STARTS_AT + DAY, at=LATER)
    (mail,) = [mail for mail in mails_after_asking(mailoutbox, at=LATER + MINUTE) if "asked" in mail.subject]
    assert "December 9" in mail.body


def test_an_address_that_nobody_has_shown_to_be_theirs_hears_of_its_code_alone(visit, mailoutbox):
    proposed = a_visit(patient=a_patient(email="zoe@example.test"))
    proposed.status = "proposed"
    proposed.save()
    Proof.objects.create(appointment=proposed, made_by="visitor:1", issued_at=BOOKED_AT, relayed_at=BOOKED_AT)
    run(LATER)
    mailoutbox.clear()
    assert mails_after_asking(mailoutbox, email="zoe@example.test") == []
    assert not LinkRequest.objects.get().mailed
    write_to(proposed)
    run(LATER + 5 * MINUTE)
    assert {mail.subject for mail in mailoutbox if mail.to == ["new@example.test"]} == {"Your code"}


def write_to(visit):
    patients.change(visit.patient, by=Principal.system("dana"), at=LATER, email="new@example.test")


def test_many_ask_at_once_and_all_visits_are_locked_together_a_hundred_requests_at_a_time(visit, monkeypatch):
    for n in range(3):
        a_visit(patient=a_patient(email=f"ann{n}@example.test"))
        lost_links.ask(email=f"ann{n}@example.test", birth_date=BORN, network="", at=LATER)
    monkeypatch.setattr(lost_links, "AT_ONCE", 2)
    answered = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            answered.append(lost_links.answer(at=LATER))
        locks = [q for q in queries if "booking_appointment" in q["sql"] and "FOR NO KEY UPDATE" in q["sql"]]
        assert len(locks) <= 1
    assert answered == [2, 1, 0]


def test_nothing_is_sent_about_what_is_cancelled_or_over(visit, mailoutbox):
    assert mails_after_asking(mailoutbox, at=STARTS_AT + DAY) == []
    cancel(visit, at=LATER)
    run(LATER + 5 * MINUTE)
    assert mails_after_asking(mailoutbox, at=LATER + HOUR) == []


def test_a_visit_cancelled_before_the_mail_leaves_is_not_in_it(visit, mailoutbox):
    lost_links.ask(**HERS, at=LATER)
    lost_links.answer(at=LATER)
    cancel(visit, at=LATER)
    run(LATER)
    assert mailoutbox == []


def asked_on_the_page(email):
    with time_machine.travel(LATER, tick=False), CaptureQueriesContext(connection) as queries:
        answer = Client().post("/lost-link/", TYPED | {"email": email})
    return (answer.status_code, answer["Location"]), [query["sql"].split(" ")[0] for query in queries]


def test_the_page_does_the_same_for_somebody_known_and_somebody_unknown(visit, mailoutbox):
    known, unknown = asked_on_the_page("alice@example.test"), asked_on_the_page("nobody@example.test")
    assert known == unknown
    assert known[0] == (302, "/lost-link/sent/")
    run(LATER)
    assert [mail.to for mail in mailoutbox] == [["alice@example.test"]]


def test_once_a_worker_has_looked_no_address_and_no_birth_date_are_kept(visit, mailoutbox):
    mails_after_asking(mailoutbox)
    mails_after_asking(mailoutbox, email="nobody@example.test")
    assert set(LinkRequest.objects.values_list("email", "birth_date")) == {("", None)}
    mails_after_asking(mailoutbox, at=LATER + 2 * DAY)
    assert LinkRequest.objects.count() == 1


def test_one_network_may_ask_thirty_times_an_hour_and_is_told_what_to_do(visit):
    with time_machine.travel(LATER, tick=False):
        Client().post("/lost-link/", TYPED)
        ward = LinkRequest.objects.get().network
        LinkRequest.objects.bulk_create(LinkRequest(asker=str(n), network=ward, asked_at=LATER) for n in range(29))
        refused = Client().post("/lost-link/", TYPED)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert "Please try again in an hour, or call us." in refused.content.decode()
    assert LinkRequest.objects.count() == 30


def test_what_cannot_be_read_is_said():
    answer = Client().post("/lost-link/", {"email": "alice", "birth_date": "yesterday"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in body
    assert body.count("like 3/27/1961, with four digits") == 2
