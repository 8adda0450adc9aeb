"""Dana books for somebody on the phone: who it is, the next free times or why not, the questions, and booked."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from booking.actions.patients import patients
from booking.errors import BY_RULE, PatientBusy
from booking.models import Appointment, CallTask, ContactPoint, Hold
from booking.models.holds import HoldState
from booking.rules import Broken
from booking.status import Status
from booking.web.slot_ids import opened
from core import clock as core_clock
from core.models import RoleAssignment, User
from core.principal import Principal
from core.roles import Role
from notifications.actions import relay
from notifications.models import Message
from scheduler.models import Practitioner
from scheduler.public import SlotKey
from tests.booking.pages.stories.test_walk_ins_and_answers import DANGER, THINNER, all_hidden
from tests.booking.pages.walk import hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import publish_policy
from tests.factories.scheduler import lay_out, make_places, make_practitioner, make_site

BOOK = "/desk/book/"


@pytest.fixture
def dana(open_day):
    return sign_in(Client(), "dana", Role.SCHEDULER, open_day)


@pytest.fixture
def olga(open_day):
    """Olga, who calls, and has no e-mail."""
    return patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=open_day,
        by=Principal.system("test"), at=core_clock.now(),
    )  # fmt: skip


def times(dana, person, **asked):
    return dana.get(BOOK, {"patient": str(person.public_id), **asked})


def keep(dana, person, page, **sent):
    """Choose the first time of a page; return where the questions are."""
    there = f"{BOOK}{person.public_id}/time/"
    return dana.post(there, {"slot": slots_on(page)[0], **sent})["Location"]


def answer_all(dana, held, **answers):
    """Answer each page with what is among these, none of the rest; return the page after them."""
    page = dana.get(held)
    while "asked" in hidden_on(page):
        here = {key: one for key, one in answers.items() if f'name="{key}"' in page.content.decode()}
        page = dana.post(held, all_hidden(page) | (here or {"none": "1"}))
    return page


def give_back_on(page) -> str:
    return re.search(r'action="(/desk/book/held/[^"]+/give-back/[^"]*)"', page.content.decode())[1]


def book(dana, person, page, **answers):
    held = keep(dana, person, page)
    check = answer_all(dana, held, **answers)
    return check, dana.post(held, all_hidden(check) | {"book": "1"})["Location"]


def test_later_times_follow_those_that_are_shown_and_lead_back(dana, olga):
    first = times(dana, olga)
    link = re.search(r'href="([^"]+)">Later times', first.content.decode())[1].replace("&amp;", "&")
    later = dana.get(link)
    shown = [[SlotKey.decode(opened(one)).start for one in slots_on(page)] for page in (first, later)]
    assert max(shown[0]) < min(shown[1])
    assert "The first times again" in text_of(later)
    assert "The first times again" not in text_of(first)
    assert dana.get(link.replace("after=2", "after=9")).status_code == 200  # in a year that nobody means


def test_somebody_new_is_entered_and_booked_and_hears_it_by_phone_alone(dana):
    person = {"name": "Lena Kowalski", "birth_date": "3/27/1961", "phone": "312 555 0188", "email": ""}
    there = dana.post(f"{BOOK}?clock=2+pm", person)["Location"]
    assert parse_qs(urlsplit(there).query)["clock"] == ["2 pm"]  # what they hoped for is not asked again
    who = parse_qs(urlsplit(there).query)["patient"][0]
    page = dana.get(BOOK, {"patient": who})
    held = dana.post(f"{BOOK}{who}/time/", {"slot": slots_on(page)[0]})["Location"]
    check = answer_all(dana, held)
    assert "no way to reach them but this phone, (312) 555-0188" in text_of(check)
    done = dana.post(held, all_hidden(check) | {"book": "1"})["Location"]
    visit = Appointment.objects.get()
    assert (visit.status, visit.suitability) == (Status.BOOKED, "pass")
    assert f"{visit.reference}" in text_of(dana.get(done))
    relay.relay(at=core_clock.now())
    assert not CallTask.objects.exists()  # they heard it just now


def test_who_has_an_address_is_written_to_and_the_page_says_so(dana, olga):
    ContactPoint.objects.create(patient=olga, system="email", value="olga@example.org", rank=1)
    check, done = book(dana, olga, times(dana, olga))
    assert "A confirmation goes to olga@example.org" in text_of(check)
    assert "A confirmation goes to olga@example.org" in text_of(dana.get(done))
    relay.relay(at=core_clock.now())
    assert "confirmation" in set(Message.objects.values_list("kind", flat=True))


def test_a_free_cell_of_the_board_is_said_before_it_is_known_who_calls_and_stands_in_the_form_as_it_asks(dana, olga):
    grace = Practitioner.objects.get(name="Grace Okoro")
    cell = {"at": "2026-12-08T14:00", "practitioner": str(grace.public_id)}
    assert "Tuesday, December 8, 2026, 2:00 PM with Grace Okoro" in text_of(dana.get(BOOK, cell))
    assert 'value="12/8/2026"' in times(dana, olga, **cell).content.decode()


def test_times_are_narrowed_by_whom_which_language_and_when(dana, olga):
    boris = Practitioner.objects.get(name="Boris Ivanov")
    keys = lambda **asked: [SlotKey.decode(opened(one)) for one in slots_on(times(dana, olga, **asked))]  # noqa: E731
    everybody = keys()
    assert len({one.practitioner for one in everybody}) == 2
    assert [one.start for one in everybody] == sorted(one.start for one in everybody)
    assert {one.practitioner for one in keys(practitioner=str(boris.public_id))} == {boris.public_id}
    assert {one.practitioner for one in keys(language="ru")} == {boris.public_id}
    zone = olga.site.tz
    assert all(12 <= one.start.astimezone(zone).hour < 17 for one in keys(part="afternoon"))
    later = core_clock.now().astimezone(zone).date() + timedelta(days=7)
    assert all(one.start.astimezone(zone).date() >= later for one in keys(since=later.isoformat()))


def test_what_they_hoped_for_is_said_with_all_reasons_and_what_is_near(dana, olga):
    publish_policy("booking", {"booking": {"max_per_week": 1}})
    grace = Practitioner.objects.get(name="Grace Okoro")
    first = SlotKey.decode(opened(slots_on(times(dana, olga, practitioner=str(grace.public_id)))[0]))
    book(dana, olga, times(dana, olga, practitioner=str(grace.public_id)))
    # The board's address names a moment of somebody's column.
    page = times(dana, olga, practitioner=str(grace.public_id), at=first.start.isoformat())
    said = text_of(page)
    all_of_them = (PatientBusy.title, BY_RULE[Broken.WEEK].title)
    assert " ".join(("Grace Okoro: The practitioner has other patients at this time.", *map(str, all_of_them))) in said
    assert "The nearest times:" in said


def test_a_free_time_that_they_hoped_for_is_one_press(dana, olga):
    first = SlotKey.decode(opened(slots_on(times(dana, olga))[3]))
    page = times(dana, olga, practitioner=str(first.practitioner), at=first.start.isoformat())
    assert "This is free:" in text_of(page)
    assert SlotKey.decode(opened(slots_on(page)[0])) == first


def test_a_soft_rule_is_set_aside_with_a_reason_and_not_without(dana, olga):
    soon = core_clock.now() + timedelta(hours=1)
    asked = {"at": soon.isoformat(), "practitioner": str(Practitioner.objects.get(name="Grace Okoro").public_id)}
    said = text_of(times(dana, olga, **asked))
    assert "sooner than may be booked without a reason. With a reason, you may." in said
    page = times(dana, olga, **asked, override_reason="comes by ambulance")
    held = keep(dana, olga, page, override_reason="comes by ambulance")
    dana.post(held, all_hidden(answer_all(dana, held)) | {"book": "1"})
    assert Appointment.objects.get().override_reason == "comes by ambulance"


def test_questions_by_link_let_it_wait(dana, olga):
    ContactPoint.objects.create(patient=olga, system="email", value="olga@example.org", rank=1)
    held = keep(dana, olga, times(dana, olga, since="10/14/2026"))
    done = dana.post(held, {"by_link": "1"})["Location"]
    assert Appointment.objects.get().status == Status.PROPOSED
    assert "They get the questions by e-mail." in text_of(dana.get(done))


def test_another_time_gives_back_what_was_kept(dana, olga):
    page = times(dana, olga)
    held = keep(dana, olga, page)
    assert "You keep" in text_of(times(dana, olga))
    dana.post(give_back_on(dana.get(held)))
    assert Hold.objects.get().state == HoldState.RELEASED
    dana.post(f"{BOOK}{olga.public_id}/time/", {"slot": slots_on(page)[0]})
    dana.post(f"{BOOK}{olga.public_id}/time/", {"slot": slots_on(page)[1]})
    assert Hold.objects.filter(state=HoldState.OPEN).count() == 1  # one caller keeps one time


def test_what_is_read_back_stands_on_each_page_and_a_time_that_is_kept_no_more_says_so(dana, olga):
    page = times(dana, olga)
    held = keep(dana, olga, page)
    place = Hold.objects.select_related("place").get().place.name["en"]
    words = f"Acupuncture (manual) · first appointment · 75 minutes · {place} · Lakeside clinic"
    assert words in text_of(dana.get(held))
    assert "Send the questions by link" not in text_of(dana.get(held))  # no mail reaches her
    dana.post(f"{BOOK}{olga.public_id}/time/", {"slot": slots_on(page)[1]})
    gone = dana.get(held)
    assert "We no longer keep this time" in text_of(gone)
    assert "See all times again" in text_of(gone)


def test_whoever_heard_it_by_phone_is_reminded_by_phone_and_nothing_has_failed(dana, olga):
    book(dana, olga, times(dana, olga, since="10/14/2026"))
    relay.relay(at=core_clock.now())
    visit = Appointment.objects.get()
    for page in (f"/desk/appointments/{visit.public_id}/", f"/desk/patients/{olga.public_id}/"):
        said = text_of(dana.get(page))
        assert said.count("not by mail, to be called") == 2
        assert not [word for word in ("They are to be called", "failed", "Failed") if word in said]
    assert "did not arrive" not in text_of(dana.get("/desk/to-do/"))


def test_who_is_in_danger_is_told_whom_to_call_and_nothing_is_kept(dana, olga):
    held = keep(dana, olga, times(dana, olga))
    page = dana.post(held, all_hidden(dana.get(held)) | {DANGER: "yes"})
    said = text_of(page)
    assert "Olga Reyes needs help now" in said
    assert "Stay with them" not in said  # they are on the phone
    assert Hold.objects.get().state == HoldState.RELEASED


def test_in_a_browser_what_to_do_stays_there_and_what_was_answered_goes_with_the_time(dana, olga):
    dana.defaults["HTTP_ACCEPT"] = "text/html"
    held = keep(dana, olga, times(dana, olga))
    asked = dana.get(held)
    badly = dana.post(held, all_hidden(asked))["Location"]
    assert "Choose what applies" in text_of(dana.get(badly))
    dana.post(give_back_on(asked))
    assert "We no longer keep this time" in text_of(dana.get(badly))
    held = keep(dana, olga, times(dana, olga))
    danger = dana.post(held, all_hidden(dana.get(held)) | {DANGER: "yes"})["Location"]
    assert all("Olga Reyes needs help now" in text_of(dana.get(danger)) for _reload in range(2))
    assert Hold.objects.filter(state=HoldState.RELEASED).count() == 2


def test_who_takes_a_blood_thinner_waits_for_a_clinician(dana, olga):
    _check, done = book(dana, olga, times(dana, olga, since="10/14/2026"), **{THINNER: "yes"})
    assert Appointment.objects.get().status == Status.PROPOSED
    assert "Somebody looks at this request" in text_of(dana.get(done))


def test_where_no_clinician_can_look_in_time_it_is_said_and_a_reason_books_it(dana, olga):
    held = keep(dana, olga, times(dana, olga))
    page = answer_all(dana, held, **{THINNER: "yes"})
    refused = dana.post(held, all_hidden(page) | {"book": "1"}) if page.status_code == 200 else page
    assert slots_on(refused)  # times before which one can look
    dana.post(held, {"book": "1", "given": hidden_on(refused)["given"], "override_reason": "Dr. Diaz looks now"})
    visit = Appointment.objects.get()
    assert (visit.status, visit.override_reason) == (Status.PROPOSED, "Dr. Diaz looks now")


def test_times_of_any_of_her_sites_name_theirs_and_one_is_kept_there(dana, olga):
    annex = make_site("annex")
    make_places(annex, 1)
    make_practitioner(annex, name="Dr Ann", languages=("en", "uk"))
    lay_out(at=core_clock.now())
    asked = {"way": "acu_manual|followup|", "language": "uk"}
    assert "any of my sites" not in text_of(times(dana, olga))
    now = core_clock.now()
    RoleAssignment.objects.create(
        user=User.objects.get(username="dana"), role=Role.SCHEDULER, site=annex, starts_at=now
    )
    page = times(dana, olga, where="any", **asked)
    assert "Dr Ann Annex clinic" in " ".join(text_of(page).split())
    held = keep(dana, olga, page)
    assert parse_qs(urlsplit(held).query)["site"] == ["annex"]
    assert Hold.objects.get().site == annex
    here = times(dana, olga, site=olga.site.key, **asked | {"language": ""})
    assert {SlotKey.decode(opened(slot)).site for slot in slots_on(here)} == {olga.site.key}


def test_all_that_is_wrong_with_somebody_new_is_said_at_once(dana):
    wrong = dana.post(BOOK, {"name": "Lena", "birth_date": "2/30/1961", "phone": "312", "email": "", "language": "en"})
    told = text_of(wrong)
    assert wrong.status_code == 422
    assert "February 1961 has 28 days" in told
    assert len(wrong.context["problems"]) == 2


def test_the_language_of_somebody_new_is_asked_and_that_mails_are_in_english_is_said(dana):
    page = text_of(dana.get(BOOK))
    assert "Language in which we write to them" in page
    assert "So far mails are in English" in page
    person = {"name": "Lena Ruiz", "birth_date": "3/27/1961", "phone": "312 555 0188", "email": "", "language": "es"}
    who = parse_qs(urlsplit(dana.post(BOOK, person)["Location"]).query)["patient"][0]
    there = text_of(dana.get(f"/desk/patients/{who}/"))
    assert "Reads Spanish Mails to them are in English until" in there
