"""The desk's page of policies: what is in force where and when, and the way of a draft until it is published."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from booking.models import ScreeningResponse
from booking.screening import impact
from booking.screening.queries import screening_of
from booking.screening.state import ScreeningState
from core.models import Policy, PolicyState, RoleAssignment, User
from core.policies.actions import policies as actions
from core.policies.keys import yaml_of
from core.roles import Role
from tests.booking.pages.drafting import BOTH, LIST, act, drafted, page, staff, with_line
from tests.booking.pages.walk import book, hidden_on, text_of
from tests.factories.policies import SOMEBODY, adopt_screening, publish_for_program, publish_policy
from tests.factories.scheduler import AT, make_site

pytestmark = pytest.mark.usefixtures("clock")


def test_everybody_of_the_staff_reads_what_is_in_force_and_an_auditor_changes_nothing(ada, lakeside):
    draft = drafted(ada)
    auditor = staff("carl", Role.AUDITOR, lakeside)
    said = text_of(auditor.get(LIST))
    assert "Booking" in said
    assert "Reminders and news" in said
    assert "in force" in said
    assert "Make a new draft" not in said
    shown = text_of(page(auditor, draft))
    assert "Appointments in one week that one person may have: 2 → 3" in shown
    assert "It is changed and published by: Ada Moss" in shown
    assert "Put the draft away" not in shown
    for what in ("submit", "approve", "publish", "discard", "take-back"):
        assert act(auditor, draft, what).status_code == 403
    assert auditor.get(f"{LIST}new/").status_code == 403
    assert auditor.get(f"{LIST}{draft.pk}/change/").status_code == 403


def test_what_is_coming_is_marked_and_what_was_stays_with_who_took_it_back(ada, lakeside):
    first = publish_policy("booking", {"booking": {"max_per_week": 4}}, site=lakeside)
    coming = drafted(ada)
    assert act(ada, coming, "publish", from_day="12/1/2026").status_code == 302
    said = text_of(ada.get(LIST))
    assert "coming" in said
    assert "from December 1, 2026" in said
    assert "until December 1, 2026" in said
    assert act(ada, coming, "take-back").status_code == 200
    coming.refresh_from_db()
    assert coming.state == PolicyState.PUBLISHED, "nothing is ticked"
    assert act(ada, coming, "take-back", sure="yes").status_code == 302
    said = text_of(ada.get(LIST))
    assert "taken back" in said
    assert "Ended by Ada Moss, October 5, 2026" in said
    assert first.version == 2


def test_of_what_holds_for_all_sites_a_site_with_its_own_hears_that_it_holds_elsewhere(ada, lakeside):
    publish_policy("booking", {"booking": {"max_per_week": 4}}, site=lakeside)
    said = text_of(ada.get(LIST))
    assert "in force at other sites" in said


def test_policies_of_another_site_are_not_there(ada, lakeside):
    elsewhere = publish_policy("booking", {"booking": {"max_per_week": 4}}, site=make_site("riverside"))
    assert page(ada, elsewhere).status_code == 404
    assert ada.get(f"{LIST}{elsewhere.pk}/policy.yaml").status_code == 404
    assert act(ada, elsewhere, "take-back", sure="yes").status_code == 404
    assert "Riverside" not in text_of(ada.get(LIST))
    assert ada.get(f"{LIST}999999/").status_code == 404


def test_a_draft_goes_from_a_look_at_a_later_day_to_publication_from_that_day(ada, lakeside):
    draft = drafted(ada)
    looked = page(ada, draft, from_day="12/1/2026", from_time="8:30")
    said = text_of(looked)
    assert "It would hold from Tuesday, December 1, 2026, 8:30" in said
    assert "Publish: in force from Tuesday, December 1, 2026" in said
    act(ada, draft, "publish", from_day="12/1/2026", from_time="8:30")
    draft.refresh_from_db()
    assert draft.effective.lower.astimezone(lakeside.tz).isoformat() == "2026-12-01T08:30:00-06:00"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"from_day": "soon"}, "write a day such as"),
        ({"from_day": "12/1/2026", "from_time": "noonish"}, "write a time such as"),
        ({"from_day": "", "from_time": "09:00"}, "on which day"),
        ({"from_day": "1/1/2020"}, "cannot begin in the past"),
    ],
)
def test_a_day_that_cannot_be_is_said_beside_it_and_nothing_is_published(ada, typed, said):
    draft = drafted(ada)
    assert said in text_of(page(ada, draft, **typed))
    assert act(ada, draft, "publish", **typed).status_code in {400, 422}
    draft.refresh_from_db()
    assert draft.state == PolicyState.DRAFT


def test_what_clinicians_approve_is_submitted_approved_by_two_others_and_then_published(ada, lakeside):
    carol, cyrus = (staff(name, Role.CLINICIAN, lakeside) for name in ("carol", "cyrus"))
    review = "\nreview: [{reason: first-visit, business_days: 1, until_hours_before: 24}]\n"
    draft = drafted(ada, "max_per_week: 2", "max_per_week: 2", text=yaml_of(Policy.objects.get(key="booking")) + review)
    assert "Publish: in force" not in text_of(page(ada, draft))
    assert "too few" not in text_of(page(ada, draft))
    User.objects.filter(username="cyrus").update(is_active=False)
    assert "1 clinician here did not write it and can approve it: that is too few" in text_of(page(ada, draft))
    User.objects.filter(username="cyrus").update(is_active=True)
    assert act(ada, draft, "publish").status_code == 409
    act(ada, draft, "submit")
    assert "in review" in text_of(carol.get(LIST))
    assert "others approve it" not in text_of(page(carol, draft))
    assert "Approve what it says" in text_of(page(carol, draft))
    act(carol, draft, "approve")
    assert "Approve what it says" not in text_of(page(carol, draft))
    assert "You have approved it; 1 more is needed." in text_of(page(carol, draft))
    assert "Approvals so far: 1" in text_of(page(ada, draft))
    assert "Approve what it says" in text_of(page(cyrus, draft))
    act(cyrus, draft, "approve")
    assert "You have approved it. It is" in text_of(page(carol, draft))
    assert "Carol Moss, Monday, October 5" in text_of(page(ada, draft))
    assert act(carol, draft, "publish").status_code == 403
    assert act(ada, draft, "publish").status_code == 302
    assert "is published" in text_of(ada.get(f"{LIST}{draft.pk}/"))
    assert "is published" not in text_of(ada.get(f"{LIST}{draft.pk}/?done=publish"))  # anybody types an address


def test_whoever_wrote_a_draft_is_told_that_others_approve_it(ada, lakeside):
    user = User.objects.get(username="ada")
    RoleAssignment.objects.create(user=user, role=Role.CLINICIAN, site=lakeside, starts_at=AT - timedelta(days=1))
    review = "\nreview: [{reason: first-visit, business_days: 1, until_hours_before: 24}]\n"
    draft = drafted(ada, text=yaml_of(Policy.objects.get(key="booking")) + review)
    assert "others approve it" in text_of(page(ada, draft))
    refused = act(ada, draft, "approve")
    assert refused.status_code == 409
    assert "ask a colleague" in text_of(refused)


def test_a_draft_that_changed_since_it_was_seen_is_not_published_and_the_page_says_so(ada, lakeside):
    draft = drafted(ada)
    seen = draft.content_hash
    actions.revise(draft.pk, draft.content | {"cancel": {"free_until_hours": 30, "undo_minutes": 10}}, by=SOMEBODY)
    refused = act(ada, draft, "publish", seen=seen)
    assert refused.status_code == 409
    assert "Somebody changed this draft" in text_of(refused)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_per_week: 2", "max_per_week: two", "(booking, max_per_week): Give a whole number"),
        ("max_per_week: 2", "max_per_month: 2", "(booking, max_per_month): Nothing reads this"),
        ("max_per_week: 2", "max_per_week: 2\n  max_per_week: 3", "This is given twice"),
        ("max_per_week: 2", "max_per_week: [2", "This is no YAML"),
    ],
)
def test_what_is_wrong_with_a_text_is_named_with_its_line_and_the_text_is_kept(ada, old, new, said):
    text = with_line(yaml_of(Policy.objects.get(key="booking")), old, new)
    answer = ada.post(f"{LIST}new/", BOTH | {"text": text})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "line" in text_of(answer).casefold()
    assert new.splitlines()[0] in answer.text
    assert not Policy.objects.filter(state=PolicyState.DRAFT).exists()


def test_the_line_that_is_named_is_the_one_where_it_stands(ada):
    text = with_line(yaml_of(Policy.objects.get(key="booking")), "max_per_week: 2", "max_per_week: two")
    number = next(n for n, line in enumerate(text.splitlines(), 1) if "two" in line)
    assert f"Line {number} (booking, max_per_week)" in text_of(ada.post(f"{LIST}new/", BOTH | {"text": text}))


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [("mask: waiting", "mask: all", "mask: all"), ("companions_max: 1", "companions_max: 2", "companions_max: 2")],
)
def test_a_draft_that_would_tell_people_otherwise_than_it_says_is_refused_beside_the_notice(
    lakeside, ada, old, new, name
):
    adopt_screening()
    text = yaml_of(Policy.objects.filter(key="screening", audience="patient").latest("version"))
    text = with_line(text, "- masks_in_waiting_rooms", "- masks_in_waiting_rooms\n- one_companion")
    how = {"kind": "screening:patient", "place": "lakeside"}
    wrong = text_of(ada.post(f"{LIST}new/", how | {"text": with_line(text, old, new)}))
    assert f"which is not so with {name}. Change one." in wrong
    assert "(notices, " in wrong
    assert ada.post(f"{LIST}new/", how | {"text": text}).status_code == 302


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fever_f: '100.4'", "fever_f: 'abc'"),
        ("severe: 20", "severe: 1"),
        ("- -24h", "- -24d"),
        ("- fever_or_chills_24h", "- fever"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_own_line(lakeside, ada, old, new):
    adopt_screening()
    text = with_line(yaml_of(Policy.objects.filter(key="screening", audience="patient").latest("version")), old, new)
    numbers = [n for n, line in enumerate(text.splitlines(), 1) if new in line]
    said = text_of(ada.post(f"{LIST}new/", {"kind": "screening:patient", "place": "lakeside", "text": text}))
    assert any(f"Line {number} (" in said for number in numbers), said
    assert "Line 1 " not in said


def test_all_mistakes_of_a_draft_are_named_at_once_in_the_order_of_its_lines(lakeside, ada):
    adopt_screening()
    text = yaml_of(Policy.objects.filter(key="screening", audience="patient").latest("version"))
    for old, new in (("mild: 10", "mild: ninety"), ("- fever_or_chills_24h", "- fever"), ("'100.4'", "'abc'")):
        text = with_line(text, old, new)
    said = text_of(ada.post(f"{LIST}new/", {"kind": "screening:patient", "place": "lakeside", "text": text}))
    named = [
        found for found in ("There is no question fever", "Give a whole number", "Write the degrees") if found in said
    ]
    assert len(named) == 3, said
    lines = [int(number) for number in re.findall(r"Line (\d+) \(", said.partition("There is a problem")[2])]
    assert lines[: len(lines) // 2] == sorted(lines[: len(lines) // 2])


@pytest.mark.parametrize("audience", ["companion", "practitioner"])
def test_notices_that_nobody_would_be_sent_are_refused_with_who_asks_them_instead(lakeside, ada, audience):
    adopt_screening()
    text = yaml_of(Policy.objects.filter(key="screening", audience=audience).latest("version"))
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("send_at"))
    how = {"kind": f"screening:{audience}", "place": "lakeside"}
    wrong = text_of(ada.post(f"{LIST}new/", how | {"text": f"{text}send_at: ['-24h']\n"}))
    assert f"Line {len(text.splitlines()) + 1} (send_at): {audience.capitalize()}s get no notice" in wrong
    assert ada.post(f"{LIST}new/", how | {"text": text}).status_code == 302
    draft = Policy.objects.get(state=PolicyState.DRAFT)
    form = hidden_on(ada.get(f"{LIST}{draft.pk}/change/"))
    again = ada.post(f"{LIST}{draft.pk}/change/", form | {"text": f"{text}send_at: ['-24h']\n"})
    assert "get no notice" in text_of(again)


def test_what_is_missing_from_all_of_it_names_no_line(ada):
    said = text_of(ada.post(f"{LIST}new/", BOTH | {"text": "cancel: {free_until_hours: 30, undo_minutes: 10}"}))
    assert "booking: This is missing" in said
    assert "Line 1 (booking)" not in said


def test_a_draft_for_an_audience_that_its_kind_does_not_tell_apart_is_refused_and_kept(ada):
    text = yaml_of(Policy.objects.get(key="booking"))
    answer = ada.post(f"{LIST}new/", {"kind": "booking:patient", "place": "lakeside", "text": text})
    assert answer.status_code == 422
    assert "max_per_week" in answer.text


def test_a_draft_is_changed_and_one_that_a_colleague_changed_meanwhile_is_not_overwritten(ada, lakeside):
    draft = drafted(ada)
    form = hidden_on(ada.get(f"{LIST}{draft.pk}/change/"))
    text = with_line(yaml_of(draft), "max_per_week: 3", "max_per_week: 5")
    assert ada.post(f"{LIST}{draft.pk}/change/", form | {"text": text}).status_code == 302
    draft.refresh_from_db()
    assert draft.content["booking"]["max_per_week"] == 5
    refused = ada.post(f"{LIST}{draft.pk}/change/", form | {"text": text.replace(": 5", ": 6")})
    assert "Somebody changed this draft" in text_of(refused)
    assert "max_per_week: 6" in refused.text


def test_yaml_is_given_as_a_file_that_makes_the_same_draft_again(ada):
    row = Policy.objects.get(key="reminder-plan")
    file = ada.get(f"{LIST}{row.pk}/policy.yaml")
    assert "attachment" in file["Content-Disposition"]
    done = ada.post(f"{LIST}new/", {"kind": "reminder-plan:all", "place": "lakeside", "text": file.text})
    assert done.status_code == 302
    again = Policy.objects.get(state=PolicyState.DRAFT)
    assert again.content_hash == row.content_hash
    assert "No value changes" in text_of(page(ada, again))


def test_the_dry_run_of_screening_says_who_is_asked_anew_and_that_is_who_is(alice_has_answered, ada, lakeside):
    visit = alice_has_answered
    carol, cyrus = (staff(name, Role.CLINICIAN, lakeside) for name in ("carol", "cyrus"))
    base = Policy.objects.filter(key="screening", audience="patient").latest("version")
    text = with_line(yaml_of(base), "fever_free_hours: 24", "fever_free_hours: 48")
    ada.post(f"{LIST}new/", {"kind": "screening:patient", "place": "lakeside", "text": text})
    draft = Policy.objects.get(state=PolicyState.DRAFT)
    said = text_of(page(ada, draft))
    assert (
        "Of 1 appointment in the coming 30 days that begins while it holds, patients of 1 have answered already" in said
    )
    assert "Hours without a fever before somebody may come: 24 → 48" in said
    later = text_of(page(ada, draft, from_day="10/9/2026"))
    assert (
        "Of 0 appointments in the coming 30 days that begin while it holds, patients of 0 have answered already"
        in later
    )
    out = StringIO()
    call_command("policies", "publish", "screening", str(draft.version), stdout=out)
    assert (
        "Of 1 appointment in the coming 30 days that begins while it holds, patients of 1 have answered"
        in out.getvalue()
    )
    act(carol, draft, "approve")
    act(cyrus, draft, "approve")
    act(ada, draft, "publish")
    assert screening_of(visit, at=AT + timedelta(minutes=1)).state is ScreeningState.UNANSWERED


def test_a_draft_for_all_counts_nobody_where_a_site_has_its_own_for_everybody(alice_has_answered, monkeypatch):
    base = Policy.objects.filter(key="screening", audience="patient").latest("version")
    lasting = DateTimeTZRange(AT - timedelta(hours=1), None)
    actions.adopt("screening", base.content, effective=lasting, by=SOMEBODY, at=AT, site=alice_has_answered.site)
    draft = actions.draft("screening", base.content, by=SOMEBODY, at=AT, audience="patient")
    found = actions.publication(draft, at=AT)
    assert "Of 0 appointments" in actions.impact(draft, found, at=AT)[0]
    monkeypatch.setattr(impact, "_has_a_nearer_one", lambda _visit, _change: False)
    assert "Of 1 appointment " in actions.impact(draft, found, at=AT)[0], "without that look"


@pytest.fixture
def alice_has_answered(lakeside):
    """A visit of tomorrow whose patient has answered the questions of the policy for all sites."""
    from tests.booking.pages.walk import open_clinic  # noqa: PLC0415
    from tests.factories.scheduler import lay_out  # noqa: PLC0415

    open_clinic(lakeside)
    lay_out()
    adopt_screening()
    alice = Client()
    link = book(alice)
    alice.post(f"{link}screening/", {"none": "1"})
    return ScreeningResponse.objects.get().appointment


def test_the_dry_run_of_a_reminder_plan_says_who_is_reminded_at_other_times(ada):
    text = with_line(yaml_of(Policy.objects.get(key="reminder-plan")), "at: -72h", "at: -48h")
    ada.post(f"{LIST}new/", {"kind": "reminder-plan:all", "place": "lakeside", "text": text})
    said = text_of(page(ada, Policy.objects.get(state=PolicyState.DRAFT)))
    assert "Of 0 appointments ahead, 0 would be reminded at other times" in said
    assert "reminded: now also: 48 hours before. no longer: 72 hours before." in said


def test_programs_stand_apart_until_they_have_rules_of_their_own(ada, lakeside):
    title = "For programs without rules of their own"
    before, _, apart = text_of(ada.get(LIST)).partition(title)
    assert "Cancer Integrative Medicine Program" in apart
    assert "Cancer Integrative Medicine Program" not in before
    publish_for_program("cancer-integrative-medicine", site=lakeside)
    assert "Cancer Integrative Medicine Program" in text_of(ada.get(LIST)).partition(title)[0]


def test_the_list_asks_as_much_for_many_policies_as_for_few(ada, lakeside, django_assert_max_num_queries):
    ada.get(LIST)
    with django_assert_max_num_queries(8):
        ada.get(LIST)
    adopt_screening()
    for most in range(3, 9):
        publish_policy("booking", {"booking": {"max_per_week": most}}, site=lakeside, at=AT + timedelta(days=most))
    ada.get(LIST)
    with django_assert_max_num_queries(9):  # and who wrote them
        page = ada.get(LIST)
    assert text_of(page).count("coming") >= 5


def test_questions_and_masks_are_shown_in_words(ada, lakeside):
    adopt_screening()
    row = Policy.objects.filter(key="screening", audience="patient").latest("version")
    said = text_of(page(ada, row))
    assert "Fever or chills in the last 24 hours" in said
    assert "everybody in waiting rooms" in said
    assert "72 hours before" in said
    assert "Health questions for patients" in text_of(ada.get(LIST))
