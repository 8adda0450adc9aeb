"""What is done on the board with a key: the server decides, says who is in the way and what else is free."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, holds
from booking.models import Appointment
from booking.status import Move, Status
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.roles import Role
from scheduler.actions import calendars
from scheduler.models import Practitioner
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_person, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner, make_site

DAY = "2026-10-06"
BOARD, CHANGES = f"/desk/?day={DAY}", f"/desk/board/changes/?site=lakeside&day={DAY}"
POLLED = {"X-Poll": "1"}


@pytest.fixture(scope="module")
def day_once(clinic, once_a_module):
    """Tuesday at Lakeside: Olga at ten and Tom at one, both with Boris Ivanov."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        for name, hour in (("Olga Reyes", 10), ("Tom Silva", 13)):
            record = make_person(Site.objects.get(key="lakeside"), name).record
            make_visit(record, slot_id(practitioner("Boris Ivanov"), chicago(6, hour)), at=AT - timedelta(days=4))


@pytest.fixture
def dana(day_once, site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


@pytest.fixture
def nora(day_once, site):
    return sign_in(Client(), "nora", Role.SCHEDULER, site)


def practitioner(name):
    return Practitioner.objects.get(name=name)


def visit_of(name):
    return Appointment.objects.select_related("practitioner").get(patient__name=name)


def seen(page, visit):
    return re.search(rf'id="b-{visit.public_id}" data-seen="([^"]+)"', page.content.decode())[1]


def press(browser, visit, act, *, page=None, **more):
    mark = seen(page or browser.get(BOARD), visit)
    return browser.post(f"/desk/board/{visit.public_id}/{act}/", {"seen": mark} | more)


def onto(start, who="Boris Ivanov"):
    return {"start": start.isoformat(), "column": str(practitioner(who).public_id)}


def plain(lines):
    return sorted(line.replace("\u202f", " ").replace("\xa0", " ") for line in lines)


def said(answer):
    return answer.json()["said"].replace("\xa0", " ")


def test_a_visit_is_moved_to_somebody_else_and_back_with_undo(dana):
    olga = visit_of("Olga Reyes")
    moved = press(dana, olga, "move", **onto(chicago(6, 15, 5), "Grace Okoro"))
    assert said(moved) == "Olga Reyes is at 3:05 PM with Grace Okoro now. U undoes it."
    assert visit_of("Olga Reyes").period.lower == chicago(6, 15, 5)
    undone = press(dana, olga, "undo")
    assert said(undone) == "Undone: Olga Reyes is booked, at 10:00 AM with Boris Ivanov."


def test_what_cannot_be_says_who_has_the_time_all_reasons_and_what_is_free(dana):
    refused = press(dana, visit_of("Olga Reyes"), "move", **onto(chicago(6, 13)))
    assert refused.status_code == 409
    answer = refused.json()
    assert plain(answer["there"]) == ["Tom Silva, 1:00 PM to 2:15 PM, with Boris Ivanov"]
    assert any("practitioner" in reason for reason in answer["reasons"])
    assert answer["nearest"]
    near = answer["nearest"][0]
    assert "Olga Reyes" in said(press(dana, visit_of("Olga Reyes"), "move", start=near["start"], column=near["column"]))


def test_of_somebody_who_gives_other_things_that_is_said_and_who_is_free_instead(dana):
    make_practitioner(Site.objects.get(key="lakeside"), name="Lucia Romano", offers=["cup_dry"])
    lay_out(weeks=3)
    refused = press(dana, visit_of("Olga Reyes"), "move", **onto(chicago(6, 15), "Lucia Romano"))
    assert refused.status_code == 409
    assert "Lucia Romano does not give what this appointment is for" in said(refused)
    assert "cupping" not in refused.content.decode()
    near = refused.json()["nearest"][0]
    assert "Olga Reyes" in said(press(dana, visit_of("Olga Reyes"), "move", start=near["start"], column=near["column"]))


def test_who_is_put_where_they_are_hears_no_reason_against_it(dana):
    again = press(dana, visit_of("Olga Reyes"), "move", **onto(chicago(6, 10)))
    assert again.json() == {"said": again.json()["said"]}
    assert "at this time already" in said(again)


def test_no_time_at_another_site_is_offered_which_the_board_has_not(day_once, site):
    river = make_site("riverside")
    make_practitioner(river, name="Natalia Orlova")
    lay_out(weeks=3)
    nora = sign_in(Client(), "nora", Role.ADMIN, site)
    RoleAssignment.objects.create(user=User.objects.get(username="nora"), role=Role.ADMIN, site=river, starts_at=AT)
    for name in ("Boris Ivanov", "Grace Okoro"):
        away = {"starts_at": chicago(6, 14, 15), "ends_at": chicago(6, 23)}
        calendars.add_absence(practitioner(name), **away, by=Principal.system("test"), at=AT)
    refused = press(nora, visit_of("Olga Reyes"), "move", **onto(chicago(6, 15)))
    names = [one["words"].partition(" with ")[2] for one in refused.json()["nearest"]]
    assert "Natalia Orlova" not in names


def test_who_is_there_is_said_of_a_cancel_that_can_be_undone_and_of_her_own_time_elsewhere(dana):
    olga, hers = visit_of("Olga Reyes"), practitioner("Grace Okoro")
    make_visit(olga.patient, slot_id(hers, chicago(6, 13)), at=AT)
    press(dana, visit_of("Tom Silva"), "cancel", reason="patient")
    mark = seen(dana.get(BOARD), olga)
    refused = dana.post(f"/desk/board/{olga.public_id}/move/", {"seen": mark} | onto(chicago(6, 13)))
    assert plain(refused.json()["there"]) == [
        "Olga Reyes, 1:00 PM to 2:15 PM, with Grace Okoro",
        "Tom Silva, 1:00 PM to 2:15 PM, with Boris Ivanov: cancelled, kept for an undo until 8:10 AM",
    ]


def test_outside_of_hours_all_reasons_are_named_at_once(dana):
    refused = press(dana, visit_of("Olga Reyes"), "move", **onto(chicago(6, 20, 30)))
    assert len(refused.json()["reasons"]) > 1  # neither is Boris there, nor is it over when the site closes


def test_a_stale_page_changes_nothing_and_is_told_what_was_done_and_by_whom(dana, nora):
    olga, page = visit_of("Olga Reyes"), nora.get(BOARD)
    press(dana, olga, "move", **onto(chicago(6, 15)))
    User.objects.filter(username="dana").update(first_name="Dana", last_name="Brooks")
    late = press(nora, olga, "move", page=page, **onto(chicago(6, 9)))
    assert late.status_code == 409
    assert late.json()["look"]
    assert "Dana Brooks changed this meanwhile: Olga Reyes is booked, at 3:00 PM" in said(late)
    assert visit_of("Olga Reyes").period.lower == chicago(6, 15)


def test_twin_without_the_look_at_what_was_seen_the_second_overwrites_the_first(dana, nora, monkeypatch):
    olga, page = visit_of("Olga Reyes"), nora.get(BOARD)
    press(dana, olga, "move", **onto(chicago(6, 15)))
    monkeypatch.setattr("booking.actions.as_seen.refuse_changed", lambda *_: None)
    assert press(nora, olga, "move", page=page, **onto(chicago(6, 9))).status_code == 200
    assert visit_of("Olga Reyes").period.lower == chicago(6, 9)


def test_s_says_that_somebody_is_treated_from_now_on_and_u_takes_that_alone_back(dana, clock):
    clock.shift(timedelta(days=1, hours=5))
    dana.force_login(User.objects.get(username="dana"))
    olga = visit_of("Olga Reyes")
    press(dana, olga, "check-in")
    begun = press(dana, olga, "start").json()["said"]
    assert begun == "Olga Reyes is being treated. U undoes it."
    assert "being treated" in dana.get("/desk/").content.decode()
    assert press(dana, olga, "undo").json()["said"].startswith("Undone: Olga Reyes is checked in")
    assert visit_of("Olga Reyes").started_at is None


def test_s_long_before_somebodys_time_asks_once_and_a_second_s_does_it(dana, clock, monkeypatch):
    clock.move_to(visit_of("Olga Reyes").period.lower - timedelta(hours=3))
    dana.force_login(User.objects.get(username="dana"))
    olga = visit_of("Olga Reyes")
    press(dana, olga, "check-in")
    asked = press(dana, olga, "start")
    assert (asked.status_code, asked.json()["again"]) == (409, "all_the_same")
    assert "are they treated already? Press S once more if they are." in said(asked)
    assert visit_of("Olga Reyes").started_at is None
    assert press(dana, olga, "start", **{asked.json()["again"]: "1"}).status_code == 200
    press(dana, olga, "undo")
    monkeypatch.setattr("booking.rules.begins_long_before", lambda *_args, **_more: False)
    assert press(dana, olga, "start").status_code == 200  # whoever is asked nothing notes it of the wrong person


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ("arrive", Status.ARRIVED),
        ("check-in", Status.CHECKED_IN),
        ("no-show", Status.NOSHOW),
        ("cancel", Status.CANCELLED),
    ],
)
def test_one_key_each_does_it_and_u_takes_it_back(dana, clock, act, status):
    clock.shift(timedelta(days=1, hours=5))
    dana.force_login(User.objects.get(username="dana"))
    olga = visit_of("Olga Reyes")
    assert press(dana, olga, act, reason="patient").status_code == 200
    assert visit_of("Olga Reyes").status == status
    press(dana, olga, "undo")
    assert visit_of("Olga Reyes").status == Status.BOOKED


