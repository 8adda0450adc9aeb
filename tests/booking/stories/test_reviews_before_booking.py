"""Carol looks at what Alice answered before booking: she approves, declines with something else, or clears it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, links, tidying
from booking.actions.suitability import suitability, suitability_reviews
from booking.errors import StaffOnly
from booking.models import Appointment, CallReason, CallTask, Clearance, ContactPoint, LabValue, Patient
from booking.status import Move, Status
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from booking.suitability.visits import judge_visits
from core.models import User
from core.roles import Role
from notifications.actions import dispatch
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place
from tests.booking.pages import walk
from tests.factories.admin import sign_in
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, offer

NO = answered_no(shipped_rules())
THINNER, FEVER = "anticoagulant", "fever_now"
SWELLING, HELP = "lymphoedema_or_nodes_removed", "transfer_help_or_cannot_lie_flat"
BACK_PAIN = "new_back_pain_with_weakness_numbness_or_bladder_bowel_change"
TEN = chicago(12, 10)
PAGE, RULE_IDS = "/desk/health/before-booking/", re.compile(r"\b(?:R\d\d|SR\d)\b")

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _asked(lakeside):
    """Lakeside asks what the shipped rules ask."""
    adopt_suitability(site=lakeside)


@pytest.fixture
def carol(lakeside, clock):
    """A clinician's browser."""
    return clinician("carol", lakeside, first_name="Carol", last_name="Diaz")


@pytest.fixture
def visit(alice, dr_li, clock):
    """What Alice asks for, who takes a blood thinner."""
    return book(alice, dr_li)


def text_of(page):
    """Return a page as it reads, without double spaces or one before a colon."""
    return re.sub(r"\s+", " ", walk.text_of(page)).replace(" :", ":")


def clinician(name, site, role=Role.CLINICIAN, **names):
    client = sign_in(Client(), name, role, site)
    User.objects.filter(username=name).update(**names)
    return client


def book(person, dr_li, start=TEN, *, at=AT, captures=None, therapy="acu_manual", **said):
    answers = replace(NO, answers=NO.answers | ({THINNER: "yes"} | said), captures=captures or {})
    slot = read_slot(slot_id(dr_li, start, therapy=therapy))
    return appointments.book(patient=person.record, by=person.principal, at=at, slot=slot, answers=answers)


def press(client, visit, act, *, version=None, **sent):
    seen = visit.version if version is None else version
    return client.post(f"{PAGE}{visit.public_id}/{act}/", {"version": seen} | sent)


def now(visit):
    return Appointment.objects.get(pk=visit.pk)


def test_carol_reads_what_alice_wants_and_what_she_answered_in_words(carol, alice, dr_li, clock):
    book(alice, dr_li, captures={SWELLING: ("left_arm",)}, **{SWELLING: "yes"})
    page = text_of(carol.get(PAGE))
    assert "Wants: Acupuncture (manual), first appointment" in page
    assert "When: Monday, October 12, 2026, 10:00 AM, Dr Li" in page
    assert "Due: Tuesday, October 6" in page
    assert "You take a blood thinner (for example warfarin, heparin, apixaban): Yes – a clinician looks first" in page
    assert "lymph nodes removed there: Yes (Left arm) – booked, and who treats is told" in page
    assert "Everything else that was asked: no" in page
    assert "takes a blood thinner; avoid left arm" in page
    assert not RULE_IDS.search(page)
    assert THINNER not in carol.get(PAGE).content.decode()


def test_who_waits_longest_is_on_top_and_says_so_once_it_is_overdue(carol, alice, ben, dr_li, clock):
    book(alice, dr_li)
    clock.shift(60)
    book(ben, dr_li, TEN + 3 * HOUR)
    page = text_of(carol.get(PAGE))
    assert page.index("Alice Adams") < page.index("Ben Adams")
    assert "Was due" not in page
    door = carol.get("/desk/health/")
    assert "2 requests wait because of answers before booking" in text_of(door)
    clock.move_to(AT + 2 * DAY)
    page = clinician("cora", Patient.objects.get(name="Alice Adams").site).get(PAGE)
    assert text_of(page).count("Was due") == 2


