"""What follows for a booking from what its person answers: the one place that decides it, for every door."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from booking.access_needs import NOTHING_ASKED, AskedFor, asked_with
from booking.actions.booking_checks import BookingCheck, clean_line
from booking.actions.patients.person_locks import lock_patient
from booking.actions.suitability import suitability_changes
from booking.actions.suitability.awaited_answers import without_swallowed
from booking.models import Appointment, Patient, SuitabilityResponse
from booking.queries import is_own, reviews_of_visit
from booking.roles import is_system
from booking.suitability.answers import SuitabilityAnswers, rest_answered_no
from booking.suitability.answers_by_link import ANSWERS_NEEDED, is_to_be_talked_about
from booking.suitability.content import Disposition
from booking.suitability.errors import (
    AnsweredAnew,
    AnswersNeeded,
    AnswersOfClinicians,
    CallFirst,
    NotBookableWithAnswers,
    TalkFirst,
    WaitsForAnswers,
)
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.judgement import Alternative, Suitability
from booking.suitability.needs import NOTHING, place_needs
from booking.suitability.places import judge_at
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import disposition_in_words
from booking.suitability.records import facts_of, let_count_for_all, save_answers
from booking.suitability.rules import RuleSet
from booking.suitability.visits import PlaceNeeds, judge_visits, place_needs_of_visit
from core.database.transactions import once_in_a_unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, sites_for
from scheduler import public as scheduler

ANSWERS_SET_ASIDE = "answers_set_aside"
"""The fact of an act by which somebody was booked whatever was answered: that it was, and not why."""

LOOKED_AT = frozenset({scheduler.ReviewReason.SUITABILITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBooking:
    """What follows for a booking. `disposition` is empty, and there is no `version` of rules, where nobody asks.

    `set_aside`: why a clinician books it all the same, if one does; `needs`: what the place must have for them, by what
    they answered and by what they asked for.
    """

    disposition: str = ""
    version: int | None = None
    set_aside: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def reviews(self) -> frozenset[scheduler.ReviewReason]:
        """Why somebody looks at it before it is booked."""
        # Answers that come by link may have to be looked at: there is to be time for that.
        looked_at = self.disposition in {Disposition.CLINICIAN_REVIEW, ANSWERS_NEEDED} and not self.set_aside
        return LOOKED_AT if looked_at else frozenset()

    def put_on(self, visit: Appointment) -> Appointment:
        """Write it into an appointment: neither answers nor rules, but what follows and by which version."""
        visit.suitability, visit.suitability_version = self.disposition, self.version
        visit.set_aside_reason = self.set_aside or visit.set_aside_reason
        return visit


NOT_JUDGED = JudgedBooking()


class GivenWithBooking(TypedDict, total=False):
    """What comes with a booking that is judged."""

    answers: SuitabilityAnswers | None
    set_aside: str
    apart: bool
    by_link: bool


def judge_booking(check: BookingCheck, patient: Patient, **given: Unpack[GivenWithBooking]) -> JudgedBooking:
    """Return what follows for a booking from all that is on record, and from what is `given` with it; see `_judge`."""
    return _with_what_is_asked_for(_judge(check, patient, **given), check, patient)


def _with_what_is_asked_for(judged: JudgedBooking, check: BookingCheck, patient: Patient) -> JudgedBooking:
    """Add what a place must have by what somebody asked for: on record, with the visit that moves, and with this."""
    asked = asked_with(check.moving, patient) if check.moving else AskedFor.on_record(patient)
    return replace(judged, needs=judged.needs | asked.features | (check.alone or NOTHING_ASKED).features)


def _judge(
    check: BookingCheck,
    patient: Patient,
    *,
    answers: SuitabilityAnswers | None = None,
    set_aside: str = "",
    apart: bool = False,
    by_link: bool = False,
) -> JudgedBooking:
    """Write answers down, and say what follows for a booking from all that is on record. The patient is locked.

    `set_aside`: why a clinician books it whatever is or is not answered; the phone comes first all the same. `apart`:
    the answers count for this booking alone, and `save_apart` writes them down with it. `by_link`: where answers are
    lacking of what staff book, it waits for them.
    Raises CallFirst, NotBookableWithAnswers, AnswersNeeded, AnswersOfClinicians.
    """
    site = check.slot.site
    in_force = rules_in_force(site.id, at=check.at)
    if in_force is None:
        return NOT_JUDGED
    rules, version = in_force
    # Whoever gives another's name is told nothing of what waits for them: apart, the answers stand as they are given.
    if answers and not apart:
        answers = without_swallowed(patient, answers, rules, zone=site.tz, at=check.at)
        _save(patient, answers, rules, version, by=check.by, at=check.at)
    aside = _why_set_aside(check, patient, reason=set_aside)
    known = _facts(check, patient, rules)
    if known is None:
        return NOT_JUDGED
    if answers and apart:
        known = laid_over(known, answers, rules)
    found = _judged(check, rules, known)
    _refuse_before_call(check, rules, found)
    waits, needs = by_link and not aside and _may_wait(check, found), place_needs(rules, found)
    if not aside and not waits:
        _insist(check, rules, known, found)
    follows = ANSWERS_NEEDED if waits else found.disposition.value
    return JudgedBooking(disposition=follows, version=version, set_aside=aside, needs=needs)


def _may_wait(check: BookingCheck, found: Suitability) -> bool:
    """Whether a booking may wait for its patient's answers: staff make it, and nothing known stands against it."""
    stands = found.disposition.rank < Disposition.BLOCK_SELF_BOOKING.rank
    return bool(found.unanswered) and stands and check.audience.is_staff


