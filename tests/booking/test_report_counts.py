"""Reports of a quarter in which 59 people came or did not, once each: counted by hand, and by groups of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from booking.families.status import FamilyRelation, FamilyState
from booking.models import Appointment, Change, FamilyLink, Patient, ScreeningResponse, ScreeningReview
from booking.reports import lines, suppression
from booking.reports.groups import GROUPS
from booking.reports.periods import quarter_of
from booking.reports.report_query import Dimension, ReportQuery
from booking.status import Move, Status
from booking.suitability.content import Disposition
from core.roles import Role
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from scheduler.models import Therapy
from tests.factories.booking import DAY, HOUR, make_staff
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 7, 6, 14, tzinfo=UTC)
PEOPLE = {"en": (1950, 18, 12), "es": (2010, 12, 12), "pl": (1990, 5, 0)}
"""By language: when they were born, how many came, and how many did not."""


def people(site):
    for language, (born, came, missed) in PEOPLE.items():
        for number in range(came + missed):
            yield Patient(
                name=f"{language} {number}", language=language, birth_date=date(born, 1, 1), site=site, created_at=FIRST
            )


def appointment(patient, number, site, practitioner, therapy):
    """Return an appointment of a day of its own, made thirty days before."""
    start = FIRST + number * DAY
    came = int(patient.name.split()[1]) < PEOPLE[patient.language][1]
    return Appointment(
        patient=patient, practitioner=practitioner, therapy=therapy, site=site, visit="followup", allocation=uuid4(),
        period=(start, start + HOUR), status=Status.FULFILLED if came else Status.NOSHOW, created_at=start - 30 * DAY,
        updated_at=start,
    )  # fmt: skip


@pytest.fixture(scope="module")
def quarter_once(made_once, once_a_module):
    from core.models import Site  # noqa: PLC0415
    from scheduler.models import Practitioner  # noqa: PLC0415

    with once_a_module():
        site, dr_li = Site.objects.get(pk=made_once["lakeside"]), Practitioner.objects.get(pk=made_once["dr_li"])
        therapy = Therapy.objects.get(key="acu_manual")
        everybody = Patient.objects.bulk_create(people(site))
        made = [appointment(one, number, site, dr_li, therapy) for number, one in enumerate(everybody)]
        return [one.pk for one in Appointment.objects.bulk_create(made)]


@pytest.fixture
def visits(quarter_once, lakeside, dr_li):
    return list(Appointment.objects.filter(pk__in=quarter_once).order_by("period"))


@pytest.fixture
def query(visits, lakeside):
    """What Dana asks of the summer."""
    dana = make_staff("dana", Role.SCHEDULER, site=lakeside).principal
    return ReportQuery(site=lakeside, days=quarter_of(date(2026, 7, 1)), by=dana, at=AT)


def measured(query, key, group="visits", *, sites=(), by=None):
    """Return a measure's lines by name, and what they come to together: each as (counted, of)."""
    found = lines.report(GROUPS[group], replace(query, dimension=by), sites=sites)
    one = next(one for one in found if one.measure.key == key)
    counts = {line.part.key: line.figure and (line.figure.part, line.figure.whole) for line in one.lines}
    return counts, one.together and (one.together.part, one.together.whole)


def test_a_group_of_few_and_the_next_smallest_are_not_shown(query):
    # Five who read Polish; with them those who read Spanish, since all less the others would tell of the five.
    assert measured(query, "no-show", by=Dimension.LANGUAGE) == ({"en": (12, 30), "pl": None, "es": None}, (24, 59))
    assert measured(query, "no-show", by=Dimension.AGE) == ({"0": None, "18": None, "65": (12, 30)}, (24, 59))


def test_twin_without_suppression_five_people_are_told_of(query, monkeypatch):
    monkeypatch.setattr(suppression, "LEAST", 0)
    assert measured(query, "no-show", by=Dimension.LANGUAGE)[0]["pl"] == (0, 5)


def test_few_people_are_few_also_where_they_come_often(query, visits):
    often = Appointment.objects.filter(pk__in=[visit.pk for visit in visits if visit.patient.language == "es"])
    often.update(patient=often.first().patient)
    shown, _together = measured(query, "no-show", by=Dimension.LANGUAGE)
    assert shown["es"] is None
    assert measured(query, "no-show", by=Dimension.THERAPY)[0] == {"acu_manual": (24, 59)}