def test_carol_approves_and_alice_hears_so_and_a_second_press_does_nothing_more(carol, visit, clock, mailoutbox):
    done = press(carol, visit, "approve")
    assert now(visit).status == Status.BOOKED
    assert "Alice Adams is booked. They hear so by e-mail." in text_of(carol.get(done["Location"]))
    again = press(carol, visit, "approve")
    assert (again.status_code, again["Location"]) == (302, done["Location"])
    assert visit.changes.filter(move=Move.APPROVE).count() == 1
    clock.shift(180)
    dispatch.run(now=lambda: AT + 3 * MINUTE)
    told = [mail.subject + mail.body for mail in mailoutbox]
    assert told
    assert not any(word in said.lower() for said in told for word in ("blood", "thinner", "answer", "acupuncture"))


def test_the_second_of_two_clinicians_is_told_who_was_first(carol, visit, lakeside):
    press(carol, visit, "approve")
    said = press(clinician("cora", lakeside), visit, "decline")
    assert said.status_code == 409
    assert "Carol Diaz has approved the request of Alice Adams already" in text_of(said)
    assert now(visit).status == Status.BOOKED


def test_what_alice_moved_meanwhile_is_looked_at_again_before_it_is_decided(carol, visit, alice, dr_li):
    later = read_slot(slot_id(dr_li, TEN + DAY))
    appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT + MINUTE, slot=later)
    said = press(carol, visit, "approve")
    assert said.status_code == 409
    assert "was changed meanwhile" in text_of(said)
    assert now(visit).status == Status.PROPOSED


def test_carol_declines_with_something_else_and_takes_it_back_the_same_day(carol, visit, dr_li, lakeside):
    offer(dr_li, "acupressure", sites=[lakeside])
    page = carol.get(PAGE).content.decode()
    assert 'name="instead" value="acupressure" data-key="1"' in page
    done = press(carol, visit, "decline", instead="acupressure")
    assert "is declined, with Acupressure (no needles) instead" in text_of(carol.get(done["Location"]))
    declined = now(visit)
    assert (declined.status, declined.cancel_reason) == (Status.CANCELLED, "declined")
    assert declined.changes.latest("pk").facts["instead"] == "acupressure"
    back = press(carol, declined, "take-back")
    assert "stands again" in text_of(carol.get(back["Location"]))
    assert (now(visit).status, now(visit).kept_until) == (Status.PROPOSED, visit.kept_until)


@pytest.fixture
def link(visit, carol, dr_li, lakeside):
    """The page of Alice's appointment, for which Carol has chosen something else."""
    offer(dr_li, "acupressure", sites=[lakeside])
    press(carol, visit, "decline", instead="acupressure")
    return f"/m/{links.issue(visit, at=AT)}/"


def test_alice_finds_what_was_chosen_for_her_by_her_birth_date_and_the_link_alone_does_not_tell(link):
    browser = Client()
    page = browser.get(link)
    assert "Something else suits you better just now" in text_of(page)
    assert f'href="{link}instead/"' in page.content.decode()
    asked = browser.get(f"{link}instead/")
    assert asked.status_code == 200
    assert "acupressure" not in (page.content + asked.content).decode().lower()
    wrong = browser.post(f"{link}instead/", {"birth_date": "5/2/1970"})
    assert (wrong.status_code, "not the birth date that we have" in text_of(wrong)) == (422, True)
    right = browser.post(f"{link}instead/", {"birth_date": "5/1/1970"})
    assert "chosen this for you: Acupressure (no needles)" in text_of(right)
    assert "You have answered all that we need: choose a time." in text_of(right)
    # Neither the birth date nor what she has answered is asked once more, nor shown: others may read her mail.
    pages = [browser.get(f"/book/acupressure/questions/?visit=first&page={number}").text for number in range(1, 6)]
    assert THINNER in "".join(pages)
    assert not any(re.search(r"<input[^>]* checked", page) for page in pages)
    assert browser.get("/book/acupressure/questions/?visit=first")["Location"] == "/book/acupressure/times/?visit=first"
    assert Client().get("/book/acupressure/questions/?visit=first")["Location"].endswith("page=birth-date")