@pytest.mark.parametrize(("reason", "kept"), [("patient", True), ("illness", False)])
def test_that_u_undoes_a_cancel_is_said_where_it_does(dana, reason, kept):
    olga = visit_of("Olga Reyes")
    assert ("U undoes it" in said(press(dana, olga, "cancel", reason=reason))) is kept
    page = dana.get(BOARD)
    assert (f'id="b-{olga.public_id}"' in page.content.decode()) is kept
    if kept:
        assert press(dana, olga, "undo", page=page).status_code == 200


def test_what_is_done_too_early_is_refused_in_words(dana):
    refused = press(dana, visit_of("Olga Reyes"), "arrive")
    assert refused.status_code == 409
    assert said(refused) == "Olga Reyes: It is on Tuesday, October 6, 2026. This can be noted from that day on."
    assert refused.json()["url"].startswith("/desk/appointments/")


@pytest.mark.parametrize(("act", "words"), [
    ("start", "Olga Reyes: Check them in first. Press C for that."),
    ("undo", "Olga Reyes: There is nothing to undo: nothing was noted of it that can be taken back."),
])  # fmt: skip
def test_what_cannot_be_done_as_it_stands_says_what_comes_first(dana, act, words):
    assert said(press(dana, visit_of("Olga Reyes"), act)) == words


