"""How long a time is kept, a cancel can be undone, a code and a link work: each site says so in its booking policy."""

from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.core import mail

from booking.actions import appointments, guest_flow, holds, links
from booking.actions.guest_flow import Guest
from booking.actions.patients import address_verification
from booking.actions.patients.address_verification import CodeResult
from booking.cancel_reasons import CancelReason
from booking.errors import CodeTooSoon, HoldNotExtendable, LinkExpired, TooManyHolds, UndoOver
from booking.models import Proof
from booking.policies import booking_policy
from booking.policy_impact import impact
from booking.status import Move, Status
from core.models import Policy, PolicyState
from core.policies.actions import policies
from core.policies.keys import PolicyChange, policy_key
from core.principal import Principal
from core.refusals import Invalid
from notifications.actions import codes, dispatch
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT

TEN = chicago(8, 10)
ZOE = Guest(name="Zoë O'Brien", email="zoe@example.test", birth_date=date(1961, 3, 27))
BROWSER = visitor()


def says(site=None, at=AT - DAY, **groups):
    """Put a booking policy in force that differs in some values."""
    return publish_policy("booking", groups, site=site, at=at)


def take(dr_li, who, hour=10, at=AT):
    return holds.take(read_slot(slot_id(dr_li, chicago(8, hour))), by=who.principal, at=at)


def book_as_zoe(dr_li, day, at=AT):
    kept = holds.choose(read_slot(slot_id(dr_li, chicago(day, 10))), by=BROWSER, at=at)
    return guest_flow.book(kept.public_id, by=BROWSER, at=at, patient=None, guest=ZOE)


def cancelled(visit, at=AT):
    return appointments.move(
        visit.public_id, Move.CANCEL, by=Principal.system("staff"), at=at, reason=CancelReason.PATIENT
    )


def code_of(visit):
    return address_verification.code_of(visit.public_id, Proof.objects.get(appointment=visit).issue)


def test_alice_keeps_a_time_for_as_long_as_the_site_says_and_asks_for_more_as_often(alice, dr_li, lakeside):
    says(lakeside, holds={"minutes": 20, "extensions": 1})
    hold = take(dr_li, alice)
    assert hold.expires_at == AT + 20 * MINUTE
    later = AT + 19 * MINUTE
    assert holds.extend(hold.public_id, by=alice.principal, at=later).expires_at == later + 20 * MINUTE
    with pytest.raises(HoldNotExtendable):
        holds.extend(hold.public_id, by=alice.principal, at=later)


def test_what_one_site_says_does_not_hold_at_another(alice, dr_li, riverside):
    says(riverside, holds={"minutes": 20})
    assert take(dr_li, alice).expires_at == AT + 15 * MINUTE


def test_alice_keeps_as_many_times_as_the_site_says_and_is_told_how_many_those_are(alice, dr_li):
    says(holds={"open_per_person": 1})
    take(dr_li, alice)
    with pytest.raises(TooManyHolds, match="keeping 1 time already") as refused:
        take(dr_li, alice, 12)
    assert refused.value.facts["limit"] == 1


def test_a_cancel_is_undone_for_as_long_as_the_site_says(alice, dr_li):
    says(cancel={"undo_minutes": 30})
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    assert cancelled(visit).undo_until == AT + 30 * MINUTE
    back = appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + 29 * MINUTE)
    assert back.status == Status.BOOKED


def test_who_cancelled_before_a_shorter_time_was_said_keeps_the_longer_one(alice, dr_li):
    visits = [make_visit(alice.record, slot_id(dr_li, chicago(day, 10))) for day in (8, 12)]
    cancelled(visits[0])
    says(at=AT + MINUTE, cancel={"undo_minutes": 2})
    appointments.move(visits[0].public_id, Move.UNDO, by=alice.principal, at=AT + 9 * MINUTE)
    cancelled(visits[1], at=AT + 9 * MINUTE)
    with pytest.raises(UndoOver):
        appointments.move(visits[1].public_id, Move.UNDO, by=alice.principal, at=AT + 11 * MINUTE)


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_zoe_books_as_much_without_a_verified_address_as_the_site_says(dr_li, ahead):
    says(unverified={"visits_ahead": ahead, "hold_minutes": 45})
    states = [book_as_zoe(dr_li, day) for day in (8, 12, 19)[: ahead + 1]]
    assert [visit.status for visit in states] == [Status.BOOKED] * ahead + [Status.PROPOSED]
    assert states[-1].kept_until == AT + 45 * MINUTE


