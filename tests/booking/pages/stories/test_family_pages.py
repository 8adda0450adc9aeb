"""Ben types the code that Alice gave him, on a phone, without an account or script, and books as himself."""

from datetime import timedelta

import pytest
from django.test import Client

from booking import audiences
from booking.actions.families import family_links
from booking.actions.patients import address_verification
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.families.status import FamilyState
from booking.models import Appointment, FamilyLink, FamilyLinkChange, Proof
from booking.web.slot_ids import opened
from core.database.compiled import CompiledQuery
from core.models import Site
from scheduler.models import Practitioner
from tests.booking.pages.walk import TIMES, a_time, hidden_on, slots_on, text_of, times_on
from tests.factories.blocks import make_block
from tests.factories.booking import DAY, SYSTEM, make_enrolled
from tests.factories.families import claimed, confirmed, invited
from tests.factories.scheduler import AT, lay_out

pytestmark = pytest.mark.django_db

BEN = {"name": "Ben Adams", "email": "ben@example.test", "birth_date": "2/3/1968", "language": "en"}


@pytest.fixture
def patient(clinic, clock):
    """Alice's record: it is Monday, eight o'clock."""
    return make_enrolled(Site.objects.get(), "Alice Adams").record


def code_of(link) -> str:
    return codes.in_groups(codes.code_of(link.public_id))


def token_of(link, purpose) -> str:
    return codes.token_of(link.public_id, purpose)


def type_code(browser, code):
    return browser.post("/family/", {"code": code}, follow=True)


def come_back(link):
    """Return a browser in which the relative has pressed the button of the page behind their mail's link."""
    browser = Client()
    browser.post(f"/family/{token_of(link, LinkPurpose.WAY_BACK)}/")
    return browser


def take_up(link):
    browser = Client()
    type_code(browser, code_of(link))
    browser.post("/family/you/", BEN)
    return browser


def test_ben_types_the_code_says_who_he_is_and_waits_for_alice(patient):
    link, browser = invited(patient), Client()
    assert "Who are you?" in text_of(type_code(browser, code_of(link).lower().replace("-", " ")))
    page = browser.post("/family/you/", BEN, follow=True)
    assert "We ask the patient to confirm" in text_of(page)
    assert "Alice" not in text_of(page)
    link.refresh_from_db()
    assert (link.state, link.relative.name) == (FamilyState.CLAIMED, "Ben Adams")


