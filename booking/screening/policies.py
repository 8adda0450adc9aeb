"""The screening policy: what a policy row's content says, and which one is in force at a visit's time."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking.screening.questionnaire import QUESTIONNAIRE
from core.policies.keys import PolicyKey, content_of
from core.policies.meaning import Meaning, UnfitValueError
from core.text.languages import localized
from scheduler import public as scheduler

KEY = "screening"
FAHRENHEIT = re.compile(r"\d{2,3}(?:\.\d)?")
HOURS_BEFORE, LONGEST_BEFORE = re.compile(r"-[0-9]{1,3}h"), 14 * 24
WEB_ADDRESS = re.compile(r"https://[^\s<>\"']{4,300}")


class ScreeningAudience(StrEnum):
    """Who is asked: each has questions of their own."""

    PATIENT = "patient"
    COMPANION = "companion"
    PRACTITIONER = "practitioner"


class Masks(StrEnum):
    """Who wears a mask, and where."""

    NONE = "none"
    SYMPTOMATIC = "symptomatic"
    WAITING = "waiting"
    ALL = "all"


class Recheck(StrEnum):
    """Where the first questions are asked once more."""

    NONE = "none"
    DOOR = "door"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayDays:
    """How many days somebody with a positive test stays away, by how ill they are and by their immune system."""

    mild: Annotated[int, Meaning(_("days away after a positive test"), most=60)]
    severe: Annotated[int, Meaning(_("days away after a stay in hospital"), most=60)]
    immunocompromised: Annotated[int, Meaning(_("days away with a weak immune system"), most=60)]

    def __post_init__(self) -> None:
        """Refuse days by which whoever is more at risk would come back sooner."""
        for name, days in (("severe", self.severe), ("immunocompromised", self.immunocompromised)):
            if days < self.mild:
                raise UnfitValueError(
                    name,
                    gettext("Severe illness and a weak immune system take at least as many days as a mild illness."),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningContent:
    """The content of a screening policy, as it is written down. Questions and notices are named by their ids."""

    questions: Annotated[tuple[str, ...], Meaning(_("questions, in the order in which they are asked"))]
    days: AwayDays
    fever_free_hours: Annotated[int, Meaning(_("hours without a fever before somebody may come"), most=336)]
    mask: Annotated[Masks, Meaning(_("who wears a mask, and where"))] = Masks.NONE
    send_at: Annotated[tuple[str, ...], Meaning(_("when notices go out, before the appointment"))] = ("-72h", "-24h")
    valid_hours: Annotated[int, Meaning(_("hours for which answers count"), least=1, most=336)] = 72
    recheck: Annotated[Recheck, Meaning(_("where the first questions are asked once more"))] = Recheck.DOOR
    recheck_questions: Annotated[tuple[str, ...], Meaning(_("what is asked once more"))] = ()
    temperature_at_door: Annotated[bool, Meaning(_("the temperature is taken at the door"))] = False
    fever_f: Annotated[str, Meaning(_("degrees Fahrenheit from which on it is a fever"))] = "100.4"
    answers_kept_days: Annotated[int, Meaning(_("days for which answers are kept"), most=30)] = 30
    companions_max: Annotated[int, Meaning(_("people who may come along"), most=9)] = 0
    companion_min_age: Annotated[int, Meaning(_("years of age that they have at least"), most=120)] = 0
    notices: Annotated[tuple[str, ...], Meaning(_("what everybody who comes is told"))] = ()
    therapies_closed: Annotated[tuple[str, ...], Meaning(_("therapies that are not given meanwhile; * for all"))] = ()
    review_hours: Annotated[
        int, Meaning(_("opening hours within which somebody looks at answers"), least=1, most=72)
    ] = 4
    urgent_review_hours: Annotated[
        int, Meaning(_("hours within which somebody looks at answers of whoever needs help"), least=1, most=24)
    ] = 1
    call_before_hours: Annotated[
        int, Meaning(_("hours before the appointment at which undecided answers are a call to make"), most=72)
    ] = 12
    offer_kept_hours: Annotated[
        int, Meaning(_("hours for which a time is kept that a clinician offers instead"), least=1, most=168)
    ] = 24
    video_room: Annotated[str, Meaning(_("address of the video room for calls; empty: by phone"))] = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be asked or sent: no question, one asked twice, a time that is no whole hours."""
        unfit = next(_unfit({field.name: getattr(self, field.name) for field in fields(self)}), None)
        if unfit is not None:
            raise unfit


