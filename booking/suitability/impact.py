"""What other suitability rules would mean, tried on the appointments ahead and what is on record of their people."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Appointment
from booking.suitability.content import Disposition, by_rank
from booking.suitability.content_words import disposition_words
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import FiredRule, judge
from booking.suitability.policies import rules_of
from booking.suitability.records import NOTHING_KNOWN, SuitabilityRecords, facts_from, records_of_people
from booking.suitability.rules import RuleSet
from booking.suitability.therapy_words import named_in_words, therapy_words
from core.policies.keys import PolicyChange
from core.text.languages import when_in_words

AHEAD = timedelta(days=30)
PASS = Disposition.PASS
MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAgain:
    """An appointment by the rules of now and by others. `unknown`: its person has not answered all that these ask."""

    visit: Appointment
    before: tuple[FiredRule, ...]
    found: tuple[FiredRule, ...]
    unknown: bool

    @property
    def after(self) -> Disposition:
        """What follows by the others."""
        return max((one.disposition for one in self.found), key=by_rank, default=PASS)

    @property
    def is_worse(self) -> bool:
        """Whether a clinician would look at something, or it is not booked online, for what was none of that before."""
        ranks = {(one.rule, one.answer): one.disposition.rank for one in self.before}
        grave = [one for one in self.found if one.disposition.rank >= Disposition.CLINICIAN_REVIEW.rank]
        return any(one.disposition.rank > ranks.get((one.rule, one.answer), PASS.rank) for one in grave)


def impact(change: PolicyChange) -> list[str]:
    """Return sentences about the appointments of the coming 30 days that begin while a draft would hold."""
    judged = list(judged_again(change, until=change.at + AHEAD))
    worse = [one for one in judged if one.is_worse]
    reviewed = sum(one.after is Disposition.CLINICIAN_REVIEW for one in worse)
    lines = [_of_all(len(judged), reviewed, len(worse) - reviewed)]
    if worse:
        lines.append(_("None is cancelled: each of these becomes a task for a clinician to look at."))
        lines += _named([one for one in worse if one.visit.site_id in change.names_at])
    return [*lines, *_unknown(sum(one.unknown for one in judged))]


def _named(worse: list[JudgedAgain]) -> list[str]:
    """Return whom it concerns, what comes first on top, and what would follow: for who may read that."""
    meant, names = disposition_words(), therapy_words()
    lines = [
        _("%(when)s: %(name)s, %(therapy)s: %(follows)s")
        % {
            "when": when_in_words(one.visit.period.lower, one.visit.site.tz),
            "name": one.visit.patient.name,
            "therapy": named_in_words(one.visit.therapy.key, names),
            "follows": meant[one.after],
        }
        for one in sorted(worse, key=lambda one: one.visit.period.lower)[:MOST_NAMED]
    ]
    more = len(worse) - MOST_NAMED
    return [*lines, _("and %d more") % more] if more > 0 else lines


def _of_all(ahead: int, reviewed: int, blocked: int) -> str:
    said = ngettext(
        "Of %(all)d appointment in the coming 30 days that begins while it holds, %(reviewed)d would be looked at "
        "first and %(blocked)d would not be bookable online, unlike now.",
        "Of %(all)d appointments in the coming 30 days that begin while it holds, %(reviewed)d would be looked at "
        "first and %(blocked)d would not be bookable online, unlike now.",
        ahead,
    )
    return said % {"all": ahead, "reviewed": reviewed, "blocked": blocked}


def _unknown(many: int) -> list[str]:
    said = ngettext(
        "Of %(count)d the person has not answered all that it asks.",
        "Of %(count)d the people have not answered all that it asks.",
        many,
    )
    return [said % {"count": many}] if many else []


def judged_again(change: PolicyChange, *, until: datetime | None = None) -> Iterator[JudgedAgain]:
    """Yield the appointments ahead (`until` then) that begin while a change would hold, by both rules."""
    old, new = (rules_of(one) if one else None for one in (change.before, change.after))
    rows = Appointment.objects.taking_time(at=change.at).filter(site__in=change.sites, period__startswith__gt=change.at)
    if until is not None:
        rows = rows.filter(period__startswith__lt=until)
    visits = [one for one in rows.select_related("site", "therapy", "patient") if one.period.lower in change.effective]
    known = records_of_people({visit.patient_id for visit in visits})
    for visit in visits:
        of_them = known.get(visit.patient_id, NOTHING_KNOWN).of_visit(visit.pk)
        before, _unknown = _judged(visit, of_them, old, at=change.at)
        after, unknown = _judged(visit, of_them, new, at=change.at)
        yield JudgedAgain(visit=visit, before=before, found=after, unknown=unknown)


def _judged(
    visit: Appointment, known: SuitabilityRecords, rules: RuleSet | None, *, at: datetime
) -> tuple[tuple[FiredRule, ...], bool]:
    """Return what follows from what is known, and whether something is not."""
    if rules is None:
        return (), False
    facts = _facts(visit, known, rules, at=at)
    # Whether patients book it online at all is no matter of rules: it is booked.
    found = judge(rules, facts, BookableTherapy(key=visit.therapy.key), technique=visit.technique)
    return tuple(one for one in found.fired if one.answer != UNANSWERED), bool(found.unanswered)


def _facts(visit: Appointment, known: SuitabilityRecords, rules: RuleSet, *, at: datetime) -> SuitabilityFacts:
    zone = visit.site.tz
    day = visit.period.lower.astimezone(zone).date()
    born, booked_at = visit.patient.birth_date, visit.created_at
    # As whoever treats reads it: what counted when it was booked counts for it still.
    facts = facts_from(known, rules, birth_date=born, at=booked_at, zone=zone, visit_day=day)
    return replace(facts, on=at.astimezone(zone).date())
