"""The list of free times: by day, some of each, all of one; narrowed down by who, when and where."""

import re
from datetime import date, timedelta

import pytest

from booking.web.slot_ids import sealed
from scheduler.actions import calendars
from scheduler.audience import CANCER_PROGRAM
from scheduler.models import Practitioner, Therapy
from scheduler.public import SearchQuery, first, therapies
from tests.booking.pages.walk import TIMES, link, slots_on, text_of
from tests.factories.booking import SYSTEM, chicago, make_enrolled, slot_id
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT, lay_out, make_practitioner

SPOKEN = re.compile(r"All (\d+) times")


def heading_days(page) -> list[str]:
    return re.findall(r'<h2 id="day-([\d-]+)">', page.content.decode())


def test_the_next_five_days_come_first_with_a_few_times_each(alice):
    page = alice.get(TIMES)
    assert heading_days(page) == ["2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09"]
    assert len(slots_on(page)) == 5 * 6
    assert "Monday, October 5" in text_of(page)


def test_later_days_follow_and_earlier_days_lead_back(alice):
    first = alice.get(TIMES)
    later = alice.get(link(first, "Later days"))
    assert heading_days(later)[0] == "2026-10-12"
    assert heading_days(alice.get(link(later, "Earlier days"))) == heading_days(first)


def test_where_people_may_book_twelve_weeks_ahead_they_are_shown_these(alice):
    publish_policy("booking", {"booking": {"horizon_days_patient": 84}})
    lay_out(weeks=13)
    assert heading_days(alice.get(f"{TIMES}&start=2026-12-24"))[0] == "2026-12-24"


def test_one_day_shows_all_its_times_by_person(alice):
    page = alice.get(f"{TIMES}&day=2026-10-06")
    told = int(SPOKEN.findall(text_of(alice.get(TIMES)))[1])
    assert heading_days(page) == ["2026-10-06"]
    assert len(slots_on(page)) == 2 * told
    assert "Boris Ivanov Lakeside clinic · also speaks Russian" in text_of(page)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("acu_manual/times/?visit=first&technique=heat_lamp", "not offered"),
        ("reiki/times/?visit=first", "not offered"),
    ],
)
def test_an_address_that_asks_for_what_nobody_offers_says_so(alice, site, asked, says):
    refused = alice.get(f"/book/{asked}")
    assert refused.status_code == 404
    assert says in text_of(refused)


def test_nobody_is_shown_more_often_than_the_others(alice):
    page = text_of(alice.get(f"{TIMES}&start=2026-10-06"))
    assert page.count("with Grace Okoro") == page.count("with Boris Ivanov")


def test_mornings_only(alice):
    page = text_of(alice.get(f"{TIMES}&part=morning"))
    assert "Morning, before noon" in page
    assert not re.search(r"\d PM", page.replace("\xa0", " "))


def test_who_speaks_korean(alice):
    page = text_of(alice.get(f"{TIMES}&language=ko"))
    assert "with Grace Okoro" in page
    assert "with Boris Ivanov" not in page


def test_filters_go_along_to_later_days(alice):
    page = alice.get(f"{TIMES}&language=ko&part=morning")
    assert "language=ko" in link(page, "Later days")
    assert "part=morning" in link(page, "Later days")


def test_an_evening_that_has_no_times_says_so_with_a_way_on(alice):
    page = alice.get(f"{TIMES}&part=evening")
    assert "Try fewer choices" in text_of(page)
    assert link(page, "Clear") == TIMES


def test_beyond_the_days_on_sale_alice_is_led_back_and_not_told_that_nothing_is_free(alice):
    page = alice.get(f"{TIMES}&start=2027-06-01")
    assert "Nothing can be booked on these days or later" in text_of(page)
    assert "Earlier days" in text_of(page)
    assert "Nothing is free" not in text_of(page)


@pytest.mark.parametrize("choice", ["", "&part=morning"])
def test_of_a_day_that_is_full_alice_reads_that_other_days_have_times(alice, choice):
    page = alice.get(f"{TIMES}{choice}&day=2026-10-04")  # a Sunday
    assert "No free times on Sunday, October 4 There are free times on other days." in text_of(page)
    assert "Nothing is free" not in text_of(page)
    assert heading_days(alice.get(link(page, "See the other days")))
    evening = text_of(alice.get(f"{TIMES}&part=evening&day=2026-10-06"))
    assert "Try fewer choices" in evening


def test_a_choice_among_one_is_not_asked_for(alice):
    assert 'name="site"' not in alice.get(TIMES).content.decode()


def test_a_variant_of_a_therapy_is_a_choice_of_its_own(alice, site):
    from tests.factories.scheduler import lay_out, make_device, make_practitioner  # noqa: PLC0415

    make_device(site, "heat_lamp")
    make_practitioner(site, name="Ines Sousa", offers=["acu_heated"])
    lay_out(weeks=3)
    page = text_of(alice.get("/book/family/needles/"))
    assert "with a heat lamp" in page
    chosen = alice.post("/book/family/needles/", {"visit": "first", "therapy": "acu_heated:heat_lamp"})
    assert chosen["Location"] == "/book/acu_heated/times/?visit=first&technique=heat_lamp"
    assert slots_on(alice.get(chosen["Location"]))


