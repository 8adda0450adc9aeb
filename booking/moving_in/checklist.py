"""What a clinic sets up before its first patient is booked: each step read from what is there, none ticked by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Appointment
from booking.moving_in.placeless_therapies import placeless
from core.models import RoleAssignment, Site
from core.principal import Principal
from core.roles import Role
from core.staff_pages.policy_setup import policies_to_set_up
from core.text.languages import when_in_words
from scheduler import public as scheduler

A_YEAR = timedelta(days=366)
SENT = "sent"
"""What a message is called that a server took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistStep:
    """One thing to set up. `where`: the pages where it is done (name, and what of it), in one click, and how called.

    `says`: how far it is; `optional`: patients can be booked without it; `waits`: something else comes first;
    `appointment`: the first that was booked.
    """

    key: str
    title: str
    says: str
    done: bool
    where: Sequence[tuple[str, str]]
    optional: bool = False
    waits: bool = False
    appointment: Appointment | None = None


def checklist(site: Site | None, *, by: Principal, at: datetime) -> list[ChecklistStep]:
    """Return the steps at a site, each after those that it leans on; without one, that it is to be added."""
    return list(_steps(site, by=by, at=at) if site else _before_the_first_site(by=by, at=at))


def _before_the_first_site(*, by: Principal, at: datetime) -> Iterator[ChecklistStep]:
    """Yield what is to be done in all, so that whoever begins knows how far it is: nothing but a site can begin it."""
    there = scheduler.setup_counts(0, on=at.date())
    yield _no_site()
    for step in (_places(there), _therapies(there), _practitioners(there), _hours(there)):
        yield replace(step, done=False, waits=True, where=[])
    yield _mail(at=at)
    for step in (_colleagues(None, at=at), _first_booking(None, by=by, ready=False)):
        yield replace(step, waits=True, where=[])


def _no_site() -> ChecklistStep:
    return ChecklistStep(
        key="site",
        title=_("Site"),
        says=_("There is none yet. It is the address where people are treated, with its opening hours."),
        done=False,
        where=[("desk-setup-site-new", _("Add a site"))],
    )


def _steps(site: Site, *, by: Principal, at: datetime) -> Iterator[ChecklistStep]:
    there = scheduler.setup_counts(site.pk, on=at.astimezone(site.tz).date())
    yield _site(site, there)
    yield _places(there)
    yield _therapies(there)
    yield _practitioners(there, nowhere=_given_nowhere(site) if there.given and there.places else ())
    yield _hours(there)
    yield _holidays(site, at=at)
    yield _policies(site, at=at)
    yield _mail(at=at)
    yield _colleagues(site, at=at)
    yield _tables(site)
    yield _first_booking(site, by=by, ready=bool(there.working_hours and there.given and there.places))


def _site(site: Site, there: scheduler.SetupCounts) -> ChecklistStep:
    closed = _("It is open on no day: add opening hours.")
    return ChecklistStep(
        key="site",
        title=_("Site"),
        says=f"{site}, {site.address}" if there.opening_hours else closed,
        done=there.opening_hours > 0,
        where=[
            ("desk-setup-sites", _("See the sites")),
            ("desk-setup-opening", _("Opening hours")),
        ],
    )


def _places(there: scheduler.SetupCounts) -> ChecklistStep:
    said = ngettext("%(count)d place where somebody can lie or sit.", "%(count)d places.", there.places)
    return ChecklistStep(
        key="places",
        title=_("Rooms and places"),
        says=said % {"count": there.places} if there.places else _("A room, and in it a place where somebody can lie."),
        done=there.places > 0,
        where=[
            ("desk-setup-places", _("See the places")),
            ("desk-setup-room-new", _("Add a room")),
            ("desk-setup-place-new", _("Add a place")),
        ],
    )


def _therapies(there: scheduler.SetupCounts) -> ChecklistStep:
    said = _("%(count)d come with Meridian and are in use: see how long each takes, and who is needed when.")
    return ChecklistStep(
        key="therapies",
        title=_("Therapies"),
        says=said % {"count": there.in_use},
        done=there.in_use > 0,
        where=[("desk-setup-therapies", _("See the therapies"))],
    )


def _given_nowhere(site: Site) -> Sequence[str]:
    """Return what somebody gives at a site although no place there has what it needs."""
    return [one.name for one in placeless(site.pk) if site.pk in one.given_at]


def _practitioners(there: scheduler.SetupCounts, *, nowhere: Sequence[str] = ()) -> ChecklistStep:
    said = ngettext("%(count)d treats here.", "%(count)d treat here.", there.practitioners)
    given = ngettext("%(count)d therapy is given.", "%(count)d therapies are given.", there.given)
    none = _("Nobody treats here yet.")
    counted = f"{said % {'count': there.practitioners}} {given % {'count': there.given}}"
    if nowhere:
        lacking = _("No place here has what these need, so nobody can book them: %(names)s.")
        counted = f"{counted} {lacking % {'names': ', '.join(nowhere)}}"
    return ChecklistStep(
        key="practitioners",
        title=_("Practitioners"),
        says=counted if there.practitioners else none,
        done=bool(there.practitioners and there.given),
        where=[
            ("desk-setup-practitioners", _("See the practitioners")),
            ("desk-setup-practitioner-new", _("Add one")),
            ("desk-import-kind practitioners", _("Import a table")),
            *([("desk-setup-places", _("See what is lacking"))] if nowhere else []),
        ],
    )


