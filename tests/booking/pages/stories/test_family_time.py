"""Frank keeps times for a family at the desk, gives them back, and sees until when they are his."""

import re
from html import unescape

import pytest

from booking.models import Reservation, Seat
from core.models import Site, User
from core.roles import Role
from scheduler.models import Practitioner, Program
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.booking import HOUR, chicago
from tests.factories.browser import sent_from
from tests.factories.scheduler import lay_out, make_practitioner, offer

PAGE = "/desk/families/"
LOOKED_FOR = {
    "seats": "3", "arrangement": "side-by-side", "therapy": "acu_manual:first:", "day": "10/15/2026", "side": "after",
    "clock": "2 pm", "within": "45", "name_by": "72",
}  # fmt: skip
SET = re.compile(r'name="set" value="([^"]+)"')


@pytest.fixture(scope="module")
def three_once(clinic, once_a_module):
    """A third practitioner, so that three people can be treated at one time."""
    with once_a_module():
        make_practitioner(Site.objects.get(key="lakeside"), name="Ines Vogel")
        lay_out(weeks=3)


@pytest.fixture
def frank(three_once, site):
    return staff("frank", Role.PROGRAM, site)


def sign_in_again(client):
    """Sign in once more, days later."""
    client.force_login(User.objects.get(username="frank"))
    return client


def buttons(page):
    return SET.findall(page.content.decode())


def kept_by(frank, **more):
    page = frank.get(PAGE, LOOKED_FOR | more)
    done = frank.post(f"{PAGE}keep/", LOOKED_FOR | more | {"set": buttons(page)[0], "reason": "For the Adams family"})
    assert done.status_code == 302, text_of(done)
    return Reservation.objects.latest("pk")


def test_three_times_after_two_are_shown_and_kept_with_one_press(frank):
    page = frank.get(PAGE, LOOKED_FOR)
    assert "2:00 PM Boris Ivanov, Grace Okoro, Ines Vogel Keep until Monday, October 12, 2:00 PM" in text_of(page)
    kept = kept_by(frank)
    assert [one.period.lower for one in kept.seats.all()] == [chicago(15, 14)] * 3
    assert (kept.name_by, kept.reason) == (chicago(12, 14), "For the Adams family")
    shown = text_of(frank.get(PAGE))
    assert "3 times are kept until Monday, October 12, 2:00 PM." in shown
    assert "Thursday, October 15, 2:00 PM: 3 times side by side" in shown
    assert "At most 45 minutes after 2:00 PM Kept by you: For the Adams family" in shown
    assert shown.count("Nobody yet") == 3


def test_one_after_the_other_before_noon(frank):
    kept = kept_by(frank, seats="2", arrangement="in-a-row", side="before", clock="noon", within="60")
    assert kept.in_a_row
    assert chicago(15, 11) <= max(one.period.upper for one in kept.seats.all()) <= chicago(15, 12)


def test_one_time_alone_is_kept_as_well(frank):
    assert kept_by(frank, seats="1").seats.count() == 1


def test_some_of_them_are_for_something_else_and_kept_until_any_moment(frank, site):
    offer(Practitioner.objects.get(name="Boris Ivanov"), "acupressure", sites=[site])
    more = {"therapy_3": "acupressure:first:", "until_day": "10/14/2026", "until_clock": "9 am"}
    kept = kept_by(frank, within="240", **more)
    assert len({(one.therapy.key, one.visit, one.technique) for one in kept.seats.all()}) == 2
    assert kept.name_by == chicago(14, 9)
    assert "Keep until Wednesday, October 14, 9:00 AM" in text_of(
        frank.get(PAGE, LOOKED_FOR | {**more, "within": "240"})
    )


