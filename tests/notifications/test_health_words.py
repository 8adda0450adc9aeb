"""No message tells what somebody answered about their health, nor how they stand, but what they are to do.

Whether somebody must stay away, is looked at or needs help no message tells: something is to be settled first.
"""

import re
from datetime import timedelta

import pytest

from booking.actions.screening import screening
from booking.models import ScreeningResponse
from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity
from booking.screening.queries import screening_of
from booking.screening.questionnaire import QUESTIONNAIRE, AnswerChoice
from core.principal import Principal
from notifications.channels.mail.preview import preview
from notifications.models import Message
from notifications.status import MessageKind
from tests.factories.policies import adopt_screening, publish_screening
from tests.factories.visits import STARTS_AT, a_patient, a_visit, cancel
from tests.revealing_words import HEALTH, TELLING

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOON = STARTS_AT - DAY + timedelta(hours=2)
ALICE = Principal.system("link")
FEVER, COUGH = "fever_or_chills_24h", "new_cough_breathless_sore_throat_runny_nose"
TEST, HOUSEHOLD = "positive_covid_flu_rsv_10d", "household_positive_10d"
NO, YES, USUAL = AnswerChoice.NO, AnswerChoice.YES, AnswerChoice.USUAL_FOR_ME
ILL = {"tested_on": NOON.date(), "severity": Severity.IN_HOSPITAL, "weak_immune_system": ImmuneSystem.WEAK}
ANSWERS = {
    "well": {},
    "masked and looked at": {"choices": {HOUSEHOLD: YES, COUGH: USUAL}},
    "tested positive": {"choices": {TEST: YES}} | ILL,
    "needs help": {"emergency": True},
}
FACTS = {
    MessageKind.LINK: {"because": "request"},
    MessageKind.CODE: {"issue": 1},
    MessageKind.HEALTH: {"again": True},
    MessageKind.REVIEWED: {
        "answers": 1, "news": "", "companion": 0, "masked": False,
        "from": NOON.isoformat(), "until": NOON.isoformat(),
    },
}  # fmt: skip
WAYS = [
    *((kind, {}) for kind in MessageKind if kind is not MessageKind.REVIEWED),
    *((MessageKind.REVIEWED, {"about": about, "companion": who}) for about in ("approved", "asked", "declined", "again")
      for who in (0, 1)),
    (MessageKind.LINK, {"because": "stay-away"}),
]  # fmt: skip
OF_COMING = {
    MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED, MessageKind.HEALTH, MessageKind.REOPENED,
    MessageKind.LINK,
}  # fmt: skip
"""What tells somebody to come, or where to read of it: who is not awaited as it stands hears so, in neutral words."""


@pytest.fixture(scope="module", autouse=True)
def asks_once(once_a_module):
    with once_a_module():
        adopt_screening()


def alices_visit():
    visit = a_visit(patient=a_patient())
    visit.refresh_from_db()
    return visit


def answers(visit, said, *, companion=0):
    asked = screening_of(visit, at=NOON, companion=companion).policy
    choices = dict.fromkeys(asked.questions, NO) | said.get("choices", {})
    given = ScreeningAnswers(answered_on=NOON.date(), **{**said, "choices": choices})
    screening.answer(visit.public_id, given, by=ALICE, at=NOON, companion=companion)


def mail(visit, kind, facts):
    """Return how a message would read, without what tells one from another."""
    facts = FACTS.get(kind, {}) | facts
    if kind is MessageKind.LINK:
        facts = facts | {"visits": [visit.pk]}
    row = Message.objects.create(
        appointment=visit, recipient=visit.patient, version=visit.version, kind=kind, facts=facts, due_at=NOON,
        created_at=NOON, resend=9, address="old@example.test" if kind is MessageKind.CONTACT_CHANGED else "",
    )  # fmt: skip
    text = preview(row, at=NOON).decode()
    row.delete()
    return re.sub(r"message-\d+\.\S+|=_?\S*={5,}\S*|boundary=\S+|--=+\S+", "", text)


