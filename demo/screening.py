"""The demo's screening policies: what its sites have asked since 2020, dated as hospitals dated it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.actions.screening import practitioner_screening, screening
from booking.models import Appointment, ScreeningResponse
from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity
from booking.screening.policies import KEY, ScreeningAudience
from booking.screening.queries import PATIENT, screening_of
from booking.screening.questionnaire import AnswerChoice
from booking.screening.state import ScreeningState
from booking.status import Status
from core.models import Site
from core.policies.actions import policies
from core.principal import Principal

FILE = Path(__file__).parent / "data" / "screening-policies.yaml"
EVERY_SITE = "all"
NOT_CONTENT = ("site", "audience", "from")
APPROVED_BEFORE = timedelta(days=4, hours=-10)
THEMSELVES = Principal.system("demo")
MOST_ASKED = 150
ONE_COMES_ALONG_IN = 5

COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
HOUSEHOLD = "household_positive_10d"
WELL: Mapping[str, AnswerChoice] = {}
SAID: Sequence[Mapping[str, AnswerChoice] | None] = (
    WELL, None, WELL, {COUGH: AnswerChoice.USUAL_FOR_ME}, WELL, {HOUSEHOLD: AnswerChoice.YES}, None, WELL,
    {TEST: AnswerChoice.YES}, WELL, {COUGH: AnswerChoice.YES}, WELL,
)  # fmt: skip
"""What one after the other answers, over and over: most are well, and some have not answered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedContent:
    """A content with whom it is for, its first day, and the first day of the one after it. `site`: "" for all."""

    site: str
    audience: str
    begins: date
    ends: date | None
    content: Mapping[str, Any]


def timeline(written: Mapping[str, Any]) -> Iterator[DatedContent]:
    """Yield each row with its end: the next row of its audience takes over, be it the site's own or that for all."""
    defaults, rows = written["defaults"], written["policies"]
    for row in rows:
        later = [
            other["from"]
            for other in rows
            if other["audience"] == row["audience"]
            and other["from"] > row["from"]
            and other["site"] in (row["site"], EVERY_SITE)
        ]
        yield DatedContent(
            site="" if row["site"] == EVERY_SITE else row["site"],
            audience=row["audience"],
            begins=row["from"],
            ends=min(later, default=None),
            content=_content({**defaults, **row}),
        )


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    content = {name: value for name, value in row.items() if name not in NOT_CONTENT}
    content["fever_f"] = str(content["fever_f"])
    if row["audience"] != ScreeningAudience.PATIENT:  # whom no mail of their own asks
        content.pop("send_at", None)
    # The door asks again only what was asked before.
    content["recheck_questions"] = [one for one in content["recheck_questions"] if one in content["questions"]]
    return content


def adopt(sites: Mapping[str, Site], *, by: Principal, approved_by: Sequence[str]) -> None:
    """Put the demo's policies in force, each from its first day on by its site's wall clock; those for all by one's.

    `approved_by`: Principal.key of whoever approved them, some days before.
    """
    for row in timeline(yaml.safe_load(FILE.read_text(encoding="utf-8"))):
        site = sites[row.site] if row.site else None
        zone = site.tz if site else next(iter(sites.values())).tz
        begins = datetime.combine(row.begins, time(), zone)
        ends = datetime.combine(row.ends, time(), zone) if row.ends else None
        policies.adopt(
            KEY, row.content, effective=DateTimeTZRange(begins, ends), by=by, at=begins - APPROVED_BEFORE, site=site,
            audience=row.audience, approved_by=approved_by,
        )  # fmt: skip


def answer_some(*, at: datetime) -> int:
    """Let most of those who come in the next days have answered, so that each way to stand can be seen; how many."""
    ahead = Appointment.objects.filter(status=Status.BOOKED, period__startswith__gt=at).select_related("site")
    soon = [visit for visit in ahead.order_by("period", "pk")[:MOST_ASKED] if asked_now(visit, at=at)]
    given = [(visit, said) for visit, said in zip(soon, cycle(SAID), strict=False) if said is not None]
    for visit, said in given:
        screening.answer(visit.public_id, _answers(visit, said, at=at), by=THEMSELVES, at=at)
    for visit, _said in given[::ONE_COMES_ALONG_IN]:
        screening.answer(visit.public_id, _answers(visit, WELL, who=1, at=at), by=THEMSELVES, at=at, companion=1)
    return len(given)


def says_well(visit: Appointment, *, at: datetime) -> None:
    """Let a patient have answered that nothing is the matter."""
    screening.answer(visit.public_id, _answers(visit, WELL, at=at), by=THEMSELVES, at=at)


def coughs_as_usual(visit: Appointment, *, at: datetime) -> ScreeningResponse:
    """Let a patient have answered what a clinician looks at."""
    return screening.answer(
        visit.public_id, _answers(visit, {COUGH: AnswerChoice.USUAL_FOR_ME}, at=at), by=THEMSELVES, at=at
    )


def suggest_absence(practitioner: Any, site: Site, *, at: datetime) -> None:  # noqa: ANN401  (a row of the scheduler's)
    """Let somebody who treats be ill, so that schedulers find an absence to decide about."""
    day = practitioner_screening.work_day_of(practitioner, site, at=at)
    if day.policy is not None:
        ill = _answers_on({TEST: AnswerChoice.YES}, day.policy.questions, on=day.on)
        practitioner_screening.answer(day, ill, by=THEMSELVES, at=at)


def asked_now(visit: Appointment, *, at: datetime) -> bool:
    """Whether a visit's questions wait for an answer."""
    return screening_of(visit, at=at).state is ScreeningState.UNANSWERED


def _answers(
    visit: Appointment, said: Mapping[str, AnswerChoice], *, who: int = PATIENT, at: datetime
) -> ScreeningAnswers:
    policy, on = screening_of(visit, at=at, companion=who).policy, at.astimezone(visit.site.tz).date()
    return _answers_on(said, policy.questions if policy else (), on=on)


def _answers_on(said: Mapping[str, AnswerChoice], asked: Sequence[str], *, on: date) -> ScreeningAnswers:
    choices = {key: said.get(key, AnswerChoice.NO) for key in asked}
    if TEST not in said:
        return ScreeningAnswers(answered_on=on, choices=choices)
    return ScreeningAnswers(
        answered_on=on,
        choices=choices,
        tested_on=on - timedelta(days=2),
        severity=Severity.MILD,
        weak_immune_system=ImmuneSystem.NOT_SURE,
    )