def _hours(there: scheduler.SetupCounts) -> ChecklistStep:
    none = _("With the first working hours, times are on sale.")
    return ChecklistStep(
        key="hours",
        title=_("Working hours"),
        says=_("There are working hours.") if there.working_hours else none,
        done=there.working_hours > 0,
        waits=there.practitioners == 0,
        where=[("desk-hours", _("Add working hours")), ("desk-import-kind hours", _("Import a table"))],
    )


def _holidays(site: Site, *, at: datetime) -> ChecklistStep:
    today = at.astimezone(site.tz).date()
    open_days = len(scheduler.suggested_holidays(site.pk, since=today, until=today + A_YEAR))
    said = ngettext(
        "%(count)d holiday is suggested: its times are on sale until it is confirmed.",
        "%(count)d holidays are suggested: their times are on sale until they are confirmed.",
        open_days,
    )
    return ChecklistStep(
        key="holidays",
        title=_("Holidays"),
        says=said % {"count": open_days} if open_days else _("All that were suggested are decided."),
        done=open_days == 0,
        optional=True,
        where=[("desk-holidays", _("Look through them"))],
    )


def _policies(site: Site, *, at: datetime) -> ChecklistStep:
    lacking = [setup for _site, setup in policies_to_set_up([site], at=at)]
    said = _("Not in force: %(titles)s. %(without)s")
    words = {"titles": ", ".join(one.title for one in lacking), "without": " ".join(one.without for one in lacking)}
    usual = _("How far ahead, reminders and limits are as Meridian has them. All questions are in force.")
    return ChecklistStep(
        key="policies",
        title=_("Policies"),
        says=said % words if lacking else usual,
        done=not lacking,
        optional=True,
        where=[("desk-policies", _("See the policies"))],
    )


def _mail(*, at: datetime) -> ChecklistStep:
    nowhere = _("Nothing leaves: this is a demo. Start it with EMAIL_URL, the address of your mail server.")
    last = _last_mail() if settings.EMAIL_URL else None
    return ChecklistStep(
        key="mail",
        title=_("Mail"),
        says=_mail_in_words(last, at=at) if settings.EMAIL_URL else nowhere,
        done=last is not None and last[0] == SENT,
        optional=not settings.EMAIL_URL,
        where=[],
    )


def _last_mail() -> tuple[str, datetime, str] | None:
    """Return what became of the mail that was handed over last, when, and the zone there; None where none was."""
    tried = Appointment.objects.filter(messages__begun__gt=0, messages__channel="email").order_by("-messages__pk")
    found = tried.values_list("messages__status", "messages__settled_at", "messages__created_at", "site__zone")
    row = found.first()
    return (row[0], row[1] or row[2], row[3]) if row else None


def _mail_in_words(last: tuple[str, datetime, str] | None, *, at: datetime) -> str:
    if last is None:
        said = _("Mails will go out as %(sender)s. Not tried yet: it is done once the first mail was sent.")
        return said % {"sender": settings.DEFAULT_FROM_EMAIL}
    status, when, zone = last
    words = {"sender": settings.DEFAULT_FROM_EMAIL, "when": when_in_words(min(when, at), ZoneInfo(zone))}
    if status == SENT:
        return _("Mails go out as %(sender)s, the last one on %(when)s.") % words
    return _("The last mail, of %(when)s, has not been taken. Is EMAIL_URL the address of your mail server?") % words


def _colleagues(site: Site | None, *, at: datetime) -> ChecklistStep:
    live = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), site=site, starts_at__lte=at)
    books = live.filter(role=Role.SCHEDULER, user__is_active=True).exists()
    none = _("Nobody books for callers yet: give somebody the role of a scheduler. Nobody gives one to themselves.")
    return ChecklistStep(
        key="colleagues",
        title=_("People who work here"),
        says=_("Somebody books for callers.") if books else none,
        done=books,
        where=[("desk-account-new", _("Add an account")), ("desk-accounts", _("See the accounts"))],
    )


def _tables(site: Site) -> ChecklistStep:
    booked = Appointment.objects.filter(site=site).exists()
    later = _("There are appointments here now. What you have in a spreadsheet can still be brought along.")
    return ChecklistStep(
        key="tables",
        title=_("What you bring along"),
        says=later if booked else _("Patients and coming appointments of before, from a spreadsheet."),
        done=booked,
        optional=True,
        where=[("desk-import", _("Bring it along"))],
    )


def _first_booking(site: Site | None, *, by: Principal, ready: bool) -> ChecklistStep:
    seen = Appointment.objects.visible_to(by).filter(site=site)
    first = seen.select_related("patient", "site").order_by("period", "pk").first()
    when = when_in_words(first.period.lower, first.site.tz) if first else ""
    booked = _("Booked: the first patient comes on %(when)s.") % {"when": when}
    none = _("A scheduler books it under Book, or a patient does on your pages.")
    return ChecklistStep(
        key="booking",
        title=_("The first patient"),
        says=booked if first else none,
        done=first is not None,
        waits=not ready,
        where=[("desk-book", _("Book")), ("start", _("See what patients see"))],
        appointment=first,
    )