def test_what_is_kept_is_kept_until_any_moment_that_is_typed(frank):
    address = f"{PAGE}kept/{kept_by(frank).public_id}/name-by/"
    frank.post(address, {"until_day": "10/13/2026", "until_clock": "8:30 am"})
    assert Reservation.objects.get().name_by == chicago(13, 8, 30)
    for wrong, words in (
        ({"until_day": "10/13/2026"}, "Please type a time of day such as 2 pm."),
        ({"until_day": "10/16/2026", "until_clock": "9 am"}, "no later than the start of the first"),
        ({"until_day": "10/1/2026", "until_clock": "9 am"}, "still to come"),
    ):
        assert words in text_of(frank.post(address, wrong)), wrong
    assert Reservation.objects.get().name_by == chicago(13, 8, 30)


def test_for_families_of_which_program_is_asked_where_a_site_has_several(frank):
    assert "For families of" not in text_of(frank.get(PAGE))
    Program.objects.create(key="pediatrics", name={"en": "Pediatrics"}, families=True)
    assert "For families of" in text_of(frank.get(PAGE))
    assert kept_by(frank, program="pediatrics").program == "pediatrics"


def test_where_nothing_is_as_near_the_page_offers_what_is_farther_on_that_day(frank):
    page = frank.get(PAGE, LOOKED_FOR | {"clock": "7 am", "within": "30"})
    assert "Nothing is free together as near as that." in text_of(page)
    sent = sent_from(page) | {"set": buttons(page)[0]}
    kept = frank.post(f"{PAGE}keep/", sent, follow=True)
    assert "Any time of that day after 7:00 AM" in text_of(kept)
    assert Seat.objects.first().period.lower == chicago(15, 9)


def test_where_nothing_is_free_the_nearest_day_is_one_press_away(frank):
    page = frank.get(PAGE, LOOKED_FOR | {"day": "10/17/2026"})
    assert "Nothing is free together on that day. Show the times of October 16, 2026" in text_of(page)
    (address,) = re.findall(r'href="(/desk/families/\?[^"]*seats=3[^"]*)"', page.content.decode())
    there = frank.get(unescape(address))
    assert "Looked for on October 16, 2026." in text_of(there)
    assert buttons(there)


def test_where_nothing_is_free_on_any_day_around_the_page_says_what_to_try(frank):
    page = text_of(frank.get(PAGE, LOOKED_FOR | {"seats": "6"}))
    assert "Nor is it in the two weeks before and after. Try a day farther away, fewer times, or one after the" in page
    page = text_of(frank.get(PAGE, LOOKED_FOR | {"seats": "6", "arrangement": "in-a-row"}))
    assert "fewer times, or side by side" in page


def test_a_day_so_far_ahead_that_no_family_may_book_it_says_until_when_they_may(frank):
    page = text_of(frank.get(PAGE, LOOKED_FOR | {"seats": "1", "day": "12/1/2026"}))
    assert "So far ahead no times are kept yet: the last day is November 16, 2026. Try a day before it." in page


def test_a_day_that_can_be_read_in_two_ways_is_said_as_it_was_read(frank):
    assert "Looked for on October 11, 2026." in text_of(frank.get(PAGE, LOOKED_FOR | {"day": "11.10.2026"}))


@pytest.mark.parametrize(("wrong", "words"), [
    ({"day": "soon"}, "Please type a day"), ({"clock": "later"}, "Please type a time of day such as 2 pm."),
    ({"therapy": "x:y:z"}, "Choose one of the answers"), ({"seats": "7"}, "Choose one of the answers"),
    ({"within": "-1"}, "Choose one of the answers"), ({"day": "10/15/1999"}, "over"), ({"day": "12/31/8999"}, "far"),
    ({"until_day": "10/14/2026"}, "such as 2 pm"), ({"until_day": "10/1/2026", "until_clock": "9 am"}, "still to come"),
    ({"program": "x"}, "Open this page again"), ({"therapy_2": "x"}, "Choose one of the answers"),
])  # fmt: skip
def test_what_cannot_be_read_is_said_beside_its_field(wrong, words, frank):
    page = frank.get(PAGE, LOOKED_FOR | wrong)
    assert (page.status_code, words in text_of(page)) == (422, True), text_of(page)


