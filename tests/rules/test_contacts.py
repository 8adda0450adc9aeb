"""Names, addresses and numbers as people type them."""
# ruff: noqa: RUF001  (letters that look alike are what this is about)

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients import contacts
from booking.patients.contacts import Unusable
from core.templatetags.clinic import telephone
from core.text import clean, mail_addresses, phone_numbers

READERS = (contacts.line, contacts.name, contacts.email, partial(contacts.phone, country="US"), contacts.language)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Alice   Adams ", "Alice Adams"),
        ("Zoe\u0308 O’Hara-Núñez", "Zoë O’Hara-Núñez"),
        ("李小龍", "李小龍"),
        ("نگار می\u200cآید", "نگار می\u200cآید"),
        ("\u200b\u200fAlice\u2060 \u3000Adams\ufeff\n", "Alice Adams"),
        ("\u202aAlice\u00ad Ada\u200bms\u202c", "Alice Adams"),
        ("\u200dAlice\tAdams\u00a0\u200c", "Alice Adams"),
        ("’t Hooft", "’t Hooft"),
        ("'s-Gravesande", "'s-Gravesande"),
        ("O'Neil, Ünal", "O'Neil, Ünal"),
    ],
)
def test_a_name_is_kept_as_its_owner_writes_it(typed, read):
    assert contacts.name(typed) == read


@pytest.mark.parametrize(
    ("called", "greeted"),
    [
        ("Alice Adams", "Alice Adams"),
        ("Lee, Alice", "Lee, Alice"),
        ("Lee,", "Lee"),
        ("Dr. Mei Li", "Dr. Mei Li"),
        ("J. R. O’Hara-Núñez", "J. R. O’Hara-Núñez"),
        ("李小龍", "李小龍"),
        ("نگار می\u200cآید", "نگار می\u200cآید"),
        ("अनिता", "अनिता"),
    ],
)
def test_a_person_is_greeted_by_the_whole_name(called, greeted):
    assert contacts.greeting_name(called) == greeted


@pytest.mark.parametrize(
    "called",
    [
        "mallory@evil.example",
        "Win a prize: https://evil.example",
        "www.evil.example",
        "Look at evil.example now",
        "bit .ly",
        "evil。example",
        "Call 312 555 0100",
        "Alice <b>Adams",
        "A" * 61,
        "URGENT! Pay",
        "Alice\U0001f389",
    ],
)
def test_a_name_that_holds_an_address_a_link_or_a_number_is_not_greeted(called):
    assert contacts.greeting_name(called) == ""


@pytest.mark.parametrize("called", ["Dr.", "Dr.,", "Dr. med.", "J. R."])
def test_a_title_alone_is_not_greeted(called):
    assert contacts.greeting_name(called) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u200b\u3164\u2800",
        "12",
        "A\nB",
        "\u202eBA",
        "A\u2066B\u2069C",
        "A\x00B",
        "A\u202eB",
        "A" * 121,
        "A\u2028B",
        "A\ud800",
        *(f"{sign}Ann" for sign in "=+-@\uff1d"),
        "\t=Ann",
    ],
)
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(Unusable):
        contacts.name(typed)


@pytest.mark.parametrize(
    ("typed", "read"), [(" Alice.A@Example.ORG ", "Alice.A@example.org"), ("a+b@x.test", "a+b@x.test")]
)
def test_an_address_is_kept_with_its_domain_in_small_letters(typed, read):
    assert contacts.email(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "ann@example.org,",
        "<ann@example.org>",
        "ann@example.org.",
        " ann @ example.org\t",
        "ann\u200b@exam\u00adple.org;",
        "\u202aann@example.org\u202c",
        "\ufeffann\u2060@\u200eexample\u200d.org",
    ],
)
def test_an_address_is_read_as_it_comes_out_of_a_letter_on_every_door(typed):
    assert contacts.email(typed) == "ann@example.org"


