"""The desk: signing in there, which pages are whose, and what stands where somebody may not go."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from booking.actions import closures
from booking.web.desk.shell import ROOMS
from core.models import RoleAssignment, User
from core.principal import Principal
from core.rights import MATRIX
from core.roles import STAFF, Role
from tests.booking.pages.walk import hidden_on, text_of
from tests.every_address import OPEN_TO_ALL, desk_addresses
from tests.factories.admin import sign_in
from tests.factories.scheduler import AT, make_site

RIGHT = "correct horse battery"
SIGN_IN = "/desk/sign-in/"

HALF_AN_HOUR = 30 * 60


@pytest.fixture
def lakeside(db):
    return make_site("lakeside")


def account(name, role=None, site=None, **flags):
    user = User.objects.create_user(name, password=RIGHT, **flags)
    if role:
        RoleAssignment.objects.create(user=user, role=role, site=site, starts_at=AT)
    return user


def signs_in(browser, name, password=RIGHT, after="", **more):
    where = SIGN_IN + (f"?next={after}" if after else "")
    return browser.post(where, {"username": name, "password": password} | more)


@pytest.mark.parametrize("role", STAFF)
def test_all_staff_sign_in_at_the_desk_and_begin_on_their_first_page(lakeside, role):
    account("somebody", role, lakeside)
    browser = Client()
    assert browser.get("/desk/", follow=True).redirect_chain == [(SIGN_IN, 302)]
    there = browser.get(signs_in(browser, "somebody")["Location"], follow=True)
    assert there.status_code == 200
    own = {"desk-my-day"}  # of whoever keeps a calendar
    theirs = [room for room, action, _words in ROOMS if role in MATRIX[action] and room not in own]
    assert there.resolver_match.url_name == (theirs[0] if theirs else "desk")
    assert "somebody" in text_of(there)


def test_every_page_that_dana_is_shown_opens(lakeside):
    browser = sign_in(Client(), "dana", Role.SCHEDULER, lakeside)
    shown = browser.get("/desk/", follow=True).context["desk"].tabs
    assert {browser.get(tab.url).status_code for tab in shown} == {200}


def test_twin_without_the_look_at_rights_a_page_opens_to_somebody_else(lakeside, monkeypatch):
    browser = sign_in(Client(), "somebody", Role.AUDITOR, lakeside)
    assert browser.get("/desk/arrivals/").status_code == 403
    monkeypatch.setattr("booking.web.desk.shell.may_ever", lambda _principal, _action: True)
    monkeypatch.setattr("booking.web.desk.shell.sites_of", lambda _principal, _action: {lakeside.pk})
    assert browser.get("/desk/arrivals/").status_code == 200


def test_every_page_of_the_desk_names_the_right_that_opens_it():
    without = [name for name, view, _ in desk_addresses() if name not in OPEN_TO_ALL and not hasattr(view, "opened_by")]
    assert without == []
    assert {room for room, _action, _words in ROOMS} <= {name for name, _view, _address in desk_addresses()}


def test_set_up_is_shown_to_those_whom_the_admin_lets_in(lakeside):
    account("dana", Role.SCHEDULER, lakeside)
    browser = Client()
    signs_in(browser, "dana")
    assert "Set-up" not in text_of(browser.get("/desk/arrivals/"))
    User.objects.update(is_staff=True)
    assert "Set-up" in text_of(browser.get("/desk/arrivals/"))


def test_whoever_has_no_role_now_is_told_whom_to_ask_and_stays_outside(lakeside):
    account("ines", Role.ADMIN, lakeside, first_name="Ines", last_name="Vogel")
    dana = account("dana", Role.SCHEDULER, lakeside)
    browser = Client()
    signs_in(browser, "dana")
    dana.assignments.update(ends_at=AT + timedelta(hours=1))
    assert "no role at the clinic" in text_of(browser.get("/desk/", follow=True))
    refused = signs_in(Client(), "dana")
    assert refused.status_code == 422
    assert "ask your administrator" in text_of(refused)


@pytest.mark.parametrize("role", [None, Role.PATIENT, Role.PROXY, Role.CLIENT])
def test_patients_and_programs_do_not_sign_in_at_the_desk(lakeside, role):
    account("somebody", role, lakeside if role is Role.CLIENT else None)
    browser = Client()
    assert signs_in(browser, "somebody").status_code == 422
    assert browser.get("/desk/arrivals/").status_code == 302


def test_a_page_that_is_not_theirs_says_what_they_act_as_and_whom_to_ask(lakeside):
    account("ines", Role.ADMIN, lakeside, first_name="Ines", last_name="Vogel")
    page = sign_in(Client(), "dana", Role.SCHEDULER, lakeside).get("/desk/health/")
    assert page.status_code == 403
    said = text_of(page)
    assert "scheduler, Lakeside" in said
    assert "Ines Vogel" in said
    assert "At the door" in said


def test_what_is_not_there_or_not_sent_from_this_page_is_a_page_of_the_desk(lakeside):
    browser = sign_in(Client(enforce_csrf_checks=True), "dana", Role.SCHEDULER, lakeside)
    for answer, status, words in (
        (browser.get("/desk/nowhere/"), 404, "There is nothing here"),
        (browser.post("/desk/sign-out/"), 403, "open for too long"),
    ):
        assert answer.status_code == status
        assert words in text_of(answer)
        assert "At the door" in text_of(answer)
    pressed = browser.get("/desk/sign-out/")
    assert pressed.status_code == 405
    assert 'href="/desk/"' in pressed.text
    assert "Sign in" in text_of(Client().get("/desk/nowhere/"))
    assert Client().get("/nowhere/").status_code == 404


def test_whoever_signs_in_comes_back_to_the_page_they_wanted_and_to_none_elsewhere(lakeside):
    account("dana", Role.SCHEDULER, lakeside)
    wanted = "/desk/arrivals/?site=lakeside&day=2026-10-06"
    asked = Client().get(wanted)
    browser = Client()
    shown = browser.get(asked["Location"])
    assert f'value="{wanted.replace("&", "&amp;")}"' in shown.text
    assert signs_in(browser, "dana", after=wanted.replace("&", "%26"))["Location"] == wanted
    for bad in ("https://evil.example/desk/", "//evil.example/", "/admin/", SIGN_IN, "/desk/sign-out/", "javascript:1"):
        assert signs_in(Client(), "dana", after=bad)["Location"] == "/desk/", bad
    assert browser.get(f"{SIGN_IN}?next={SIGN_IN}").status_code == 302


def test_wrong_passwords_are_counted_at_this_door_and_a_known_device_still_gets_in(lakeside):
    account("dana", Role.SCHEDULER, lakeside)
    desk, elsewhere = Client(), Client(REMOTE_ADDR="203.0.113.9")
    with time_machine.travel(AT, tick=False):
        signs_in(desk, "dana")
        desk.post("/desk/sign-out/")
        wrong = [signs_in(elsewhere, "dana", "guess") for _ in range(11)]
        assert [answer.status_code for answer in wrong] == [422] * 10 + [429]
        assert int(wrong[-1]["Retry-After"]) > 0
        assert "do not go together" in text_of(wrong[0])
        assert "try again in" in text_of(wrong[-1])
        assert "guess" not in wrong[0].text
        assert signs_in(elsewhere, "dana").status_code == 429
        assert signs_in(desk, "dana").status_code == 302


def test_signing_out_leads_to_the_sign_in_and_opens_nothing_more(lakeside):
    browser = sign_in(Client(), "dana", Role.SCHEDULER, lakeside)
    out = browser.post("/desk/sign-out/", follow=True)
    assert "You are signed out" in text_of(out)
    assert browser.get("/desk/arrivals/").status_code == 302


def test_the_site_is_switched_on_the_same_page_and_day_and_today_is_that_of_its_clock(lakeside):
    kiritimati = make_site("kiritimati", zone="Pacific/Kiritimati")
    browser = sign_in(Client(), "dana", Role.SCHEDULER, lakeside)
    RoleAssignment.objects.create(user=User.objects.get(), role=Role.SCHEDULER, site=kiritimati, starts_at=AT)
    with time_machine.travel(datetime(2026, 10, 6, 2, tzinfo=UTC), tick=False):
        assert "Monday, October 5" in text_of(browser.get("/desk/arrivals/?site=lakeside"))
        assert "Tuesday, October 6" in text_of(browser.get("/desk/arrivals/?site=kiritimati"))
        chosen = browser.get("/desk/arrivals/?site=lakeside&day=2026-10-09")
    assert chosen.context["desk"].room == "/desk/arrivals/"
    assert ("day", "2026-10-09") in chosen.context["desk"].parameters
    assert '<input type="hidden" name="day" value="2026-10-09">' in chosen.text


def test_who_looks_for_requests_at_another_site_finds_requests_there(lakeside):
    riverside, browser = make_site("riverside"), sign_in(Client(), "carla", Role.CLINICIAN, lakeside)
    carla = User.objects.get()
    for role, site in ((Role.CLINICIAN, riverside), (Role.ADMIN, lakeside), (Role.ADMIN, riverside)):
        RoleAssignment.objects.create(user=carla, role=role, site=site, starts_at=AT)
    day = {"first_on": date(2026, 12, 24), "last_on": None}
    key = closures.close(lakeside, therapy="", **day, name="Winter", by=Principal.of(carla, at=AT), at=AT).key
    about_one = {f"/desk/closures/{key}/": "/desk/closures/"}  # there is no such thing at another site
    for page, shown in {"/desk/health/before-booking/": "", "/desk/closures/new/": "", **about_one}.items():
        switch = f'<form class="sites" method="get" action="{shown or page}">'
        assert switch in browser.get(f"{page}?site=lakeside").text


def test_what_somebody_sends_after_being_signed_out_is_not_lost_and_goes_to_its_own_address_alone(lakeside, clock):
    account("dana", Role.SCHEDULER, lakeside)
    browser, text = Client(), "Tell nobody"
    signs_in(browser, "dana")
    clock.shift(HALF_AN_HOUR)
    asked = browser.post("/desk/account/?x=1", {"old_password": text, "new_password1": "a", "new_password2": "b"})
    assert asked.status_code == 401
    assert "what you sent is not lost" in text_of(asked)
    assert text not in asked.text
    sent = {"sent": asked.context["sent"], "next": "/desk/account/"}
    assert signs_in(browser, "dana", "wrong", **sent).context["sent"] == sent["sent"]
    again = signs_in(browser, "dana", **sent)
    assert "has not been saved yet" in text_of(again)
    assert text not in again.text
    assert browser.post("/desk/account/", sent).context["form"].data.get("old_password") is None
    carried = browser.post("/desk/account/?x=1", sent)
    assert carried.context["form"].data["old_password"] == text


def test_a_form_that_dana_filled_in_is_not_sent_by_whoever_signs_in_after_her(lakeside, clock):
    for name in ("dana", "nora"):
        account(name, Role.SCHEDULER, lakeside)
    browser = Client()
    signs_in(browser, "dana")
    clock.shift(HALF_AN_HOUR)
    asked = browser.post("/desk/account/?x=1", {"old_password": "Tell nobody"})
    sent = {"sent": asked.context["sent"], "next": "/desk/account/"}
    hers = signs_in(browser, "nora", **sent)
    assert hers["Location"] == "/desk/account/"
    assert "somebody else filled it in" in text_of(browser.get("/desk/account/"))
    assert "somebody else" not in text_of(browser.get("/desk/account/"))
    by_hand = browser.post("/desk/account/?x=1", sent)
    assert by_hand.context["form"].data.get("old_password") is None


def test_what_dana_sends_after_signing_out_elsewhere_is_not_lost_and_is_hers_alone(lakeside):
    for name in ("dana", "nora"):
        account(name, Role.SCHEDULER, lakeside)
    browser = Client()
    signs_in(browser, "dana")
    browser.post("/desk/sign-out/")  # in another tab
    text, page = "Tell nobody", {"Referer": "http://testserver/desk/calls/"}
    asked = browser.post("/desk/account/", {"old_password": text}, headers=page)
    assert "what you sent is not lost" in text_of(asked)
    assert asked.context["next"] == "/desk/calls/"
    sent = {"sent": asked.context["sent"]}
    assert "has not been saved yet" in text_of(signs_in(browser, "dana", **sent))
    assert browser.post("/desk/account/", sent).context["form"].data["old_password"] == text
    browser.post("/desk/sign-out/")
    assert "has not been saved yet" not in signs_in(browser, "nora", **sent).text


def test_a_page_of_dana_is_none_of_nora_who_signed_in_and_out_after_her(lakeside):
    for name in ("dana", "nora"):
        account(name, Role.SCHEDULER, lakeside)
    browser = Client(enforce_csrf_checks=True)

    def token(page):
        return {"csrfmiddlewaretoken": browser.get(page).context["csrf_token"]}

    signs_in(browser, "dana", **token(SIGN_IN))
    hers = token("/desk/account/")
    browser.post("/desk/sign-out/", hers)
    signs_in(browser, "nora", **token(SIGN_IN))
    browser.post("/desk/sign-out/", token("/desk/account/"))
    asked = browser.post("/desk/account/", {"old_password": "Tell nobody"} | hers)
    assert asked.status_code == 403


NOTE = {"note": "Her son drives her"}
OURS, THEIRS = {"Origin": "http://testserver"}, {"Origin": "https://evil.example"}


def test_a_form_from_a_page_of_before_is_sent_with_a_press_by_its_writer_and_by_no_other_site(lakeside):
    account("dana", Role.SCHEDULER, lakeside)
    browser, where = Client(enforce_csrf_checks=True), "/desk/account/?x=1"
    token = {"csrfmiddlewaretoken": browser.get(SIGN_IN).context["csrf_token"]}
    signs_in(browser, "dana", **token)
    browser.cookies.pop(settings.CSRF_COOKIE_NAME, None)
    asked = browser.post(where, NOTE, headers=OURS)
    assert asked.status_code == 403
    assert "What you sent is not lost" in text_of(asked)
    again = hidden_on(asked)
    assert (again["sent"], asked.context["to"]) == (asked.context["sent"], where)
    assert browser.post(where, again, headers=OURS).wsgi_request.POST["note"] == NOTE["note"]
    for headers in (THEIRS, {}):
        browser.cookies.pop(settings.CSRF_COOKIE_NAME, None)
        forged = browser.post(where, NOTE, headers=headers)
        assert (forged.status_code, "sent" in forged.context, NOTE["note"] in forged.text) == (403, False, False)
    browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    assert "what you sent is not lost" in text_of(browser.post(where, NOTE, headers=OURS))


def test_where_it_may_be_somebody_elses_page_what_was_typed_is_shown_to_copy_but_no_password(lakeside):
    everything_gone = Client(enforce_csrf_checks=True)
    asked = everything_gone.post("/desk/account/", NOTE | {"seen": "3f2c"}, headers=OURS)
    assert asked.status_code == 403
    assert "What you typed, to copy" in text_of(asked)
    assert asked.context["typed"] == [NOTE["note"]]
    typed = {"old_password": "Tell nobody"}  # pragma: allowlist secret  (nobody's)
    assert "Tell nobody" not in everything_gone.post("/desk/account/", typed, headers=OURS).text


def test_a_form_that_nobody_knows_who_filled_in_is_not_kept_and_that_is_said(lakeside):
    asked = Client().post("/desk/account/", {"old_password": "Tell nobody"})
    assert asked.status_code == 401
    assert asked.context["sent"] == ""
    assert "please sign in, and enter it again" in text_of(asked)


def test_everybody_sets_a_new_password_at_the_desk_and_other_devices_are_signed_out(lakeside):
    account("carl", Role.AUDITOR, lakeside)
    here, elsewhere = Client(), Client()
    signs_in(here, "carl")
    signs_in(elsewhere, "carl")
    new = "another long one"
    wrong = here.post("/desk/account/", {"old_password": "guess", "new_password1": new, "new_password2": new})
    assert wrong.status_code == 422
    done = here.post("/desk/account/", {"old_password": RIGHT, "new_password1": new, "new_password2": new}, follow=True)
    assert "Your password is changed" in text_of(done)
    assert "auditor, Lakeside" in text_of(done)
    assert elsewhere.get("/desk/account/").status_code == 302
    assert signs_in(Client(), "carl").status_code == 422
    assert signs_in(Client(), "carl", new).status_code == 302


def test_the_page_about_the_desk_names_the_pages_of_each_role():
    lines = (Path(settings.BASE_DIR) / "docs" / "desk.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    heading = next(row for row in cells if row[0] == "Page")
    written = {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in cells if len(row) == len(heading)}
    for _room, action, words in ROOMS:
        assert written[str(words)] == {str(role): "yes" if role in MATRIX[action] else "–" for role in STAFF}, (
            f"{words} in docs/desk.md"
        )
