"""What the desk says of an appointment: why it is called off, and how it stands, for those who work with it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.cancel_reasons import CancelReason
from booking.status_display import Awaited

THEIRS: dict[CancelReason, Promise] = {
    CancelReason.PATIENT: _("They cannot come"),
    CancelReason.ILLNESS: _("They are ill"),
    CancelReason.TREATMENT_CHANGE: _("Their treatment plan changed"),
    CancelReason.HOSPITALISED: _("They are in the hospital"),
    CancelReason.TRANSPORT: _("They have no way to get here"),
    CancelReason.WEATHER: _("The weather"),
    CancelReason.FEELS_BETTER: _("They feel better"),
    CancelReason.BEREAVEMENT: _("A death in their family"),
    CancelReason.DECEASED: _("The patient died: nobody is written to"),
    CancelReason.OTHER: _("Another reason of theirs"),
}
"""Why whoever comes calls it off, as whoever answers the phone notes it."""

OURS: dict[CancelReason, Promise] = {
    CancelReason.PRACTITIONER: _("Who treats is away"),
    CancelReason.CLOSURE: _("The clinic is closed"),
    CancelReason.ROOM: _("There is no room"),
    CancelReason.NOT_GIVEN: _("It can no longer be given as it was booked"),
    CancelReason.INTERPRETER: _("There is no interpreter"),
    CancelReason.SCREENING: _("They must not come in, by the health questions"),
    CancelReason.ERROR: _("It was booked by mistake"),
}
"""Why the clinic calls it off."""

CANCELLED_BECAUSE: dict[CancelReason, str | Promise] = {
    **THEIRS,
    **OURS,
    CancelReason.EXPIRED: _("Nobody confirmed it in time"),
    CancelReason.DECLINED: _("Declined after a check"),
    CancelReason.TOGETHER: _("It was booked together with one that was cancelled"),
}
WAITS_FOR: dict[Awaited, Promise] = {
    Awaited.ANSWERS: _("They are asked by link: it is booked once they have answered"),
    Awaited.QUESTION: _("A clinician looks at it first"),
    Awaited.LOOK: _("A clinician looks at it first"),
    Awaited.CALL: _("Somebody talks with them first"),
    Awaited.REFERRAL: _("It waits for their referral"),
}
"""What a request waits for, for those who are told no answer."""