def test_a_time_that_somebody_else_has_by_now_leaves_nothing_kept_and_shows_others(frank):
    page = frank.get(PAGE, LOOKED_FOR)
    first = buttons(page)[0]
    kept_by(frank)
    refused = frank.post(f"{PAGE}keep/", LOOKED_FOR | {"set": first})
    assert refused.status_code == 409
    assert "This time is not free." in text_of(refused)
    assert buttons(refused) or "Nothing is free together" in text_of(refused)
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize("sent", ["", "x", "x y z"])
def test_a_button_that_is_none_keeps_nothing(sent, frank):
    assert frank.post(f"{PAGE}keep/", LOOKED_FOR | {"set": sent}).status_code in {400, 404}
    assert not Reservation.objects.exists()


def test_frank_gives_one_back_and_then_all_and_has_them_again(frank):
    kept = kept_by(frank)
    seat = kept.seats.first()
    frank.post(f"{PAGE}seats/{seat.public_id}/release/")
    assert [one.state for one in kept.seats.all()] == ["released", "open", "open"]
    frank.post(f"{PAGE}seats/{seat.public_id}/keep-again/")
    frank.post(f"{PAGE}kept/{kept.public_id}/release/")
    assert "3 times are given back." in text_of(frank.get(PAGE))
    frank.post(f"{PAGE}kept/{kept.public_id}/keep-again/")
    assert {one.state for one in kept.seats.all()} == {"open"}


def test_frank_keeps_them_until_a_day_before(frank):
    kept = kept_by(frank)
    frank.post(f"{PAGE}kept/{kept.public_id}/name-by/", {"hours": "24"})
    kept.refresh_from_db()
    assert kept.name_by == chicago(14, 14)
    assert frank.post(f"{PAGE}kept/{kept.public_id}/name-by/", {"hours": "5"}).status_code == 400


def test_what_nobody_has_a_day_before_the_name_by_date_is_said_first(frank, clock):
    kept = kept_by(frank)
    assert "(1 due)" not in text_of(frank.get(PAGE))
    clock.move_to(kept.name_by - HOUR)
    shown = text_of(sign_in_again(frank).get(PAGE))
    assert "Family time (3 due)" in shown
    assert "Nobody has some of these yet." in shown
    assert "Kept until Monday, October 12, 2:00 PM (in 1 hour)" in shown
    clock.move_to(kept.name_by)
    late = text_of(sign_in_again(frank).get(PAGE))
    assert late.count("it is free for others") == 3


def test_dana_sees_what_colleagues_keep_and_nobody_of_another_site_does(frank, site, riverside):
    kept = kept_by(frank)
    dana = staff("dana", Role.SCHEDULER, site)
    assert "You keep nothing here." in text_of(dana.get(PAGE))
    assert "3 times side by side" in text_of(dana.get(PAGE, {"all": "yes"}))
    olga = staff("olga", Role.PROGRAM, riverside)
    assert "3 times side by side" not in text_of(olga.get(PAGE, {"all": "yes"}))
    for act in ("release", "keep-again", "name-by"):
        assert olga.post(f"{PAGE}kept/{kept.public_id}/{act}/", {"hours": "24"}).status_code == 404


def test_the_page_asks_as_much_for_many_seats_as_for_few(frank, django_assert_max_num_queries):
    for hour in (9, 11, 2):
        kept_by(frank, clock=f"{hour}:00")
    with django_assert_max_num_queries(20):  # of which six are about seats
        frank.get(PAGE)


def test_where_it_is_not_free_as_near_another_therapy_is_offered_that_is(frank, site):
    for who in Practitioner.objects.exclude(name="Boris Ivanov"):
        offer(who, "acupressure", sites=[site])
    late = LOOKED_FOR | {"seats": "2", "clock": "4 pm", "within": "30"}
    page = frank.get(PAGE, late)
    word = "A word for colleagues If you like. Nothing about anybody’s health."
    shown = f"something else {word} 4:00 PM Acupressure (no needles), 50 minutes Grace Okoro, Ines Vogel"
    assert shown in text_of(page)
    assert frank.post(f"{PAGE}keep/", late | {"set": buttons(page)[0]}).status_code == 302
    assert {one.therapy.key for one in Seat.objects.all()} == {"acupressure"}