def test_mallory_who_has_alices_link_does_not_guess_her_birth_date(link):
    mallory = Client()
    for day in range(2, 7):
        assert mallory.post(f"{link}instead/", {"birth_date": f"5/{day}/1970"}).status_code == 422
    late = mallory.post(f"{link}instead/", {"birth_date": "5/1/1970"})
    assert late.status_code == 422
    assert "Please call us" in text_of(late)
    assert "Please call us" in text_of(mallory.get(f"{link}instead/"))


def test_twin_if_wrong_days_were_not_counted_mallory_would_guess_on(link, monkeypatch):
    monkeypatch.setattr(links, "WRONG_BIRTH_DATES", 1000)
    for day in range(2, 9):
        Client().post(f"{link}instead/", {"birth_date": f"5/{day}/1970"})
    assert Client().post(f"{link}instead/", {"birth_date": "5/1/1970"}).status_code == 200


def test_where_nothing_was_chosen_instead_nothing_is_shown(visit, carol):
    address = f"/m/{links.issue(visit, at=AT)}/"
    assert Client().get(f"{address}instead/").status_code == 404
    press(carol, visit, "decline")
    assert "instead/" not in Client().get(address).content.decode()
    assert Client().post(f"{address}instead/", {"birth_date": "5/1/1970"}).status_code == 404


def test_what_is_not_among_the_alternatives_is_not_offered_instead(carol, visit):
    for wrong in ("acu_manual", "cup_wet", "nothing", "acupressure/<script>"):
        assert press(carol, visit, "decline", instead=wrong).status_code == 400
    assert now(visit).status == Status.PROPOSED


def test_a_decline_is_not_taken_back_the_next_day(carol, visit, clock, lakeside):
    press(carol, visit, "decline")
    clock.move_to(AT + DAY)
    cora = clinician("cora", lakeside)
    assert "Declined today" not in text_of(cora.get(PAGE))
    assert press(cora, now(visit), "take-back").status_code == 409
    assert now(visit).status == Status.CANCELLED


def test_what_nobody_decided_a_day_before_runs_out_and_alice_is_to_be_called(visit):
    assert visit.kept_until == TEN - DAY
    tidying.tidy(at=TEN - DAY + MINUTE)
    assert now(visit).status == Status.CANCELLED
    assert CallTask.objects.get(appointment=visit).reason == CallReason.UNANSWERED


def test_carol_clears_alice_for_three_months_and_she_is_booked_at_once_until_that_day(carol, visit, alice, dr_li):
    assert "You take a blood thinner" in text_of(carol.get(PAGE))
    press(carol, visit, "clear", scope="this", ends_on="")
    given = Clearance.objects.get()
    assert (given.rule, given.therapy, given.appointment) == ("R16", "acu_manual", visit)
    assert given.ends_on == AT.date() + timedelta(days=90)
    assert now(visit).status == Status.BOOKED
    assert book(alice, dr_li, TEN + DAY).status == Status.BOOKED
    offer(dr_li, "acu_auricular", sites=[visit.site])
    assert book(alice, dr_li, TEN + 7 * DAY, therapy="acu_auricular").status == Status.PROPOSED


def test_a_clearance_holds_no_longer_than_the_rules_let_it_and_then_nothing_is_approved(carol, visit):
    for wrong in ("10/5/2026", "1/4/2027", "tomorrow"):
        said = press(carol, visit, "clear", scope="all", ends_on=wrong)
        assert said.status_code == 400
        assert f'value="{wrong}"' in said.content.decode()
    assert not Clearance.objects.exists()
    assert now(visit).status == Status.PROPOSED
    press(carol, visit, "clear", scope="all", ends_on="1/3/2027")
    assert Clearance.objects.get().therapy == ""


