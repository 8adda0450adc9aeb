"""What the pages behind a mail's link show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions import links
from booking.models import Appointment, ManageLink
from booking.reasons import BY_PATIENT
from booking.status import Move, Status, after
from booking.web.choices import Radio
from booking.web.presenters import Leaf, early, way_to
from booking.web.words import masked
from core.languages import time_in_words, zone_in_words
from core.principal import Principal
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses of one visit."""

    see: str
    move: str
    check: str
    cancel: str
    undo: str
    ics: str

    @classmethod
    def of(cls, token: str) -> Self:
        """Return the addresses behind a token."""
        names = ("manage", "manage-move", "manage-move-check", "manage-cancel", "manage-undo", "manage-ics")
        return cls(*(reverse(name, args=[token]) for name in names))


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever has the link, and the visit it opens."""

    link: ManageLink
    token: str

    @classmethod
    def of(cls, token: str, *, at: datetime) -> Self:
        """Open a link. Raises LinkUnknown, LinkMoved, LinkExpired."""
        return cls(links.open_link(token, at=at), token)

    @property
    def visit(self) -> Appointment:
        """The visit, with what its pages show."""
        return self.link.appointment

    @property
    def principal(self) -> Principal:
        """Who acts: the link itself, with no role."""
        return links.bearer(self.link)

    def may(self, what: Move, *, at: datetime) -> bool:
        """Whether the visit can still be moved or called off by its owner: it stands and has not begun."""
        return at < self.visit.period.lower and after(Status(self.visit.status), what) is not None

    @property
    def urls(self) -> Urls:
        """The addresses of the visit."""
        return Urls.of(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPage:
    """The visit as its page shows it. `live`: it still stands and can change."""

    heading: str
    news: Sequence[str]
    warm: bool
    visit: Leaf
    live: bool
    fresh: bool
    undo: bool
    next: Sequence[str]
    way: Sequence[str]
    phone: str
    reference: str
    urls: Urls


def visit_page(bearer: Bearer, *, news: str, at: datetime) -> VisitPage:
    """Return the page of a visit. `news`: what its owner has just done, believed only when the visit says so too."""
    visit = bearer.visit
    called_off = visit.status == Status.CANCELLED
    live = bearer.may(Move.RESCHEDULE, at=at)
    undo = called_off and visit.undo_until is not None and at < visit.undo_until and visit.cancel_reason in BY_PATIENT
    return VisitPage(
        heading=_heading(visit, news, live=live),
        news=_news(visit, news, undo=undo),
        warm=called_off,
        visit=Leaf.of(visit, gone=called_off),
        live=live,
        fresh=news in {"booked", "moved"},
        undo=undo,
        next=_next(visit, at=at) if live else (),
        way=way_to(visit.site),
        phone=visit.site.phone,
        reference=visit.reference,
        urls=bearer.urls,
    )


def _heading(visit: Appointment, news: str, *, live: bool) -> str:
    if visit.status == Status.CANCELLED:
        return _("This appointment is cancelled")
    if not live:
        return _("Your past appointment") if visit.status != Status.PROPOSED else _("Your request")
    done = {
        "booked": _("You are booked"),
        "moved": _("Your appointment has moved"),
        "kept": _("Your appointment stands"),
    }
    return done.get(news) or _("Your appointment")


def _news(visit: Appointment, news: str, *, undo: bool) -> list[str]:
    """Return what has just happened, and when a mail about it comes: the news is believed when the visit says so."""
    zone, called_off = visit.site.tz, visit.status == Status.CANCELLED
    lines = []
    if undo and visit.undo_until is not None:
        until = {"until": time_in_words(visit.undo_until, zone), "zone": zone_in_words(zone)}
        lines = [_("We keep your time until %(until)s, %(zone)s. Until then you can still undo this.") % until]
    elif called_off:
        lines = [_("Nobody expects you. You can book another time whenever you like.")]
    mail = visit.patient.contacts.filter(system="email").values_list("value", flat=True).first() if news else None
    said = {
        ("booked", False): _("A confirmation e-mail is on its way to %(email)s."),
        ("moved", False): _("We write to %(email)s in about two minutes."),
        ("kept", False): _("If we wrote to %(email)s that it is cancelled, we write again in about two minutes."),
        ("cancelled", True): _("We confirm this to %(email)s in about two minutes."),
    }.get((news, called_off))
    return [*lines, said % {"email": masked(mail)}] if said and mail else lines


def _next(visit: Appointment, *, at: datetime) -> list[str]:
    reminded = visit.period.lower - at > timedelta(days=1)
    return [
        *([_("We send you a reminder by e-mail before your appointment.")] if reminded else []),
        early(visit),
        _("What to bring and wear is in our e-mail."),
        _("There is nothing more to do before then."),
    ]


def cancel_page(bearer: Bearer, *, at: datetime) -> dict[str, Any]:
    """Return what is shown before a visit is called off. Raises MoveNotAllowed when it cannot be."""
    visit = bearer.visit
    soon = visit.period.lower - at < scheduler.booking_policy(visit.site_id, at=at).free_until
    ids = ["id_reason", *(f"id_reason_{number}" for number in range(1, len(BY_PATIENT)))]
    radios = [Radio(id=name, value=r.value, name=str(r.label)) for name, r in zip(ids, BY_PATIENT, strict=True)]
    late = _("Your appointment is soon. There is no fee. Thank you for telling us.") if soon else ""
    return {"visit": Leaf.of(visit), "urls": bearer.urls, "reasons": radios, "late": late}