@pytest.mark.parametrize("typed", ["", "alice", "alice@", "@x.org", "a@b@c.org", ".,;", "a@x.org\nBcc: m@y.org"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(Unusable):
        contacts.email(typed)


@pytest.mark.parametrize(
    ("typed", "kept", "wire"),
    [
        ("ann@straße.example", "ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@STRASSE.example", "ann@strasse.example", "ann@strasse.example"),
        ("ann@xn--strae-oqa.example", "ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@BÜCHER.example", "ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@bu\u0308cher.example", "ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@βόλος.example", "ann@βόλος.example", "ann@xn--nxasmm1c.example"),
        ("ann@例え。テスト", "ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
        ("ann@a--b.example", "ann@a--b.example", "ann@a--b.example"),
    ],
)
def test_an_address_in_any_script_is_kept_readable_and_goes_to_its_own_domain(typed, kept, wire):
    assert contacts.email(typed) == kept
    assert mail_addresses.on_the_wire(kept) == wire


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("jürgen@example.org", "such letters before the @"),
        ("ann@☃.example", "after the @"),
        ("ann@xn--zzzzzz9999.example", "after the @"),
        ("ann@-ü.example", "after the @"),
        ("ann@" + "ü" * 60 + ".example", "after the @"),
    ],
)
def test_an_address_that_no_mail_server_takes_is_refused_with_what_is_wrong_with_it(typed, told):
    with pytest.raises(Unusable, match=told):
        contacts.email(typed)


@pytest.mark.parametrize(
    "domain",
    [
        "localhost",
        "LocalHost",
        "localhost.localdomain",
        "mail.local",
        "db.internal",
        "a.invalid",
        "printer.home.arpa",
        "[127.0.0.1]",
        "[IPv6:::1]",
        "192.168.0.10",
        "0x7f.0x00.0x00.0x01",
        "nas.lan",
        "example.localhost",
    ],
)
def test_mail_goes_to_no_machine_of_the_clinics_own_network(domain):
    with pytest.raises(Unusable):
        contacts.email(f"mallory@{domain}")
    assert not mail_addresses.can_be_written_to(f"mallory@{domain}")


@pytest.mark.parametrize("domain", ["local.example", "internal.example.org", "9.example.test", "例え.テスト"])
def test_a_public_name_may_hold_such_a_word(domain):
    assert contacts.email(f"ann@{domain}") == f"ann@{domain}"


def test_by_the_older_standard_mail_for_one_domain_would_go_to_another():
    assert "straße.example".encode("idna") == b"strasse.example"


@pytest.mark.parametrize(
    "typed",
    [
        "(312) 555-0100", "312.555.0100", "1 312 555 0100", "+1 312-555-0100", "3125550100", "+1 (312) 555‑0100",
        "\u202a+1 312 555 0100\u202c", "\uff0b\uff11 312 555 0100", "٣١٢٥٥٥٠١٠٠", "tel:+1-312-555-0100", "312/555/0100",
    ],
)  # fmt: skip
def test_a_number_is_one_however_it_is_typed(typed):
    assert contacts.phone(typed, country="US") == "+13125550100"


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("+49 (0)30 1234567", "US", "+49301234567"),
        ("+49(0) 30/123 45 67", None, "+49301234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("0049 30 1234567", "DE", "+49301234567"),
        ("0049 30 1234567", "US", "+49301234567"),
        ("001 312 555 0144", "DE", "+13125550144"),
        ("001 312 555 0144", "US", "+13125550144"),
        ("011 49 30 1234567", "US", "+49301234567"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("+86 138 0013 8000", "US", "+8613800138000"),
    ],
)
def test_a_number_from_elsewhere_is_kept_with_its_country(typed, country, kept):
    assert contacts.phone(typed, country=country) == kept


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("", "US"), ("555-0100", "US"), ("+1", "US"), ("0312 5550100", "US"), ("+0123456789", "US"), ("call me", "US"),
        ("+1 312 555 010", "US"), ("+1 312 555 01001", "US"), ("+1 112 555 0100", "US"), ("312 555 0100", None),
        ("312 555 0100 ext. 5", "US"), ("+999 123456789", "US"), ("1" * 60, "US"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed, country):
    with pytest.raises(Unusable, match="number"):
        contacts.phone(typed, country=country)


@pytest.mark.parametrize(
    ("country", "told"), [("US", r"\(201\) 555-0123"), ("DE", "such as 030"), (None, "country code")]
)
def test_whoever_types_no_number_reads_what_one_looks_like_there(country, told):
    with pytest.raises(Unusable, match=told):
        contacts.phone("12", country=country)


@pytest.mark.parametrize(
    ("kept", "country", "shown"),
    [
        ("+13125550100", "US", "(312) 555-0100"),
        ("+13125550100", "DE", "+1 312-555-0100"),
        ("+49301234567", "US", "+49 30 1234567"),
        ("by the door", "US", "by the door"),
    ],
)
def test_a_number_is_shown_as_people_there_read_it(kept, country, shown):
    assert phone_numbers.readable(kept, country) == shown


@pytest.mark.parametrize(("zone", "country"), [("America/Chicago", "US"), ("Europe/Berlin", "DE"), ("UTC", None)])
def test_the_country_of_a_site_is_that_of_its_clocks(zone, country):
    assert phone_numbers.country_of(zone) == country


def test_a_text_of_several_lines_keeps_them():
    assert clean.lines("\ufeff Take the lift. \r\n\u200b\n Second floor\u00a0\n\n") == "Take the lift.\n\nSecond floor"


@pytest.mark.parametrize("tag", ["en", "es", "zh-Hans", "pt-BR"])
def test_a_language_is_a_tag(tag):
    assert contacts.language(tag) == tag


@pytest.mark.parametrize("tag", ["", "qq", "en-QQ", "EN", "english", "en_US", "../en"])
def test_what_is_no_language_is_refused(tag):
    with pytest.raises(Unusable):
        contacts.language(tag)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_once_and_for_all_or_refused(typed):
    for reader in READERS:
        read = read_or_none(reader, typed)
        if read is not None:
            assert reader(read) == read
            assert "\x00" not in read


def read_or_none(reader, typed):
    try:
        return reader(typed)
    except Unusable:
        return None


@pytest.mark.parametrize(
    ("shown", "dialled"),
    [
        ("(312) 555-0100", "+13125550100"),
        ("1-312-555-0100", "+13125550100"),
        ("(312) 555-0100 ext. 12", "+13125550100;ext=12"),  # as a number of its own it would ring in the Netherlands
        ("+49 30 1234567", "+49301234567"),
        ("020 7946 0958", "02079460958"),  # of London, as it is read there
        ("", ""),
    ],
)
def test_a_press_on_the_clinics_number_rings_at_the_clinic(shown, dialled):
    assert telephone(shown) == dialled