def test_what_may_never_be_cleared_offers_no_clearance(carol, alice, dr_li, clock):
    visit = book(alice, dr_li, **{THINNER: "no", "skull_surgery_or_brain_metastasis": "yes"})
    assert "do not look" not in text_of(carol.get(PAGE))
    assert press(carol, visit, "clear", scope="all").status_code == 409
    assert now(visit).status == Status.PROPOSED


def test_counts_are_entered_on_the_card_and_what_follows_is_said_at_once(carol, visit):
    entered = press(carol, visit, "counts", platelets="18", neutrophils="", taken_on="10/4/2026")
    page = text_of(carol.get(entered["Location"].partition("#")[0]))
    assert "Platelets: 18, October 4, 2026 – not booked online" in page
    assert "all of this means: not booked online" in page
    press(carol, visit, "counts", platelets="18", taken_on="10/4/2026")
    assert LabValue.objects.count() == 1
    assert now(visit).status == Status.PROPOSED
    press(carol, visit, "count-out", count=str(LabValue.objects.get().public_id))
    assert LabValue.objects.get().withdrawn_by.startswith("user:")
    assert "all of this means: a clinician looks first" in text_of(carol.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"platelets": "150000", "taken_on": "10/4/2026"}, "thousands per microliter"),
        ({"platelets": "-1", "taken_on": "10/4/2026"}, "thousands per microliter"),
        ({"neutrophils": "low", "taken_on": "10/4/2026"}, "as a number"),
        ({"neutrophils": "NaN", "taken_on": "10/4/2026"}, "as a number"),
        ({"platelets": "90", "taken_on": "10/6/2026"}, "Type the day of the blood test"),
        ({"platelets": "90", "taken_on": ""}, "Please type a day"),
        ({"taken_on": "10/4/2026"}, "at least one of the counts"),
    ],
)
def test_a_count_that_cannot_be_is_refused_and_what_was_typed_stays(carol, visit, typed, said):
    page = press(carol, visit, "counts", **typed)
    assert page.status_code == 400
    assert said in text_of(page)
    assert all(f'value="{one}"' in page.content.decode() for one in typed.values() if one)
    assert not LabValue.objects.exists()


def test_answers_still_stand_on_the_card_when_they_would_have_to_be_given_anew(carol, alice, dr_li, lakeside, clock):
    book(alice, dr_li, chicago(23, 10))
    clock.move_to(AT + 10 * DAY)
    page = text_of(clinician("cora", lakeside).get(PAGE))
    assert "You take a blood thinner (for example warfarin, heparin, apixaban): Yes" in page
    assert "Not answered" not in page


def test_what_alice_answers_anew_meanwhile_stands_on_the_card(carol, visit, alice, lakeside):
    anew = replace(NO, answers={THINNER: "no"})
    suitability.answer(alice.record, anew, site_id=lakeside.pk, by=alice.principal, at=AT + MINUTE)
    page = text_of(carol.get(PAGE))
    assert "By the rules, all of this means: booked When they asked for it, a clinician was to look first" in page
    assert "(for example warfarin, heparin, apixaban): No; before: Yes" in page


def test_what_cannot_be_read_any_more_is_not_taken_for_a_no(carol, visit, alice, lakeside):
    alice.record.suitability_responses.update(answers="")
    suitability.answer(alice.record, NO, site_id=lakeside.pk, by=alice.principal, at=AT)
    assert "cannot be read any more: ask them if you are not sure" in text_of(carol.get(PAGE))


def test_what_stands_and_is_to_be_looked_at_again_shows_its_answers_until_carol_has(carol, alice, dr_li, lakeside):
    stands = book(alice, dr_li, **{THINNER: "no"})
    assert stands.status == Status.BOOKED
    anew = replace(NO, answers={THINNER: "yes"})
    suitability.answer(alice.record, anew, site_id=lakeside.pk, by=alice.principal, at=AT + MINUTE)
    page = text_of(carol.get(PAGE))
    assert "Booked, and to be looked at again" in page
    assert "You take a blood thinner (for example warfarin, heparin, apixaban): Yes" in page
    assert "Approve" not in page
    press(carol, stands, "looked-at")
    assert "to be looked at again" not in text_of(carol.get(PAGE))
    assert CallTask.objects.get().done_by.startswith("user:")
    assert now(stands).status == Status.BOOKED