def test_a_cancel_without_a_reason_and_a_drop_on_nothing_are_refused(dana):
    olga = visit_of("Olga Reyes")
    assert press(dana, olga, "cancel").status_code == 400
    for wrong in ({}, {"start": "noon", "column": "x"}, onto(chicago(6, 9)) | {"start": "2026-10-06T09:00"}):
        assert press(dana, olga, "move", **wrong).status_code == 400
    assert dana.post(f"/desk/board/{olga.public_id}/dance/").status_code == 404


def test_only_whoever_may_move_visits_of_others_does_so(day_once, site, dana):
    grace = sign_in(Client(), "grace", Role.PRACTITIONER, site)
    olga, page = visit_of("Olga Reyes"), dana.get(BOARD)
    assert press(grace, olga, "move", page=page, **onto(chicago(6, 9))).status_code == 404
    assert grace.get(targets_of(olga)).status_code == 404


def targets_of(visit):
    return f"/desk/board/targets/?appointment={visit.public_id}&day={DAY}"


def test_the_starts_that_fit_are_those_of_the_engine_and_nobody_is_in_their_own_way(dana):
    olga = visit_of("Olga Reyes")
    found = dana.get(targets_of(olga)).json()
    boris = found["fits"][str(practitioner("Boris Ivanov").public_id)]
    assert 10 * 60 + 5 in boris  # five minutes later she would meet herself alone
    assert 13 * 60 not in boris  # Tom comes
    assert str(practitioner("Grace Okoro").public_id) in found["fits"]
    for minutes in (boris[0], boris[-1]):
        start = chicago(6, 0) + timedelta(minutes=minutes)
        assert press(dana, olga, "move", **onto(start)).status_code == 200


def test_what_is_no_day_or_no_appointment_fits_nowhere(dana):
    assert dana.get("/desk/board/targets/").status_code == 404
    assert dana.get(f"/desk/board/targets/?appointment={visit_of('Olga Reyes').public_id}&day=soon").status_code == 404


def test_whoever_looks_again_is_sent_nothing_until_something_changes(dana, nora):
    first = dana.get(CHANGES, headers=POLLED)
    same = {"If-None-Match": first["ETag"]} | POLLED
    assert dana.get(BOARD).context["etag"] == first["ETag"]
    assert dana.get(CHANGES, headers=same).status_code == 304
    press(nora, visit_of("Olga Reyes"), "move", **onto(chicago(6, 15)))
    news = dana.get(CHANGES, headers=same)
    assert news.status_code == 200
    assert "Olga Reyes" in news.content.decode()