@pytest.mark.parametrize(("kind", "facts"), WAYS)
def test_no_message_tells_whether_alice_is_to_stay_away_is_looked_at_or_needs_help(kind, facts):
    visit = alices_visit()
    if kind is MessageKind.CANCELLED:
        cancel(visit, at=NOON, reason="patient")
        before = mail(visit, kind, facts)
        type(visit).objects.update(cancel_reason="illness")
        visit.refresh_from_db()
        assert mail(visit, kind, facts) == before
        return
    read = {}
    for name, said in ANSWERS.items():
        answers(visit, said)
        read[name] = mail(visit, kind, facts)
        ScreeningResponse.objects.all().delete()
    well = read.pop("well")
    (to_settle,) = set(read.values())
    # One that says nothing of coming says the same to all.
    assert (to_settle == well) is (kind not in OF_COMING)
    assert [word for word in (*TELLING, *HEALTH) if word in (well + to_settle).lower()] == []


@pytest.mark.parametrize(("kind", "facts"), WAYS)
def test_no_message_holds_a_question_or_an_answer_before_anybody_has_answered(kind, facts):
    visit = alices_visit()
    text = " ".join(mail(visit, kind, facts).split())
    assert [one for one in QUESTIONNAIRE.questions.values() if one.words["en"] in text] == []
    assert [word for word in (*TELLING, *HEALTH) if word in text.lower()] == []


def test_a_companions_answers_change_no_mail_to_the_patient():
    visit = alices_visit()
    answers(visit, {})
    before = mail(visit, MessageKind.REMINDER, {})
    answers(visit, {"choices": {FEVER: YES}}, companion=1)
    assert mail(visit, MessageKind.REMINDER, {}) == before


def test_whoever_comes_along_has_a_link_of_their_own_as_the_site_says_who_may():
    visit = alices_visit()
    one = mail(visit, MessageKind.REMINDER, {})
    assert "1 person can come with you, and answers as well (12 years or older):" in one
    assert "/screening/?who=3D1" in one or "/screening/?who=1" in one
    publish_screening({"companions_max": 2, "companion_min_age": 0}, at=NOON)
    assert "2 people can come with you, and answer as well:" in mail(visit, MessageKind.REMINDER, {})
    publish_screening({"companions_max": 0, "notices": ["come_alone"]}, at=NOON)
    alone = mail(visit, MessageKind.REMINDER, {})
    assert "Please come alone" in alone
    assert "who=" not in alone.replace("who=3D0", "")


@pytest.mark.parametrize("companions", [0, 1])
@pytest.mark.parametrize("kind", [MessageKind.HEALTH, MessageKind.REMINDER])
def test_who_answered_when_somebody_might_come_along_hears_that_nobody_can_any_more(kind, companions):
    visit = alices_visit()
    answers(visit, {})
    for who in range(companions):
        answers(visit, {}, companion=who + 1)
    said = "Nobody can come along to this appointment. If you need help on the way"
    assert said not in mail(visit, kind, FACTS.get(kind, {}))
    publish_screening({"companions_max": 0}, at=NOON)
    text = mail(visit, kind, FACTS.get(kind, {}))
    assert said in " ".join(text.split())
    answers(visit, {})
    assert said in " ".join(mail(visit, kind, FACTS.get(kind, {})).split())  # however often they have answered since


def test_a_policy_that_tells_of_an_answer_would_be_seen(monkeypatch):
    visit = alices_visit()
    answers(visit, ANSWERS["well"])
    monkeypatch.setitem(QUESTIONNAIRE.notices["masks_in_waiting_rooms"], "en", "You have a fever.")
    text = mail(visit, MessageKind.REMINDER, {})
    assert [word for word in HEALTH if word in text.lower()] == ["fever"]