@pytest.fixture
def waiting(dr_li):
    """A visit of Zoë's that waits for a code, by a policy of its own."""
    says(unverified={"visits_ahead": 0, "code_minutes": 20, "code_tries": 2, "codes": 2})
    return book_as_zoe(dr_li, 8)


def test_a_code_works_for_as_long_as_its_mail_says_also_when_the_site_says_otherwise_meanwhile(waiting):
    codes.relay(at=AT)
    says(at=AT + MINUTE, unverified={"visits_ahead": 0, "code_minutes": 2})
    dispatch.run(now=lambda: AT + 2 * MINUTE)
    for body in (mail.outbox[0].body, mail.outbox[0].alternatives[0].content):
        assert "The code works for 20 minutes." in body
    typed = {"by": BROWSER, "at": AT + 19 * MINUTE}
    assert address_verification.type_code(waiting.public_id, code_of(waiting), **typed) is CodeResult.RIGHT


def test_a_code_ends_when_its_minutes_or_its_tries_do(waiting):
    def typed(words, minutes):
        return address_verification.type_code(waiting.public_id, words, by=BROWSER, at=AT + minutes * MINUTE)

    assert typed(code_of(waiting), 20) is CodeResult.SPENT
    assert [typed("no code", 1), typed("no code", 1)] == [CodeResult.WRONG, CodeResult.SPENT]
    assert typed(code_of(waiting), 1) is CodeResult.SPENT


def test_zoe_is_sent_as_many_codes_as_the_site_says(waiting):
    address_verification.send_again(waiting.public_id, by=BROWSER, at=AT + 2 * MINUTE)
    with pytest.raises(CodeTooSoon, match="We have sent several"):
        address_verification.send_again(waiting.public_id, by=BROWSER, at=AT + 4 * MINUTE)


def test_a_link_works_for_as_long_after_the_visit_as_the_site_says_and_moves_along(alice, dr_li):
    says(links={"days_after_visit": 7})
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    token, end = links.issue(visit, at=AT), visit.period.upper
    assert links.open_link(token, at=end + 7 * DAY - MINUTE)
    with pytest.raises(LinkExpired):
        links.open_link(token, at=end + 7 * DAY)
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(12, 10)))
    )
    assert links.open_link(token, at=moved.period.upper + 7 * DAY - MINUTE)


# -- written down -----------------------------------------------------------------------------------------------------


def content(**groups):
    found = deepcopy(Policy.objects.filter(key="booking").earliest("version").content)
    return found | {name: found[name] | values for name, values in groups.items()}


def draft(written):
    return policies.draft("booking", written, by=BROWSER, at=AT)


@pytest.mark.parametrize(
    ("groups", "place", "told"),
    [
        ({"holds": {"minutes": 0}}, "/holds/minutes", "Give a whole number, 5 to 120."),
        ({"holds": {"minutes": "15"}}, "/holds/minutes", "Give a whole number, 5 to 120."),
        ({"cancel": {"undo_minutes": 241}}, "/cancel/undo_minutes", "Give a whole number, 1 to 240."),
        ({"unverified": {"code_tries": 100}}, "/unverified/code_tries", "Give a whole number, 1 to 10."),
        ({"links": {"days_after_visit": 400}}, "/links/days_after_visit", "Give a whole number, 0 to 365."),
        ({"booking": {"max_per_week": -1}}, "/booking/max_per_week", "Give a whole number, 0 to 100,000."),
        ({"holds": {"short_minutes": 16}}, "/holds/short_minutes", "no longer than others"),
        ({"unverified": {"code_minutes": 31}}, "/unverified/code_minutes", "no longer than its time is kept"),
    ],
)
def test_a_number_that_cannot_be_is_named_with_its_bounds_and_nothing_is_drafted(lakeside, groups, place, told):
    with pytest.raises(Invalid) as refused:
        draft(content(**groups))
    (error,) = refused.value.facts["errors"]
    assert (error["pointer"], told in error["detail"]) == (place, True)
    assert Policy.objects.filter(key="booking").count() == 1