def test_whoever_is_not_sure_about_what_cannot_wait_is_on_top_and_can_be_called(carol, visit, ben, dr_li, lakeside):
    book(ben, dr_li, TEN + 3 * HOUR, **{THINNER: "no"})
    anew = replace(NO, answers={BACK_PAIN: "not_sure"})
    suitability.answer(ben.record, anew, site_id=lakeside.pk, by=ben.principal, at=AT + MINUTE)
    page = text_of(carol.get(PAGE))
    assert page.index("Booked, and to be called first Ben Adams") < page.index("Alice Adams")
    assert "They are not sure about something that cannot wait" in page


def test_whoever_looks_at_requests_in_the_set_up_is_led_to_the_answers(carol, visit):
    page = carol.get(f"/admin/booking/reviewrequest/{visit.pk}/change/")
    assert f'href="{PAGE}?site=lakeside#r-{visit.public_id}"' in page.content.decode()


def test_nobody_decides_about_their_own_request(visit, alice, lakeside):
    both = make_staff("cleo", Role.CLINICIAN, site=lakeside)
    Patient.objects.filter(pk=alice.record.pk).update(user=both.user)
    for act in (
        lambda who: suitability_reviews.approve(visit.public_id, seen=visit.version, **who),
        lambda who: suitability_reviews.decline(visit.public_id, seen=visit.version, **who),
        lambda who: suitability_reviews.enter_counts(visit.public_id, {}, taken_on=AT.date(), **who),
    ):
        with pytest.raises(StaffOnly):
            act({"by": both.principal, "at": AT})


def test_the_alternatives_say_when_and_where_they_are_free_first(carol, visit, dr_li, lakeside):
    offer(dr_li, "acupressure", sites=[lakeside])
    page = text_of(carol.get(PAGE)).replace("\u202f", " ")
    assert re.search(r"1\. Acupressure \(no needles\) (Today|Tomorrow), \d+:\d\d [AP]M, Lakeside", page)


def test_no_time_is_told_for_an_alternative_at_a_place_without_what_they_need(carol, alice, dr_li, lakeside):
    offer(dr_li, "acupressure", sites=[lakeside])
    lowered = Place.objects.order_by("pk").select_related("resource").last()
    change(lowered, features=["table", "hi-lo"], by=SYSTEM, at=AT)
    book(alice, dr_li, **{HELP: "yes"})
    assert re.search(r"1\. Acupressure \(no needles\) (Today|Tomorrow)", text_of(carol.get(PAGE)))
    change(lowered, features=["table"], by=SYSTEM, at=AT)
    assert "1. Acupressure (no needles) nothing is free just now" in text_of(carol.get(PAGE))


def test_who_is_to_be_called_first_is_called_and_the_card_says_what_can_be_done_then(carol, alice, dr_li, lakeside):
    ContactPoint.objects.create(patient=alice.record, system="phone", value="+13125550142", rank=1)
    visit = book(alice, dr_li)
    ill = replace(NO, answers=NO.answers | {THINNER: "yes", FEVER: "yes", "on_active_cancer_treatment": "yes"})
    suitability.answer(alice.record, ill, site_id=lakeside.pk, by=alice.principal, at=AT + MINUTE)
    page = carol.get(PAGE)
    for said in (
        "Call them now",
        "(312) 555-0142",
        "they call 911",
        "decline, and let them call us once they are well. If they answered otherwise than they meant: ask again below",
    ):
        assert said in text_of(page).replace("\u202f", " ")
    assert 'href="tel:+13125550142"' in page.content.decode()
    assert "/approve/" not in page.content.decode()
    (judged,) = judge_visits([visit], at=AT + MINUTE).values()
    refused = press(carol, visit, "approve", mark=judged.mark)
    assert refused.status_code == 409
    assert "Nothing was changed: call Alice Adams first, (312) 555-0142." in text_of(refused).replace("\u202f", " ")
    assert press(carol, visit, "decline").status_code == 302