def test_once_confirmed_ben_books_as_himself_without_being_asked_again_who_he_is(patient):
    link = invited(patient)
    browser = take_up(link)
    family_links.confirm(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    assert "Time for families is open to you" in text_of(browser.get("/family/time/"))
    check = browser.post("/book/hold/", {"slot": slots_on(browser.get(TIMES))[0]}, follow=True)
    assert "Ben Adams" in text_of(check)
    browser.post("/book/done/", hidden_on(check), follow=True)
    visit = Appointment.objects.get()
    assert visit.patient == FamilyLink.objects.get().relative != patient


def book_twice(browser):
    """Book a time this week and one in the next; return the page that the second leads to."""
    for week in (0, 1):
        check = browser.post("/book/hold/", {"slot": a_time(week=week)}, follow=True)
        page = browser.post("/book/done/", hidden_on(check), follow=True)
    return page


def statuses():
    return [visit.status for visit in Appointment.objects.order_by("pk")]


def test_ben_whose_address_nobody_has_verified_has_one_visit_ahead_and_types_a_code_for_the_next(patient):
    """That Alice has confirmed him shows nothing of his address."""
    browser = take_up(invited(patient))
    family_links.confirm(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    page = book_twice(browser)
    assert "Confirm your e-mail address" in text_of(page)
    assert statuses() == ["booked", "proposed"]
    assert Appointment.objects.last().kept_until == AT + timedelta(minutes=30)
    proof = Proof.objects.get()
    code = address_verification.code_of(proof.appointment.public_id, proof.issue)
    assert "You are booked" in text_of(browser.post("/book/code/", {"act": "code", "code": code}, follow=True))
    assert statuses() == ["booked", "booked"]


def test_ben_who_came_back_by_his_mail_is_asked_for_no_code(patient):
    book_twice(come_back(confirmed(patient)))
    assert statuses() == ["booked", "booked"]


def test_twin_where_a_relative_is_no_guest_he_books_as_many_as_he_likes(patient, monkeypatch):
    monkeypatch.setattr("booking.actions.guest_flow._as_guest", lambda _patient: None)
    browser = take_up(invited(patient))
    family_links.confirm(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    book_twice(browser)
    assert statuses() == ["booked", "booked"]


def test_once_alice_takes_it_back_his_next_request_is_refused_kindly_and_that_is_on_record(patient):
    link = confirmed(patient)
    browser = come_back(link)
    slot = slots_on(browser.get(TIMES))[0]
    family_links.revoke(link, by=SYSTEM, at=AT)
    refused = browser.post("/book/hold/", {"slot": slot})
    assert refused.status_code == 410
    assert "Appointments that you have booked stand. You can book like everybody, or call us" in text_of(refused)
    assert FamilyLinkChange.objects.filter(link=link, act="use", refused="family-link-ended").count() == 1
    browser.post("/family/forget/")
    assert browser.get(TIMES).status_code == 200


@pytest.mark.parametrize("at", [AT, AT + 13 * DAY])
def test_opening_a_mailed_link_changes_nothing_and_its_button_leads_on(patient, clock, at):
    link, browser = invited(patient), Client()
    clock.move_to(at)
    address = f"/family/{token_of(link, LinkPurpose.INVITATION)}/"
    opened = browser.get(address)
    assert "You are invited" in text_of(opened)
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert not browser.session.keys()
    assert "Who are you?" in text_of(browser.post(address, follow=True))


def test_the_way_back_is_in_his_mail_and_shows_that_the_address_is_his(patient):
    link = confirmed(patient)
    browser = come_back(link)
    assert "Time for families is open to you" in text_of(browser.get("/family/", follow=True))
    assert link.relative.contacts.get().verified_at == AT


def test_he_gives_it_up_himself(patient):
    link = confirmed(patient)
    browser = come_back(link)
    assert "no longer open" in text_of(browser.post("/family/time/leave/", follow=True))
    assert FamilyLink.objects.get().state == FamilyState.ENDED
    behind = Client().get(f"/family/{token_of(link, LinkPurpose.WAY_BACK)}/")
    assert behind.status_code == 404
    assert "A link in a mail opens nothing more once time for families was given up" in text_of(behind)


@pytest.mark.parametrize(("born", "told"), [("1/1/2020", True), ("10/6/2008", True), ("10/5/2008", False)])
def test_for_a_child_it_is_said_what_a_parent_or_guardian_does(patient, born, told):
    browser = Client()
    said = text_of(type_code(browser, code_of(invited(patient))))
    assert "A parent or guardian fills this in" in said
    home = text_of(browser.post("/family/you/", BEN | {"birth_date": born}, follow=True))
    assert ("come together with them: they sign a form" in home) is told


def test_wrong_used_and_late_codes_read_the_same(patient, clock):
    used, late = claimed(patient), invited(patient)
    back = invited(patient)
    family_links.revoke(back, by=SYSTEM, at=AT)
    clock.move_to(AT + 15 * DAY)  # past the end of the day that the invitation names
    typed = ["K7M4-Q2Z9", "no code", code_of(used), code_of(late), code_of(back)]
    found = [Client().post("/family/", {"code": one}) for one in typed]
    assert {page.status_code for page in found} == {422}
    assert len({text_of(page) for page in found}) == 1
    tokens = ["x" * 43, "y", *(token_of(one, LinkPurpose.INVITATION) for one in (used, late, back))]
    opened = [Client().get(f"/family/{one}/") for one in tokens]
    assert {page.status_code for page in opened} == {404}
    assert len({text_of(page) for page in opened}) == 1


def test_who_guesses_is_held_up_and_a_person_waits_a_minute_at_most(patient, clock):
    browser, right = Client(), code_of(invited(patient))
    for number in range(10):
        assert browser.post("/family/", {"code": f"K7M4-Q2Z{number}"}).status_code == 422
    held_up = browser.post("/family/", {"code": right})
    assert held_up.status_code == 429
    assert int(held_up.headers["Retry-After"]) <= 60
    assert "call us" in text_of(held_up)
    clock.shift(60)
    assert "Who are you?" in text_of(type_code(browser, right))


def test_a_code_that_one_has_taken_up_opens_nothing_in_another_browser_that_typed_it_before(patient):
    link, second = invited(patient), Client()
    type_code(second, code_of(link))
    take_up(link)
    late = second.post("/family/you/", BEN | {"name": "Eve"})
    assert late.status_code == 404
    assert FamilyLink.objects.get().relative.name == "Ben Adams"
    assert second.get("/family/time/").status_code == 302


def test_what_is_wrong_is_said_beside_its_field(patient):
    browser = Client()
    type_code(browser, code_of(invited(patient)))
    page = browser.post("/family/you/", {"name": "", "email": "ben", "birth_date": "yesterday", "language": "xx"})
    assert page.status_code == 422
    assert "Enter your full name" in text_of(page)


def test_whoever_sits_here_next_is_a_visitor(patient):
    browser = come_back(confirmed(patient))
    browser.post("/family/forget/")
    assert "Your code" in text_of(browser.get("/family/time/", follow=True))


@pytest.fixture
def kept(patient):
    """Keep Grace Okoro's Thursday noon of the next weeks for families; return its first time, as pages have it."""
    make_block(Practitioner.objects.get(name="Grace Okoro"), 3, "11:00", "13:00")
    lay_out(weeks=3)


def test_the_times_that_are_kept_stand_first_for_him_and_nowhere_for_a_stranger(patient, kept):
    link = confirmed(patient)
    his, strangers = come_back(link).get(TIMES), Client().get(TIMES)
    assert "Times that we keep for families" in text_of(his)
    assert "families" not in text_of(strangers)
    first = slots_on(his)[0]
    assert opened(first) not in times_on(strangers)


def test_he_books_a_time_that_is_kept_and_nobody_else_can(patient, kept):
    link = confirmed(patient)
    browser = come_back(link)
    slot = slots_on(browser.get(TIMES))[0]
    assert Client().post("/book/hold/", {"slot": slot}).status_code == 409
    check = browser.post("/book/hold/", {"slot": slot}, follow=True)
    browser.post("/book/done/", hidden_on(check), follow=True)
    assert Appointment.objects.get().patient == link.relative


def test_taken_back_between_hold_and_booking_the_kept_time_is_not_his(patient, kept):
    link = confirmed(patient)
    browser = come_back(link)
    check = browser.post("/book/hold/", {"slot": slots_on(browser.get(TIMES))[0]}, follow=True)
    family_links.revoke(link, by=SYSTEM, at=AT)
    refused = browser.post("/book/done/", hidden_on(check), follow=True)
    assert refused.status_code == 410
    assert not Appointment.objects.exists()


def test_twin_where_nobody_asks_again_he_books_though_it_was_taken_back(patient, kept, monkeypatch):
    link = confirmed(patient)
    browser = come_back(link)
    check = browser.post("/book/hold/", {"slot": slots_on(browser.get(TIMES))[0]}, follow=True)
    family_links.revoke(link, by=SYSTEM, at=AT)
    monkeypatch.setattr(FamilyLink, "is_in_force", lambda *_, at: True)
    monkeypatch.setattr("booking.audiences.FamilyLink.objects.in_force", lambda at: FamilyLink.objects.all())
    monkeypatch.setattr("booking.audiences.ENROLMENTS", CompiledQuery(audiences._enrolments))
    browser.post("/book/done/", hidden_on(check), follow=True)
    assert Appointment.objects.get().patient == link.relative