def _save(
    patient: Patient, answers: SuitabilityAnswers, rules: RuleSet, version: int, *, by: Principal, at: datetime
) -> None:
    """Write down what somebody answers; what they have booked already is looked at where that leads elsewhere."""
    if save_answers(patient, answers, rules=rules, policy_version=version, by=by, at=at):
        suitability_changes.look_again(patient, at=at)


def save_apart(visit: Appointment, answers: SuitabilityAnswers, *, by: Principal, at: datetime) -> Appointment:
    """Write down what was answered with a booking of a guest whose address nobody has verified: for that one alone."""
    if in_force := rules_in_force(visit.site_id, at=at):
        rules, version = in_force
        save_answers(visit.patient, answers, rules=rules, policy_version=version, by=by, at=at, only_for=visit)
    return visit


def count_for_all(visit: Appointment, *, at: datetime) -> None:
    """Let what was answered with a booking count for its person, whose address is theirs; look at what stands.

    Like what comes with any booking, it takes the place of nothing that a clinician is still to look at.
    """
    if not SuitabilityResponse.objects.filter(only_for=visit).exists():
        return
    patient, in_force = lock_patient(visit.patient), rules_in_force(visit.site_id, at=at)

    def without_better(answers: SuitabilityAnswers) -> SuitabilityAnswers:
        if in_force is None:
            return answers
        return without_swallowed(patient, answers, in_force[0], zone=visit.site.tz, at=at, came_with=visit)

    before = suitability_changes.reasons_known(patient, at=at)
    let_count_for_all(visit, limited=without_better)
    suitability_changes.look_again(patient, at=at, then=before)


def is_overlaid(patient: Patient) -> bool:
    """Whether anything is on record that newer answers would take the place of."""
    return SuitabilityResponse.objects.filter(patient=patient, only_for=None).exclude(answers="").exists()


def laid_over(known: SuitabilityFacts, answers: SuitabilityAnswers, rules: RuleSet) -> SuitabilityFacts:
    """Return what is known with what is answered now in place of what was answered before."""
    given = answers.whole.known_to(rules)
    captures = {key: places for key, places in known.captures.items() if key not in given.answers}
    return replace(known, answers={**known.answers, **given.answers}, captures={**captures, **given.captures})


def check_answers(check: BookingCheck, patient: Patient, answers: SuitabilityAnswers, *, whole: bool) -> None:
    """Refuse what a booking with these answers would be refused for by itself; nothing is written.

    `whole`: nothing is left to ask; before that only whoever is to be called whatever they answer to the rest.
    Raises CallFirst, NotBookableWithAnswers, AnswersNeeded.
    """
    in_force = rules_in_force(check.slot.site.id, at=check.at)
    known = _facts(check, patient, in_force[0]) if in_force else None
    if in_force is None or known is None:
        return
    known = laid_over(known, answers, in_force[0])
    if not whole:
        known = rest_answered_no(in_force[0], known)
    found = _judged(check, in_force[0], known)
    _refuse_before_call(check, in_force[0], found)
    if whole:
        _insist(check, in_force[0], known, found)