def of_an_older_release():
    """Return a content as it was written before these values were any."""
    older = content()
    for group in ("late", "holds", "unverified", "links"):
        del older[group]
    del older["no_show"]["consecutive_review"], older["no_show"]["undo_hours"]
    del older["cancel"]["undo_minutes"]
    return older


@pytest.fixture
def older(lakeside):
    """A site's own policy that an older release published."""
    return Policy.objects.create(
        key="booking",
        site=lakeside,
        version=2,
        effective=(None, None),
        content=of_an_older_release() | {"no_show": {"mark_after_min": 40}},
        content_hash="0" * 64,
        state=PolicyState.PUBLISHED,
    )


def test_a_policy_of_an_older_release_holds_on_with_what_a_clinic_begins_with(older, alice, dr_li, lakeside):
    assert take(dr_li, alice).expires_at == AT + 15 * MINUTE
    found = booking_policy(lakeside.pk, at=AT)
    assert (found.no_show_after, found.undo, found.code_tries) == (40 * MINUTE, 10 * MINUTE, 5)
    assert found.link_life == timedelta(days=30)


def test_a_draft_of_it_is_whole_and_one_that_lacks_a_value_is_told_which(older):
    with pytest.raises(Invalid) as refused:
        draft(older.content)
    places = [error["pointer"] for error in refused.value.facts["errors"]]
    lacking = ["cancel/undo_minutes", "no_show/undo_hours", "no_show/consecutive_review"]
    assert places == [f"/{one}" for one in (*lacking, "late", "holds", "unverified", "links")]
    whole = policy_key("booking").completed(older.content)
    assert policies.publication(draft(whole), at=AT).changes[0].startswith("no_show.mark_after_min: 20 → 40")


def test_an_older_release_s_draft_is_published_as_it_was_written(lakeside):
    made = Policy.objects.create(
        key="booking", version=2, effective=(AT, None), content=of_an_older_release(), content_hash="0" * 64
    )
    assert policies.publication(made, at=AT).changes == ()
    policies.publish(made.pk, by=BROWSER, at=AT)
    assert booking_policy(lakeside.pk, at=AT).hold == 15 * MINUTE


def test_the_look_says_whom_other_minutes_would_have_reached(alice, dr_li, lakeside):
    slow = take(dr_li, alice)
    visit = appointments.book(hold_id=slow.public_id, patient=alice.record, by=alice.principal, at=AT + 9 * MINUTE)
    cancelled(visit, at=AT + HOUR)
    appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + HOUR + 8 * MINUTE)
    book_as_zoe(dr_li, 12)
    after = content(holds={"minutes": 8}, cancel={"undo_minutes": 5}, unverified={"visits_ahead": 2})
    told = impact(PolicyChange(before=content(), after=after, sites=[lakeside.pk], at=AT + 2 * HOUR))
    assert told[-3:] == [
        "Of 2 times kept and booked in the last 30 days, 1 took longer than a time would be kept at first.",
        "Of 1 cancel taken back in the last 30 days, 1 would be taken back too late then.",
        (
            "Of 1 address with appointments ahead that nobody has verified, the next appointment of 1 would need a "
            "code and did not, or the other way round."
        ),
    ]
    assert len(impact(PolicyChange(before=content(), after=content(), sites=[lakeside.pk], at=AT))) == len(told) - 3