def news():
    by, boris = Principal.system("test"), practitioner("Boris Ivanov")
    away = {"starts_at": chicago(6, 16), "ends_at": chicago(6, 17)}
    return {
        "an absence": lambda: calendars.add_absence(boris, **away, by=by, at=AT),
        "a hold": lambda: holds.take(slot_of(boris, chicago(6, 15)), by=by, at=AT),
        "a cancel": lambda: appointments.move(
            visit_of("Tom Silva").public_id, Move.CANCEL, by=by, at=AT, reason="patient"
        ),
    }


def slot_of(who, start):
    return read_slot(slot_id(who, start))


@pytest.mark.parametrize("what", ["an absence", "a hold", "a cancel"])
def test_an_absence_a_hold_and_a_cancel_are_news_and_another_day_is_none(dana, what):
    etags = [dana.get(address, headers=POLLED)["ETag"] for address in (CHANGES, CHANGES.replace(DAY, "2026-10-07"))]
    news()[what]()
    assert dana.get(CHANGES, headers=POLLED)["ETag"] != etags[0]
    if what != "an absence":  # of an absence all days of a calendar hear
        assert dana.get(CHANGES.replace(DAY, "2026-10-07"), headers=POLLED)["ETag"] == etags[1]


def test_a_look_costs_two_small_questions_beside_the_sign_in(dana, django_assert_max_num_queries):
    etag = dana.get(CHANGES, headers=POLLED)["ETag"]
    with django_assert_max_num_queries(6):
        dana.get(CHANGES, headers={"If-None-Match": etag} | POLLED)


def test_looking_is_no_click(dana, clock):
    dana.get(CHANGES, headers=POLLED)
    clock.shift(14 * 60)
    dana.get(CHANGES, headers=POLLED)
    clock.shift(2 * 60)
    assert dana.get(CHANGES, headers=POLLED).status_code in {302, 401}


def test_words_of_the_script_stand_in_the_page(dana):
    found = re.search(
        r'<script id="board-words" type="application/json">(.+?)</script>', dana.get(BOARD).content.decode()
    )
    assert {"moving", "fits", "not", "left"} <= json.loads(found[1]).keys()


def test_whoever_works_in_their_own_calendar_drops_nobody_into_another_one(day_once, site):
    boris = sign_in(Client(), "boris", Role.PRACTITIONER, site)
    Practitioner.objects.filter(name="Boris Ivanov").update(user=User.objects.get(username="boris"))
    olga = visit_of("Olga Reyes")
    refused = press(boris, olga, "move", **onto(chicago(6, 15), "Grace Okoro"))
    assert refused.status_code == 403
    near = {one["column"] for one in refused.json().get("nearest", [])}
    assert near <= {str(practitioner("Boris Ivanov").public_id)}
    fits = boris.get(targets_of(olga)).json()["fits"]
    assert set(fits) == {str(practitioner("Boris Ivanov").public_id)}
    assert visit_of("Olga Reyes").practitioner.name == "Boris Ivanov"
    assert press(boris, olga, "move", **onto(chicago(6, 15))).status_code == 200


def test_dana_lets_olga_stay_longer_and_what_does_not_fit_says_who_is_there(dana, clock):
    boris, olga = practitioner("Boris Ivanov"), visit_of("Olga Reyes")
    sizes = dana.get(f"/desk/board/sizes/?appointment={olga.public_id}").json()
    assert (sizes["now"], sizes["sizes"][0], sizes["sizes"][-1][0]) == (75, [50, True], 135)
    longer = press(dana, olga, "resize", minutes="90").json()["said"]
    assert plain([longer])[0] == "Olga Reyes is there until 11:30 AM now. U undoes it."
    assert press(dana, olga, "undo").status_code == 200
    ada = make_person(Site.objects.get(key="lakeside"), "Ada Lin").record
    make_visit(ada, slot_id(boris, chicago(6, 11, 15)))
    refused = press(dana, olga, "resize", minutes="105")
    assert refused.status_code == 409
    assert any("Ada Lin, 11:15 AM to 12:30 PM" in line for line in plain(refused.json()["reasons"]))
    assert [105, False] in dana.get(f"/desk/board/sizes/?appointment={olga.public_id}").json()["sizes"]