def as_answered(
    check: BookingCheck,
    moving: Appointment | None,
    *,
    reviews: frozenset[scheduler.ReviewReason],
    needs: frozenset[str],
) -> BookingCheck:
    """Note why somebody looks at a time that is kept, and what its place must have: as for the visit that moves there.

    Else by what is on record of whoever is named, beside what was answered on the way.
    """
    if moving is not None or check.patient is None:
        reviews, needs = reviews | reviews_of_visit(moving), needs | place_needs_of_visit(moving, at=check.at)
        return replace(check, reviews=reviews, needs=needs)
    judged = _with_what_is_asked_for(_judged_on_record(check, check.patient), check, check.patient)
    return replace(check, reviews=reviews | judged.reviews, needs=needs | judged.needs)


def place_needs_at(
    key: scheduler.SlotKey,
    site: Site,
    patient: Patient | None,
    *,
    answers: SuitabilityAnswers | None,
    asked: frozenset[str] = NOTHING,
    at: datetime,
) -> frozenset[str]:
    """Return what a place must have for somebody by what is on record and what they answer now; nothing of nobody.

    `asked`: what they have asked for now.
    """
    if patient is None:
        return NOTHING
    known = PlaceNeeds.on_record(patient, site, at=at)
    if answers and known.rules and known.facts:
        known = replace(known, facts=laid_over(known.facts, answers, known.rules))
    return asked | known.of(key.therapy, key.technique)


def _judged_on_record(check: BookingCheck, patient: Patient) -> JudgedBooking:
    in_force = rules_in_force(check.slot.site.id, at=check.at)
    known = _facts(check, patient, in_force[0]) if in_force else None
    if in_force is None or known is None:
        return NOT_JUDGED
    found, (rules, version) = _judged(check, in_force[0], known), in_force
    follows = "" if found.unanswered else found.disposition.value
    return JudgedBooking(disposition=follows, version=version, needs=place_needs(rules, found))


def check_as_seen(visit: Appointment, *, mark: str | None, at: datetime) -> None:
    """Refuse to book what waits for a clinician by what nobody has looked at. The patient is locked.

    `mark`: of what they saw (`JudgedVisit.mark`); None: what was known when it was asked for. What nobody books before
    somebody was called is not booked by a clinician either. Raises AnsweredAnew, CallFirst.
    """
    judged = judge_visits([visit], at=at).get(visit.pk)
    if judged is None:
        return
    if suitability_changes.has_news(visit, at=at) if mark is None else mark != judged.mark:
        raise AnsweredAnew
    check_no_call_first(visit, at=at)


def why_all_the_same(visit: Appointment, *, reason: str, at: datetime, stop_too: bool = False) -> str:
    """Return why a clinician lets stand what by now is not bookable online; empty where nobody has to say why.

    `stop_too`: also where somebody is to be called first. Raises Invalid where nobody says why.
    """
    why, judged = clean_line(reason, pointer="/set_aside"), judge_visits([visit], at=at).get(visit.pk)
    follows = judged.found.disposition if judged else Disposition.PASS
    asks = follows is Disposition.BLOCK_SELF_BOOKING or (stop_too and follows is Disposition.STOP_AND_CALL)
    if asks and not why:
        raise Invalid(
            _("By the rules this is not booked online. Say why it is booked all the same, on the page of answers."),
            pointer="/set_aside",
        )
    return why


def check_answered(visit: Appointment) -> None:
    """Refuse to book what waits for answers, or what somebody is to talk about. Raises WaitsForAnswers, TalkFirst."""
    if visit.suitability == ANSWERS_NEEDED:
        raise WaitsForAnswers
    if is_to_be_talked_about(visit):
        raise TalkFirst


def check_no_call_first(visit: Appointment, *, at: datetime) -> None:
    """Refuse to book what waits where somebody is to be called first by now. Raises CallFirst."""
    judged, phone = judge_visits([visit], at=at).get(visit.pk), visit.site.phone
    if judged is not None and judged.found.disposition is Disposition.STOP_AND_CALL:
        raise CallFirst(_words(judged.rules, judged.found, phone=phone), phone=phone)


def same_rules(site: int, visit: Appointment, *, at: datetime) -> bool:
    """Whether a site (its id) judges by the very rules of the site of an appointment."""
    there, here = rules_in_force(site, at=at), rules_in_force(visit.site_id, at=at)
    return site == visit.site_id or (there is not None and here is not None and there[0] is here[0])


