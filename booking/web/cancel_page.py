"""What is shown before an appointment is called off, and after: other times first, what is lost, and the way back."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import policies
from booking.actions.nearest_times import nearest_times
from booking.audiences import audience_of_visit
from booking.cancel_reasons import BY_PATIENT, CancelReason
from booking.closures import key_of
from booking.screening.queries import away
from booking.status import Move, Status
from booking.web.choices import Radio
from booking.web.link_context import LinkAccess
from booking.web.times_list import Button, nearest, without_therapy_ids
from booking.web.visit_card import VisitCard
from core.refusals import Refusal
from core.text.languages import zone_in_words
from scheduler import public as scheduler

MOST_OFFERED = 3


def cancel_page(access: LinkAccess, *, at: datetime) -> dict[str, Any]:
    """Return what is shown before a visit is called off."""
    visit = access.visit
    policy = policies.booking_policy(visit.site_id, at=at)
    soon = visit.period.lower - at < policy.free_until
    ids = ["id_reason", *(f"id_reason_{number}" for number in range(1, len(BY_PATIENT)))]
    radios = [Radio(id=name, value=r.value, name=str(r.label)) for name, r in zip(ids, BY_PATIENT, strict=True)]
    return {
        "visit": VisitCard.of(visit),
        "urls": access.urls,
        "others": other_times(access, at=at) if access.may(Move.RESCHEDULE, at=at) else [],
        "zone": visit.site.tz.key,
        "whose_time": zone_in_words(visit.site.tz),
        "reasons": radios,
        "late": _("Your appointment is soon. There is no fee. Thank you for telling us.") if soon else "",
        "lost": _lost(policy.undo // timedelta(minutes=1)),
    }


def _lost(minutes: int) -> list[str]:
    """Return what becomes of the time, in sentences."""
    kept = ngettext(
        "We keep this time for you for %(minutes)d minute: so long you can take it back.",
        "We keep this time for you for %(minutes)d minutes: so long you can take it back.",
        minutes,
    )
    return [
        kept % {"minutes": minutes},
        _("After that, somebody who waits for it can have it."),
        _("If you say that you are ill, it is free for others at once. You can take it back as long as nobody has it."),
    ]


def other_times(access: LinkAccess, *, at: datetime) -> list[Button]:
    """Return the nearest times for the same, as buttons; none for whoever is to stay away, or where there is none."""
    visit = access.visit
    if away(visit, at=at)[0]:
        return []
    with suppress(Refusal):
        found = nearest_times(visit, most=MOST_OFFERED, by=access.principal, at=at)
        several = len({one.site.key for one in found} | {visit.site.key}) > 1
        return list(nearest(without_therapy_ids(found), home=visit.site.key, named=several))
    return []


def is_free_again(access: LinkAccess, *, at: datetime) -> bool:
    """Whether whoever called a visit off because they were ill can have it back: nobody has its time, nor stays away.

    Their time was free for others at once, so that nothing is kept until a minute.
    """
    visit = access.visit
    ill = visit.status == Status.CANCELLED and visit.cancel_reason == CancelReason.ILLNESS
    if not ill or visit.period.lower <= at or away(visit, at=at)[0]:
        return False
    with suppress(Refusal):
        slot = access.slot_named(key_of(visit).without_therapy, at=at)
        return scheduler.explain(slot, at=at, audience=audience_of_visit(visit, at=at)).free
    return False
