"""What people type is read forgivingly; what cannot be read is said at once, in words, and kept."""

import re

import pytest
from django.urls import reverse

from booking.actions.patients import patients
from booking.models import Patient
from tests.booking.pages.walk import ALICE, book, hold, text_of
from tests.factories.scheduler import AT, make_practitioner


def wrong(client, page: str, data: dict[str, str]):
    """Send a form that is not right; its page says so at the top, beside the field and in the title."""
    answer = client.post(page, data, follow=True)
    body = answer.content.decode()
    assert answer.redirect_chain or answer.status_code == 422
    assert re.search(r"<title>Error: ", body)
    for target in re.findall(r'<li><a href="#([^"]+)"', body):
        assert f'id="{target}"' in body, f"the summary leads to {target}, which is not there"
    return answer


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Enter your full name"),
        ("name", "1234", "Please give a name"),
        ("email", "", "Enter your e-mail address"),
        ("email", "alice", "Please give an e-mail address"),
        ("email", "alice@gmial.com", "Did you mean alice@gmail.com?"),
        ("phone", "555", "Please check the number"),
        ("birth_date", "", "Enter your date of birth"),
        ("birth_date", "3/27/61", "with four digits for the year"),
        ("birth_date", "31/31/1961", "There are twelve months. Check the month."),
        ("birth_date", "2/30/1961", "February 1961 has 28 days. Check the day."),
        ("birth_date", "April 31, 1961", "April 1961 has 30 days. Check the day."),
        ("birth_date", "3/27/9999", "Check the year."),
        ("birth_date", "3/27/1861", "Check the year"),
        ("birth_date", "3/27/2061", "Check the year"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(alice, field, typed, said):
    hold(alice)
    answer = wrong(alice, "/book/you/", ALICE | {field: typed})
    assert text_of(answer).count(said) >= 2
    kept = (ALICE | {field: typed})[field]
    assert not kept or f'value="{kept}"' in answer.content.decode()


def test_no_browser_rewrites_the_domain_of_an_address(alice):
    """A field of type "email" sends straße.example as strasse.example: to somebody else."""
    hold(alice)
    for page in ("/book/you/", reverse("lost-link")):
        form = alice.get(page).content.decode()
        assert 'name="email"' in form
        assert 'type="email"' not in form


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ({"name": "  Alice   Adams "}, ("name", "Alice Adams")),
        ({"email": " alice@EXAMPLE.test. "}, ("contacts__value", "alice@example.test")),
        ({"phone": "312.555 0142"}, ("contacts__value", "+13125550142")),
        ({"phone": "+49 (0)30 901820"}, ("contacts__value", "+4930901820")),
        ({"birth_date": "March 27, 1961"}, ("birth_date", "1961-03-27")),
        ({"birth_date": "03-27-1961"}, ("birth_date", "1961-03-27")),
        ({"birth_date": " 27 3 1961"}, ("birth_date", "1961-03-27")),
    ],
)
def test_stray_spaces_and_other_ways_to_write_are_forgiven(alice, typed, read):
    book(alice, **typed)
    assert Patient.objects.filter(**dict([read])).exists()


def test_in_the_evening_a_birth_date_of_tomorrow_is_said_to_be_wrong_at_once(alice, clock):
    clock.shift(13 * 3600)  # 9 PM in Chicago, where it is the 5th; the 6th in UTC
    hold(alice)
    assert text_of(wrong(alice, "/book/you/", ALICE | {"birth_date": "10/6/2026"})).count("Check the year") == 2
    assert alice.get("/book/check/")["Location"] == "/book/you/"
    assert "Born this year?" in text_of(wrong(alice, "/book/you/", ALICE | {"birth_date": "10/5/2026"}))


@pytest.mark.parametrize("data", [{}, {"visit": "third", "therapy": "nonsense"}])
def test_a_therapy_and_a_visit_must_be_chosen(alice, site, data):
    make_practitioner(site, name="Hana Kim", offers=["acu_auricular"])
    said = text_of(wrong(alice, "/book/family/needles/", data))
    assert "Choose whether this is your first appointment" in said
    assert "Choose a therapy" in said