def may_set_aside(by: Principal, *, site_id: int, own_record: bool = False) -> bool:
    """Whether somebody books what answers stand against: a clinician of the site, never for themselves."""
    return is_system(by) or (not own_record and site_id in sites_for(by, Action.REVIEW))


def may_decide(by: Principal, visit: Appointment) -> bool:
    """Whether somebody decides about an appointment that waits because of answers."""
    return may_set_aside(by, site_id=visit.site_id, own_record=is_own(visit.patient, by))


def _why_set_aside(check: BookingCheck, patient: Patient, *, reason: str) -> str:
    """Return why answers are set aside, by whoever may; empty where nobody does. Raises Invalid."""
    why = clean_line(reason, pointer="/set_aside")
    if why and not may_set_aside(check.by, site_id=check.slot.site.id, own_record=is_own(patient, check.by)):
        raise AnswersOfClinicians
    return why


def _facts(check: BookingCheck, patient: Patient, rules: RuleSet) -> SuitabilityFacts | None:
    """Return what is on record; None where the rules have nothing to say of the therapy, and nothing is read."""
    slot = check.slot
    if not rules.speaks_of(rules.names_of(slot.therapy, slot.technique)):
        return None
    zone = slot.site.tz
    return facts_of(patient, rules, at=check.at, zone=zone, visit_day=slot.start.astimezone(zone).date())


def _judged(
    check: BookingCheck, rules: RuleSet, known: SuitabilityFacts, *, catalogue: tuple[BookableTherapy, ...] = ()
) -> Suitability:
    # Whether patients book it online at all is asked elsewhere: staff do.
    slot, wanted = check.slot, BookableTherapy(key=check.slot.therapy)
    return judge_at(
        slot.site.id,
        rules,
        known,
        wanted,
        visit=slot.visit,
        technique=slot.technique,
        catalogue=catalogue,
        at=check.at,
    )


def _refuse_before_call(check: BookingCheck, rules: RuleSet, found: Suitability) -> None:
    """Refuse what nobody books before somebody was called, whoever asks. Raises CallFirst."""
    if found.disposition is Disposition.STOP_AND_CALL:
        phone = check.slot.site.phone
        raise CallFirst(_words(rules, found, phone=phone), phone=phone)


def _insist(check: BookingCheck, rules: RuleSet, known: SuitabilityFacts, found: Suitability) -> None:
    """Refuse what is not booked with these answers, or lacks some."""
    slot = check.slot
    if found.disposition is Disposition.BLOCK_SELF_BOOKING:
        whole = _judged(check, rules, known, catalogue=tuple(catalogue_of(slot.site.id)))
        raise NotBookableWithAnswers(
            _words(rules, found, phone=slot.site.phone),
            therapies=[_as_data(one) for one in whole.alternatives],
            phone=slot.site.phone,
        )
    if found.unanswered:
        about = {"therapy": slot.therapy, "visit": slot.visit, "technique": slot.technique, "site": slot.site.key}
        raise AnswersNeeded(found.unanswered, about={name: one for name, one in about.items() if one})


def catalogue_of(site_id: int) -> list[BookableTherapy]:
    """Return what is offered at a site, as far as a judgement cares; read once in a unit or reading."""
    return once_in_a_unit(f"what is judged at site {site_id}", lambda: list(_offered_at(site_id)))


def _offered_at(site_id: int) -> Iterator[BookableTherapy]:
    for card in scheduler.therapies():
        visits = {visit for visit, _technique in card.minutes}
        if any(one.site.id == site_id for visit in visits for one in scheduler.offered(card.key, visit)):
            techniques = tuple(sorted({technique for _visit, technique in card.minutes if technique}))
            yield BookableTherapy(key=card.key, techniques=techniques, self_bookable=card.self_bookable)


def _as_data(one: Alternative) -> dict[str, object]:
    looked_at = one.disposition is Disposition.CLINICIAN_REVIEW
    return {"therapy": one.therapy, "technique": one.technique, "looked_at": looked_at, "asks_more": one.asks_more}


def _words(rules: RuleSet, found: Suitability, *, phone: str) -> str:
    """Return what the clinic's own rules say of a disposition, in the reader's language."""
    return disposition_in_words(rules, found.disposition, {"phone": phone})
