"""The demo clinic's programs: one that asks for a referral, one whose patients book farther ahead."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.actions import appointments
from booking.actions.patients import enrolments, referrals
from booking.audiences import as_patient
from booking.models import Patient
from core.models import Policy, Site, User
from core.policies.actions import policies
from core.principal import Principal
from scheduler import public as scheduler
from scheduler.models import Program

PHYSICAL = "physical-medicine-rehabilitation"
FARTHER = {"horizon_days_patient": 90, "max_per_week": 3}
"""What the patients of the cancer program may: three months ahead, and thrice a week."""

REFERRED, NOT_REFERRED = ("patient", "patient2"), "relative"
LATER = timedelta(days=8)


def adopt(*, by: Principal, at: datetime) -> None:
    """Let one program ask for a referral, and the other's people book farther ahead than everybody."""
    Program.objects.filter(key=PHYSICAL).update(referral_required=True)
    everybody = Policy.objects.filter(key="booking", audience="all").latest("version").content["booking"]
    ahead = {name: value for name, value in (everybody | FARTHER).items() if not name.startswith("first_visit")}
    always = DateTimeTZRange(at - timedelta(weeks=8), None)
    policies.adopt("booking", {"booking": ahead}, effective=always, by=by, at=at, audience=scheduler.CANCER_PROGRAM)


def refer(known: Mapping[str, Patient], users: Mapping[str, User], site: Site, *, by: Principal, at: datetime) -> bool:
    """Enrol three people for a year, refer two of them, and let the third book; return whether that one waits."""
    until = at.astimezone(site.tz).date() + timedelta(days=365)
    for key in (*REFERRED, NOT_REFERRED):
        enrolments.enrol(known[key], program=PHYSICAL, site=site, ends_on=until, by=by, at=at)
    for key in REFERRED:
        referrals.enter(
            known[key],
            program=PHYSICAL,
            site=site,
            referred_by="Dr. Eleanor Moore",
            visits_allowed=6,
            expires_on=until,
            by=by,
            at=at,
        )
    return _book(known[NOT_REFERRED], users[NOT_REFERRED], site, at=at)


def _book(patient: Patient, user: User, site: Site, *, at: datetime) -> bool:
    asked = scheduler.SearchQuery(
        therapy="pmr_acu",
        visit=scheduler.VisitType.FIRST,
        starts_at=at + LATER,
        ends_at=at + 3 * LATER,
        sites=frozenset({site.pk}),
        audience=as_patient(patient, at=at),
        limit=1,
    )
    for slot in scheduler.search(asked, at=at):
        visit = appointments.book(slot=slot, patient=patient, by=Principal.of(user, at=at), at=at)
        return bool(visit.awaits_referral)
    return False
