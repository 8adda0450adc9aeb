"""Finding somebody from any page of the desk, and the page about them: what they come for, and how they are reached."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from booking.actions import call_requests
from booking.actions.patients import merging, patients
from booking.models import Appointment, CallRequest, ContactPoint
from booking.models.patients import ContactSystem
from booking.status import Status
from core.roles import Role
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from tests.booking.pages.walk import hidden_on, text_of
from tests.factories.booking import SYSTEM, chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT, make_practitioner, make_site

FIND = "/desk/find/"


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


def browser(person):
    client = Client()
    client.force_login(person.user)
    return client


def page_of(patient):
    return f"/desk/patients/{patient.public_id}/"


def cards(answer):
    """Return whom a page of results names, in their order."""
    return re.findall(r"<h2><a [^>]*>([^<]+)</a></h2>", answer.content.decode())


@pytest.fixture
def by_role(dana, frank, dr_li, riverside):
    """The browsers of a scheduler, staff of the program, who treats Alice, and a scheduler of another site."""
    people = {"dana": dana, "frank": frank, "li": dr_li, "rita": make_staff("rita", Role.SCHEDULER, site=riverside)}
    return {name: browser(person) for name, person in people.items()}


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, chicago(7, 10)))


@pytest.mark.parametrize("typed", ["adams alice", "ALICE", "Adams, A", "5/1/1970", "312 555 0142", "0142"])
def test_dana_finds_alice_from_any_page_by_what_she_says_and_reads_when_she_comes(dana, alice, visit, typed):
    ContactPoint.objects.create(patient=alice.record, system=ContactSystem.PHONE, value="+13125550142")
    desk = browser(dana)
    assert f'action="{FIND}"' in desk.get("/desk/arrivals/").content.decode()
    found = desk.get(FIND, {"find": typed})
    assert cards(found) == ["Alice Adams"]
    said = text_of(found)
    assert "Wednesday, October 7, 2026, 10:00 AM Dr Li, Lakeside clinic: booked" in said
    assert 'href="tel:+13125550142"' in found.content.decode()
    assert f'href="{page_of(alice.record)}?site=lakeside"' in found.content.decode()


def test_by_the_reference_of_an_appointment_that_one_is_shown_also_when_it_is_over(dana, alice, dr_li, visit):
    over = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)), Status.CANCELLED)
    found = browser(dana).get(FIND, {"find": over.reference.lower()})
    assert cards(found) == ["Alice Adams"]
    assert over.reference in text_of(found)
    assert visit.reference not in text_of(found)


def test_who_finds_nobody_is_told_what_to_try_and_where_somebody_new_is_entered(dana, frank, alice):
    nobody = browser(dana).get(FIND, {"find": "Zzyzx"})
    assert "Nobody whom you may see is found." in text_of(nobody)
    assert "date of birth" in text_of(nobody)
    assert 'href="/desk/book/?site=lakeside&amp;find=Zzyzx"' in nobody.content.decode()
    assert "A scheduler finds everybody" in text_of(browser(frank).get(FIND, {"find": "Zzyzx"}))
    assert "at least 3 letters" in text_of(browser(dana).get(FIND, {"find": "al"}))
    assert "Type above" in text_of(browser(dana).get(FIND))


@pytest.mark.parametrize("typed", ["0177", "(312) 555-0177", "reyes ol"])
def test_whoever_asked_for_a_call_and_has_no_record_is_found_with_the_card(dana, frank, lakeside, typed):
    made = call_requests.ask(site=lakeside.pk, name="Olga Reyes", phone="+13125550177", first=False, by=SYSTEM, at=AT)
    found = browser(dana).get(FIND, {"find": typed})
    assert "Asked for a call Olga Reyes, (312) 555-0177" in text_of(found)
    assert f"#c-asked-for-{made.pk}" in found.content.decode()
    assert "Olga" not in text_of(browser(dana).get(FIND, {"find": "0178"}))
    CallRequest.objects.filter(pk=made.pk).update(done_at=AT, done_by="x")
    assert "Olga" not in text_of(browser(dana).get(FIND, {"find": typed})).partition("Found by")[2]


def test_everybody_finds_those_whom_they_may_see_and_reads_of_appointments_that_they_may(
    lakeside, by_role, alice, visit
):
    ben, other = make_patient(lakeside, "Ben Adams"), make_practitioner(lakeside, name="Dr Moss")
    theirs = make_visit(ben, slot_id(other, chicago(7, 11)))
    found = {who: cards(desk.get(FIND, {"find": "adams"})) for who, desk in by_role.items()}
    both = ["Alice Adams", "Ben Adams"]
    assert found == {"dana": both, "frank": both[:1], "li": both[:1], "rita": []}
    assert by_role["li"].get(page_of(ben)).status_code == 404
    assert by_role["rita"].get(page_of(alice.record)).status_code == 404
    make_visit(alice.record, slot_id(other, chicago(14, 10)))
    hers = text_of(by_role["li"].get(page_of(alice.record)))
    assert "Dr Li" in hers
    assert "Dr Moss" not in hers
    assert theirs.reference not in hers


def test_twin_without_the_look_at_who_may_see_them_a_stranger_is_found(dr_li, lakeside, monkeypatch):
    make_patient(lakeside, "Ben Adams")
    li = Client()
    li.force_login(dr_li.user)
    assert cards(li.get(FIND, {"find": "adams"})) == []
    monkeypatch.setattr("booking.models.patients.PatientQuerySet.visible_to", lambda rows, _by: rows)
    assert cards(li.get(FIND, {"find": "adams"})) == ["Ben Adams"]


def test_the_page_of_alice_tells_what_is_ahead_and_what_has_been_to_whoever_may_know_for_what(
    lakeside, dana, alice, dr_li, visit
):
    gone = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)), Status.CANCELLED)
    page = browser(dana).get(page_of(alice.record))
    said = text_of(page)
    coming, past = said.partition("Past and cancelled")[::2]
    assert visit.reference in coming
    assert gone.reference in past
    assert "cancelled" in past
    assert "Acupuncture (manual), first appointment" in coming
    assert "Born May 1, 1970" in said
    assert f'href="/desk/appointments/{visit.public_id}/"' in page.content.decode()
    admin = browser(make_staff("ada", Role.ADMIN, site=lakeside)).get(page_of(alice.record))
    assert visit.reference in text_of(admin)
    assert "Acupuncture" not in text_of(admin)
    assert f'action="{FIND}"' not in admin.content.decode()


def test_of_many_past_ones_the_last_are_shown_and_all_on_demand(dana, alice, dr_li):
    for day in range(6, 10):
        for hour in (9, 11, 14):
            make_visit(alice.record, slot_id(dr_li, chicago(day, hour)), Status.CANCELLED)
    desk, references = browser(dana), set(Appointment.objects.values_list("reference", flat=True))
    shown = text_of(desk.get(page_of(alice.record)))
    assert sum(one in shown for one in references) == 10
    everything = text_of(desk.get(page_of(alice.record), {"all": "yes"}))
    assert all(one in everything for one in references)


def test_a_record_that_was_merged_leads_to_the_one_that_holds_what_it_held(dana, lakeside):
    kept, given_up = make_patient(lakeside, "Ben Adams"), make_patient(lakeside, "Benjamin Adams")
    merging.merge(kept=kept, given_up=given_up, by=SYSTEM, at=AT)
    assert browser(dana).get(page_of(given_up)).headers["Location"] == f"{page_of(kept)}?site=lakeside"


def test_both_pages_ask_as_little_for_many_as_for_few(dana, alice, dr_li, lakeside, django_assert_max_num_queries):
    desk = browser(dana)
    make_visit(alice.record, slot_id(dr_li, chicago(7, 10)))
    desk.get(FIND, {"find": "adams"})
    with django_assert_max_num_queries(22):
        desk.get(FIND, {"find": "adams"})
    with django_assert_max_num_queries(32):
        desk.get(page_of(alice.record))
    for hour, name in ((9, "Ben Adams"), (11, "Cleo Adams"), (14, "Dan Adams")):
        make_visit(make_patient(lakeside, name), slot_id(dr_li, chicago(8, hour)))
        make_visit(alice.record, slot_id(dr_li, chicago(9, hour)), Status.CANCELLED)
    with django_assert_max_num_queries(22):
        assert len(cards(desk.get(FIND, {"find": "adams"}))) == 4
    with django_assert_max_num_queries(32):
        desk.get(page_of(alice.record))


def test_a_patient_who_signs_in_opens_no_page_of_the_desk_about_themselves(alice, lakeside):
    make_site("riverside")
    assert browser(alice).get(page_of(alice.record)).status_code == 403


@pytest.mark.parametrize("typed", ["Alise Adams", "adamsa", "Adasm, Alcie", "Алиса Адамс"])
def test_alice_is_found_by_a_name_that_is_mistyped_or_in_another_script_and_that_is_said(dana, alice, visit, typed):
    found = browser(dana).get(FIND, {"find": typed})
    assert cards(found) == ["Alice Adams"]
    assert "These names are much like it" in text_of(found)


def test_where_somebody_is_written_like_that_those_who_are_much_like_it_stand_below(dana, lakeside):
    for name in ("Jon Smith", "John Smith", "Joan Smythe", "Otto Brandt"):
        make_patient(lakeside, name)
    found = browser(dana).get(FIND, {"find": "jon smith"})
    assert cards(found) == ["Jon Smith", "John Smith", "Joan Smythe"]
    assert "Names that are much like it" in text_of(found)


def test_a_corrected_name_is_found_by_its_slips_from_then_on_and_the_old_one_is_not(dana, alice):
    desk, page = browser(dana), page_of(alice.record)
    given = {"name": "Alice Brandt", "birth_date": "5/1/1970", "email": "", "phone": "312 555 0142", "language": "en"}
    seen = sent_as(desk.get(page))
    mail = alice.record.contacts.get().value
    done = desk.post(f"{page}correct/", given | {"email": mail, "seen": seen}, follow=True)
    assert "The record is corrected." in text_of(done)
    assert "(312) 555-0142" in text_of(done)
    assert cards(desk.get(FIND, {"find": "Brnadt"})) == ["Alice Brandt"]
    assert cards(desk.get(FIND, {"find": "Adasm"})) == []
    late = desk.post(f"{page}correct/", given | {"name": "Alice Moss", "email": mail, "seen": seen})
    assert late.status_code == 409
    assert "changed since you looked" in text_of(late)
    alice.record.refresh_from_db()
    assert alice.record.name == "Alice Brandt"


def sent_as(page):
    """Return as which a record was looked at, as its form says."""
    return re.search(r'name="seen" value="(\d+)"', page.content.decode())[1]


def test_what_cannot_be_read_is_said_and_kept_and_nobody_is_left_without_a_way_to_reach_them(dana, alice):
    desk, page = browser(dana), page_of(alice.record)
    wrong = {"name": "Alice Adams", "birth_date": "31/31/1970", "email": "", "phone": "", "language": "en", "seen": "0"}
    answer = desk.post(f"{page}correct/", wrong)
    assert answer.status_code == 422
    assert 'value="31/31/1970"' in answer.content.decode()
    nobody = desk.post(f"{page}correct/", wrong | {"birth_date": "5/1/1970"})
    assert nobody.status_code == 422
    assert "nobody could reach them" in text_of(nobody)


def test_a_guest_who_may_be_alice_is_named_with_why_and_made_one_with_her_once_dana_is_sure(dana, alice, lakeside):
    guest = make_patient(lakeside, "Alice Ann Adams", guest=True)
    desk, page = browser(dana), page_of(alice.record)
    said = text_of(desk.get(page))
    assert "This may be the same person" in said
    assert "booked as a guest" in said
    assert "Why: the same name, or one with a name more, the same date of birth" in said
    asked = desk.post(f"{page}merge/", {"other": guest.public_id})
    assert "For a day that can be undone" in text_of(asked)
    guest.refresh_from_db()
    assert guest.merged_into is None
    done = desk.post(f"{page}merge/", hidden_on(asked) | {"keep": "", "confirmed": "yes"}, follow=True)
    assert f"Alice Adams has one record now: {alice.record.reference}." in text_of(done)
    guest.refresh_from_db()
    assert guest.merged_into == alice.record


def test_the_other_record_can_be_the_one_that_is_kept(dana, lakeside):
    one, other = make_patient(lakeside, "Ben Adams"), make_patient(lakeside, "Ben Adams")
    desk, page = browser(dana), f"{page_of(one)}merge/"
    asked = desk.post(page, {"other": other.public_id, "keep": "other"})
    done = desk.post(page, hidden_on(asked) | {"keep": "other", "confirmed": "yes"})
    assert done.headers["Location"] == f"{page_of(other)}?site=lakeside"


def corrected_meanwhile(desk, alice, guest):
    """Ask whether two are one person, and let a colleague correct one of them before it is said; return the press."""
    page = f"{page_of(alice.record)}merge/"
    asked = hidden_on(desk.post(page, {"other": guest.public_id}))
    patients.change(guest, name="Alice Ann Brandt", by=SYSTEM, at=AT)
    return desk.post(page, asked | {"keep": "", "confirmed": "yes"})


def test_what_was_corrected_since_both_records_were_shown_is_not_merged_unseen(dana, alice, lakeside):
    guest = make_patient(lakeside, "Alice Ann Adams", guest=True)
    answer = corrected_meanwhile(browser(dana), alice, guest)
    assert answer.status_code == 409
    assert "changed since you looked" in text_of(answer)
    guest.refresh_from_db()
    assert guest.merged_into is None


def test_twin_without_the_look_at_both_records_they_are_merged_unseen(dana, alice, lakeside, monkeypatch):
    guest = make_patient(lakeside, "Alice Ann Adams", guest=True)
    monkeypatch.setattr("booking.actions.patients.merging.mark_of_both", lambda *_: "0-0")
    assert corrected_meanwhile(browser(dana), alice, guest).status_code == 302


def test_two_people_are_asked_about_once(dana, alice, lakeside):
    twin = make_patient(lakeside, "Alice Adams")
    desk, page = browser(dana), page_of(alice.record)
    done = desk.post(f"{page}apart/", {"other": twin.public_id}, follow=True)
    assert "Noted: these are two people." in text_of(done)
    assert "This may be the same person" not in text_of(desk.get(page))
    assert "This may be the same person" not in text_of(desk.get(page_of(twin)))


def test_both_are_undone_with_one_press_on_the_page(dana, alice, lakeside):
    twin = make_patient(lakeside, "Alice Adams")
    desk, page, other = browser(dana), page_of(alice.record), {"other": twin.public_id}
    desk.post(f"{page}apart/", other)
    assert "Undo: they may be one person" in text_of(desk.get(page))
    back = desk.post(f"{page}not-apart/", other, follow=True)
    assert "This may be the same person" in text_of(back)
    merging.merge(kept=alice.record, given_up=twin, by=SYSTEM, at=AT)
    shown = text_of(desk.get(page))
    assert f"{twin.name}, {twin.reference}, went into this record. That can be undone until" in shown
    undone = desk.post(f"{page}unmerge/", follow=True)
    assert "is a record by itself again" in text_of(undone)
    assert "No merging into this record can be undone any more" in text_of(desk.post(f"{page}unmerge/"))


def test_dana_reads_what_was_written_and_sends_the_links_again_once_however_often_she_presses(dana, alice, visit):
    Message.objects.create(
        appointment=visit, recipient=alice.record, version=0, kind=MessageKind.CONFIRMATION, due_at=AT, created_at=AT,
        status=Delivery.FAILED, reason="refused-550", settled_at=AT,
    )  # fmt: skip
    desk, page = browser(dana), page_of(alice.record)
    said = text_of(desk.get(page))
    assert "Confirmation: failed" in said
    assert "the mail server refused it (550)" in said
    for _press in range(2):
        done = desk.post(f"{page}send-links/", follow=True)
    assert "They get a mail with a link to each of their appointments." in text_of(done)
    (again,) = Message.objects.filter(kind=MessageKind.LINK)
    assert again.facts["visits"] == [visit.pk]


def test_dana_sends_one_message_again_and_reads_why_not_where_it_is_not_true_any_more(dana, alice, visit):
    told = {"appointment": visit, "recipient": alice.record, "version": 0, "due_at": AT, "created_at": AT}
    sent = {"kind": MessageKind.CONFIRMATION, "status": Delivery.SENT, "settled_at": AT}
    first = Message.objects.create(**told, **sent)
    desk, page = browser(dana), page_of(alice.record)
    assert "Send it again" in text_of(desk.get(page))
    press = {"patient": alice.record.public_id, "times": "0"}
    for _press in range(2):
        done = desk.post(reverse("desk-message-again", args=[first.pk]), press, follow=True)
    assert "It is sent again. What becomes of it stands below." in text_of(done)
    assert "Confirmation, sent again: waiting" in text_of(done)
    Appointment.objects.filter(pk=visit.pk).update(status="noshow")
    Message.objects.filter(facts__resend_of=first.pk).delete()
    refused = desk.post(reverse("desk-message-again", args=[first.pk]), press, follow=True)
    assert "This was not sent again. The appointment does not stand as it did then." in text_of(refused)


def test_whoever_has_no_appointment_ahead_is_called_instead(dana, lakeside):
    ben = make_patient(lakeside, "Ben Adams")
    answer = browser(dana).post(f"{page_of(ben)}send-links/")
    assert answer.status_code == 409
    assert "Call them instead" in text_of(answer)


ACTS = ("correct", "merge", "apart", "not-apart", "unmerge", "send-links")


def test_whoever_may_not_is_offered_none_of_it_and_refused(by_role, alice, visit, lakeside):
    twin = make_patient(lakeside, "Alice Adams")
    for who in ("frank", "li"):
        page = by_role[who].get(page_of(alice.record)).content.decode()
        assert not [act for act in ACTS if f"/{act}/" in page]
        assert "What we wrote to them" not in page
        answers = {
            by_role[who].post(f"{page_of(alice.record)}{act}/", {"other": twin.public_id}).status_code for act in ACTS
        }
        assert answers == {404}
    assert by_role["dana"].post(f"{page_of(alice.record)}fly/").status_code == 404
    assert by_role["dana"].post(f"{page_of(alice.record)}merge/", {"other": "x"}).status_code == 404


def test_twin_without_the_look_at_who_may_correct_it_a_practitioner_parts_records(
    by_role, alice, visit, lakeside, monkeypatch
):
    twin = make_patient(lakeside, "Alice Adams")
    monkeypatch.setattr("booking.web.desk.patients.acts.acting", lambda by, _right: SYSTEM)
    assert by_role["li"].post(f"{page_of(alice.record)}apart/", {"other": twin.public_id}).status_code == 302
