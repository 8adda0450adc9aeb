"""Behind any of their links and their birth date people find all that is their own; nobody else does."""

from datetime import timedelta

from django.test import Client

from booking.models import Appointment, ContactPoint
from booking.patients import known_by_link
from booking.status import Status
from tests.booking.pages.walk import ALICE, book, booked_and_proven, hidden_on, link, slots_on, text_of
from tests.factories.scheduler import AT

BORN = {"birth_date": ALICE["birth_date"]}


def own_page(client, visit: str):
    """Open what is their own behind a visit's address, by the birth date."""
    return client.post(f"{visit}mine/", BORN, follow=True)


def test_without_the_birth_date_nothing_is_told(alice):
    visit = booked_and_proven(alice)
    asked = text_of(Client().get(f"{visit}mine/"))
    assert "birth date" in asked
    assert "Acupuncture" not in asked
    assert "Alice" not in asked


def test_alice_finds_what_is_to_come_what_was_and_what_is_known_of_her(alice, clock):
    visit = booked_and_proven(alice)
    page = text_of(own_page(alice, visit))
    assert "Tuesday, October 6, 2026" in page or "Monday, October 5, 2026" in page
    assert ALICE["email"] in page
    assert "March 27, 1961" in page
    clock.shift(timedelta(days=7))
    later = text_of(own_page(alice, visit))
    assert "Nothing is booked" in later
    assert "Before today" in later


def test_what_was_entered_in_error_was_never_hers(alice, clock):
    visit = booked_and_proven(alice)
    Appointment.objects.update(status=Status.ENTERED_IN_ERROR)
    clock.shift(timedelta(days=7))
    page = text_of(own_page(alice, visit))
    assert "Before today" not in page
    assert "Book again" not in page


def test_she_books_again_with_three_presses_and_types_nothing(alice):
    page = own_page(alice, booked_and_proven(alice))
    times = alice.get(link(page, "Acupuncture"))
    assert "with Boris Ivanov" not in text_of(times)  # with whom she was first
    alice.post("/book/hold/", {"slot": slots_on(times)[0]})
    check = alice.get("/book/check/")
    assert check.status_code == 200
    done = alice.post("/book/done/", hidden_on(check), follow=True)
    assert done.status_code == 200
    assert Appointment.objects.count() == 2
    assert set(Appointment.objects.values_list("patient__name", flat=True)) == {"Alice Adams"}


def test_who_booked_by_three_facts_of_her_finds_nothing_of_hers(alice):
    answer = own_page(*booked_in_her_name(alice))
    assert "open the link in your newest mail" in text_of(answer)
    assert ALICE["email"] not in text_of(answer)


def test_twin_without_the_guard_they_would(alice, monkeypatch):
    stranger, visit = booked_in_her_name(alice)
    monkeypatch.setattr(known_by_link, "went_to_its_patient", lambda _visit: True)
    assert ALICE["email"] in text_of(own_page(stranger, visit))


def booked_in_her_name(alice) -> tuple[Client, str]:
    """Let somebody book who knows name, birth date and address of Alice, whose address is known to be hers."""
    book(alice)
    ContactPoint.objects.update(verified_at=AT)
    stranger = Client()
    return stranger, book(stranger, number=5)


def test_alice_reads_that_she_waits_for_an_earlier_time_and_leaves_the_list_from_there(alice):
    visit = booked_and_proven(alice)
    alice.post(f"{visit}earlier/", {"weekdays": ["2"]})
    own = own_page(alice, visit)
    assert "You are on the waiting list" in text_of(own)
    here = link(own, "Before")
    assert alice.post(here, {"act": "leave"}).status_code in {200, 302}
    assert "waiting list" not in text_of(own_page(alice, visit))