def _unfit(parts: Mapping[str, Any]) -> Iterator[UnfitValueError]:
    """Yield what cannot be asked or sent, of those parts of a content that can be read."""
    questions, rooms = parts.get("questions"), parts.get("video_room")
    if questions is not None and (not questions or len(set(questions)) < len(questions)):
        yield UnfitValueError("questions", gettext("Ask at least one question, and each of them once."))
    if questions is not None and not set(parts.get("recheck_questions", ())) <= set(questions):
        yield UnfitValueError("recheck_questions", gettext("At the door only what was asked before is asked again."))
    if "fever_f" in parts and not FAHRENHEIT.fullmatch(parts["fever_f"]):
        yield UnfitValueError("fever_f", gettext('Write the degrees in quotes, such as "100.4".'))
    if rooms and not WEB_ADDRESS.fullmatch(rooms):
        said = gettext("Write the video room as a web address that begins with https://.")
        yield UnfitValueError("video_room", said)
    for number, moment in enumerate(parts.get("send_at", ())):
        if not _is_hours_before(moment):
            said = gettext("Say how many hours before the appointment, such as -72h.")
            yield UnfitValueError(f"send_at/{number}", said)


def _is_hours_before(moment: str) -> bool:
    return HOURS_BEFORE.fullmatch(moment) is not None and 1 <= _hours_before(moment) <= LONGEST_BEFORE


def _hours_before(moment: str) -> int:
    return int(moment.strip("-h"))


NOTICE_HOLDS: Mapping[str, tuple[str, Collection[object]]] = {
    "masks_for_all": ("mask", {Masks.ALL}),
    "masks_in_waiting_rooms": ("mask", {Masks.WAITING}),
    "masks_optional": ("mask", {Masks.NONE, Masks.SYMPTOMATIC}),
    "come_alone": ("companions_max", {0}),
    "one_companion": ("companions_max", {1}),
}
"""What notices tell people, by the values with which it is true."""