def test_members_of_a_family_are_told_from_patients(query, visits, lakeside):
    assert measured(query, "no-show", by=Dimension.FAMILY)[0] == {"patients": (24, 59)}
    patients, relatives = visits[:30], visits[30:54]
    for number, (patient, relative) in enumerate(zip(patients, relatives, strict=False)):
        FamilyLink.objects.create(
            patient=patient.patient, relative=relative.patient, site=lakeside, relation=FamilyRelation.choices[0][0],
            state=FamilyState.ACTIVE, number=1, invited_by="x", invited_at=FIRST - 90 * DAY, ends_at=AT + DAY,
            confirmed_at=FIRST - 60 * DAY, **{f"{of}_digest": f"{of}-{number}" for of in ("code", "token", "way_back")},
        )  # fmt: skip
    assert measured(query, "no-show", by=Dimension.FAMILY)[0] == {"family": (12, 24), "patients": (12, 35)}


def test_sites_stand_beside_each_other_as_far_as_they_are_theirs(query, lakeside, riverside):
    both = [lakeside, riverside]
    assert measured(query, "no-show", by=Dimension.SITE, sites=both) == ({"lakeside": (24, 59)}, (24, 59))
    dana = make_staff("ines", Role.ADMIN, site=riverside).principal
    mine = replace(query, by=replace(query.by, roles=query.by.roles | dana.roles))
    assert measured(mine, "no-show", by=Dimension.SITE, sites=both)[0] == {"lakeside": (24, 59), "riverside": (0, 0)}
    assert measured(mine, "use-of-hands", "time", by=Dimension.SITE, sites=both)[0].keys() == {"lakeside", "riverside"}


def test_questions_are_answered_in_time_a_day_before(query, visits):
    assert measured(query, "screening-completion", "checks")[1] == (0, 0)  # nobody is asked
    adopt_screening()
    ScreeningResponse.objects.bulk_create(
        ScreeningResponse(
            appointment=visit, visit_version=0, policy_version=1, answered_by="x", outcome="pass",
            answered_at=visit.period.lower - (25 if number < 20 else 1) * HOUR, answers_until=AT,
        )
        for number, visit in enumerate(visits[:30])
    )  # fmt: skip
    assert measured(query, "screening-completion", "checks")[1] == (20, 59)


def test_reviews_are_timed_from_the_answer_to_the_first_decision(query, visits):
    def act(visit, move, hours, after):
        at = visit.created_at + hours * HOUR
        Change.objects.create(appointment=visit, version=0, move=move, after=after, by="x", at=at)

    for visit, hours in zip(visits, (2, 26), strict=False):
        Appointment.objects.filter(pk=visit.pk).update(suitability=Disposition.CLINICIAN_REVIEW)
        act(visit, Move.REQUEST, 0, Status.PROPOSED)
        act(visit, Move.APPROVE, hours, Status.BOOKED)
        act(visit, Move.APPROVE, hours + 9, Status.BOOKED)
    answers = ScreeningResponse.objects.create(
        appointment=visits[5], visit_version=0, policy_version=1, answered_by="x", outcome="pass", answered_at=FIRST,
        answers_until=AT, reviewed=True,
    )  # fmt: skip
    half_an_hour = FIRST + timedelta(minutes=30)
    ScreeningReview.objects.create(
        response=answers, decision="approved", decided_at=half_an_hour, decided_by="x", before={}
    )
    found = lines.report(GROUPS["checks"], query, sites=())
    together = next(one.together for one in found if one.measure.key == "review-turnaround")
    assert (together.whole, together.value, together.high) == (3, 120, 26 * 60)


def test_reminders_count_as_sent_or_lost_and_who_came_after_one(query, visits):
    def remind(visit, status, **more):
        Message.objects.create(
            appointment=visit, recipient=visit.patient, version=0, channel="mail", kind=MessageKind.REMINDER,
            due_at=visit.period.lower - DAY, status=status, created_at=FIRST, **more,
        )  # fmt: skip

    came = [visit for visit in visits if visit.status == Status.FULFILLED]
    missed = [visit for visit in visits if visit.status == Status.NOSHOW]
    for visit in came[:6] + missed[:4]:
        remind(visit, Delivery.SENT)
    remind(came[0], Delivery.FAILED, offset_minutes=3 * 1440)  # the other one went out
    remind(came[8], Delivery.FAILED)
    remind(came[9], Delivery.DROPPED)
    assert measured(query, "reminders-sent", "checks")[1] == (10, 11)
    assert measured(query, "came-when-reminded", "checks")[1] == (6, 10)
