"""The visit behind a mail's link: see, move, cancel, undo."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from booking.actions import appointments, guest_flow
from booking.actions.patients import patients
from booking.models import Appointment, Change
from booking.web.link_context import LinkAccess
from booking.web.slot_ids import opened
from core import clock as core_clock
from core.models import Site
from scheduler.search.slot_ids import SlotKey
from tests.booking.pages.walk import go_on, hidden_on, slots_on, text_of, times_on, to_check
from tests.factories.booking import SYSTEM
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT
from tests.revealing_words import TELLING

MINUTE = 60
DAY = 24 * 60 * MINUTE


@pytest.fixture
def visit(booked_once, alice):
    """Where Alice's visit of tomorrow is found."""
    return go_on(alice, booked_once)


def move(client, visit: str, number: int = 13):
    """Choose another time and confirm it; return the answer to the last press."""
    slot = slots_on(client.get(f"{visit}move/"))[number]
    check = client.get(client.post(f"{visit}move/", {"slot": slot})["Location"])
    return client.post(f"{visit}move/check/", hidden_on(check))


def cancel(client, visit: str, reason: str = "patient"):
    return client.post(f"{visit}cancel/", {"reason": reason})


def test_the_page_tells_what_is_needed_and_nothing_of_the_person(alice, visit):
    said = text_of(alice.get(visit))
    for expected in ("Chicago time", "100 Example Street", "10 minutes early"):
        assert expected in said
    for kept_back in ("Alice", "1961"):
        assert kept_back not in said


@pytest.mark.parametrize("page", ["", "move/", "move/?day=2026-10-06", "cancel/", "move/check/"])
def test_whoever_finds_the_link_does_not_learn_what_the_visit_is_for(alice, visit, page):
    if page == "move/check/":
        page = alice.post(f"{visit}move/", {"slot": slots_on(alice.get(f"{visit}move/"))[13]})["Location"]
    assert telling_in(alice.get(page if page.startswith("/") else visit + page)) == []


@pytest.mark.parametrize("act", ["cancel", "undo", "move"])
def test_whoever_acts_by_the_old_link_while_the_address_changes_is_not_handed_the_new_one(
    alice, visit, monkeypatch, act
):
    if act == "undo":
        cancel(alice, visit)
    acting = guest_flow if act == "move" else appointments
    done = acting.move

    def done_as_the_desk_corrects_the_address(*args, **facts):
        answer = done(*args, **facts)
        patients.change(answer.patient, by=SYSTEM, at=core_clock.now(), email="new@example.test")
        return answer

    monkeypatch.setattr(acting, "move", done_as_the_desk_corrects_the_address)
    press = {"cancel": cancel, "move": move, "undo": lambda client, visit: client.post(f"{visit}undo/")}[act]
    there = press(alice, visit)["Location"]
    assert there.startswith(visit)
    assert alice.get(there).status_code == 410


def test_nor_does_whoever_finds_a_link_to_a_time_that_is_gone(alice, visit):
    slot = slots_on(alice.get(f"{visit}move/"))[13]
    Client().post("/book/hold/", {"slot": named(slot)})
    refused = alice.post(f"{visit}move/", {"slot": slot})
    assert refused.status_code == 409
    assert slots_on(refused)
    assert telling_in(refused) == []


def test_the_ids_behind_a_link_name_no_therapy_and_lead_nowhere_else(alice, visit):
    page = alice.get(f"{visit}move/")
    check = alice.post(f"{visit}move/", {"slot": slots_on(page)[13]})["Location"]
    for slot in [*slots_on(page), hidden_on(alice.get(check))["slot"]]:
        named = SlotKey.decode(opened(slot))
        assert (named.therapy, named.visit, named.technique) == ("", "", "")
    assert alice.get(f"/api/v1/slots/{slot}/").status_code == 404
    assert Client().post("/book/hold/", {"slot": slot}).status_code == 404


def test_on_the_way_to_a_booking_it_is_told(alice):
    assert {"acupunct", "l.ac"} <= set(telling_in(to_check(alice)))


def telling_in(page) -> list[str]:
    """Return what a page tells of the visit's purpose."""
    said = text_of(page).lower()
    return [words for words in (*TELLING, "first appointment", "loose clothes") if words in said]


def test_alice_moves_her_visit_in_three_clicks(alice, visit):
    before = Appointment.objects.get()
    moved = alice.get(move(alice, visit)["Location"])
    after = Appointment.objects.get()
    assert "has moved" in text_of(moved)
    assert (after.pk, after.version) == (before.pk, before.version + 1)
    assert after.period.lower != before.period.lower


def test_the_time_she_has_is_named_and_not_offered_and_choosing_it_says_so(alice, visit):
    now = Appointment.objects.get()
    day = now.period.lower.date().isoformat()
    page = alice.get(f"{visit}move/?day={day}")
    assert "Your time now: Tuesday, October 6" in text_of(page)
    assert now.slot not in times_on(page)
    for where in ("move/", "move/check/"):
        refused = alice.post(f"{visit}{where}", {"slot": now.slot})
        assert refused.status_code == 409
        assert "at this time already" in text_of(refused)
        assert "Back to my appointment" in text_of(refused)
    assert Appointment.objects.get().version == now.version