def wrong_in_parts(parts: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what is refused of those parts that can be read when a policy is written, whatever the others say.

    Beside what does not fit: questions and notices without words, unknown therapies.
    """
    yield from ({"pointer": f"/{one.at}", "detail": str(one)} for one in _unfit(parts))
    for name in ("questions", "recheck_questions"):
        yield from (
            {"pointer": f"/{name}/{number}", "detail": gettext("There is no question %s.") % one}
            for number, one in enumerate(parts.get(name, ()))
            if one not in QUESTIONNAIRE.questions
        )
    yield from (
        {"pointer": f"/therapies_closed/{number}", "detail": gettext("There is no therapy %s.") % one}
        for number, one in enumerate(parts.get("therapies_closed", ()))
        if one != scheduler.EVERY_THERAPY and one not in scheduler.known_therapies()
    )
    yield from (
        {"pointer": f"/notices/{number}", "detail": gettext("There is no notice %s.") % one}
        for number, one in enumerate(parts.get("notices", ()))
        if one not in QUESTIONNAIRE.notices
    )


def wrong_with(content: ScreeningContent) -> Iterator[dict[str, str]]:
    """Yield what is refused of a whole content beside that: notices that tell people otherwise than it says."""
    for number, one in enumerate(content.notices):
        name, values = NOTICE_HOLDS.get(one, ("", ()))
        if name and getattr(content, name) not in values:
            said = gettext("People would read “%(notice)s”, which is not so with %(name)s: %(value)s. Change one.")
            facts = {"notice": localized(QUESTIONNAIRE.notices[one]), "name": name, "value": getattr(content, name)}
            yield {"pointer": f"/notices/{number}", "detail": said % facts}


def value_words(part: str, value: str) -> str:
    """Return what a value of a policy says: the words of a question or notice, who wears a mask, who is asked."""
    asked = {**QUESTIONNAIRE.notices, **{key: one.words for key, one in QUESTIONNAIRE.questions.items()}}
    if value in asked:
        return localized(asked[value])
    if part == "therapies_closed" and value != scheduler.EVERY_THERAPY:
        return localized(scheduler.therapy_names().get(value, {"en": value}))
    known: dict[str, dict[str, str]] = {
        "audience": {
            ScreeningAudience.PATIENT: gettext("patients"),
            ScreeningAudience.COMPANION: gettext("companions"),
            ScreeningAudience.PRACTITIONER: gettext("practitioners"),
        },
        "mask": {
            Masks.NONE: gettext("nobody"),
            Masks.SYMPTOMATIC: gettext("whoever coughs or sneezes"),
            Masks.WAITING: gettext("everybody in waiting rooms"),
            Masks.ALL: gettext("everybody in the building"),
        },
        "recheck": {Recheck.NONE: gettext("nowhere"), Recheck.DOOR: gettext("at the door")},
        "send_at": {value: gettext("%s hours before") % value.strip("-h")},
        "therapies_closed": {scheduler.EVERY_THERAPY: gettext("all")},
    }
    return known.get(part, {}).get(value, value)


SCREENING = PolicyKey(
    key=KEY,
    content=ScreeningContent,
    approvals=2,
    wrong=wrong_with,
    wrong_in_parts=wrong_in_parts,
    audiences=tuple(ScreeningAudience),
    unread={
        ScreeningAudience.COMPANION: {
            "send_at": _("Companions get no notice of their own: the patient's mail leads to their questions, too."),
        },
        ScreeningAudience.PRACTITIONER: {
            "send_at": _("Practitioners get no notice by mail: the desk asks them on each day on which they treat."),
        },
    },
    closes="therapies_closed",
    title=_("Health questions"),
    value_words=value_words,
)
"""Whom a clinic keeps away, and for how long, two people approve who did not write it. A clinic begins without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningPolicy:
    """What holds for one audience at one site at a visit's time. `send_before`: longest first."""

    version: int
    questions: tuple[str, ...]
    days: AwayDays
    fever_free: timedelta
    mask: Masks = Masks.NONE
    send_before: tuple[timedelta, ...]
    valid_for: timedelta
    recheck: tuple[str, ...]
    temperature_at_door: bool
    fever_f: str
    answers_kept: timedelta
    companions_max: int
    companion_min_age: int
    notices: tuple[str, ...]
    review_within: timedelta
    urgent_within: timedelta
    call_before: timedelta
    offer_kept: timedelta
    video_room: str

    @property
    def rechecks(self) -> bool:
        """Whether something is asked once more, or measured, when somebody comes in."""
        return bool(self.recheck) or self.temperature_at_door


def screening_policy(
    site: int, *, starts_at: datetime, audience: ScreeningAudience = ScreeningAudience.PATIENT
) -> ScreeningPolicy | None:
    """Return what holds at a site (its id) for a visit that starts then, None where nobody of this audience is asked.

    What counts is the visit's time, not that of booking it or of answering.
    """
    policy = scheduler.policy_if_any(KEY, site, at=starts_at, audience=audience)
    if policy is None:
        return None
    return as_screening_policy(content_of(policy, ScreeningContent), version=policy.version)


def screening_policy_since(site: int, *, starts_at: datetime, at: datetime) -> datetime | None:
    """Return since when it has been settled what patients of a visit at a site (its id) are asked; None: not known."""
    policy = scheduler.policy_if_any(KEY, site, at=starts_at, audience=ScreeningAudience.PATIENT)
    return scheduler.policy_since(policy, site, at=at) if policy else None


def as_screening_policy(content: ScreeningContent, *, version: int) -> ScreeningPolicy:
    """Return a content in the terms of the rules."""
    return ScreeningPolicy(
        version=version,
        questions=content.questions,
        days=content.days,
        fever_free=timedelta(hours=content.fever_free_hours),
        mask=content.mask,
        send_before=tuple(sorted((timedelta(hours=_hours_before(one)) for one in content.send_at), reverse=True)),
        valid_for=timedelta(hours=content.valid_hours),
        recheck=content.recheck_questions if content.recheck is Recheck.DOOR else (),
        temperature_at_door=content.temperature_at_door,
        fever_f=content.fever_f,
        answers_kept=timedelta(days=content.answers_kept_days),
        companions_max=content.companions_max,
        companion_min_age=content.companion_min_age,
        notices=content.notices,
        review_within=timedelta(hours=content.review_hours),
        urgent_within=timedelta(hours=content.urgent_review_hours),
        call_before=timedelta(hours=content.call_before_hours),
        offer_kept=timedelta(hours=content.offer_kept_hours),
        video_room=content.video_room,
    )
