"""Dr Li is ill: Dana sees what fits for each patient and who hears what; one press does all of it, or nothing."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import transaction

from booking import closures
from booking.actions import appointments, proposals, proposed_times, uncovered_visits
from booking.actions.as_seen import mark_of
from booking.actions.families import linked_visits
from booking.actions.families.linked_visits import PersonBooking
from booking.actions.impact import settling
from booking.actions.impact.absences import AwayPeriod
from booking.actions.impact.choices import ChangedSince, SettlingChoice, Wanted
from booking.actions.impact.taking_back import NotTakenBack, take_back
from booking.closures import TIME_TO_CALL
from booking.models import (
    Appointment,
    CalendarEdit,
    CallReason,
    CallTask,
    CancelPolicy,
    ClosureNotice,
    ContactPoint,
    Hold,
)  # fmt: skip
from booking.models.patients import ContactSystem
from booking.status import Move, Status
from core.database.transactions import rehearsal
from scheduler import public as scheduler
from scheduler.models import Absence, Place
from tests.booking.impact_pages import address_of, browser, form_of
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import text_of
from tests.factories.blocks import make_block
from tests.factories.booking import SYSTEM, chicago, make_person, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_claim, make_hours, make_practitioner

AWAY = "/desk/away/"
A_MINUTE = timedelta(minutes=1)
TODAY = {"first": "10/6/2026", "last": "10/6/2026"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ill(request, alice, ben, dr_li, kim):
    """The people: on Tuesday Alice at ten and Ben at one see Dr Li; at one Dr Kim sees Mallory."""
    names = ("lakeside", "dana", "mallory")
    people = SimpleNamespace(alice=alice, ben=ben, dr_li=dr_li, kim=kim)
    vars(people).update({name: request.getfixturevalue(name) for name in names})
    people.by = people.dana.principal
    make_visit(people.mallory.record, slot_id(kim, chicago(6, 13)))
    make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    make_visit(ben.record, slot_id(dr_li, chicago(6, 13)))
    return people


def tuesday(dr_li, *, ends=None):
    return AwayPeriod(practitioner=dr_li, starts_at=chicago(6, 0), ends_at=ends or chicago(7, 0))


def wanted(plan, **choices):
    """Return what is pressed: what fits, but for those of whom something else is chosen by their given names."""
    return [
        Wanted(
            appointment=one.visit.public_id,
            choice=choices.get(one.visit.patient.name.split()[0], one.choice),
            seen=one.seen,
            slot=one.slot.id if one.slot else "",
        )
        for one in plan.suggested
    ]


def planned(ill):
    return settling.plan(tuesday(ill.dr_li), by=ill.by, at=AT)


def enters(ill, plan=None, **choices):
    pressed = wanted(plan or planned(ill), **choices)
    return settling.save(tuesday(ill.dr_li), pressed, site=ill.lakeside, by=ill.by, at=AT)


def of(person):
    return Appointment.objects.select_related("practitioner").get(patient=person.record)


def test_dana_sees_who_fits_where_and_who_hears_what_before_one_press_does_all_of_it(ill, mailoutbox, clock):
    send()
    mailoutbox.clear()
    ContactPoint.objects.filter(patient=ill.ben.record, system=ContactSystem.EMAIL).delete()
    desk = browser(ill.dana)
    assert "Dr Li" in text_of(desk.get(AWAY))
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    said = text_of(page)
    assert "Same time, with Dr Kim" in said
    assert "Propose" in said
    assert "1 of 2 people cannot be reached by e-mail" in said
    assert said.index("Alice Adams") < said.index("Ben Adams")  # the soonest first
    assert not Absence.objects.exists()  # shown, and nothing done
    assert of(ill.alice).practitioner == ill.dr_li
    done = desk.post(address_of(page), form_of(page), follow=True)
    assert "Dr Li is away. Moved: 1. Asked about another time: 1. To be called: 1." in text_of(done)
    assert (of(ill.alice).practitioner, of(ill.alice).period.lower) == (ill.kim, chicago(6, 10))
    assert (of(ill.ben).practitioner, ClosureNotice.objects.get().hold.moving_id) == (ill.dr_li, of(ill.ben).pk)
    clock.shift(3 * 60)
    send()
    assert ["You will now see Dr Kim" in " ".join(mail.body.split()) for mail in mailoutbox] == [True]
    calls = set(CallTask.objects.filter(done_at=None).values_list("appointment", "reason"))
    assert (of(ill.ben).pk, CallReason.NOT_REACHED) in calls
    assert {pk for pk, _reason in calls} == {of(ill.ben).pk}


def test_with_whom_somebody_comes_is_said_and_moving_one_leaves_them_together(ill):
    sol = make_practitioner(ill.lakeside, name="Dr Sol")
    lay_out()
    people = [
        PersonBooking(patient=one.record, slot=read_slot(slot_id(who, chicago(6, 15), visit="followup")))
        for one, who in ((ill.alice, ill.dr_li), (ill.mallory, sol))
    ]
    asked = {"relation": scheduler.Relation.SAME_TIME, "within": timedelta(), "cancel_policy": CancelPolicy.CANCEL}
    link = linked_visits.book(people, **asked, by=ill.by, at=AT).link
    desk, hers = browser(ill.dana), link.visits.get(patient=ill.alice.record)
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    said = "Together with Mallory Moss. They stay booked together, and the others stay at their time. Move all of them"
    assert said in text_of(page)
    assert text_of(page).count("They stay booked together") == 1
    assert "It was booked together with others: they are cancelled with it." in text_of(page)
    assert f"/desk/families/together/{link.public_id}/" in page.content.decode()
    assert said in text_of(desk.get(f"/desk/appointments/{hers.public_id}/move/"))
    assert "Dr Li is away." in text_of(desk.post(address_of(page), form_of(page), follow=True))
    assert {one.practitioner.name for one in link.visits.all()} == {"Dr Kim", "Dr Sol"}


def test_kept_is_told_to_nobody_and_called_and_cancelled_is_told_at_once(ill, mailoutbox):
    send()
    mailoutbox.clear()
    enters(ill, Alice=SettlingChoice.CANCEL, Ben=SettlingChoice.KEEP)
    send()
    assert [mail.to[0].partition("-")[0] for mail in mailoutbox] == ["alice"]
    assert (of(ill.alice).status, of(ill.alice).cancel_reason) == (Status.CANCELLED, "practitioner")
    assert of(ill.ben).status == Status.BOOKED
    assert CallTask.objects.filter(appointment=of(ill.ben), done_at=None, reason=CallReason.WITHOUT_COVER).exists()


def times_for(plan, person):
    """Return what is offered for somebody: which act, with whom, how many minutes from their own time."""
    one = next(one for one in plan.suggested if one.visit.patient_id == person.record.pk)
    start = one.visit.period.lower
    return [
        (time.choice.value, time.slot.practitioner.name, (time.slot.start - start) // A_MINUTE) for time in one.times
    ]


def test_the_nearest_comes_first_and_another_of_a_few_can_be_chosen(ill):
    plan = planned(ill)
    assert times_for(plan, ill.alice)[0] == ("move", "Dr Kim", 0)
    times = times_for(plan, ill.ben)
    assert len(times) == 4
    named = [("propose", name) for name in ("Dr Kim", "Dr Kim", "Dr Kim", "Dr Li")]  # that day; then whom he knows
    assert [(choice, name) for choice, name, _minutes in times] == named
    away = [abs(minutes) for _choice, _name, minutes in times]
    assert away == sorted(away)
    assert away[0] <= 75
    desk = browser(ill.dana)
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    named = f"choice-{of(ill.ben).public_id}"
    offered = re.findall(rf'name="{named}" id="[^"]+" value="(propose:[^"]+)"', page.content.decode())
    assert "Dr Li is away." in text_of(desk.post(address_of(page), form_of(page) | {named: offered[2]}, follow=True))
    kept = ClosureNotice.objects.get().hold
    assert (kept.period.lower - of(ill.ben).period.lower) // A_MINUTE == times[2][2]


def test_a_day_sooner_with_somebody_else_stands_before_a_day_with_whom_they_know(ill):
    scheduler.add_absence(ill.kim, starts_at=chicago(6, 0), ends_at=chicago(7, 0), by=SYSTEM, at=AT)
    plan = settling.plan(tuesday(ill.dr_li, ends=chicago(8, 0)), by=ill.by, at=AT)
    named = [name for _choice, name, _minutes in times_for(plan, ill.ben)]
    assert named == ["Dr Kim", "Dr Kim", "Dr Kim", "Dr Li"]


def test_each_time_that_can_be_chosen_goes_with_what_is_chosen_for_all_others(ill):
    make_visit(make_person(ill.lakeside, "Carol Cole").record, slot_id(ill.dr_li, chicago(6, 11, 15)))
    plan = planned(ill)
    offered = [(one, time) for one in plan.suggested for time in one.others]
    assert len(offered) == 9
    for one, time in offered:
        pressed = [row for row in wanted(plan) if row.appointment != one.visit.public_id]
        another = Wanted(appointment=one.visit.public_id, choice=time.choice, seen=one.seen, slot=time.slot.id)
        with rehearsal(only=True):
            settling.save(tuesday(ill.dr_li), [*pressed, another], site=ill.lakeside, by=ill.by, at=AT)


def test_twin_looked_for_before_the_others_have_theirs_two_choices_meet(ill, monkeypatch):
    as_it_is, beside = settling._suggest, settling._with_others

    def at_once(visit, edit, settled, **kwargs):
        found = as_it_is(visit, edit, settled, **kwargs)
        return beside(found, edit, settled, **kwargs)

    monkeypatch.setattr(settling, "_suggest", at_once)
    monkeypatch.setattr(settling, "_with_others", lambda one, *_args, **_kwargs: one)
    with pytest.raises(ChangedSince, match=r"It meets what is chosen for (Alice Adams|Ben Adams|Carol Cole) here"):
        test_each_time_that_can_be_chosen_goes_with_what_is_chosen_for_all_others(ill)


def test_whoever_is_here_already_is_named_and_not_said_to_have_no_time(ill, clock):
    clock.move_to(chicago(6, 10))
    appointments.move(of(ill.alice).public_id, Move.ARRIVE, by=SYSTEM, at=chicago(6, 10))
    said = text_of(browser(ill.dana).get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY))
    assert "They are here already: speak with them." in said
    assert "nothing is free. 1 is here already." not in said
    assert "1 is here already." in said


def called_of(ill, person, *, at):
    """Return whether somebody is to be called about their time, once the round has looked."""
    uncovered_visits.review(at=at)
    return CallTask.objects.filter(appointment=of(person), done_at=None, reason=CallReason.WITHOUT_COVER).exists()


def test_whoever_was_asked_is_called_once_that_ran_out_with_time_left_to_call(ill):
    entered = enters(ill, Alice=SettlingChoice.KEEP)
    asked = ClosureNotice.objects.get().hold
    assert [(one["choice"], one["called"]) for one in entered.done] == [("keep", True), ("propose", False)]
    assert not called_of(ill, ill.ben, at=asked.expires_at - A_MINUTE)
    assert called_of(ill, ill.ben, at=asked.expires_at + A_MINUTE)
    assert of(ill.ben).period.lower - asked.expires_at >= TIME_TO_CALL


def test_twin_kept_until_the_appointment_nobody_would_be_called_before_it(ill, monkeypatch):
    monkeypatch.setattr(proposals, "proposal_end", lambda start, *_args, **_kwargs: start)
    monkeypatch.setattr(closures, "TIME_TO_CALL", timedelta(0))
    enters(ill)
    assert not called_of(ill, ill.ben, at=of(ill.ben).period.lower - A_MINUTE)


def test_a_choice_for_all_goes_before_what_stands_beside_each(ill):
    desk = browser(ill.dana)
    page = desk.get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    desk.post(address_of(page), form_of(page) | {"all": "cancel"})
    assert {one.status for one in Appointment.objects.filter(practitioner=ill.dr_li)} == {Status.CANCELLED}


def changed(ill):
    """Let somebody else take the time that was shown for Alice."""
    return make_visit(make_person(ill.ben.record.site, "Carol Cole").record, slot_id(ill.kim, chicago(6, 10)))


def test_where_something_changed_meanwhile_nothing_is_done_and_it_says_what(ill):
    plan = planned(ill)
    changed(ill)
    with pytest.raises(ChangedSince, match="Alice Adams") as refused:
        enters(ill, plan, Alice=SettlingChoice.MOVE)
    assert "is not free" in str(refused.value.detail)
    assert not Absence.objects.exists()
    assert not CalendarEdit.objects.exists()
    assert not ClosureNotice.objects.exists()
    assert {of(ill.alice).practitioner, of(ill.ben).practitioner} == {ill.dr_li}


def test_twin_where_each_is_done_by_itself_a_part_of_it_stays(ill, monkeypatch):
    plan = planned(ill)
    changed(ill)
    as_it_is = settling._done

    def by_itself(visit, *args, **kwargs):
        try:
            with transaction.atomic():
                return as_it_is(visit, *args, **kwargs)
        except ChangedSince:
            return {"appointment": str(visit.public_id), "choice": "keep"}

    monkeypatch.setattr(settling, "_done", by_itself)
    enters(ill, plan)
    assert Absence.objects.exists()


def test_whoever_booked_since_is_not_passed_over(ill):
    plan = planned(ill)
    make_visit(make_person(ill.lakeside, "Carol Cole").record, slot_id(ill.dr_li, chicago(6, 15)))
    with pytest.raises(ChangedSince, match="Which appointments it touches"):
        enters(ill, plan)


def test_taken_back_on_its_day_everybody_is_where_they_were(ill):
    entered = enters(ill)
    assert take_back(entered.public_id, by=ill.by, at=AT) == []
    assert {of(ill.alice).practitioner, of(ill.ben).practitioner} == {ill.dr_li}
    assert not Absence.objects.exists()
    assert not CallTask.objects.filter(done_at=None).exists()
    assert [one.over for one in ClosureNotice.objects.filter(news="other-time")] == [True]
    with pytest.raises(NotTakenBack):
        take_back(entered.public_id, by=ill.by, at=AT)


def test_taken_back_whose_place_is_kept_for_a_proposal_has_it_again(ill):
    free = of(ill.alice).place_id
    for one in Place.objects.exclude(pk=free):
        make_claim(one.resource, chicago(6, 10), 120)
    slots = {ill.alice.record.pk: slot_id(ill.kim, chicago(6, 15)), ill.ben.record.pk: slot_id(ill.kim, chicago(6, 10))}
    choices = {ill.alice.record.pk: SettlingChoice.MOVE, ill.ben.record.pk: SettlingChoice.PROPOSE}
    pressed = [
        Wanted(appointment=one.visit.public_id, choice=choices[who], seen=one.seen, slot=slots[who])
        for one in planned(ill).suggested
        for who in [one.visit.patient_id]
    ]
    entered = settling.save(tuesday(ill.dr_li), pressed, site=ill.lakeside, by=ill.by, at=AT)
    assert take_back(entered.public_id, by=ill.by, at=AT) == []
    assert (of(ill.alice).practitioner, of(ill.alice).place_id) == (ill.dr_li, free)


def test_taken_back_who_was_moved_on_since_stays_and_is_named(ill):
    entered = enters(ill)
    slot = read_slot(slot_id(ill.kim, chicago(8, 10)))
    appointments.move(of(ill.alice).public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=slot)
    page = browser(ill.dana).post(f"{AWAY}{entered.public_id}/undo/", follow=True)
    assert "These stay as they are" in text_of(page)
    assert "Alice Adams" in text_of(page)
    assert of(ill.alice).period.lower == chicago(8, 10)


def test_taken_back_who_has_said_yes_to_another_time_since_is_named(ill):
    entered = enters(ill, Ben=SettlingChoice.PROPOSE)
    ben = of(ill.ben)
    (asked,) = Hold.objects.filter(moving=ben, proposed=True)
    proposed_times.take(ben.public_id, asked.public_id, by=ill.by, at=AT + A_MINUTE, as_seen=mark_of(ben))
    left = take_back(entered.public_id, by=ill.by, at=AT + 2 * A_MINUTE)
    assert [one.patient.name for one in left] == [of(ill.ben).patient.name]


def test_taken_back_to_time_that_is_kept_for_families_since_they_have_it_again(ill):
    ahead = make_visit(ill.alice.record, slot_id(ill.dr_li, chicago(20, 10)))
    make_block(ill.dr_li, chicago(20, 10).isoweekday(), "09:30", "11:30")
    day = AwayPeriod(practitioner=ill.dr_li, starts_at=chicago(20, 0), ends_at=chicago(21, 0))
    (one,) = settling.plan(day, by=ill.by, at=AT).suggested
    move = Wanted(
        appointment=ahead.public_id, choice=SettlingChoice.MOVE, seen=one.seen, slot=slot_id(ill.kim, chicago(20, 15))
    )
    entered = settling.save(day, [move], site=ill.lakeside, by=ill.by, at=AT)
    assert take_back(entered.public_id, by=ill.by, at=AT) == []
    ahead.refresh_from_db()
    assert (ahead.practitioner, ahead.period.lower) == (ill.dr_li, chicago(20, 10))


def test_until_further_notice_leaves_their_leave_as_it_is_and_ends_with_one_press(ill):
    leave = scheduler.add_absence(ill.dr_li, starts_at=chicago(20, 0), ends_at=chicago(22, 0), by=SYSTEM, at=AT).row
    desk = browser(ill.dana)
    address = f"{AWAY}?who={ill.dr_li.public_id}&last="
    page = desk.get(address)
    assert "until further notice" in text_of(page)
    desk.post(address, form_of(page))
    assert Absence.objects.count() == 3
    shown = desk.get(AWAY)
    assert "Away until" in text_of(shown)
    (back,) = re.findall(rf'action="({AWAY}[^"]+/back/)', shown.content.decode())
    assert "The absence is over" in text_of(desk.post(back, follow=True))
    assert Absence.objects.filter(pk=leave.pk).exists()
    assert ClosureNotice.objects.filter(appointment=of(ill.ben), news="open-again").exists()


def test_what_is_at_another_site_is_told_there(dana, alice, riverside, lakeside):
    ida = make_practitioner(lakeside, riverside, name="Dr Ida")
    make_hours(ida, riverside, [(3, "09:00", "17:00")])
    ida.working_hours.filter(site=lakeside, weekday=3).delete()
    lay_out()
    make_visit(alice.record, slot_id(ida, chicago(7, 10), site="riverside"))
    page = browser(dana).get(AWAY, {"who": str(ida.public_id), "first": "10/6/2026", "last": "10/8/2026"})
    assert "1 appointment at Riverside clinic: it stands on the list of calls there." in text_of(page)
    assert "Alice" not in text_of(page)
    browser(dana).post(address_of(page), form_of(page))
    assert CallTask.objects.get(done_at=None).reason == CallReason.WITHOUT_COVER


def test_a_time_is_read_as_at_every_other_field_of_the_desk(ill):
    page = browser(ill.dana).get(AWAY, {"who": str(ill.dr_li.public_id), "from": "noon"} | TODAY)
    assert "From Tuesday, October 6, 2026, 12:00 PM" in text_of(page)
    assert "Ben Adams" in text_of(page)
    assert "Alice Adams" not in text_of(page)


def test_dr_li_enters_their_own_absence_and_moves_nobody_to_others(ill):
    page = browser(ill.dr_li).get(AWAY, {"who": str(ill.dr_li.public_id)} | TODAY)
    assert "Same time, with Dr Kim" not in text_of(page)
    assert browser(ill.dr_li).get(AWAY, {"who": str(ill.kim.public_id)}).status_code == 404
