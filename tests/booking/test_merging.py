"""Two records of one person become one, and nothing that hung on either is lost."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from booking import queries
from booking.actions import appointments, holds, links
from booking.actions.patients import merge_undo, merging, patients, person_locks
from booking.errors import LinkMoved, PatientBusy, TooManyThisWeek
from booking.models import (
    Appointment,
    ContactPoint,
    Enrolment,
    Hold,
    Patient,
    Proof,
    RecordAct,
    RecordChange,
)
from booking.patients import duplicates, patient_search
from booking.patients.record_errors import (
    BothHaveAccounts,
    MergedInto,
    MergeInUse,
    NotApart,
    NothingMerged,
    SameRecord,
    VisitsOverlap,
)
from booking.status import Status
from notifications.actions.relay import relay
from notifications.models import Message
from tests.factories.booking import SYSTEM, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.tables import changed, dump

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

BORN = date(1961, 3, 27)
DAY_8, DAY_13 = chicago(8, 10), chicago(13, 10)


def record(site, name="Zoe O'Brien", email="zoe@example.test", **facts):
    return patients.register(name=name, email=email, birth_date=BORN, site=site, by=SYSTEM, at=AT, **facts)


@pytest.fixture
def two(lakeside):
    """The record Zoe has, and the one she made as a guest with another address."""
    return record(lakeside), record(lakeside, email="zoe@work.test", phone="(312) 555-0142", guest=True)


def merge(two, **facts):
    kept, given_up = two
    return merging.merge(**{"kept": kept, "given_up": given_up, "by": SYSTEM, "at": AT} | facts)


def test_visits_messages_holds_calls_and_enrolments_move_to_the_kept_record(dr_li, two):
    kept, given_up = two
    visit = make_visit(given_up, slot_id(dr_li, DAY_13))
    relay(at=AT)
    hold = holds.take(read_slot(slot_id(dr_li, chicago(20, 10))), by=SYSTEM, at=AT, patient=given_up)
    Enrolment.objects.create(patient=given_up, site=kept.site)
    merge(two)
    assert Appointment.objects.get().patient == Hold.objects.get(pk=hold.pk).patient == kept
    assert {message.recipient for message in Message.objects.filter(appointment=visit)} == {kept}
    assert [row.patient for row in Enrolment.objects.all()] == [kept]
    assert set(kept.contacts.values_list("system", "value")) == {
        ("email", "zoe@example.test"),
        ("phone", "+13125550142"),
    }
    assert not ContactPoint.objects.filter(patient=given_up).exists()
    took = RecordChange.objects.get(act=RecordAct.TOOK_OVER)
    assert (took.patient, took.other, took.was["contacts"][0]) == (kept, given_up, ["email", "zoe@work.test"])


def test_no_table_that_names_a_record_is_forgotten():
    named = {(row.related_model, row.field.name) for row in Patient._meta.related_objects}
    moved = set(merging._relations())
    assert {table.__name__ for table, _column in named - moved} == {
        "ContactPoint",
        "Enrolment",
        "FamilyLink",
        "FamilyLinkChange",
        "RecordChange",
    }
    assert {"Appointment", "Hold", "Message", "ContactChange", "Patient"} <= {
        table.__name__ for table, _column in moved
    }


def test_a_link_to_an_old_visit_still_opens(dr_li, two):
    visit = make_visit(two[1], slot_id(dr_li, DAY_13))
    token = links.issue(visit, at=AT)
    merge(two)
    assert links.open_link(token, at=AT).appointment.patient == two[0]


def test_an_address_that_is_theirs_is_kept_and_a_stranger_s_guess_is_not(two, lakeside):
    kept, given_up = two
    third = record(lakeside, email="zoe@home.test", guest=True)
    third.contacts.update(verified_at=AT)
    merge((kept, third))
    merge((kept, given_up))
    assert set(kept.contacts.filter(system="email").values_list("value", flat=True)) == {
        "zoe@example.test",
        "zoe@home.test",
    }
    assert queries.mail_of(kept) == "zoe@example.test"


def test_a_code_that_was_mailed_to_one_address_verifies_no_other(dr_li, two):
    given_up = two[1]
    waiting = make_visit(given_up, slot_id(dr_li, DAY_13), Status.PROPOSED)
    token = links.issue(waiting, at=AT)
    proof = Proof.objects.create(appointment=waiting, made_by="visitor:browser", issued_at=AT)
    merge(two)
    proof.refresh_from_db()
    assert proof.issue == 2
    with pytest.raises(LinkMoved):
        links.open_link(token, at=AT)


def test_the_old_id_is_found_by_nobody_and_leads_to_the_kept_record(two, dana):
    kept, given_up = two
    merge(two)
    with pytest.raises(MergedInto) as told:
        queries.patient(given_up.public_id, by=dana.principal)
    assert told.value.facts == {"patient": str(kept.public_id)}
    assert list(patient_search.search(queries.patients(dana.principal), "obrien")) == [kept]
    assert duplicates.pairs(queries.patients(dana.principal)) == []


def test_whoever_gives_the_name_of_the_record_that_was_given_up_is_found(lakeside, dana):
    kept = record(lakeside, name="Karla Straußmann-Schmidt", email="k@example.test")
    given_up = record(lakeside, name="Carla Strassmann-Weiss", email="c@example.test")
    reference = given_up.reference
    merging.merge(kept=kept, given_up=given_up, by=dana.principal, at=AT)
    patients.change(kept, name="Karla Schmidt", by=dana.principal, at=AT)
    for typed in ("strassmann", "Carla Weiss", reference, "schmidt"):
        assert list(patient_search.search(queries.patients(dana.principal), typed)) == [kept], typed


def test_a_record_that_took_another_over_and_is_merged_itself_leads_both_on(two, lakeside, dana):
    last = record(lakeside, email="zoe@home.test")
    merge(two)
    merge((last, two[0]))
    for old in two:
        with pytest.raises(MergedInto) as told:
            queries.patient(old.public_id, by=dana.principal)
        assert told.value.facts == {"patient": str(last.public_id)}


@pytest.mark.parametrize(("kept", "given_up", "refusal"), [(0, 0, SameRecord), (0, 1, MergedInto), (1, 0, MergedInto)])
def test_nobody_is_merged_twice_or_with_themselves(two, kept, given_up, refusal):
    merge(two)
    before = dump()
    with pytest.raises(refusal):
        merge((two[kept], two[given_up]))
    assert changed(before, dump()) == []


def test_two_people_who_sign_in_are_not_merged(alice, ben):
    before = dump()
    with pytest.raises(BothHaveAccounts):
        merge((alice.record, ben.record))
    assert changed(before, dump()) == []


def test_whoever_signs_in_has_the_kept_record(two, alice):
    merge((two[0], alice.record))
    assert queries.own_record(alice.principal) == two[0]


def test_a_record_matched_by_staff_is_a_guest_s_no_more(two):
    assert not merge((two[1], two[0])).guest


def test_records_with_visits_at_one_time_are_not_merged_and_the_visits_are_named(dr_li, riverside, two):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    visits = [
        make_visit(two[0], slot_id(dr_li, DAY_13)),
        make_visit(two[1], slot_id(dr_wu, DAY_13, site="riverside")),
    ]
    before = dump()
    with pytest.raises(VisitsOverlap) as refused:
        merge(two)
    assert refused.value.facts == {"appointments": sorted(visit.reference for visit in visits)}
    assert changed(before, dump()) == []


def test_twin_the_database_itself_lets_nobody_be_in_two_places(dr_li, riverside, two, monkeypatch):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    make_visit(two[0], slot_id(dr_li, DAY_13))
    make_visit(two[1], slot_id(dr_wu, DAY_13, site="riverside"))
    monkeypatch.setattr(merging, "_refuse", lambda _kept, _given_up: None)
    with pytest.raises(IntegrityError, match="patient_is_in_one_place_at_a_time"):
        merge(two)


def test_limits_and_presence_hold_for_what_both_records_had(dr_li, riverside, two):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    make_visit(two[0], slot_id(dr_li, DAY_13))
    make_visit(two[1], slot_id(dr_li, chicago(19, 10)))
    kept = merge(two)
    with pytest.raises(PatientBusy):
        make_visit(kept, slot_id(dr_wu, chicago(19, 10), site="riverside"))
    make_visit(kept, slot_id(dr_li, chicago(14, 10)))
    with pytest.raises(TooManyThisWeek):
        make_visit(kept, slot_id(dr_li, chicago(15, 10)))


def test_whoever_just_books_for_a_record_that_is_merged_books_nothing_for_it(dr_li, two):
    given_up = Patient.objects.get(pk=two[1].pk)
    merge(two)
    with pytest.raises(MergedInto):
        appointments.book(patient=given_up, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, DAY_13)))
    with pytest.raises(MergedInto):
        holds.take(read_slot(slot_id(dr_li, DAY_13)), by=visitor(), at=AT, patient=given_up)
    assert not Appointment.objects.exists()


def test_twin_if_a_record_were_locked_without_a_look_it_would_get_a_visit_that_nobody_finds(dr_li, two, monkeypatch):
    given_up = Patient.objects.get(pk=two[1].pk)
    merge(two)
    monkeypatch.setattr(person_locks, "lock_patient", lambda patient, *_others: patient)
    visit = appointments.book(patient=given_up, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, DAY_13)))
    assert Patient.objects.get(pk=visit.patient_id).merged_into == two[0]


def test_records_that_may_be_one_person_s_are_listed_until_staff_say_what_they_are(two, lakeside, dana):
    make_other = record(lakeside, name="Zoë Anne O’Brien", email="ZOE@example.test")
    record(lakeside, name="Max O'Brien", email="max@example.test")
    among = queries.patients(dana.principal)
    assert {frozenset(pair) for pair in duplicates.pairs(among)} >= {frozenset(two), frozenset({two[0], make_other})}
    merging.keep_apart(two[0], make_other, by=dana.principal, at=AT)
    merge(two)
    assert frozenset({two[0], make_other}) not in {frozenset(pair) for pair in duplicates.pairs(among)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoe O'Brien", "O Brien, Zoe"),
        ("Anna Müller", "Mueller Anna"),
        ("Ana de la Cruz", "Delacruz, Ana"),
        ("Zoe Brien", "Zoe Anne Brien"),
        ("王小明", "王 小明"),
        ("Alice Adams", "Dr. Alice Adams"),
    ],
)
def test_what_is_shown_when_somebody_is_entered_is_in_the_list_too(lakeside, dana, one, other):
    was = record(lakeside, name=one, email="one@example.test")
    facts = {"name": other, "birth_date": BORN, "email": "other@example.test", "site": lakeside}
    assert patients.possible_duplicates(by=dana.principal, **facts) == [was]
    made = patients.register(by=dana.principal, at=AT, **facts)
    assert duplicates.pairs(queries.patients(dana.principal)) == [(was, made)]


def test_dana_who_says_at_entry_that_it_is_another_person_is_not_asked_again(lakeside, dana):
    zoe, other = record(lakeside), record(lakeside, name="Zoe Anne O'Brien", email="anne@example.test")
    facts = {"name": "Zoe O'Brien", "birth_date": BORN, "email": "z@example.test", "site": lakeside}
    made = patients.enter(another_person=True, by=dana.principal, at=AT, **facts)
    assert duplicates.pairs(queries.patients(dana.principal)) == [(zoe, other)], "of those two she said nothing"
    noted = RecordChange.objects.filter(act=RecordAct.APART, by=dana.principal.key, at=AT)
    assert {(row.patient, row.other) for row in noted} == {(zoe, made), (other, made)}


def test_twin_what_is_said_at_entry_and_not_noted_is_asked_again(lakeside, dana, monkeypatch):
    monkeypatch.setattr(merging, "keep_apart", lambda *_two, **_done: None)
    zoe = record(lakeside)
    facts = {"name": "Zoe O'Brien", "birth_date": BORN, "email": "z@example.test", "site": lakeside}
    made = patients.enter(another_person=True, by=dana.principal, at=AT, **facts)
    assert duplicates.pairs(queries.patients(dana.principal)) == [(zoe, made)]


def test_two_people_stay_two_when_the_record_of_one_is_merged_with_another_of_theirs(two, lakeside, dana):
    zoe, again = two
    stranger = record(lakeside, name="Zoe Anne O'Brien", email="anne@example.test")
    merging.keep_apart(again, stranger, by=dana.principal, at=AT)
    merging.merge(kept=zoe, given_up=again, by=dana.principal, at=AT)
    assert duplicates.pairs(queries.patients(dana.principal)) == []


def test_two_who_were_born_on_one_day_and_share_a_name_are_not_listed(lakeside, dana):
    record(lakeside, name="Zoe O'Brien", email="zoe@example.test")
    record(lakeside, name="Max O'Brien", email="max@example.test")
    assert duplicates.pairs(queries.patients(dana.principal)) == []


def test_the_list_of_pairs_takes_a_fixed_number_of_queries(lakeside, dana, django_assert_num_queries):
    for number in range(3):
        record(lakeside, name="Zoe Brien", email=f"zoe{number}@example.test")
    with django_assert_num_queries(5):
        assert len(duplicates.pairs(queries.patients(dana.principal))) == 3


def later(minutes=5):
    return AT + timedelta(minutes=minutes)


def undone(two, **facts):
    return merge_undo.undo(two[0], **{"by": SYSTEM, "at": later()} | facts)


def as_they_are(two):
    rows = merge_undo.rows_of(*two)
    return {table: found for table, found in rows.items() if found}


def test_a_merging_is_undone_to_the_last_value_and_each_has_again_what_was_theirs(dr_li, two):
    kept, given_up = two
    make_visit(given_up, slot_id(dr_li, DAY_13))
    make_visit(kept, slot_id(dr_li, DAY_8))
    relay(at=AT)
    holds.take(read_slot(slot_id(dr_li, chicago(20, 10))), by=SYSTEM, at=AT, patient=given_up)
    for who, ends in ((kept, date(2026, 12, 1)), (given_up, None)):
        Enrolment.objects.create(patient=who, site=kept.site, ends_on=ends, ends_at=ends and chicago(30, 0))
    before = as_they_are(two)
    merge(two)
    assert as_they_are(two) != before
    assert undone(two).pk == given_up.pk
    assert as_they_are(two) == before
    acts = list(RecordChange.objects.order_by("pk").values_list("act", flat=True))
    assert acts[-2:] == [RecordAct.UNMERGED, RecordAct.GAVE_BACK]
    with pytest.raises(NothingMerged):
        undone(two)
    merge(two, at=later(10))
    assert undone(two, at=later(12)).merged_into is None


def test_what_was_written_about_a_visit_since_goes_with_it(dr_li, two):
    visit = make_visit(two[1], slot_id(dr_li, DAY_13))
    merge(two)
    relay(at=AT)
    links.issue(visit, at=AT)
    undone(two)
    assert {one.recipient for one in Message.objects.filter(appointment=visit)} == {two[1]}


def booked(kept, dr_li):
    make_visit(kept, slot_id(dr_li, DAY_13))


def corrected(kept, dr_li):
    patients.change(kept, by=SYSTEM, at=later(), language="es")


@pytest.mark.parametrize("since", [booked, corrected])
def test_it_is_not_undone_once_something_new_hangs_on_it_or_the_time_is_over(dr_li, two, since):
    merge(two)
    with pytest.raises(NothingMerged):
        undone(two, at=AT + merge_undo.UNDO_FOR)
    since(two[0], dr_li)
    with pytest.raises(MergeInUse):
        undone(two, at=later(6))


def test_twin_without_that_look_what_was_booked_since_would_stay_with_whoever_was_kept(dr_li, two, monkeypatch):
    merge(two)
    monkeypatch.setattr(merge_undo, "_refuse", lambda *_args, **_facts: None)
    monkeypatch.setattr(merge_undo, "_follow", lambda *_args: None)
    make_visit(two[0], slot_id(dr_li, DAY_13))
    undone(two)
    assert Appointment.objects.get().patient == two[0]


def test_what_is_kept_to_undo_it_is_forgotten_with_the_time(two):
    merge(two)
    assert merge_undo.forget(at=later()) == 0
    assert merge_undo.forget(at=AT + merge_undo.UNDO_FOR) == 1


def alike(two):
    found = duplicates.likely_same(two[0], among=Patient.objects.all(), apart=duplicates.apart_from(two[0]))
    return [one for one, _why in found]


def test_that_two_records_are_two_peoples_is_taken_back_at_any_time(two):
    merging.keep_apart(*two, by=SYSTEM, at=AT)
    assert alike(two) == []
    merging.ask_again(two[1], two[0], by=SYSTEM, at=AT + timedelta(days=400))
    assert alike(two) == [two[1]]
    with pytest.raises(NotApart):
        merging.ask_again(*two, by=SYSTEM, at=AT)
    merging.keep_apart(*two, by=SYSTEM, at=AT)
    assert alike(two) == []