def test_the_link_in_the_first_mail_shows_the_moved_visit_and_cancels_it(alice, visit):
    assert move(alice, visit)["Location"].partition("?")[0] == visit
    assert "Move it" in text_of(alice.get(visit))
    assert "This appointment is cancelled" in text_of(alice.get(cancel(alice, visit)["Location"]))


def test_the_link_at_a_replaced_address_says_in_plain_words_where_the_new_one_is(alice, visit):
    patients.change(Appointment.objects.get().patient, by=SYSTEM, at=core_clock.now(), email="new@example.test")
    answer = alice.get(visit)
    assert answer.status_code == 410
    assert "link in the newer mail" in text_of(answer)
    for act in ("move/", "cancel/", "undo/"):
        assert alice.post(f"{visit}{act}").status_code == 410


def test_confirming_a_move_twice_moves_once_and_shows_the_same_page(alice, visit):
    slot = slots_on(alice.get(f"{visit}move/"))[13]
    check = alice.get(alice.post(f"{visit}move/", {"slot": slot})["Location"])
    first, second = (alice.post(f"{visit}move/check/", hidden_on(check)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Appointment.objects.get().version == 1


def test_confirming_a_move_again_later_says_that_the_visit_is_there_already(alice, visit, clock):
    slot = slots_on(alice.get(f"{visit}move/"))[13]
    alice.post(f"{visit}move/check/", {"slot": slot})
    clock.shift(3 * MINUTE)
    again = alice.post(f"{visit}move/check/", {"slot": slot})
    assert (again.status_code, "at this time already" in text_of(again)) == (409, True)


def test_a_visit_moves_by_a_quarter_of_an_hour_onto_its_own_time(alice, visit):
    start = Appointment.objects.get().period.lower
    day = start.date().isoformat()
    near = [
        slot for slot in slots_on(alice.get(f"{visit}move/?day={day}")) if _start(slot) == start + timedelta(minutes=15)
    ]
    assert near
    check = alice.get(alice.post(f"{visit}move/", {"slot": near[0]})["Location"])
    assert alice.post(f"{visit}move/check/", hidden_on(check)).status_code == 302
    assert Appointment.objects.get().period.lower == start + timedelta(minutes=15)


def _start(slot: str):
    return SlotKey.decode(opened(slot)).start


def named(slot: str) -> str:
    """Return the id by which others ask for the same time."""
    return replace(SlotKey.decode(opened(slot)), therapy="acu_manual", visit="first", technique="").encode()


def test_when_somebody_was_quicker_the_visit_stays_and_others_are_offered(alice, ben, visit):
    slot = slots_on(alice.get(f"{visit}move/"))[13]
    check = alice.get(f"{visit}move/check/?slot={slot}")
    ben.post("/book/hold/", {"slot": named(slot)})
    refused = alice.post(f"{visit}move/check/", hidden_on(check))
    assert (refused.status_code, len(slots_on(refused))) == (409, 3)
    assert f'action="{visit}move/"' in refused.content.decode()
    assert Appointment.objects.get().version == 0


def test_alice_is_told_for_how_many_minutes_her_site_lets_a_cancel_be_undone(alice, visit):
    assert "We keep this time for you for 10 minutes" in text_of(alice.get(f"{visit}cancel/"))
    publish_policy("booking", {"cancel": {"undo_minutes": 45}})
    assert "We keep this time for you for 45 minutes" in text_of(alice.get(f"{visit}cancel/"))


def test_cancelling_first_offers_other_times_and_asks_why(alice, visit):
    page = alice.get(f"{visit}cancel/")
    assert "the nearest free times for the same" in text_of(page)
    chosen = alice.post(f"{visit}move/", {"slot": slots_on(page)[0]}, follow=True)
    assert "Move my appointment" in text_of(chosen)
    refused = alice.post(f"{visit}cancel/", {"reason": "deceased"})
    assert (refused.status_code, "Choose one of these reasons, or none" in text_of(refused)) == (422, True)
    assert Appointment.objects.get().status == "booked"


def test_nobody_has_to_say_why(alice, visit):
    assert alice.post(f"{visit}cancel/", {}).status_code == 302
    assert Appointment.objects.get().cancel_reason == "patient"


def test_alice_cancels_and_takes_it_back_within_ten_minutes(alice, visit, clock):
    cancelled = alice.get(cancel(alice, visit)["Location"])
    assert "until 8:10 AM, Chicago time" in text_of(cancelled).replace("\xa0", " ")
    clock.shift(9 * MINUTE)
    kept = alice.get(alice.post(f"{visit}undo/")["Location"])
    assert "Your appointment stands" in text_of(kept)
    assert Appointment.objects.get().status == "booked"


def test_after_ten_minutes_a_cancel_stays(alice, visit, clock):
    cancel(alice, visit)
    clock.shift(11 * MINUTE)
    assert "Undo" not in text_of(alice.get(visit))
    assert alice.post(f"{visit}undo/").status_code == 409
    assert Appointment.objects.get().status == "cancelled"


def test_buttons_pressed_twice_act_once(alice, visit):
    assert [cancel(alice, visit).status_code for _ in range(2)] == [302, 302]
    assert [alice.post(f"{visit}undo/").status_code for _ in range(2)] == [302, 302]
    assert list(Change.objects.values_list("move", flat=True)) == ["book", "cancel", "undo"]


def test_when_her_husband_has_just_cancelled_alice_sees_that_instead_of_a_refusal(alice, visit, monkeypatch):
    slot = slots_on(alice.get(f"{visit}move/"))[13]
    check = alice.get(alice.post(f"{visit}move/", {"slot": slot})["Location"])
    cancel(alice, visit)
    assert alice.post(f"{visit}move/check/", hidden_on(check))["Location"] == visit
    monkeypatch.setattr(LinkAccess, "may", lambda *_args, **_kwargs: True)  # both had asked before either pressed
    assert cancel(alice, visit)["Location"] == visit
    alice.post(f"{visit}undo/")
    Appointment.objects.update(status="entered-in-error")
    assert alice.post(f"{visit}undo/")["Location"] == visit
    assert list(Change.objects.values_list("move", flat=True)) == ["book", "cancel", "undo"]


def test_a_cancelled_visit_cannot_be_moved(alice, visit):
    cancel(alice, visit)
    assert alice.get(f"{visit}move/")["Location"] == visit
    assert alice.get(f"{visit}cancel/")["Location"] == visit


def test_a_visit_that_is_over_is_shown_and_cannot_change(alice, visit, clock):
    clock.shift(3 * DAY)
    assert "Your past appointment" in text_of(alice.get(visit))
    assert alice.get(f"{visit}move/")["Location"] == visit
    assert cancel(alice, visit)["Location"] == visit


def test_a_link_ends_thirty_days_after_the_visit(alice, visit, clock):
    clock.shift(40 * DAY)
    answer = alice.get(visit)
    assert (answer.status_code, "too old" in text_of(answer)) == (410, True)


@pytest.mark.parametrize("token", ["nonsense", "a" * 43, "é", "%00", "a" * 300])
@pytest.mark.parametrize("page", ["", "move/", "cancel/", "undo/", "appointment.ics"])
def test_a_link_that_nobody_has_is_not_found(mallory, token, page):
    answer = mallory.post(f"/m/{token}/{page}") if page == "undo/" else mallory.get(f"/m/{token}/{page}")
    assert answer.status_code in {400, 404}


@pytest.mark.parametrize("page", ["", "move/", "cancel/", "appointment.ics"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_behind_a_link_is_kept_to_itself(alice, visit, page, known):
    answer = alice.get(f"{visit if known else '/m/nonsense/'}{page}")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize(("minutes", "said"), [(0, r"come at [\d:]+\s[AP]M\."), (1, r"[AP]M, 1 minute early\.")])
def test_alice_is_told_when_to_come_where_it_is_hardly_early(alice, visit, minutes, said):
    Site.objects.update(arrive_early_minutes=minutes)
    assert re.search(said, text_of(alice.get(visit)))


def test_the_calendar_file_tells_nothing_about_why(alice, visit):
    answer = alice.get(f"{visit}appointment.ics")
    body = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in body
    assert "cupuncture" not in body
    assert "Alice" not in body


def test_alice_lets_her_calendar_say_with_whom_and_by_which_reference_if_she_wishes(alice, visit):
    name = Appointment.objects.get().practitioner.name
    usual, wished = (alice.get(f"{visit}appointment.ics{how}").content.decode() for how in ("", "?with=name"))
    assert "SUMMARY:Appointment at Lakeside" in usual
    assert name not in usual
    assert f"DESCRIPTION:With {name}. Reference " in wished
    assert "SUMMARY:Appointment at Lakeside" in wished


def test_signed_in_alice_is_never_asked_who_she_is(alice, site):
    from booking.actions.patients import patients  # noqa: PLC0415
    from core.models import RoleAssignment, User  # noqa: PLC0415
    from core.principal import Principal  # noqa: PLC0415

    user = User.objects.create_user("alice", password="not-used-anywhere")
    RoleAssignment.objects.create(user=user, role="patient", starts_at=AT - timedelta(days=1))
    by = Principal.of(user, at=core_clock.now())
    her = {"name": "Alice Adams", "birth_date": AT.date().replace(year=1961), "email": "a@example.test"}
    mine = patients.register(**her, site=site, by=by, at=AT, user=user)
    alice.force_login(user)
    slot = slots_on(alice.get("/book/acu_manual/times/?visit=first"))[8]
    assert alice.post("/book/hold/", {"slot": slot})["Location"] == "/book/check/"
    check = alice.get("/book/check/")
    assert "You are signed in" in text_of(check)
    assert alice.get("/book/you/")["Location"] == "/book/check/"
    alice.post("/book/done/", hidden_on(check))
    assert Appointment.objects.get().patient == mine
