"""Alice invites her husband Ben to the time that her program keeps for families."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from booking.actions.families import family_grace, family_links
from booking.actions.families.family_news import unrelayed_family_acts
from booking.actions.patients import merging
from booking.audiences import memberships_of
from booking.families import codes
from booking.families.errors import (
    AlreadyLinked,
    FamilyActNotAllowed,
    FamilyCodeUnknown,
    NoFamilyTime,
    OwnInvitation,
    TooManyFamilyLinks,
    TooManyInvitations,
    TooSoonToRenew,
)
from booking.families.status import INVITATION_LIFE, LIVE, MOST_LIVE, FamilyState
from booking.models import FamilyLink, FamilyLinkChange, Patient
from core.refusals import Invalid
from scheduler import public as scheduler
from tests.factories.booking import DAY, SYSTEM, make_patient, visitor
from tests.factories.families import BEN, claimed, confirmed, invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

PROGRAM = "cancer-integrative-medicine"


@pytest.fixture(autouse=True)
def _kept_time(monkeypatch):
    """Some time is kept for some people alone."""
    monkeypatch.setattr(scheduler, "is_narrowed", lambda: True)


def families_of(patient, at=AT):
    return memberships_of(patient, at=at).families


def last_day(link):
    return (link.ends_at - timedelta(microseconds=1)).astimezone(link.site.tz).date()


def acts_of(link):
    return list(link.changes.values_list("act", "before", "after", "refused"))


def test_a_relative_is_family_once_the_patient_has_confirmed_them_and_not_before(alice):
    link = claimed(alice.record)
    assert link.relative.name == "Ben Adams"
    assert families_of(link.relative) == families_of(alice.record) == frozenset()
    family_links.confirm(link, by=alice.principal, at=AT)
    assert families_of(link.relative) == families_of(alice.record) == {(alice.record.site_id, PROGRAM)}
    assert memberships_of(link.relative, at=AT).programs == frozenset()
    assert acts_of(link) == [
        ("invite", "", "invited", ""),
        ("claim", "invited", "claimed", ""),
        ("confirm", "claimed", "active", ""),
    ]


def test_somebody_else_is_no_family_of_theirs(alice, mallory):
    confirmed(alice.record)
    assert families_of(mallory.record) == frozenset()


def test_whom_staff_stand_for_need_not_wait(alice, dana):
    link = claimed(alice.record, reason="They came together, we saw both cards.")
    assert link.state == FamilyState.ACTIVE
    assert families_of(link.relative)
    later = claimed(alice.record, details=replace(BEN, name="Cleo Adams"))
    with pytest.raises(Invalid):
        family_links.vouch(later, reason=" ", by=dana.principal, at=AT)
    assert family_links.vouch(later, reason="Known to us.", by=dana.principal, at=AT).vouched_reason == "Known to us."


def test_taken_back_it_opens_nothing_from_the_same_moment_on(alice):
    link = confirmed(alice.record)
    family_links.revoke(link, by=alice.principal, at=AT)
    assert families_of(link.relative) == families_of(alice.record) == frozenset()
    assert family_links.revoke(link, by=alice.principal, at=AT).state == FamilyState.REVOKED
    with pytest.raises(FamilyActNotAllowed):
        family_links.renew(link, by=alice.principal, at=AT)
    assert acts_of(link)[3:] == [("revoke", "active", "revoked", ""), ("renew", "", "", "family-act-not-allowed")]


@pytest.mark.parametrize("days", [364, 367])
def test_it_ends_by_its_date_though_no_worker_notes_it(alice, days):
    link = confirmed(alice.record)
    assert bool(families_of(link.relative, at=AT + days * DAY)) is (days < 365)
    link.refresh_from_db()
    assert link.state == FamilyState.ACTIVE  # nobody has tidied up


def test_both_renew_it_in_its_last_days_and_it_lasts_for_another_year(alice):
    link = confirmed(alice.record)
    end = link.ends_at
    with pytest.raises(TooSoonToRenew):
        family_links.renew(link, by=alice.principal, at=AT + 300 * DAY)
    last, renewed = last_day(link), family_links.renew(link, by=alice.principal, at=end - 10 * DAY)
    assert (last.isoformat(), last_day(renewed).isoformat()) == ("2027-10-05", "2028-10-05")  # a leap year between
    with pytest.raises(TooSoonToRenew):
        family_links.renew(link, by=alice.principal, at=end - 10 * DAY)


def test_a_year_of_grace_is_given_by_staff_with_a_reason(alice, dana):
    link = confirmed(alice.record)
    later = AT + 200 * DAY
    kept = family_links.keep_in_grace(link, reason="The patient has died.", by=dana.principal, at=later)
    assert kept.grace_at == later
    assert families_of(link.relative, at=later + 364 * DAY)
    with pytest.raises(FamilyActNotAllowed):
        family_links.renew(link, by=dana.principal, at=kept.ends_at - DAY)


@pytest.mark.parametrize(("who", "later", "undone"), [
    ("dana", 0 * DAY, True), ("dana", DAY, False), ("frank", 0 * DAY, False),
])  # fmt: skip
def test_a_year_of_grace_is_undone_by_whoever_gave_it_the_same_day_and_nobody_is_told(who, later, undone, alice, dana):
    link, other = confirmed(alice.record), visitor("frank")
    end, told = link.ends_at, unrelayed()
    for _ in range(2):  # pressed twice
        link = family_links.keep_in_grace(link, reason="The patient has died.", by=dana.principal, at=AT + 200 * DAY)
    by = dana.principal if who == "dana" else other
    with nullcontext() if undone else pytest.raises(FamilyActNotAllowed, match="the same day"):
        family_links.undo_grace(link, by=by, at=AT + 200 * DAY + later)
    link.refresh_from_db()
    assert (link.grace_at is None, link.ends_at == end) == (undone, undone)
    assert unrelayed() == told
    assert link.changes.filter(act="grace").count() == 1


def test_twin_without_that_rule_anybody_undoes_a_year_of_grace_at_any_time(alice, dana, monkeypatch):
    link = confirmed(alice.record)
    link = family_links.keep_in_grace(link, reason="The patient has died.", by=dana.principal, at=AT)
    monkeypatch.setattr(family_grace, "may_take_back", lambda link, *, by, at: True)
    assert family_links.undo_grace(link, by=visitor("frank"), at=AT + 3 * DAY).grace_at is None


def unrelayed():
    """Return whom there is to tell of something."""
    with transaction.atomic():
        return [side for news in unrelayed_family_acts(limit=50) for side in news.sides]


def test_a_code_opens_once_and_for_two_weeks(alice):
    link = claimed(alice.record)
    with pytest.raises(FamilyCodeUnknown):
        family_links.claim(link, details=BEN, by=visitor("eve"), at=AT)
    late = invited(alice.record)
    with pytest.raises(FamilyCodeUnknown):
        family_links.claim(late, details=BEN, by=visitor("ben"), at=late.ends_at)


def test_on_the_day_that_an_invitation_names_it_can_be_used_until_midnight(alice):
    link = invited(alice.record)
    midnight = datetime.combine(link.ends_on + DAY, time(), link.site.tz)
    assert link.ends_on == (AT + INVITATION_LIFE).astimezone(link.site.tz).date()
    taken = family_links.claim(link, details=BEN, by=visitor("ben"), at=midnight - timedelta(minutes=1))
    assert taken.ends_at == midnight + INVITATION_LIFE
    with pytest.raises(FamilyCodeUnknown):
        family_links.claim(invited(alice.record), details=BEN, by=visitor("eve"), at=midnight)


def test_who_takes_an_invitation_up_gets_a_record_of_their_own_though_there_is_one_like_it(alice):
    there = make_patient(alice.record.site, BEN.name, guest=True)
    link = claimed(alice.record, details=replace(BEN, email=there.contacts.get().value, birth_date=there.birth_date))
    assert link.relative != there
    assert link.relative.guest


def test_who_signs_in_takes_it_up_with_their_own_record(alice, ben):
    link = family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    assert link.relative == ben.record
    with pytest.raises(AlreadyLinked):
        family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    with pytest.raises(OwnInvitation):
        family_links.claim(invited(alice.record), own=alice.record, by=alice.principal, at=AT)


def test_a_patient_of_no_program_invites_nobody(mallory):
    with pytest.raises(NoFamilyTime):
        invited(mallory.record)
    assert FamilyLinkChange.objects.get(patient=mallory.record).refused == "no-family-time"


def test_a_fifth_link_is_refused_and_that_is_on_record(alice):
    links = [invited(alice.record) for _ in range(MOST_LIVE)]
    with pytest.raises(TooManyFamilyLinks):
        invited(alice.record)
    assert FamilyLinkChange.objects.filter(patient=alice.record, refused="too-many-family-links").count() == 1
    family_links.revoke(links[1], by=alice.principal, at=AT)
    assert invited(alice.record).number == 2


def test_what_ran_out_is_in_nobodys_way_though_no_worker_notes_it(alice):
    for _ in range(MOST_LIVE):
        invited(alice.record)
    late = AT + INVITATION_LIFE + DAY
    invited(alice.record, at=late)
    assert FamilyLink.objects.filter(state=FamilyState.EXPIRED).count() == MOST_LIVE
    assert alice.record.family_links.live(at=late).count() == 1


def test_the_database_itself_counts_the_links(alice):
    four = [invited(alice.record) for _ in range(MOST_LIVE)]
    for number in (1, MOST_LIVE + 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            FamilyLink.objects.filter(pk=four[1].pk).update(number=number)


def test_nobody_is_mailed_to_without_end(alice):
    for _ in range(8):
        family_links.revoke(invited(alice.record), by=alice.principal, at=AT)
    with pytest.raises(TooManyInvitations):
        invited(alice.record)
    assert invited(alice.record, at=AT + DAY)


def test_the_same_form_sent_twice_invites_once(alice):
    link = invited(alice.record)
    again = family_links.Invitation(public_id=link.public_id, relation=link.relation)
    assert family_links.invite(alice.record, again, site=link.site, by=SYSTEM, at=AT) == link
    assert FamilyLink.objects.count() == 1


def test_neither_code_nor_link_stands_in_the_database(alice):
    link = invited(alice.record)
    row = str(FamilyLink.objects.filter(pk=link.pk).values().get())
    assert codes.code_of(link.public_id) not in row
    assert codes.token_of(link.public_id, codes.LinkPurpose.INVITATION) not in row


def test_the_ledger_stays_as_it_is_written(alice):
    change = invited(alice.record).changes.get()
    FamilyLinkChange.objects.filter(pk=change.pk).update(relayed_at=AT)
    for edit in (lambda: FamilyLinkChange.objects.update(by="user:0"), FamilyLinkChange.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            edit()


def test_links_of_two_records_of_one_person_become_theirs(alice, ben):
    """The relative is known here already: staff merge the record that they made with the code."""
    link = confirmed(alice.record)
    merging.merge(kept=ben.record, given_up=link.relative, by=SYSTEM, at=AT)
    assert families_of(ben.record)


def test_merged_patients_have_at_most_four_links_and_none_to_themselves(alice):
    second = make_patient(alice.record.site, "Alice Adams")
    second.enrolments.create(site=second.site)
    husband = confirmed(alice.record).relative
    for _ in range(2):
        invited(alice.record)
    twice = family_links.claim(invited(second), own=husband, by=SYSTEM, at=AT)
    herself = family_links.claim(invited(second), own=alice.record, by=SYSTEM, at=AT)
    for _ in range(2):
        invited(second)
    merging.merge(kept=alice.record, given_up=second, by=SYSTEM, at=AT)
    live = alice.record.family_links.filter(state__in=LIVE)
    assert sorted(live.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert not live.filter(pk__in=[twice.pk, herself.pk]).exists()
    assert Patient.objects.get(pk=second.pk).family_links.count() == 0


@pytest.mark.parametrize(("days", "open_still"), [(200, True), (364, False)])
def test_a_family_is_welcome_for_a_year_after_the_treatment(alice, days, open_still):
    """The patient themself takes part no more; the link is renewed meanwhile."""
    alice.record.enrolments.update(ends_on=(AT - 10 * DAY).date(), ends_at=AT - 10 * DAY)
    link = confirmed_before(alice)
    assert bool(families_of(link.relative, at=AT + days * DAY)) is open_still
    assert memberships_of(alice.record, at=AT).programs == frozenset()


def confirmed_before(alice):
    """Return a link that was made while the patient took part."""
    link = confirmed(alice.record, at=AT - 20 * DAY)
    FamilyLink.objects.filter(pk=link.pk).update(ends_at=AT + 400 * DAY)
    return link


def test_in_grace_the_end_of_the_treatment_does_not_matter(alice):
    link = confirmed(alice.record)
    family_links.keep_in_grace(link, reason="The patient has died.", by=SYSTEM, at=AT + 360 * DAY)
    alice.record.enrolments.update(ends_on=AT.date(), ends_at=AT)
    assert families_of(link.relative, at=AT + 500 * DAY)
