"""What another booking policy would mean: tried on the appointments ahead, and on those booked of late."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking import rules
from booking.models import Appointment, Change, Enrolment, Hold
from booking.models.holds import HoldState
from booking.models.patients import ContactSystem
from booking.policies import BookingContent, BookingPolicy, as_booking_policy, booking_policy, bound_by
from booking.rules import Broken, OtherVisit, RequestedTime
from booking.status import OCCUPYING, Move, Status
from core.policies.content import read_content
from core.policies.keys import PolicyChange
from scheduler.public import Audience, business_days, window_of

LATELY = timedelta(days=30)
IN_WORDS: dict[Broken, str | Promise] = {
    Broken.NOTICE: gettext_lazy("too soon"),
    Broken.HORIZON: gettext_lazy("too far ahead"),
    Broken.WEEK: gettext_lazy("too many in a week"),
    Broken.FIRST: gettext_lazy("no first appointment before"),
    Broken.NO_REVIEW: gettext_lazy("too soon to be looked at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booked:
    """An appointment as it was asked for."""

    patient: int
    requested: RequestedTime
    at: datetime
    others: tuple[OtherVisit, ...]


def impact(change: PolicyChange) -> list[str]:
    """Return sentences about what changes for appointments of these sites: nothing that is booked is called off."""
    if change.before is None:
        return []
    sites, at = change.sites, change.at
    old, new = (
        as_booking_policy(read_content(BookingContent, one), version=0) for one in (change.before, change.after)
    )
    ahead = Appointment.objects.taking_time(at=at).filter(site__in=sites, period__startswith__gt=at)
    starts = list(ahead.order_by().values_list("period", flat=True))
    late = _differ(starts, lambda period, policy: period.lower - at < policy.free_until, old, new)
    booked = list(_booked_lately(sites, at=at))
    found = [_found(one, old, new) for one in booked]
    refused = [codes for codes in found if codes]
    why = Counter(str(IN_WORDS[code]) for codes in refused for code in codes)
    looked_at = sum(bool(rules.review(one.requested, new)) and not rules.review(one.requested, old) for one in booked)
    return [
        _of_ahead(len(starts), late),
        _of_booked(len(booked), len(refused), why),
        _("Of these, somebody would look at %(few)d first, unlike then.") % {"few": looked_at},
        *_of_holds(old, new, sites, at=at),
        *_of_undos(old, new, sites, at=at),
        *_of_addresses(old, new, sites, at=at),
    ]


def impact_on_program(change: PolicyChange) -> list[str]:
    """Return sentences about what a policy for a program changes: for whom it holds, and what it would have refused."""
    at, sites = change.at, change.sites
    theirs = Enrolment.objects.live(at=at).filter(program=change.audience, site__in=sites)
    people = frozenset(theirs.order_by().values_list("patient", flat=True))
    lately = [(one, site) for site in sites for one in _booked_lately([site], at=at) if one.patient in people]
    refused = [one for one, site in lately if _found(one, *_before_and_after(change, site))]
    enrolled = ngettext(
        "%(count)d person takes part in the program there.", "%(count)d people take part in the program there.",
        len(people),
    )  # fmt: skip
    return [enrolled % {"count": len(people)}, _of_booked(len(lately), len(refused), Counter())]


def _before_and_after(change: PolicyChange, site: int) -> tuple[BookingPolicy, BookingPolicy]:
    """Return what binds people of the program at a site until now, and what would; in all else that is the same."""
    now = booking_policy(site, at=change.at)
    before = bound_by(now, [change.before["booking"]]) if change.before else now
    return before, bound_by(now, [change.after["booking"]])


def _of_ahead(ahead: int, late: int) -> str:
    said = ngettext(
        "Of %(all)d appointment ahead, %(few)d would be late if left now, unlike before, or the other way round.",
        "Of %(all)d appointments ahead, %(few)d would be late if left now, unlike before, or the other way round.",
        ahead,
    )
    return said % {"all": ahead, "few": late}


def _of_booked(booked: int, refused: int, why: Counter[str]) -> str:
    said = ngettext(
        "Of %(all)d appointment booked in the last 30 days, %(few)d would be refused, unlike then%(why)s.",
        "Of %(all)d appointments booked in the last 30 days, %(few)d would be refused, unlike then%(why)s.",
        booked,
    )
    return said % {"all": booked, "few": refused, "why": _listed(why)}


def _of_holds(old: BookingPolicy, new: BookingPolicy, sites: Collection[int], *, at: datetime) -> Iterable[str]:
    """Yield how many would have lost the time that they were choosing; what is kept already keeps its end."""
    if old.hold == new.hold:
        return
    confirmed = Hold.objects.filter(site__in=sites, state=HoldState.CONFIRMED, created_at__gt=at - LATELY)
    booked_at = Appointment.objects.filter(allocation=OuterRef("allocation")).values("created_at")
    rows = confirmed.order_by().annotate(booked_at=Subquery(booked_at)).exclude(booked_at=None)
    took = [booked_at - created_at for created_at, booked_at in rows.values_list("created_at", "booked_at")]
    yield ngettext(
        "Of %(all)d time kept and booked in the last 30 days, %(few)d took longer than a time would be kept at first.",
        "Of %(all)d times kept and booked in the last 30 days, %(few)d took longer than a time would be kept at first.",
        len(took),
    ) % {"all": len(took), "few": sum(one > new.hold for one in took)}


def _of_undos(old: BookingPolicy, new: BookingPolicy, sites: Collection[int], *, at: datetime) -> Iterable[str]:
    """Yield how many cancels were taken back later than they could be; what is cancelled already keeps its time."""
    if old.undo == new.undo:
        return
    undone = Change.objects.filter(move=Move.UNDO, before=Status.CANCELLED, appointment__site__in=sites)
    cancels = Change.objects.filter(appointment=OuterRef("appointment"), move=Move.CANCEL, pk__lt=OuterRef("pk"))
    rows = undone.filter(at__gt=at - LATELY).order_by()
    rows = rows.annotate(cancelled_at=Subquery(cancels.order_by("-pk").values("at")[:1])).exclude(cancelled_at=None)
    took = [undone_at - cancelled_at for undone_at, cancelled_at in rows.values_list("at", "cancelled_at")]
    yield ngettext(
        "Of %(all)d cancel taken back in the last 30 days, %(few)d would be taken back too late then.",
        "Of %(all)d cancels taken back in the last 30 days, %(few)d would be taken back too late then.",
        len(took),
    ) % {"all": len(took), "few": sum(one >= new.undo for one in took)}


def _of_addresses(old: BookingPolicy, new: BookingPolicy, sites: Collection[int], *, at: datetime) -> Iterable[str]:
    """Yield how many addresses that nobody has verified have as much ahead as one may have then, or may not yet."""
    if old.unverified_ahead == new.unverified_ahead:
        return
    ahead = Appointment.objects.taking_time(at=at).filter(site__in=sites, period__endswith__gt=at, patient__guest=True)
    mails = ahead.filter(patient__contacts__system=ContactSystem.EMAIL, patient__contacts__verified_at=None).order_by()
    counts = Counter(mail.casefold() for mail in mails.values_list("patient__contacts__value", flat=True))
    few = sum((count >= old.unverified_ahead) != (count >= new.unverified_ahead) for count in counts.values())
    yield ngettext(
        "Of %(all)d address with appointments ahead that nobody has verified, the next appointment of %(few)d "
        "would need a code and did not, or the other way round.",
        "Of %(all)d addresses with appointments ahead that nobody has verified, the next appointment of %(few)d "
        "would need a code and did not, or the other way round.",
        len(counts),
    ) % {"all": len(counts), "few": few}


def _listed(why: Counter[str]) -> str:
    return f" ({', '.join(f'{words}: {count}' for words, count in sorted(why.items()))})" if why else ""


def _differ(
    rows: Iterable[Any], test: Callable[[Any, BookingPolicy], bool], old: BookingPolicy, new: BookingPolicy
) -> int:
    return sum(test(row, old) is not test(row, new) for row in rows)


def _found(booked: _Booked, old: BookingPolicy, new: BookingPolicy) -> list[Broken]:
    """Return which rules refuse it by the new policy and did not by the old one."""
    before = _broken(booked, old)
    return [code for code in _broken(booked, new) if code not in before]


def _broken(booked: _Booked, policy: BookingPolicy) -> list[Broken]:
    requested, at = booked.requested, booked.at
    found = rules.broken_by_time(requested.start, window_of(requested.audience, policy, at=at), at=at)
    lacks = policy.first_visit_first and rules.lacks_first(requested, booked.others)
    found += [*rules.broken_by_week(requested, booked.others, policy), *([Broken.FIRST] if lacks else [])]
    decision = rules.decide(found, requested, rules.review(requested, policy), override=False, at=at)
    return [code for code in decision.refused if code in IN_WORDS]


def _booked_lately(sites: Collection[int], *, at: datetime) -> Iterable[_Booked]:
    """Yield what was booked of late, each with what its patient had booked before, without what staff insisted on."""
    counted = Appointment.objects.exclude(status=Status.ENTERED_IN_ERROR)
    lately = counted.filter(site__in=sites, created_at__gt=at - LATELY, override_reason="")
    rows = counted.filter(patient__in=lately.order_by().values("patient")).select_related("patient", "site", "therapy")
    of_patient: dict[int, list[Appointment]] = {}
    chosen = frozenset(lately.order_by().values_list("pk", flat=True))
    for row in rows.order_by("created_at", "pk"):
        earlier = of_patient.setdefault(row.patient_id, [])
        if row.pk in chosen:
            yield _as_booked(row, earlier)
        earlier.append(row)


def _as_booked(row: Appointment, earlier: Iterable[Appointment]) -> _Booked:
    by_staff = row.booked_by_id is not None and row.booked_by_id != row.patient.user_id
    others = tuple(_other(one) for one in earlier if one.status in OCCUPYING or one.status == Status.FULFILLED)
    requested = RequestedTime(
        start=row.period.lower,
        visit=row.visit,
        therapy=row.therapy.key,
        days=business_days(row.site_id),
        audience=Audience.STAFF if by_staff else Audience.PATIENT,
        known=not row.patient.guest,
    )
    return _Booked(patient=row.patient_id, requested=requested, at=row.created_at, others=others)


def _other(row: Appointment) -> OtherVisit:
    return OtherVisit(
        start=row.period.lower,
        end=row.period.upper,
        visit=row.visit,
        therapy=row.therapy.key,
        status=Status(row.status),
    )
