"""Whom staff call of those who wait for a time: no mail tells them that one has opened, or what is asked of them."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from booking.calls.calls_to_make import caller
from booking.models import WaitingListCall, WaitingListEntry
from booking.waiting.status import WaitingCallReason
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import when_in_words


def waiting_calls(site: Site | Argument, *, by: Principal, at: datetime | Argument) -> QuerySet[WaitingListCall, Any]:
    """Return the calls to make to those who wait at a site, to whoever keeps the list; of a time while it is kept."""
    who = acting(acting(caller(by), Action.SEE_WAITING_LIST), Action.KEEP_WAITING_LIST)
    seen = WaitingListEntry.objects.filter(site=site).visible_to(who)
    rows = WaitingListCall.objects.filter(entry__in=seen.order_by().values("pk"), done_at=None)
    return rows.filter(Q(offer=None) | Q(offer__expires_at__gt=at))


def waiting_calls_with_all(site: Site, *, by: Principal, at: datetime) -> list[WaitingListCall]:
    """Return the same with all that is said of each, what is kept for the shortest time first."""
    rows = waiting_calls(site, by=by, at=at)
    rows = rows.select_related("entry__patient", "entry__site", "offer__hold__practitioner")
    return list(rows.prefetch_related("entry__patient__contacts").order_by("offer__expires_at", "raised_at", "pk"))


def script(call: WaitingListCall) -> str:
    """Say why somebody is to be called, and what to say. Needs the site of the entry, and what is kept."""
    offer, zone = call.offer, call.entry.site.tz
    if offer is not None:
        facts = {
            "when": when_in_words(offer.starts_at, zone),
            "until": when_in_words(offer.expires_at, zone),
            "with": offer.hold.practitioner.name,
        }
        return (
            _("A time has opened for them: %(when)s, with %(with)s. It is kept until %(until)s.") % facts
            + " "
            + _("Say: “We have kept this time for you. Would you like to have it?” Then press what they answer.")
        )
    if call.reason == WaitingCallReason.ANSWERS:
        return _("Some health questions need an answer before they can be offered a time. Read the questions aloud.")
    return _(
        "The mail about the waiting list did not arrive. Ask them for the right address and correct it on their page."
    )