@pytest.mark.parametrize("spoiled", ["\x00", "\ud800", "<script>alert(1)</script>", "\uff41" * 500, "\u202eevil"])
def test_odd_input_is_never_a_fault(alice, spoiled):
    hold(alice)
    text = spoiled.encode("utf-8", "surrogatepass")
    for page in ("/book/", "/book/family/needles/", "/book/you/", "/book/hold/", "/book/done/", "/lost-link/"):
        fields = ("therapy", "visit", "slot", "hold", "name", "email", "birth_date")
        answer = alice.post(page, dict.fromkeys(fields, text))
        assert answer.status_code < 500
        assert b"<script>" not in answer.content


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/book/nothing/times/?visit=first", 404),
        ("/book/family/nothing/", 404),
        ("/book/family/cupping/", 404),
        ("/book/nothing/times/", 404),
        ("/book/acu_manual/times/?technique=magic", 404),
        ("/book/acu_manual/times/?visit=third", 404),
        ("/book/acu_manual/times/?visit=first&technique=magic", 404),
        ("/book/acu_infusion/times/?visit=followup", 404),
        ("/book/acu_manual/times/?visit=first&practitioner=nobody", 400),
        ("/book/acu_manual/times/?visit=first&part=night", 400),
        ("/book/acu_manual/times/?visit=first&day=2026-13-40", 400),
        ("/book/acu_manual/times/?visit=first&day=20261008", 400),
        ("/book/acu_manual/times/?visit=first&start=yesterday", 200),
        ("/book/acu_manual/times/?visit=first&start=9999-12-31", 200),
    ],
)
def test_an_address_that_asks_for_nonsense_is_refused_in_words(alice, address, status):
    answer = alice.get(address)
    assert answer.status_code == status
    assert "<h1>" in answer.content.decode()


@pytest.mark.parametrize("slot", ["", "nonsense", "AAAA", "é", "a" * 5000])
def test_a_time_that_does_not_exist_is_refused_in_words(alice, slot):
    answer = alice.post("/book/hold/", {"slot": slot})
    assert answer.status_code == 404
    assert "This time does not exist" in text_of(answer)


def test_an_address_that_seems_mistyped_is_asked_back_once_and_kept_where_it_is_right(alice):
    hold(alice)
    asked = wrong(alice, "/book/you/", ALICE | {"email": "alice@gmial.com"}).content.decode()
    again = dict(re.findall(r'name="(email_asked|email)" value="([^"]*)"', asked))
    assert alice.post("/book/you/", ALICE | again)["Location"] == "/book/check/"
    assert "alice@gmial.com" in text_of(alice.get("/book/check/"))
    other = wrong(alice, "/book/you/", ALICE | again | {"email": "alice@gmail.con"})
    assert "Did you mean alice@gmail.com?" in text_of(other)


def test_a_phone_number_that_a_visitor_types_stands_after_those_on_record_until_it_is_shown_whose_it_is(alice):
    """Whoever knows three facts of somebody must not have the clinic call them in that person's place."""
    book(alice, phone="312 555 0142")
    book(alice, number=5, phone="312 555 0177")
    patient = Patient.objects.get()
    assert _phones(patient) == [("+13125550142", False), ("+13125550177", True)]
    for typed in ("+13125550178", "+13125550142"):
        patients.add_typed_phone(patient, typed, at=AT)
    assert _phones(patient) == [("+13125550142", False), ("+13125550178", True)]


def _phones(patient):
    return [(one.value, one.typed_at is not None) for one in patient.contacts.filter(system="phone")]


def test_a_birth_date_of_this_year_is_asked_back_once_and_stands_where_it_is_right(alice):
    hold(alice)
    asked = wrong(alice, "/book/you/", ALICE | {"birth_date": "10/5/2026"})
    assert "Born this year? Check the year. If 2026 is right, press the button again." in text_of(asked)
    again = dict(re.findall(r'name="(birth_date_asked|birth_date)" value="([^"]*)"', asked.content.decode()))
    assert alice.post("/book/you/", ALICE | again)["Location"] == "/book/check/"
    assert "Born October 5, 2026" in text_of(alice.get("/book/check/"))


def test_a_name_that_is_too_long_is_not_cut_but_said(alice):
    hold(alice)
    long = "Wolfeschlegel" * 10
    asked = wrong(alice, "/book/you/", ALICE | {"name": long})
    assert "Enter a name of at most 120 letters" in text_of(asked)
    assert f'value="{long}"' in asked.content.decode()
    assert "maxlength" not in asked.content.decode()


def test_an_impossible_day_says_which_part_is_wrong_at_the_door_of_a_lost_link_as_well(alice):
    asked = alice.post("/lost-link/", {"email": "alice@example.test", "birth_date": "2/30/1961"})
    assert "February 1961 has 28 days. Check the day." in text_of(asked)