def test_with_many_practitioners_friday_can_still_be_reached(alice, site):
    for number in range(14):
        make_practitioner(site, name=f"Practitioner {number}")
    lay_out(weeks=1)
    page = alice.get(TIMES)
    assert heading_days(page)[-1] == "2026-10-09"
    assert len(slots_on(page)) == 5 * 6
    assert len(slots_on(alice.get(f"{TIMES}&day=2026-10-09"))) == 16 * int(SPOKEN.findall(text_of(page))[-1])


def test_the_length_of_ear_acupuncture_is_the_same_before_and_after_it_is_booked(alice, site):
    make_practitioner(site, name="Hana Kim", offers=["acu_auricular"])
    lay_out(weeks=1)
    page = alice.get("/book/acu_auricular/times/?visit=first")
    assert "45 minutes" in text_of(page).replace("\xa0", " ")
    (told,) = {card.minutes["first", ""] for card in therapies() if card.key == "acu_auricular"}
    wanted = {"therapy": "acu_auricular", "visit": "first"}
    slot = first(SearchQuery(**wanted, starts_at=AT, ends_at=AT + timedelta(days=5)), at=AT)
    assert slot.end - slot.start == timedelta(minutes=told)
    listed = alice.get("/api/v1/therapies/?page_size=100").json()["results"]
    lengths = {one["minutes"] for t in listed if t["key"] == "acu_auricular" for one in t["visits"]}
    assert lengths == {45, 40}


def test_hours_of_the_program_are_shown_to_alice_and_nobody_else_can_choose_them(alice, mallory, site):
    grace = Practitioner.objects.get(name="Grace Okoro")
    tuesday = grace.working_hours.get(weekday=2)
    calendars.change_hours(tuesday, audience=CANCER_PROGRAM, by=SYSTEM, at=AT)
    alice.force_login(make_enrolled(site, "Alice Adams").user)
    shown = alice.get(f"{TIMES}&day=2026-10-06")
    kept = sealed(slot_id(grace, chicago(6, 10)))

    assert "Grace Okoro" not in text_of(mallory.get(f"{TIMES}&day=2026-10-06")).split("Tuesday, October 6")[-1]
    assert "for your program" in text_of(shown)
    refused = mallory.post("/book/hold/", {"slot": kept})
    assert refused.status_code == 409
    assert "This time is not open for booking." in text_of(refused)
    assert "Please choose another time, or call us" in text_of(refused)
    assert len(slots_on(refused)) == 3
    assert "program" not in text_of(refused).lower()
    assert alice.post("/book/hold/", {"slot": kept})["Location"] == "/book/check/"


def test_whoever_looks_for_what_is_closed_for_weeks_reads_where_and_until_when(alice, site):
    therapy = Therapy.objects.get(key="acu_manual")
    closed = {"first_on": date(2026, 10, 7), "last_on": date(2026, 10, 18), "name": "Ventilation"}
    calendars.add_closure(site, therapy=therapy, **closed, by=SYSTEM, at=AT)
    said = "Lakeside clinic does not give this from Wednesday, October 7 on, but again from Monday, October 19 on."
    page = alice.get(TIMES)
    assert said in text_of(page)
    assert heading_days(page) == ["2026-10-05", "2026-10-06", "2026-10-19", "2026-10-20", "2026-10-21"]
    assert said in text_of(alice.get("/book/"))


def test_only_on_wednesdays(alice):
    page = alice.get(f"{TIMES}&weekday=2")
    assert heading_days(page) == ["2026-10-07", "2026-10-14", "2026-10-21"]
    assert "Wednesday" in text_of(page)


@pytest.mark.parametrize("typed", ["10/14", "October 14", "2026-10-14", "10/14/2026"])
def test_from_a_day_that_is_typed_as_people_write_it(alice, typed):
    assert heading_days(alice.get(TIMES, {"visit": "first", "start": typed}))[0] == "2026-10-14"


def test_a_day_without_times_is_said_and_the_next_ones_follow(alice):
    page = alice.get(f"{TIMES}&start=10/10")
    assert "No free times on Saturday, October 10. These are the next free times." in text_of(page)
    assert heading_days(page)[0] == "2026-10-12"


def test_a_day_that_cannot_be_read_is_said_beside_its_field_and_times_are_shown_all_the_same(alice):
    page = alice.get(f"{TIMES}&start=soon")
    assert "Type a month and a day, such as 12/3" in text_of(page)
    assert 'value="soon"' in page.content.decode()
    assert heading_days(page)[0] == "2026-10-05"


def test_the_weeks_ahead_stand_in_words_and_lead_there(alice):
    page = alice.get(f"{TIMES}&weekday=2")
    assert "Week of Oct 12 : free times on 1 day" in text_of(page)
    assert heading_days(alice.get(link(page, "Week of Oct 12")))[0] == "2026-10-14"
